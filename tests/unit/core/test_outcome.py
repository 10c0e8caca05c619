"""The end of a run told by its messages is what folding it says, and never that of a part."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.scribe import Scribe, event_of
from tests.waiting import everything
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.contract.messages import (
    CancelRequested,
    Error,
    RunCancelled,
    RunFailed,
    RunSucceeded,
    StepCompleted,
)
from weir.core.outcome import Outcome, outcome, outcome_of
from weir.core.state import ENDED
from weir.ports.log import Stored
from weir.runtime.replay import counting, replay

ENDS = [
    RunSucceeded(output=1),
    RunFailed(error=Error(code="BROKEN", message="it broke")),
    RunCancelled(reason="enough"),
]


@pytest.fixture
def scribe() -> Scribe:
    """A run in a log of its own."""
    return Scribe(MemoryLog(Broker(LoopClock()).connect(), subjects.RUNS))


async def _long(scribe: Scribe, end: RunSucceeded | RunFailed | RunCancelled) -> list[Stored]:
    """Tasks, facts that were seen late, decisions in several turns."""
    await scribe.start(request_hash="hash")
    await scribe.dispatch("a")
    await scribe.dispatch("b")
    seen = await scribe.succeed("a", output=1)
    await scribe.succeed("b", output={"deep": [1, 2]})
    await scribe.decide(event_of(StepCompleted(output=1), "after_a"), seen=seen)
    await scribe.decide(event_of(StepCompleted(output=2), "after_b"))
    await scribe.fact("cancel.1", CancelRequested(reason="enough"))
    await scribe.decide(event_of(end))
    await scribe.fact("cancel.2", CancelRequested(reason="too late"))
    return await _messages(scribe)


async def _messages(scribe: Scribe) -> list[Stored]:
    return await everything(scribe.log.read(scribe.key.everything))


def _told(messages: Sequence[Stored]) -> Outcome | None:
    return outcome((m.seq, m.data) for m in messages if counting(m.subject))


def _folded(messages: Sequence[Stored]) -> Outcome | None:
    log = replay(messages)
    if log.state is None or log.state.status not in ENDED or log.broken or log.purged:
        return None
    return outcome_of(log.state)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
async def test_it_is_told_as_folding_tells_it(
    scribe: Scribe, end: RunSucceeded | RunFailed | RunCancelled
) -> None:
    """By all that is known of it, also of a run that the archive has confirmed."""
    messages = await _long(scribe, end)
    assert _told(messages) == _folded(messages) != None  # noqa: E711 - all three
    assert _told(messages)._replace(ended_ms=0) == Outcome(  # type: ignore[union-attr]
        "wf_a", "ver_a", scribe.read.state.status if scribe.read.state else "", 0, "hash"
    )
    await scribe.confirm(messages[-1].seq)
    assert _told(await _messages(scribe)) == _told(messages)


async def test_a_part_is_never_taken_for_the_whole(scribe: Scribe) -> None:
    """Of a run without one of its messages, or without its end, nothing is told."""
    messages = await _long(scribe, RunSucceeded(output=1))
    needed = messages[:-1]  # what came after the end changes nothing
    assert _told(needed) == _told(messages)
    for place in range(len(needed)):
        assert _told(messages[:place] + messages[place + 1 :]) is None, messages[place].subject
        assert _told(messages[:place]) is None


async def test_what_was_changed_is_noticed(scribe: Scribe) -> None:
    """A message that is not as it was written, anywhere before the end."""
    messages = await _long(scribe, RunSucceeded(output=1))
    for place, message in enumerate(messages[:-2]):
        other = message._replace(data=message.data.replace(b'"wf_a"', b'"wf_b"'))
        assert _told([*messages[:place], other, *messages[place + 1 :]]) is None, message.subject


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"events":[]}', b'{"turn":"x"}', b'{"turn":9,"seen":"y"}']
)
async def test_what_cannot_be_read_is_left_to_others(scribe: Scribe, data: bytes) -> None:
    """Whatever it is, and wherever it lies."""
    messages = await _long(scribe, RunSucceeded(output=1))
    for place in range(len(messages)):
        odd = messages[place]._replace(data=data)
        assert _told([*messages[:place], odd, *messages[place + 1 :]]) is None


async def test_a_purged_run_is_left_to_others(scribe: Scribe) -> None:
    """Its tombstone says nothing of what it was."""
    await scribe.simple()
    await scribe.purge()
    assert _told(await _messages(scribe)) is None


async def test_what_came_before_the_start_counts_for_nobody(scribe: Scribe) -> None:
    """A wish for a run that is not there yet."""
    await scribe.fact("cancel.1", CancelRequested(reason="early"))
    await scribe.simple()
    messages = await _messages(scribe)
    assert _told(messages) == _folded(messages) != None  # noqa: E711
