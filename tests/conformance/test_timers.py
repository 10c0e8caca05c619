"""Timers: scheduled appends of the log port."""

from __future__ import annotations

import asyncio

import pytest

from tests.conformance.conftest import Ports
from tests.waiting import everything, take
from weir.ports.log import Append, Schedule, Stored

TIMER = "run.1.acme.r1.timer.wake"
FIRED = "run.1.acme.r1.in.timer.wake"


def timer(at_ms: int, data: bytes = b"due", *, name: str = "wake") -> Append:
    """A timer of run r1."""
    target = f"run.1.acme.r1.in.timer.{name}"
    return Append(f"run.1.acme.r1.timer.{name}", data, schedule=Schedule(at_ms, target))


async def fired(ports: Ports, count: int = 1) -> list[Stored]:
    """The next fired timers."""
    following = ports.log.follow("run.*.*.*.in.timer.>")
    found = await take(aiter(following), count)
    await following.close()
    return found


async def test_a_timer_fires_when_due_and_vanishes(ports: Ports) -> None:
    """Its data is stored on the target, not before its time, and the schedule is gone."""
    due = ports.clock.now_ms() + 120
    await ports.log.append(timer(due))
    (message,) = await fired(ports)
    assert (message.subject, message.data) == (FIRED, b"due")
    assert message.at_ms >= due
    assert message.headers["Nats-Scheduler"] == TIMER
    assert await ports.log.last(TIMER) is None


async def test_a_past_timer_fires_at_once(ports: Ports) -> None:
    """Nothing is lost by being late."""
    await ports.log.append(timer(ports.clock.now_ms() - 60_000))
    assert [m.data for m in await fired(ports)] == [b"due"]


async def test_a_timer_appended_again_is_replaced(ports: Ports) -> None:
    """Only the newest schedule of a subject fires."""
    now = ports.clock.now_ms()
    await ports.log.append(timer(now + 60_000, b"first"))
    await ports.log.append(timer(now + 50, b"second"))
    assert [m.data for m in await fired(ports)] == [b"second"]
    assert [m.subject for m in await everything(ports.log.read("run.>"))] == [FIRED]


async def test_a_purged_timer_does_not_fire(ports: Ports) -> None:
    """Purging the schedule's subject cancels it."""
    now = ports.clock.now_ms()
    await ports.log.append(timer(now + 100, b"cancelled", name="one"))
    await ports.log.append(timer(now + 300, b"kept", name="two"))
    await ports.log.purge("run.1.acme.r1.timer.one")
    assert [m.data for m in await fired(ports)] == [b"kept"]


async def test_a_fire_checks_no_expectation(ports: Ports) -> None:
    """A timer set again after it fired fires again onto the same fact: fold them by id."""
    for data in (b"first", b"second"):
        await ports.log.append(timer(ports.clock.now_ms() - 1, data))
        following = ports.log.follow(FIRED, after=await ports.log.last_seq())
        await take(aiter(following), 1)
        await following.close()
    assert [m.data for m in await everything(ports.log.read(FIRED))] == [b"first", b"second"]


async def test_many_timers_fire_in_the_order_they_are_due(ports: Ports) -> None:
    """Each once, whatever order they were set in."""
    now = ports.clock.now_ms()
    delays = [400, 0, 800]
    await ports.log.append_all([timer(now + ms, b"%d" % ms, name=f"t{ms}") for ms in delays])
    assert [int(m.data) for m in await fired(ports, 3)] == sorted(delays)


async def test_a_timer_can_be_part_of_a_batch(ports: Ports) -> None:
    """Stored with the decision that set it, or not at all."""
    await ports.log.append_atomic(
        [Append("run.1.acme.r1.ev", b"set"), timer(ports.clock.now_ms() + 20)]
    )
    assert [m.data for m in await fired(ports)] == [b"due"]


@pytest.mark.parametrize("count", [50])
async def test_timers_due_together_all_fire(ports: Ports, count: int) -> None:
    """None is lost in a crowd."""
    due = ports.clock.now_ms() + 200
    await asyncio.gather(
        *(ports.log.append(timer(due, b"%d" % n, name=f"n{n}")) for n in range(count))
    )
    found = await fired(ports, count)
    assert sorted(int(m.data) for m in found) == list(range(count))
