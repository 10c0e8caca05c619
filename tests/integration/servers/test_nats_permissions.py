"""Every service signs in as itself, and can do its own work and no other's."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import nats.errors
import pytest

from tests.places import directory_for
from weir import settings
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams, streams_there
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.core.rates import Rate
from weir.ports.log import Append
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.nats_users import USERS, inbox
from weir.runtime.shared_rates import SharedRates

KEY = subjects.run_key("acme", "run_1")
CONSUMER = "$JS.API.CONSUMER.CREATE"

FORBIDDEN = {
    "trigger": [
        *(KEY.events, KEY.task("default"), KEY.fact("result.a.1"), "lease.1.x", "beat.x"),
        *("input.ask.signal", "stream.acme.run_1"),
    ],
    "scheduler": ["registry.acme.workflow.w", "identity.key.k", "$JS.API.STREAM.DELETE.RUNS"],
    "executor": [
        *(KEY.fact("start"), KEY.events, "registry.acme.workflow.w", "lease.1.x"),
        *("rate.acme.api", "delivery.acme.hook_1"),
    ],
    "registry": [
        *(KEY.fact("start"), KEY.events, "$JS.API.STREAM.PURGE.RUNS"),
        *("delivery.acme.hook_1", "probe.answer.p1", "input.ask.signal", "input.answer.x"),
    ],
    "query": [
        *(KEY.fact("start"), KEY.events, "registry.acme.workflow.w", "identity.key.k"),
        *("delivery.acme.hook_1", "probe.ask", "input.answer.x", "stream.acme.run_1"),
    ],
    "identity": [
        *(KEY.fact("start"), KEY.events, "registry.acme.workflow.w"),
        *("$JS.API.STREAM.PURGE.AUDIT", "$JS.API.STREAM.UPDATE.AUDIT"),
    ],
    "approval": [
        *(KEY.fact("start"), KEY.events, KEY.fact("decision.a.1"), "registry.acme.workflow.w"),
        *("identity.key.k", "$JS.API.STREAM.PURGE.RUNS", "audit.acme", "input.ask.approval"),
    ],
    "collab": [
        *(KEY.fact("start"), KEY.events, "registry.acme.version.v", "registry.acme.credential.c"),
        *("identity.key.k", "$JS.API.STREAM.PURGE.REGISTRY", "$JS.API.STREAM.UPDATE.COLLAB"),
    ],
    "worker": [
        *(KEY.fact("start"), KEY.events, KEY.task("default"), "registry.acme.credential.c"),
        *("$JS.API.STREAM.MSG.GET.REGISTRY", f"{CONSUMER}.RUNS.c.run.*.*.*.ev"),
        *("input.ask.signal", "input.ask.approval", "input.answer.x"),
        *(f"{CONSUMER}.RUNS.c", f"{CONSUMER}.REGISTRY.c", "$JS.API.STREAM.UPDATE.RUNS"),
    ],
}
_OWN = ("ACCOUNTS", "NOTES", "AUDIT")  # read by the identity service alone
# Nobody removes a stream, or a word of the audit.
NOBODY = [
    *(f"$JS.API.STREAM.DELETE.{stream}" for stream in ("RUNS", "REGISTRY", "IDENTITY", *_OWN)),
    *("$JS.API.STREAM.PURGE.AUDIT", "$JS.API.STREAM.MSG.DELETE.AUDIT"),
    *("$JS.API.STREAM.RESTORE.AUDIT", "$JS.API.STREAM.SNAPSHOT.ACCOUNTS"),
    *("$SYS.REQ.SERVER.PING", "other.subject"),
]
OTHERS = [
    *("accounts.password.usr_1", "audit.acme", "identity.user.usr_1", "identity.session.usr_1.s"),
    *(
        f"$JS.API.{verb}.{stream}{rest}"
        for stream in _OWN
        for verb, rest in (
            ("STREAM.MSG.GET", ""),
            ("DIRECT.GET", ""),
            ("DIRECT.GET", ".accounts.password.usr_1"),
            ("CONSUMER.CREATE", ".c"),
            ("CONSUMER.CREATE", ".c.accounts.>"),
            ("CONSUMER.DURABLE.CREATE", ".c"),
            ("CONSUMER.MSG.NEXT", ".c"),
            ("STREAM.PURGE", ""),
        )
    ),
]


@pytest.fixture(scope="module")
def data_dir() -> AsyncIterator[Path]:
    """A directory for the module's server."""
    path = directory_for("weir-data-")
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def server(data_dir: Path) -> AsyncIterator[NatsServer]:
    """The embedded server with its users, and the streams that a scheduler made."""
    server = NatsServer(DataDir(data_dir), settings.load(data_dir=data_dir))
    await server.start()
    async with signed_in(server, "scheduler") as link:
        await ensure_streams(link)
    yield server
    await server.stop()


@asynccontextmanager
async def signed_in(server: NatsServer, user: str) -> AsyncIterator[Link]:
    """A connection of that user."""
    seed = server.seed_file(user).read_text().strip()
    link = await connect(server.url, name=user, nkey_seed=seed, inbox=inbox(user))
    yield link
    await link.close()


@pytest.mark.parametrize("user", ["trigger", "registry", "query", "identity"])
async def test_every_edge_counts_what_limits_let_through(server: NatsServer, user: str) -> None:
    """Whoever answers callers draws from the record that all of them share."""
    async with signed_in(server, user) as link:
        shared = SharedRates(JetStreamLog(link, subjects.RATES))
        drawn = await shared.draw(subjects.rate("acme", user), Rate(10, 60_000), 4)
        assert (drawn.permits, drawn.left) == (4, 6)


async def test_a_run_passes_through_the_hands_of_every_service(server: NatsServer) -> None:
    """Each does its part with its own credential: nothing it needs is missing."""
    async with (
        signed_in(server, "trigger") as trigger,
        signed_in(server, "scheduler") as scheduler,
        signed_in(server, "executor") as executor,
        signed_in(server, "worker") as worker,
        signed_in(server, "query") as query,
        signed_in(server, "registry") as registry,
    ):
        for link in (trigger, executor, worker, query, registry):
            await streams_there(link)
        heard: asyncio.Queue[str] = asyncio.Queue()
        for link in (trigger, query):
            await JetStreamLive(link).listen(
                subjects.live_events(), lambda subject, _: heard.put_nowait(subject)
            )
        for link in (executor, worker):
            await JetStreamLive(link).listen(
                subjects.cancel_notice("*"), lambda subject, _: heard.put_nowait(subject)
            )
        await registry.flush()
        await JetStreamLog(registry, "REGISTRY").append(Append("registry.acme.workflow.w", b"{}"))
        assert await JetStreamLog(trigger, "REGISTRY").last("registry.acme.workflow.w")
        start = KEY.fact("start")
        await JetStreamLog(trigger, "RUNS").append(Append(start, b"{}", expect=0))
        owner = JetStreamLog(scheduler, "RUNS")
        following = owner.follow(subjects.shard_facts(KEY.shard))
        async for batch in following:
            assert batch[0].subject == start
            break
        await following.close()
        lease = subjects.lease(KEY.shard, "x")
        fence = await owner.append(Append(lease, b"", expect=0))
        for queue in ("default", "mine"):
            task = Append(KEY.task(queue), b"{}", expect=fence, expect_on=lease)
            await owner.append_atomic([task, Append(KEY.events, b"{}")])
        for link, queue in ((executor, "default"), (worker, "mine")):
            taking = await JetStreamTasks(link).work(queue, capacity=1)
            async for delivery in taking:
                log = JetStreamLog(link, "RUNS")
                assert await log.get(delivery.message.seq)
                await log.append(Append(KEY.fact(f"result.{queue}.1"), b"{}", expect=0))
                await delivery.ack()
                break
            await taking.close()
            await JetStreamLog(link, "LOGS").append(Append("logs.acme.run_1", b"{}"))
        await JetStreamLive(scheduler).publish(subjects.cancel_notice("run_1"), b"")
        await JetStreamLog(query, "RUNS").append(Append(KEY.fact("archived"), b"{}"))
        told = {await heard.get() for _ in range(6)}
        assert told == {f"live.{KEY.events[4:]}", subjects.cancel_notice("run_1")}
        await owner.discard({KEY.everything: await owner.last_seq()})
        await owner.purge(KEY.everything)


async def test_deliveries_and_probes_pass_between_services(server: NatsServer) -> None:
    """The trigger writes the history and answers who publishes; the query reads and removes it."""
    async with (
        signed_in(server, "trigger") as trigger,
        signed_in(server, "registry") as registry,
        signed_in(server, "query") as query,
    ):
        subject = subjects.delivery("acme", "hook_1")
        await JetStreamLog(trigger, "DELIVERIES").append(Append(subject, b"{}"))
        assert await JetStreamLog(query, "DELIVERIES").last(subject)
        await JetStreamLog(query, "DELIVERIES").purge(subject)
        heard: asyncio.Queue[str] = asyncio.Queue()
        for link, told in ((trigger, "probe.ask"), (registry, subjects.probe_answer("p1"))):
            await JetStreamLive(link).listen(told, lambda one, _: heard.put_nowait(one))
            await link.flush()
        await JetStreamLive(registry).publish(subjects.probe_asked(), b"{}")
        assert await heard.get() == "probe.ask"
        await JetStreamLive(trigger).publish(subjects.probe_answer("p1"), b"{}")
        assert await heard.get() == "probe.answer.p1"


async def test_what_steps_say_passes_to_those_who_show_it(server: NatsServer) -> None:
    """Executor and workers say it, the query hears it."""
    subject = subjects.step_stream("acme", "run_1")
    async with (
        signed_in(server, "query") as query,
        signed_in(server, "executor") as executor,
        signed_in(server, "worker") as worker,
    ):
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        await JetStreamLive(query).listen(subject, lambda _, data: heard.put_nowait(data))
        await query.flush()
        for link in (executor, worker):
            await JetStreamLive(link).publish(subject, b"{}")
            assert await heard.get() == b"{}"


async def test_answers_pass_between_services(server: NatsServer) -> None:
    """The query asks on a socket's behalf, trigger and approval say what came of it."""
    async with (
        signed_in(server, "query") as query,
        signed_in(server, "trigger") as trigger,
        signed_in(server, "approval") as approval,
    ):
        heard: asyncio.Queue[str] = asyncio.Queue()
        listens = [
            (query, subjects.input_answer("ask_1")),
            (trigger, subjects.input_asked("signal")),
            (trigger, subjects.input_asked("decision")),
            (approval, subjects.input_asked("approval")),
        ]
        for link, told in listens:
            live = JetStreamLive(link)
            await live.listen(told, lambda one, _: heard.put_nowait(one), group="input")
            await link.flush()
        for _, told in listens[1:]:
            await JetStreamLive(query).publish(told, b"{}")
            assert await heard.get() == told
        for link in (trigger, approval):
            await JetStreamLive(link).publish(subjects.input_answer("ask_1"), b"{}")
            assert await heard.get() == "input.answer.ask_1"


@pytest.mark.parametrize("user", FORBIDDEN)
async def test_nobody_does_the_work_of_another(server: NatsServer, user: str) -> None:
    """The server refuses every subject that is not the user's own."""
    errors: list[str] = []

    async def failed(error: Exception) -> None:
        errors.append(str(error))

    connection = await nats.connect(
        server.url,
        nkeys_seed_str=server.seed_file(user).read_text().strip(),
        inbox_prefix=inbox(user).encode(),
        error_cb=failed,
    )
    wanted = [*FORBIDDEN[user], *NOBODY, *(() if user == "identity" else OTHERS)]
    for subject in wanted:
        await connection.publish(subject, b"{}")
    others = [name for name in USERS if name != user]
    for name in others:
        await connection.subscribe(f"{inbox(name)}.>")
    streams = ("run.>", "accounts.>", "note.>", "audit.>", "identity.>", ">")
    for subject in streams:
        await connection.subscribe(subject)
    async with asyncio.timeout(10):
        while len(errors) < len(wanted) + len(others) + len(streams):
            await connection.flush()
    for subject in wanted:
        assert [one for one in errors if f'publish to "{subject.lower()}"' in one.lower()], subject
    await connection.close()


async def test_a_stranger_is_refused(server: NatsServer) -> None:
    """Without a key of this server nobody gets in."""
    with pytest.raises(UnavailableError):
        await connect(server.url, timeout_s=1)


def test_every_user_is_tested() -> None:
    """A new service has its forbidden subjects here; `embedded` is all of them at once."""
    assert set(FORBIDDEN) == set(USERS) - {"embedded"}
