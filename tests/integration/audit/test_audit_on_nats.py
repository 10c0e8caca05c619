"""The audit on a real broker: with the rights of each service, and a server that dies."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from services.identity.audit_chain import Verifier
from services.identity.audit_chainer import Chainer
from services.identity.audit_persons import Persons
from services.identity.audit_pushing import Pushing
from services.identity.audit_runs import RunsTold
from services.identity.audit_turns import Turn
from tests.places import directory_for
from tests.unit.audit.test_receivers import Moody
from tests.waiting import eventually
from weir import settings
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects
from weir.contract.errors import UnavailableError, WeirError
from weir.contract.messages import AuditRecord, Envelope, Event, RunStarted
from weir.ports.log import Append
from weir.runtime.audit import Audit
from weir.runtime.audit_entry import Noted
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.nats_users import inbox

CHAIN = subjects.audit_chain("acme")
CLOCK = SystemClock()
SECRETS = MemorySecrets()


@pytest.fixture
async def server() -> AsyncIterator[NatsServer]:
    """The embedded server with its users and streams."""
    data_dir = directory_for("weir-data-")
    server = NatsServer(DataDir(data_dir), settings.load(data_dir=data_dir))
    await server.start()
    async with signed_in(server, "scheduler") as link:
        await ensure_streams(link)
    yield server
    await server.stop()
    shutil.rmtree(data_dir)


@asynccontextmanager
async def signed_in(server: NatsServer, user: str) -> AsyncIterator[Link]:
    """A connection of that user."""
    seed = server.seed_file(user).read_text().strip()
    link = await connect(server.url, name=user, nkey_seed=seed, inbox=inbox(user))
    yield link
    await link.close()


def persons(link: Link) -> Persons:
    """The keys of people."""
    return Persons(JetStreamLog(link, subjects.ACCOUNTS), SECRETS, CLOCK)


def chainer(link: Link) -> Chainer:
    """The work of one identity process."""
    notes, audit = JetStreamLog(link, subjects.NOTES), JetStreamLog(link, subjects.AUDIT)
    return Chainer(notes, audit, persons(link), CLOCK)


async def chained(link: Link) -> list[str]:
    """What stands in the chain, which is whole."""
    verifier = Verifier("acme")
    found: list[str] = []
    async for batch in JetStreamLog(link, subjects.AUDIT).read(CHAIN):
        for stored in batch:
            assert verifier.check(stored.data, stored.seq) is None
            sealed = AuditRecord.model_validate_json(stored.data).audit_sealed
            assert sealed is not None
            found += [entry.resource for entry in sealed.entries]
    return found


async def note(link: Link, first: int, count: int) -> None:
    """Things happen, and are noted one after the other."""
    audit = Audit(JetStreamLog(link, subjects.NOTES), CLOCK)
    for at in range(first, first + count):
        await audit.note(Noted(event="a.b", tenant="acme", resource=str(at), address="192.0.2.7"))


async def test_three_processes_chain_what_any_service_notes(server: NatsServer) -> None:
    """Each entry once and in its order, with the rights these services have and no more."""
    async with AsyncExitStack() as stack:
        trigger = await stack.enter_async_context(signed_in(server, "trigger"))
        links = [await stack.enter_async_context(signed_in(server, "identity")) for _ in range(3)]
        chainers = [chainer(link) for link in links]
        over = asyncio.Event()

        async def works(one: Chainer) -> None:
            while not over.is_set():
                await one.round()

        works_all = [asyncio.create_task(works(one)) for one in chainers]
        await note(trigger, 0, 150)
        over.set()
        await asyncio.gather(*works_all)
        await chainers[0].round()
        assert await chained(links[0]) == [str(at) for at in range(150)]
        assert await JetStreamLog(links[0], subjects.NOTES).last(subjects.EVERY_NOTE) is None
        with pytest.raises(WeirError):
            await JetStreamLog(trigger, subjects.AUDIT).append(Append(CHAIN, b"{}"))


async def test_a_chain_survives_its_server(server: NatsServer) -> None:
    """Its server ends between two rounds: another incarnation begins, and nothing is repeated."""
    async with signed_in(server, "identity") as link:
        await note(link, 0, 3)
        work = chainer(link)
        await work.round()
        await note(link, 3, 2)
        await server.stop()
        with pytest.raises(UnavailableError):
            async with asyncio.timeout(20):
                await work.round()
        await server.start()

        async def again() -> bool:
            try:
                await work.round()
            except UnavailableError:
                return False
            return len(await chained(link)) == 5

        await eventually(again)
        await note(link, 5, 1)
        await work.round()
        assert await chained(link) == [str(at) for at in range(6)]


async def test_runs_and_receivers_keep_their_place_on_nats(server: NatsServer) -> None:
    """Notes and place of runs are stored in one batch; a receiver is told once."""
    async with signed_in(server, "identity") as link, signed_in(server, "trigger") as trigger:
        notes, runs = JetStreamLog(link, subjects.NOTES), JetStreamLog(link, subjects.RUNS)
        told = RunsTold(
            runs,
            notes,
            JetStreamLog(link, subjects.IDENTITY),
            Turn(notes, "runs", CLOCK),
            CLOCK,
        )
        receiver = Moody()
        audit = JetStreamLog(link, subjects.AUDIT)
        pushing = Pushing(audit, Turn(notes, "syslog", CLOCK), receiver, persons(link))
        works = [asyncio.create_task(told.run()), asyncio.create_task(pushing.run())]

        async def begun() -> bool:
            return await notes.last(subjects.audit_position("runs")) is not None

        await eventually(begun)
        started = []
        for number in range(3):
            run_id = ids.derived("run", "acme", str(number))
            started.append(run_id)
            envelope = Envelope(
                id="msg_a",
                tenant="acme",
                run_id=run_id,
                workflow_id="wf_a",
                at="2026-01-01T00:00:00.000Z",
                events=(Event.of(RunStarted(trigger_kind="api", started_by="key_a")),),
            )
            fact = subjects.run_key("acme", run_id).fact(subjects.start_fact())
            log = JetStreamLog(trigger, subjects.RUNS)
            await log.append(Append(fact, codec.encode(envelope), expect=0))
        work = chainer(link)

        async def heard() -> bool:
            await work.round()
            return len(receiver.taken) >= 3

        await eventually(heard)
        for one in works:
            one.cancel()
        assert receiver.taken == started
