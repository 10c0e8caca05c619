"""Start facts on their way into the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from services.trigger.intake import Intake
from tests.waiting import within
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.errors import ConflictError, OutcomeUnknownError, OverloadedError
from weir.ports.log import Append


class Gated(MemoryLog):
    """A log whose batches wait for `open` and are remembered; `fault` replaces an outcome."""

    def __init__(self) -> None:
        super().__init__(Broker(SystemClock()).connect(), subjects.RUNS)
        self.open = asyncio.Event()
        self.batches: list[tuple[str, int]] = []
        self.fault: Exception | None = None

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """As the log does, once open."""
        self.batches.append(("all", len(appends)))
        await self.open.wait()
        if self.fault:
            raise self.fault
        return await super().append_all(appends)

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """As the log does, once open."""
        self.batches.append(("atomic", len(appends)))
        await self.open.wait()
        if self.fault:
            raise self.fault
        return await super().append_atomic(appends)


def fact(number: int) -> Append:
    """A start fact of its own run."""
    return Append(f"run.0.acme.run_{number}.in.start", b"{}", expect=0)


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_arrives_while_one_is_under_way_goes_out_together() -> None:
    """One batch in flight; the next holds all that gathered meanwhile, each with its sequence."""
    log = Gated()
    intake = Intake(log, atomic_from=None)
    first = asyncio.create_task(intake.append(fact(0)))
    await _settle()
    rest = [asyncio.create_task(intake.append(fact(n))) for n in range(1, 11)]
    await _settle()
    assert log.batches == [("all", 1)]
    log.open.set()
    sequences = await within(asyncio.gather(first, *rest))
    assert log.batches == [("all", 1), ("all", 10)]
    assert sequences == list(range(1, 12))


async def test_one_refusal_leaves_the_others_alone() -> None:
    """Each start has its own outcome."""
    log = Gated()
    log.open.set()
    intake = Intake(log, atomic_from=None)
    results: list[Any] = await within(
        asyncio.gather(*(intake.append(fact(n)) for n in (1, 2, 1, 3)), return_exceptions=True)
    )
    assert [type(one) for one in results] == [int, int, ConflictError, int]


async def test_on_synced_disks_a_batch_is_one_write() -> None:
    """From four on; one that the broker refuses whole is stored one by one."""
    log = Gated()
    log.open.set()
    intake = Intake(log, atomic_from=4)
    assert len(await within(asyncio.gather(*(intake.append(fact(n)) for n in range(5))))) == 5
    assert log.batches == [("atomic", 5)]
    results: list[Any] = await within(
        asyncio.gather(*(intake.append(fact(n)) for n in (4, 5, 6, 7)), return_exceptions=True)
    )
    assert [type(one) for one in results] == [ConflictError, int, int, int]
    assert log.batches[1:] == [("atomic", 4), ("all", 4)]


async def test_an_unknown_outcome_of_a_batch_is_everybodys() -> None:
    """It is not sent again by the collector, which cannot know."""
    log = Gated()
    log.open.set()
    log.fault = OutcomeUnknownError("lost")
    intake = Intake(log, atomic_from=4)
    results = await within(
        asyncio.gather(*(intake.append(fact(n)) for n in range(4)), return_exceptions=True)
    )
    assert all(isinstance(one, OutcomeUnknownError) for one in results)
    assert log.batches == [("atomic", 4)]


async def test_a_full_queue_refuses_at_once() -> None:
    """Nothing of what was refused is stored, all that was taken is."""
    log = Gated()
    intake = Intake(log, atomic_from=None, room=3)
    first = asyncio.create_task(intake.append(fact(0)))
    await _settle()
    taken = [asyncio.create_task(intake.append(fact(n))) for n in (1, 2, 3)]
    await _settle()
    with pytest.raises(OverloadedError):
        await intake.append(fact(4))
    log.open.set()
    await within(asyncio.gather(first, *taken))
    assert await log.last_seq() == 4


async def test_a_caller_that_goes_away_stops_nobody() -> None:
    """Its start is stored all the same."""
    log = Gated()
    intake = Intake(log, atomic_from=None)
    leaving = asyncio.create_task(intake.append(fact(0)))
    staying = asyncio.create_task(intake.append(fact(1)))
    await _settle()
    leaving.cancel()
    log.open.set()
    assert await within(staying) == 2
    assert await log.last_seq() == 2


async def test_closing_waits_for_what_was_taken() -> None:
    """A clean stop loses no start."""
    log = Gated()
    intake = Intake(log, atomic_from=None)
    starts = [asyncio.create_task(intake.append(fact(n))) for n in range(3)]
    await _settle()
    closing = asyncio.create_task(intake.close())
    await _settle()
    assert not closing.done()
    log.open.set()
    await within(closing)
    assert await log.last_seq() == 3
    await asyncio.gather(*starts)
