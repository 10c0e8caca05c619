"""How many messages match: what a consumer would have before it, which is thrown away unread."""

from __future__ import annotations

from secrets import token_hex

from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.link import Link

_SECOND = 1_000_000_000


async def count(link: Link, stream: str, subject: str, start: int) -> int:
    """How many messages of a stream match, from a sequence on; UnavailableError."""
    consumer = f"counting_{token_hex(8)}"
    config = {
        "name": consumer,
        "ack_policy": "none",
        "deliver_policy": "by_start_sequence",
        "opt_start_seq": start,
        "filter_subject": subject,
        "inactive_threshold": 5 * _SECOND,
        "mem_storage": True,
        "num_replicas": 1,
    }
    name = f"CONSUMER.CREATE.{stream}.{consumer}.{subject}"
    made = await call(link, name, {"stream_name": stream, "config": config})
    link.tell(f"$JS.API.CONSUMER.DELETE.{stream}.{consumer}", b"")
    return int(made["num_pending"])
