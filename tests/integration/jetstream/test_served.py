"""A server that answers pings and serves nothing is left for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from tests.nats_server import NatsServer, empty_streams
from tests.waiting import eventually, within
from weir.adapters.jetstream import served, streams
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.streams import STREAMS
from weir.contract import subjects
from weir.contract.errors import UnavailableError, WeirError
from weir.ports.log import Append

ISOLATED = "ISOLATED"
NO_LEADER = b'{"error":{"code":503,"err_code":10008,"description":"system unavailable"}}'


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "LEAVE_S", 0.3)
    monkeypatch.setattr(served, "_SECOND_LOOK_S", 0.05)


@asynccontextmanager
async def isolated(header: bytes = b"", data: bytes = b"") -> AsyncIterator[str]:
    """A node that serves nothing: silent, or the same answer to everything."""
    writers: list[asyncio.StreamWriter] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        info = {"server_id": ISOLATED, "version": "2.15.1", "max_payload": 1 << 20}
        writer.write(
            b"INFO " + orjson.dumps({**info, "headers": True, "jetstream": True}) + b"\r\n"
        )
        writers.append(writer)
        inbox = b"1"
        while line := await reader.readline():
            words = line.split()
            if words[0] == b"PING":
                writer.write(b"PONG\r\n")
            elif words[0] == b"SUB" and b"INBOX" in words[1]:
                inbox = words[-1]
            elif words[0] in {b"PUB", b"HPUB"}:
                await reader.readexactly(int(words[-1]) + 2)
                if header or data:
                    sizes = (len(header), len(header) + len(data))
                    told = (words[2], inbox, *sizes, header, data)
                    writer.write(b"HMSG %s %s %d %d\r\n%s%s\r\n" % told)

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    try:
        yield f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.close()


async def connected_there(*urls: str) -> Link:
    """A connection that began at the isolated node; which server is first is drawn."""
    while True:
        link = await connect(",".join(urls))
        if link.server_id == ISOLATED:
            return link
        await link.close()


@pytest.mark.parametrize(
    ("header", "data"),
    [
        (b"", b""),
        (b"NATS/1.0 503\r\n\r\n", b""),
        (b"NATS/1.0\r\n\r\n", NO_LEADER),
    ],
    ids=["silent", "nobody is there", "no leader"],
)
@pytest.mark.parametrize("kind", ["append", "question"])
async def test_a_node_that_serves_nothing_is_left(
    nats_server: NatsServer, header: bytes, data: bytes, kind: str
) -> None:
    """Appends and questions without an answer of worth lead to another server, and work there."""
    async with empty_streams(nats_server), isolated(header, data) as url:
        link = await connected_there(url, nats_server.url)
        log = JetStreamLog(link, subjects.RUNS)

        async def tried() -> bool:
            try:
                if kind == "append":
                    await log.append(Append("run.1.acme.r.ev", b""))
                else:
                    await log.last_seq()
            except WeirError:
                return False
            return True

        await eventually(tried)
        assert link.server_id != ISOLATED
        await link.close()


async def test_answers_of_another_kind_excuse_nothing(nats_server: NatsServer) -> None:
    """A leader that was cut off answers questions; what is not stored there goes elsewhere."""
    async with empty_streams(nats_server), isolated(b"NATS/1.0\r\n\r\n", b"{}") as url:
        link = await connected_there(url, nats_server.url)
        judged = link._served

        async def elsewhere() -> bool:
            judged.answered("question", b"", b"{}")
            judged.answered("append", b"NATS/1.0 503\r\n\r\n", b"")
            return link.is_connected and link.server_id != ISOLATED

        await eventually(elsewhere)
        await link.close()


async def test_the_only_server_is_not_left() -> None:
    """Where there is no other, the connection stays, and what was sent keeps its outcome open."""
    async with isolated() as url:
        link = await connect(url)
        losses: list[None] = []
        link.watch(lambda: losses.append(None))
        with pytest.raises(UnavailableError):
            await call(link, "INFO", timeout_s=1)
        assert link.is_connected
        assert not losses
        await link.close()


async def test_streams_without_a_leader_are_waited_for(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes the streams goes on when a fresh cluster answers at last."""
    refusals = iter([NO_LEADER, b"", NO_LEADER])
    asked: list[str] = []

    async def ask(name: str, data: bytes, timeout_s: float) -> tuple[bytes, bytes]:
        asked.append(name)
        if (refusal := next(refusals, None)) is None:
            return await original(name, data, timeout_s)
        if not refusal:
            raise UnavailableError("no answer")
        return b"", refusal

    async with empty_streams(nats_server) as link:
        original = link.ask
        monkeypatch.setattr(link, "ask", ask)
        monkeypatch.setattr(streams, "_LOOK_AGAIN_S", 0.01)
        await within(ensure_streams(link))
    assert len(asked) == len(STREAMS) + 3


async def test_streams_without_a_leader_are_not_waited_for_for_ever(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the patience the reason is told."""

    async def ask(_name: str, _data: bytes, _timeout_s: float) -> tuple[bytes, bytes]:
        return b"", NO_LEADER

    async with empty_streams(nats_server) as link:
        monkeypatch.setattr(link, "ask", ask)
        with pytest.raises(UnavailableError, match="10008"):
            await within(ensure_streams(link, patience_s=0.1))
