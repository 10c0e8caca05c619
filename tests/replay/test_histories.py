"""What earlier code wrote is read by today's: golden histories fold to what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pytest

from tests.replay.record import History, histories, releases
from tests.replay.scenarios import SCENARIOS
from weir.contract import times
from weir.contract.codec import decode, encode
from weir.contract.messages import Envelope
from weir.contract.subjects import parse_run
from weir.core.decide import decide
from weir.core.runlog import RunLog
from weir.core.state import ENDED
from weir.ports.log import Stored
from weir.runtime.decider.fence import Fence
from weir.runtime.decider.turn import Hot, compose
from weir.runtime.replay import replay, replay_state

HISTORIES = tuple(histories())
NEWEST = releases()[-1]
YEARS_MS = 10 * 365 * 86_400_000


def named(chosen: Sequence[History]) -> pytest.MarkDecorator:
    """One test for each history."""
    ids = [f"{each.release}-{each.name}" for each in chosen]
    return pytest.mark.parametrize("history", chosen, ids=ids)


@named(HISTORIES)
def test_a_history_folds_to_the_recorded_state(history: History) -> None:
    """Byte for byte, with and without the graph, and its chain holds."""
    assert replay_state(history.messages, history.graph_of) == history.state
    assert replay_state(history.messages) == history.plain
    log = replay(history.messages)
    assert not log.broken


@named(HISTORIES)
def test_an_ended_run_decides_nothing_more(history: History) -> None:
    """However late it is asked."""
    state = replay(history.messages, history.graph_of).tentative
    assert state is not None
    assert state.status in ENDED
    late = decide(state, state.ended_ms + YEARS_MS)
    assert (late.drafts, late.timers, late.wake_at, late.again) == ((), (), None, False)


@named([each for each in HISTORIES if each.release == NEWEST])
def test_every_decision_is_made_again_to_the_byte(history: History) -> None:
    """The same state at the same time gives the same messages, chain and ids included."""
    key, _, _ = parse_run(history.messages[0].subject)
    log = RunLog(history.graph_of)
    facts, turns = [], []
    for message in history.messages:
        kind = parse_run(message.subject)[1]
        if kind == "in":
            facts.append(message)
        elif kind in {"ev", "task"}:
            turns.append((message, decode(message.data)))
    decided, at_hand = 0, dict[str, Any]()
    for stored in _turns(turns):
        first = stored[0][1]
        seen = int(first.seen)
        while facts and facts[0].seq <= seen:
            fact = facts.pop(0)
            log.feed(fact.seq, fact.data, decode(fact.data))
        state = log.tentative
        assert state is not None
        now_ms = times.to_ms(first.at)
        decision = decide(state, now_ms, fetched=at_hand.get)
        if decision.needs:  # what was decided without it goes out first, as it did then
            at_hand[decision.needs] = history.pages[decision.needs]
        if not decision.drafts:
            decision = decide(state, now_ms, fetched=at_hand.get)
        again = compose(Hot(key, log), decision, Fence("", 0), now_ms)
        assert again.bodies == [message.data for message, _ in stored]
        for message, envelope in stored:
            log.feed(message.seq, message.data, envelope)
        decided += 1
    assert decided


def _turns(
    messages: Sequence[tuple[Stored, Envelope]],
) -> Iterator[list[tuple[Stored, Envelope]]]:
    for _, together in groupby(messages, key=lambda each: each[1].turn):
        yield list(together)


@named(HISTORIES)
def test_a_message_reads_and_writes_to_the_same_bytes(history: History) -> None:
    """Nothing of what was recorded is lost on the way through today's contract."""
    for message in history.messages:
        if parse_run(message.subject)[1] in {"ev", "task"}:
            assert encode(decode(message.data)) == message.data


def test_every_scenario_has_a_history_of_this_release() -> None:
    """A scenario that nobody recorded guards nothing: `make histories`."""
    recorded = {each.name for each in HISTORIES if each.release == NEWEST}
    assert recorded == {scenario.name for scenario in SCENARIOS}
