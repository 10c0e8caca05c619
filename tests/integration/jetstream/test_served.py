"""A server that answers pings and serves nothing is left for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

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
from weir.contract.errors import OutcomeUnknownError, UnavailableError
from weir.ports.log import Append

ISOLATED = "ISOLATED"
NO_LEADER = b'{"error":{"code":503,"err_code":10008,"description":"system unavailable"}}'
Answer = tuple[bytes, bytes]
SILENCE: Answer = (b"", b"")


def leads(heard_s: float) -> Answer:
    """What a leader says that heard of its two followers so long ago."""
    replica = {"name": "other", "current": True, "active": int(heard_s * 1e9)}
    return b"NATS/1.0\r\n\r\n", orjson.dumps({"cluster": {"replicas": [replica, replica]}})


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "LOOK_S", 0.05)
    monkeypatch.setattr(served, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr(served, "_ANSWER_S", 0.3)


@dataclass
class Isolated:
    """A node that answers pings, and everything else in one way, or not at all."""

    answer: Answer = SILENCE
    asked: int = 0
    url: str = ""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.writers.append(writer)
        info = {"server_id": ISOLATED, "version": "2.15.1", "max_payload": 1 << 20}
        writer.write(
            b"INFO " + orjson.dumps({**info, "headers": True, "jetstream": True}) + b"\r\n"
        )
        inbox = b"1"
        while line := await reader.readline():
            words = line.split()
            if words[0] == b"PING":
                writer.write(b"PONG\r\n")
            elif words[0] == b"SUB" and b"INBOX" in words[1]:
                inbox = words[-1]
            elif words[0] in {b"PUB", b"HPUB"}:
                await reader.readexactly(int(words[-1]) + 2)
                self.asked += 1
                header, data = self.answer
                if header:
                    sizes = (len(header), len(header) + len(data))
                    told = (words[2], inbox, *sizes, header, data)
                    writer.write(b"HMSG %s %s %d %d\r\n%s%s\r\n" % told)


@asynccontextmanager
async def isolated(answer: Answer = SILENCE) -> AsyncIterator[Isolated]:
    """A node that lost sight of the others."""
    node = Isolated(answer)
    server = await asyncio.start_server(node.greet, "127.0.0.1", 0)
    node.url = f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield node
    finally:
        server.close()
        for writer in node.writers:
            writer.close()


async def connected_to(first: str, *others: str) -> Link:
    """A connection that begins at the first of these; which one it is is drawn."""
    while True:
        link = await connect(",".join((first, *others)))
        if link.addresses[0] == first:
            return link
        await link.close()


def losses(link: Link) -> list[None]:
    """Grows with each loss of the connection."""
    found: list[None] = []
    link.watch(lambda: found.append(None))
    return found


@pytest.mark.parametrize(
    "answer",
    [
        SILENCE,
        (b"NATS/1.0 503\r\n\r\n", b""),
        (b"NATS/1.0\r\n\r\n", NO_LEADER),
        leads(heard_s=3),
    ],
    ids=["silent", "nobody is there", "no leader", "leads alone"],
)
async def test_a_node_that_does_not_serve_is_left(nats_server: NatsServer, answer: Answer) -> None:
    """Also by a connection on which nothing else is asked; another server is turned to."""
    async with empty_streams(nats_server), isolated(answer) as node:
        link = await connected_to(node.url, nats_server.url)

        async def elsewhere() -> bool:
            return link.is_connected and link.server_id != ISOLATED

        await eventually(elsewhere)
        assert await JetStreamLog(link, subjects.RUNS).append(Append("run.1.acme.r.ev", b"")) == 1
        await link.close()


async def test_what_waits_at_a_node_that_is_left_has_an_unknown_outcome(
    nats_server: NatsServer,
) -> None:
    """It is told when the node is left, and not after the whole time for an answer (P4)."""
    async with empty_streams(nats_server), isolated() as node:
        link = await connected_to(node.url, nats_server.url)
        with pytest.raises(OutcomeUnknownError, match="connection to NATS was lost"):
            await JetStreamLog(link, subjects.RUNS).append(Append("run.1.acme.r.ev", b""))
        await link.close()


async def test_a_server_that_serves_is_kept(nats_server: NatsServer) -> None:
    """It is asked again and again, and its answers keep the connection."""
    async with isolated(leads(heard_s=0.5)) as node:
        link = await connected_to(node.url, nats_server.url)
        lost = losses(link)

        async def asked() -> bool:
            return node.asked > 5

        await eventually(asked)
        assert not lost
        await link.close()


async def test_nobody_goes_round_while_no_server_serves() -> None:
    """The connection waits where it is for an election to end, and is then made anew."""
    async with isolated() as node, isolated() as other:
        link = await connected_to(node.url, other.url)
        lost = losses(link)

        async def asked() -> bool:
            return node.asked > 2 and other.asked > 2

        await eventually(asked)
        assert not lost
        node.answer = leads(heard_s=0.5)

        async def anew() -> bool:
            return bool(lost) and link.is_connected

        await eventually(anew)
        assert link.addresses[0] == node.url
        await link.close()


async def test_one_missed_answer_costs_nothing(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers when it is asked again keeps its connections."""
    answers = iter([False])
    asked = served.serves

    async def missed_once(link: Link) -> bool:
        return next(answers, True) and await asked(link)

    monkeypatch.setattr(served, "serves", missed_once)
    async with empty_streams(nats_server), isolated() as node:
        link = await connected_to(nats_server.url, node.url)
        lost = losses(link)

        async def others_were_asked() -> bool:
            return node.asked > 0

        await eventually(others_were_asked)
        await JetStreamLog(link, subjects.RUNS).last_seq()
        assert not lost
        await link.close()


async def test_the_only_server_is_not_asked() -> None:
    """Where there is no other, the connection stays, whatever the server does."""
    async with isolated() as node:
        link = await connect(node.url)
        lost = losses(link)
        with pytest.raises(UnavailableError):
            await call(link, "INFO", timeout_s=1)
        assert link.is_connected
        assert not lost
        assert node.asked == 1
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
    assert [name.rpartition(".")[2] for name in asked] == [
        *[STREAMS[0].name] * 3,
        *(spec.name for spec in STREAMS),
    ]


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
