"""Subjects with paths of steps on the bare server: how it keeps, answers and limits them."""

from __future__ import annotations

from contextlib import suppress

import orjson
import pytest

from tests.nats_server import NatsServer, empty_streams
from tests.waiting import eventually
from weir.adapters import wire
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.contract import subjects
from weir.contract.errors import (
    ConflictError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)
from weir.ports.log import Append

KEY = subjects.run_key("acme", "run_a")
RESULT = KEY.fact(subjects.result_fact("each[3]/notify", 1))
OTHER = KEY.fact(subjects.result_fact("each[30]/notify", 1))
DIRECT = f"$JS.API.DIRECT.GET.{subjects.RUNS}"


async def test_a_path_is_got_directly(link: Link) -> None:
    """By the subject in the request's body, and as part of the request's own subject."""
    log = JetStreamLog(link, subjects.RUNS)
    await log.append_all([Append(RESULT, b"this", expect=0), Append(OTHER, b"other", expect=0)])
    asked = orjson.dumps({"last_by_subj": RESULT})
    for request, body in ((DIRECT, asked), (f"{DIRECT}.{RESULT}", b"")):
        header, data = await link.ask(request, body, 5)
        assert data == b"this"
        assert f"Nats-Subject: {RESULT}\r\n".encode() in header


async def test_a_path_is_republished(link: Link) -> None:
    """As the one token that it is."""
    heard: list[str] = []
    await JetStreamLive(link).listen(
        subjects.live_run("run_a"), lambda subject, _: heard.append(subject)
    )
    await link.flush()
    await JetStreamLog(link, subjects.RUNS).append(Append(RESULT, b""))

    async def told() -> bool:
        return heard == [f"live.{RESULT.removeprefix('run.')}"]

    await eventually(told)


async def test_a_path_is_known_after_kill_9(own_nats_server: NatsServer) -> None:
    """The index that the server builds anew refuses the second fact as before."""
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        seq = await log.append(Append(RESULT, b"this", expect=0))
        own_nats_server.restart()

        async def back() -> bool:
            with suppress(UnavailableError):
                return await log.last(RESULT) is not None
            return False

        await eventually(back)
        with pytest.raises(ConflictError) as refused:
            await log.append(Append(RESULT, b"second", expect=0))
        assert refused.value.current == seq
        assert await log.append(Append(OTHER, b"other", expect=0)) == seq + 1


@pytest.mark.parametrize("length", [wire.MAX_SUBJECT, wire.MAX_SUBJECT + 1, 4000])
async def test_the_adapter_stops_before_the_server_does(
    link: Link, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """The server takes four times what the adapter does, and is never asked for more."""
    log = JetStreamLog(link, subjects.RUNS)
    subject = KEY.fact(subjects.child_fact("")).ljust(length, "n")
    if length > wire.MAX_SUBJECT:
        with pytest.raises(RefusedError, match="at most 1024 characters"):
            await log.append(Append(subject, b""))
        monkeypatch.setattr(wire, "MAX_SUBJECT", length)
    seq = await log.append(Append(subject, b"", expect=0))
    last = await log.last(subject)
    assert last is not None
    assert (last.seq, last.subject) == (seq, subject)


async def test_the_server_closes_the_connection_on_a_longer_line(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap: subject, reply and sizes together have 4,096 characters, and there is no answer."""
    monkeypatch.setattr(wire, "MAX_SUBJECT", 5000)
    log = JetStreamLog(link, subjects.RUNS)
    subject = KEY.fact(subjects.child_fact("")).ljust(4096, "n")
    with pytest.raises(OutcomeUnknownError):
        await log.append(Append(subject, b""))
