"""Receivers outside are told everything, in order, whatever happens to them and to us."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)

from services.identity import audit_pushing, audit_turns
from services.identity.audit_pushing import Pushing
from services.identity.audit_turns import Turn
from tests.unit.audit.test_chainer import World
from tests.unit.http.test_wire import certificate  # noqa: F401 - a fixture
from tests.waiting import eventually
from weir.adapters.siem.otlp import OtlpLogs
from weir.adapters.siem.syslog import Syslog, framed, message
from weir.contract import subjects
from weir.contract.errors import ConflictError, SettingsInvalidError, UnavailableError
from weir.ports.log import Append
from weir.ports.receivers import Pushed, Receiver

ENTRY: dict[str, Any] = {
    "id": "aud_1",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "event": "workflow.updated",
    "outcome": "denied",
    "tenant_id": "acme",
    "user_id": "usr_a",
    "resource_id": 'wf_"]\\',
    "request_id": "",
    "ip_address": "192.0.2.7",
    "user_agent": "é\nx",
    "changes": {"n": {"old": 1.5, "new": [1]}},
    "reason": "FORBIDDEN",
    "count": 3,
    "link": 7,
}


class Collector:
    """A syslog server on a free port. It can be deaf: closing what connects at once."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.deaf = False
        self.address = ""
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Collector]:
        """While the block runs."""
        server = await asyncio.start_server(self._hear, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        self.address = f"{'tls' if tls else 'tcp'}://127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not self.deaf:
                length = int(await reader.readuntil(b" "))
                self.heard.append(await reader.readexactly(length))
        writer.close()

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What was told, in the order of its coming."""
        return [orjson.loads(one.partition(b"\xef\xbb\xbf")[2]) for one in self.heard]


def test_a_message_is_rfc_5424() -> None:
    """Priority of the log-audit facility, time, names, structured data with its escapes, JSON."""
    told = message(Pushed(ENTRY, 0, "d" * 64))
    head, _, text = told.partition(b"\xef\xbb\xbf")
    assert re.fullmatch(
        rb"<108>1 2026-01-01T00:00:00\.000Z [!-~]+ weir - workflow\.updated "
        rb'\[weir@32473 (?:[a-z_]+="(?:[^"\\\]]|\\["\\\]])*" ?)+\] ',
        head,
    )
    assert rb'resource_id="wf_\"\]\\"' in head
    assert b'digest="' + b"d" * 64 in head
    assert b"\n" not in head
    assert orjson.loads(text) == ENTRY
    assert framed(b"abc") == b"3 abc"


async def test_syslog_hears_every_entry() -> None:
    """Over TCP, each with its length before it."""
    async with Collector().listening() as collector:
        syslog = Syslog(collector.address)
        await syslog.deliver([Pushed({**ENTRY, "count": at}, 0, "d") for at in range(200)])
        await syslog.deliver([Pushed({**ENTRY, "count": 200}, 0, "d")])

        async def all_there() -> bool:
            return len(collector.heard) == 201

        await eventually(all_there)
        assert [one["count"] for one in collector.entries] == list(range(201))
        await syslog.close()


async def test_syslog_hears_over_tls_what_it_can_prove_to_be(
    certificate: tuple[Path, Path],  # noqa: F811 - the fixture
) -> None:
    """With a certificate of an authority that is named; any other is no receiver."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate)
    async with Collector().listening(tls) as collector:
        syslog = Syslog(collector.address, certificate[0])
        await syslog.deliver([Pushed(ENTRY, 0, "d")])

        async def there() -> bool:
            return len(collector.heard) == 1

        await eventually(there)
        assert collector.entries == [ENTRY]
        await syslog.close()
        with pytest.raises(UnavailableError):
            await Syslog(collector.address).deliver([Pushed(ENTRY, 0, "d")])
        assert len(collector.heard) == 1


async def test_a_receiver_that_is_away_is_no_success() -> None:
    """Neither where nobody listens nor where the connection is closed at once."""
    async with Collector().listening() as collector:
        address = collector.address
        collector.deaf = True
        syslog = Syslog(address)

        async def noticed() -> bool:
            try:
                await syslog.deliver([Pushed(ENTRY, 0, "d")])
            except UnavailableError:
                return True
            return False

        await eventually(noticed)
        await syslog.close()
    with pytest.raises(UnavailableError):
        await Syslog("tcp://127.0.0.1:1").deliver([Pushed(ENTRY, 0, "d")])


@pytest.mark.parametrize("address", ["", "host:1", "udp://host", "tcp://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """When the process starts, and not when the first entry comes."""
    with pytest.raises(SettingsInvalidError):
        Syslog(address)


async def test_otlp_hears_every_entry() -> None:
    """As log records with the entry's fields as attributes; errors of the collector are none."""
    heard: list[ExportLogsServiceRequest] = []
    status = [503]

    async def take(request: web.Request) -> web.Response:
        if status[0] == 200:
            heard.append(ExportLogsServiceRequest.FromString(await request.read()))
        body = ExportLogsServiceResponse().SerializeToString()
        return web.Response(status=status[0], body=body)

    app = web.Application()
    app.router.add_post("/v1/logs", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    otlp = OtlpLogs(f"http://127.0.0.1:{runner.addresses[0][1]}/", "1.2.3")
    try:
        with pytest.raises(UnavailableError):
            await otlp.deliver([Pushed(ENTRY, 5, "d")])
        status[0] = 200
        await otlp.deliver([Pushed(ENTRY, 5, "dd"), Pushed(ENTRY, 6, "dd")])
    finally:
        await otlp.close()
        await runner.cleanup()
    (resource,) = heard[0].resource_logs
    records = resource.scope_logs[0].log_records
    assert [one.time_unix_nano for one in records] == [5_000_000, 6_000_000]
    assert records[0].event_name == "workflow.updated"
    told = {one.key: one.value for one in records[0].attributes}
    assert told["audit.user_id"].string_value == "usr_a"
    assert told["audit.count"].int_value == 3
    assert told["audit.digest"].string_value == "dd"
    assert told["audit.changes"].kvlist_value.values[0].key == "n"


class Moody:
    """A receiver that takes or does not."""

    name = "syslog"

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.away = False

    async def deliver(self, entries: Sequence[Pushed]) -> None:
        """Remember them, or be away in the middle of it."""
        await asyncio.sleep(0)
        if self.away:
            raise UnavailableError("away")
        self.taken += [str(one.entry["resource_id"]) for one in entries]

    async def close(self) -> None:
        """Nothing is held."""


def pushing(world: World, receiver: Receiver) -> Pushing:
    """The work of a new process."""
    turn = Turn(world.log(subjects.NOTES), receiver.name, world.clock)
    return Pushing(world.log(subjects.AUDIT), turn, receiver, world.persons())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_pushing, "AGAIN_S", 0.01)
    monkeypatch.setattr(audit_turns, "LEFT_S", 0.05)
    monkeypatch.setattr(audit_pushing, "KEPT_S", 0.01)
    monkeypatch.setattr(audit_turns, "KEPT_S", 0.01)


async def chained(world: World, count: int) -> None:
    """So many things happen, each in a link of its own."""
    for _ in range(count):
        await world.note("acme", 1)
        await world.chainer().round()


async def told(world: World, receiver: Moody) -> None:
    """Until the receiver has all of it."""

    async def all_of_it() -> bool:
        return set(receiver.taken) >= set(world.told["acme"])

    await eventually(all_of_it)


async def test_nothing_is_lost_when_receiver_and_process_go() -> None:
    """It goes on from what was taken; what was not told off comes again at most."""
    world, receiver = World(), Moody()
    await chained(world, 3)
    work = asyncio.create_task(pushing(world, receiver).run())
    await told(world, receiver)
    receiver.away = True
    await chained(world, 3)
    await asyncio.sleep(0.05)
    work.cancel()
    receiver.away = False
    other = asyncio.create_task(pushing(world, receiver).run())
    await told(world, receiver)
    other.cancel()
    assert receiver.taken == world.told["acme"]


async def test_two_processes_tell_it_once() -> None:
    """One has the turn, the other waits; when the first is gone the other goes on."""
    world, receiver = World(), Moody()
    works = [asyncio.create_task(pushing(world, receiver).run()) for _ in range(2)]
    await chained(world, 5)
    await told(world, receiver)
    works[0].cancel()
    await chained(world, 5)
    await told(world, receiver)
    works[1].cancel()
    assert receiver.taken == world.told["acme"]


async def test_whoever_lost_the_turn_cannot_move_it() -> None:
    """A process that stood still for long hears that another has gone on."""
    world = World()
    one, other = (Turn(world.log(subjects.NOTES), "x", world.clock) for _ in range(2))
    assert await one.taken()
    assert not await other.taken()
    await asyncio.sleep(0.1)
    assert await other.taken()
    await other.move(7)
    with pytest.raises(ConflictError):
        await one.move(3)
    assert not await one.taken()
    assert other.through == 7


async def test_a_stream_that_was_cut_is_noticed() -> None:
    """What is shorter than what was told goes on from its end, and is said aloud."""
    world, receiver = World(), Moody()
    await chained(world, 3)
    work = asyncio.create_task(pushing(world, receiver).run())
    await told(world, receiver)
    work.cancel()
    world.broker.stream(subjects.AUDIT).roll_back(3)
    world.told["acme"].clear()
    await asyncio.sleep(0.1)
    again = asyncio.create_task(pushing(world, receiver).run())
    await asyncio.sleep(0.1)
    await world.note("acme", 1)
    await world.chainer().round()
    await told(world, receiver)
    again.cancel()


async def test_a_damaged_link_stops_no_receiver() -> None:
    """It is told to nobody, and what comes after it is."""
    world, receiver = World(), Moody()
    work = asyncio.create_task(pushing(world, receiver).run())
    await world.log(subjects.AUDIT).append(Append(subjects.audit_chain("other"), b"rubbish"))
    await chained(world, 1)
    await told(world, receiver)
    work.cancel()
