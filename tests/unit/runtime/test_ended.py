"""Whether a run has ended, read from what the log holds of it."""

from __future__ import annotations

import pytest

from tests.scribe import Scribe, event_of
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.messages import Error, RunCancelled, RunFailed, RunSucceeded, StepCompleted
from weir.ports.log import Append
from weir.runtime.decider.ended import ended_as


@pytest.fixture
def scribe() -> Scribe:
    """A run that is not there yet."""
    return Scribe(MemoryLog(Broker(SystemClock()).connect(), subjects.RUNS))


async def test_there_is_none(scribe: Scribe) -> None:
    """Neither started nor purged."""
    assert await ended_as(scribe.log, scribe.key) is None


async def test_one_that_nobody_has_taken_up_goes_on(scribe: Scribe) -> None:
    """Its start is all there is of it, and it may hold a place of a limit already."""
    await scribe.start()
    assert await ended_as(scribe.log, scribe.key) == ""


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (RunSucceeded(output=1), "succeeded"),
        (RunFailed(error=Error(code="BROKEN", message="it broke")), "failed"),
        (RunCancelled(), "cancelled"),
    ],
)
async def test_its_last_decision_says_so(scribe: Scribe, end: RunSucceeded, status: str) -> None:
    """Until its end it goes on."""
    await scribe.start()
    await scribe.decide(event_of(StepCompleted(output=1), "a"))
    assert await ended_as(scribe.log, scribe.key) == ""
    await scribe.decide(event_of(end))
    assert await ended_as(scribe.log, scribe.key) == status


async def test_one_that_was_purged_has_ended(scribe: Scribe) -> None:
    """What stands in the place of its start says how."""
    await scribe.simple()
    await scribe.purge()
    assert await ended_as(scribe.log, scribe.key) == "succeeded"


async def test_what_cannot_be_read_is_told(scribe: Scribe) -> None:
    """Whoever asks decides what that means."""
    await scribe.log.append(Append(scribe.key.events, b"{"))
    with pytest.raises(ValueError, match="JSON"):
        await ended_as(scribe.log, scribe.key)
