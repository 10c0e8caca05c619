"""What a NATS server tells its clients of its storage: bytes per stream, limits of the account.

What the server may keep in all (`max_file_store`) and how full its disk is are
told to nobody but its own monitoring.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from weir.adapters.jetstream.api import TIMEOUT_S, call
from weir.adapters.jetstream.link import Link
from weir.adapters.streams import STREAMS
from weir.contract.errors import UnavailableError
from weir.ports.storage import Kept, Room


class JetStreamStorage:
    """Asks one server; of a cluster, whichever this process is connected to."""

    def __init__(self, link: Link, *, timeout_s: float = TIMEOUT_S) -> None:
        self._link = link
        self._timeout_s = timeout_s

    async def look(self) -> Kept:
        """How it is now. Raises UnavailableError."""
        account, *infos = await asyncio.gather(
            self._account(),
            *(call(self._link, f"STREAM.INFO.{spec.name}") for spec in STREAMS),
        )
        sizes = (int(info["state"]["bytes"]) for info in infos)
        streams = dict(zip((spec.name for spec in STREAMS), sizes, strict=True))
        return Kept(streams, tuple(_rooms(account)))

    async def _account(self) -> Mapping[str, Any]:
        """The account; empty where this user may not see it: the server does not answer then."""
        try:
            found: Mapping[str, Any] = await call(self._link, "INFO", timeout_s=self._timeout_s)
        except UnavailableError:
            return {}
        return found


def _rooms(account: Mapping[str, Any]) -> Iterator[Room]:
    """Limits that are set; those of a number of replicas are told apart from the others."""
    for tier, part in {"": account, **account.get("tiers", {})}.items():
        limit = int(part.get("limits", {}).get("max_storage", -1))
        if limit > 0:
            used = max(int(part.get("storage", 0)), int(part.get("reserved_storage", 0)))
            yield Room(f"account {tier}".strip(), limit, max(0, limit - used))
