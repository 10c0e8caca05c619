"""The memory broker beyond the ports: faults on demand, virtual time, one history per seed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.waiting import take
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.matching import matcher
from weir.adapters.memory.tasks import MemoryTasks
from weir.contract import ids
from weir.contract.errors import RolledBackError, UnavailableError
from weir.ports.log import Append, Schedule, Stored

EVENTS = "run.1.acme.r1.ev"


@pytest.fixture
async def broker() -> Broker:
    """An empty broker."""
    return Broker(LoopClock())


@pytest.fixture
async def link(broker: Broker) -> Connection:
    """One process's link to it."""
    return broker.connect()


def log(link: Connection) -> MemoryLog:
    """The run log through a link."""
    return MemoryLog(link, "RUNS")


@pytest.mark.parametrize(
    ("pattern", "subject", "matches"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.bc", False),
        ("a.*", "a.b", True),
        ("a.*", "a.b.c", False),
        ("a.*", "a", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("*.b.>", "x.b.c", True),
        (">", "a", True),
        ("a.b+", "a.bb", False),
        ("run.*.*.*.task.q", "run.1.acme.r.task.q", True),
    ],
)
def test_filters_match_as_the_real_broker_matches(
    pattern: str,
    subject: str,
    matches: bool,  # noqa: FBT001  # an example
) -> None:
    """`*` is one token, `>` one or more, everything else itself."""
    assert bool(matcher(pattern)(subject)) is matches


async def test_a_lost_delivery_is_noticed_by_the_next(broker: Broker, link: Connection) -> None:
    """The reading starts over behind what it has, and nothing is missing."""
    following = log(link).follow("run.>")
    lost: list[int] = []

    def lose(message: object) -> bool:
        seq = message.seq  # type: ignore[attr-defined]
        if seq == 2 and not lost:
            lost.append(seq)
            return True
        return False

    broker.lose = lose
    await log(link).append_all([Append(EVENTS, b"%d" % n) for n in range(4)])
    assert [m.seq for m in await take(aiter(following), 4)] == [1, 2, 3, 4]
    assert lost == [2]


async def test_a_restart_is_a_new_incarnation(broker: Broker, link: Connection) -> None:
    """And whoever asked is told that live messages may be missing."""
    told = asyncio.Event()

    async def note() -> None:
        told.set()

    MemoryLive(link).on_reconnect(note)
    before = await log(link).incarnation()
    broker.restart()
    await told.wait()
    assert await log(link).incarnation() != before


async def test_a_power_cut_gives_sequences_out_again(broker: Broker, link: Connection) -> None:
    """The newest messages are gone, and who had read them is told."""
    following = log(link).follow("run.>")
    await log(link).append_all([Append(EVENTS, b"%d" % n) for n in range(4)])
    await take(aiter(following), 4)
    broker.restart(forget=2)
    assert await log(link).append(Append(EVENTS, b"other")) == 3
    with pytest.raises(RolledBackError):
        await anext(aiter(following))


async def test_a_restart_forgets_the_newest_acknowledgements(
    broker: Broker, link: Connection
) -> None:
    """A task done just before comes again, marked as doubtful."""
    worker = await MemoryTasks(link).work("q", capacity=2)
    await log(link).append(Append("run.1.acme.r1.task.q", b""))
    first = await anext(aiter(worker))
    await first.ack()
    broker.restart()
    again = await anext(aiter(worker))
    assert (first.delivered, again.delivered) == (1, 2)


async def test_a_dead_process_neither_sends_nor_receives(broker: Broker, link: Connection) -> None:
    """Its tasks come again to others; its readings and listeners end."""
    other = broker.connect()
    tasks = MemoryTasks(link)
    worker = await tasks.work("q", capacity=1, patience_s=0.05)
    await log(link).append(Append("run.1.acme.r1.task.q", b""))
    held = await anext(aiter(worker))
    following = log(link).follow("run.2.>")
    heard: list[bytes] = []
    await MemoryLive(link).listen("beat", lambda _subject, data: heard.append(data))
    link.close()
    await MemoryLive(other).publish("beat", b"")
    await held.ack()
    with pytest.raises(StopAsyncIteration):
        await anext(aiter(following))
    for sent in (log(link).append(Append(EVENTS, b"")), tasks.work("q", capacity=1)):
        with pytest.raises(UnavailableError):
            await sent
    survivor = await MemoryTasks(other).work("q", capacity=1)
    assert (await anext(aiter(survivor))).delivered == 2
    assert heard == []


def virtual(scene: Callable[[asyncio.AbstractEventLoop], Awaitable[list[object]]]) -> list[object]:
    """Run a scene on a loop whose waiting costs nothing."""
    loop = asyncio.SelectorEventLoop()
    now = 0.0
    select = loop._selector.select  # type: ignore[attr-defined]

    def jump(timeout: float | None) -> object:
        nonlocal now
        now += timeout or 0
        return select(0)

    loop._selector.select = jump  # type: ignore[attr-defined]
    loop.time = lambda: now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(scene(loop))  # type: ignore[arg-type]
    finally:
        loop.close()


async def scene(_loop: asyncio.AbstractEventLoop) -> list[object]:
    """Timers of days, redeliveries, two workers: everything that waits."""
    clock = LoopClock(7)
    broker = Broker(clock)
    link = broker.connect()
    runs = log(link)
    history: list[object] = [clock.new_id("run")]
    day = 86_400_000
    for days in (3, 1, 2):
        schedule = Schedule(clock.now_ms() + days * day, f"run.1.acme.r.in.timer.t{days}")
        await runs.append(Append(f"run.1.acme.r.timer.t{days}", b"", schedule=schedule))
    await runs.append_all([Append("run.1.acme.r.task.q", b"%d" % n) for n in range(6)])
    workers = [await MemoryTasks(link).work("q", capacity=2) for _ in range(2)]

    async def work(name: int) -> None:
        async for delivery in workers[name]:
            history.append((name, delivery.message.data, delivery.delivered, clock.now_ms()))
            if delivery.delivered > 2:
                await delivery.ack()

    running = [asyncio.create_task(work(name)) for name in range(2)]
    following = runs.follow("run.*.*.*.in.>")
    fired: list[Stored] = []
    async for batch in following:
        fired += batch
        if len(fired) == 3:
            break
    history += [(message.subject, message.at_ms) for message in fired]
    for worker in workers:
        await worker.close()
    await asyncio.gather(*running)
    return history


def test_virtual_time_gives_the_same_history_each_time() -> None:
    """Days pass in no time, to the millisecond, in one order."""
    first, second = virtual(scene), virtual(scene)
    assert first == second
    days = [int(str(entry[0])[-1]) for entry in first[-3:] if isinstance(entry, tuple)]
    assert days == [1, 2, 3]
    assert ids.is_id(str(first[0]), "run")
