"""Limits, played by hand: who may go on, who waits, who gives way; breakers and rates."""

from __future__ import annotations

import json

from weir.contract.messages import (
    BreakerPolicy,
    CallsReported,
    HolderRecalled,
    IntegrationStood,
    LimitEvent,
    Message,
    PermitsAsked,
    SlotAsked,
    SlotGranted,
    SlotRefused,
    SlotReturned,
)
from weir.core.limits import LimitState, decide, evolve, restore, take, waiting

POLICY = BreakerPolicy(failures=3, within_ms=10_000.0, open_ms=1_000.0)


class Played:
    """A limit and what it decides."""

    def __init__(self) -> None:
        self.state = LimitState()
        self.now = 1_000_000

    def feel(self, *facts: Message) -> list[Message]:
        """These facts came; what is decided then. What is stored and read decides the same."""
        for fact in facts:
            self.state = evolve(self.state, fact, self.now)
        back = restore(json.loads(json.dumps(take(self.state))))
        verdict = decide(self.state, self.now)
        assert decide(back, self.now).events == verdict.events
        again = evolve_all(self.state, verdict.events, self.now)
        self.state = verdict.state
        assert take(again)["entries"] == take(self.state)["entries"] or verdict.again is False
        return [event.kind for event in verdict.events if event.kind is not None]


def evolve_all(state: LimitState, events: tuple[LimitEvent, ...], now: int) -> LimitState:
    """What a reader of the log makes of a decision."""
    for event in events:
        state = evolve(state, event.kind, now)
    return state


def ask(run: str, **fields: object) -> SlotAsked:
    """A wish, queued under a limit of one unless it says otherwise."""
    return SlotAsked(**{"run_id": run, "limit": 1, "policy": "queue", **fields})


def granted(decided: list[Message]) -> list[str]:
    """Who may go on."""
    return [kind.run_id for kind in decided if isinstance(kind, SlotGranted)]


def test_slots_go_by_priority_then_first_come() -> None:
    """The first takes the slot; of those that wait the urgent goes first."""
    limit = Played()
    assert granted(limit.feel(ask("a"))) == ["a"]
    limit.feel(ask("low", priority="low"), ask("b"), ask("c"), ask("high", priority="high"))
    assert waiting(limit.state) == ["high", "b", "c", "low"]
    order = []
    for run in ("a", "high", "b", "c"):
        order += granted(limit.feel(SlotReturned(run_id=run)))
    assert order == ["high", "b", "c", "low"]


def test_an_ask_and_a_return_count_once() -> None:
    """Whatever comes twice or late changes nothing."""
    limit = Played()
    limit.feel(ask("a"), ask("a"))
    assert limit.feel(ask("a"), SlotReturned(run_id="nobody")) == []
    limit.feel(ask("b"))
    assert granted(limit.feel(SlotReturned(run_id="a"), SlotReturned(run_id="a"))) == ["b"]
    assert limit.state.held == 1


def test_the_newest_ask_says_how_many_there_are() -> None:
    """A larger limit lets more go on at once; a smaller one takes nothing away."""
    limit = Played()
    limit.feel(ask("a"), ask("b"), ask("c"))
    assert granted(limit.feel(ask("d", limit=3))) == ["b", "c"]
    assert granted(limit.feel(ask("e"))) == []
    assert granted(limit.feel(SlotReturned(run_id="a"), SlotReturned(run_id="b"))) == []
    assert granted(limit.feel(SlotReturned(run_id="c"))) == ["d"]


def test_where_no_slot_is_free_a_run_may_be_rejected() -> None:
    """At once, and only then."""
    limit = Played()
    assert granted(limit.feel(ask("a", policy="reject"))) == ["a"]
    assert limit.feel(ask("b", policy="reject")) == [SlotRefused(run_id="b", verdict="rejected")]
    assert granted(limit.feel(SlotReturned(run_id="a"), ask("c", policy="reject"))) == ["c"]


def test_the_newest_takes_the_place_of_the_others() -> None:
    """The holder is asked to end, those that wait give way, and nobody goes on before it has."""
    limit = Played()
    limit.feel(ask("a", policy="replace"))
    assert limit.feel(ask("b", policy="replace")) == [HolderRecalled(run_id="a", by="b")]
    assert limit.feel(ask("c", policy="replace")) == [
        SlotRefused(run_id="b", verdict="replaced", by="c")
    ]
    assert granted(limit.feel(SlotReturned(run_id="b"))) == []
    assert granted(limit.feel(SlotReturned(run_id="a"))) == ["c"]


def test_of_starts_that_follow_each_other_the_last_one_runs() -> None:
    """A debounce waits until nobody has asked for its time."""
    limit = Played()
    assert limit.feel(ask("a", limit=0, for_ms=500.0)) == []
    limit.now += 400
    assert limit.feel(ask("b", limit=0, for_ms=500.0)) == [
        SlotRefused(run_id="a", verdict="replaced", by="b")
    ]
    assert decide(limit.state, limit.now).wake_at == limit.now + 500
    limit.now += 499
    assert limit.feel() == []
    limit.now += 1
    assert granted(limit.feel()) == ["b"]


def reported(failures: int, successes: int = 0) -> CallsReported:
    """What came of calls."""
    return CallsReported(
        worker="w", failures=failures, successes=successes, name="api.x", breaker=POLICY
    )


def probe(number: int, worker: str = "w") -> PermitsAsked:
    """A wish for one probe."""
    return PermitsAsked(worker=worker, number=number, wanted=1, name="api.x")


def stands(decided: list[Message]) -> IntegrationStood:
    """What was said of the integration."""
    (said,) = decided
    assert isinstance(said, IntegrationStood)
    return said


def test_a_breaker_opens_and_resumes_gradually() -> None:
    """Failures open it; then one probe, two, four; a failure opens it for longer."""
    limit = Played()
    assert limit.feel(reported(2)) == []
    limit.now += 20_000  # the window is over
    assert limit.feel(reported(2)) == []
    assert stands(limit.feel(reported(1))).state == "open"
    assert stands(limit.feel(probe(1))).blocks[0].count == 0
    limit.now += 1_001
    assert [block.count for block in stands(limit.feel(probe(2))).blocks] == [1]
    other = stands(limit.feel(probe(1, "v"))).blocks
    assert {block.worker: block.count for block in other} == {"v": 0, "w": 1}
    again = stands(limit.feel(reported(1)))
    assert (again.state, again.times) == ("open", 2)
    limit.now += 2_001
    for number in range(3, 20):
        limit.feel(probe(number))
        decided = limit.feel(reported(0, 1))
        if decided:
            assert stands(decided).state == "closed"
            break
    else:
        raise AssertionError("it never closed")
    assert number == 10


def test_a_probe_of_which_nothing_is_heard_is_not_lost_for_ever() -> None:
    """After a minute another worker gets one."""
    limit = Played()
    limit.feel(reported(3))
    limit.now += 1_001
    assert stands(limit.feel(probe(1))).blocks[0].count == 1
    limit.now += 30_000
    assert {b.worker: b.count for b in stands(limit.feel(probe(1, "v"))).blocks}["v"] == 0
    limit.now += 31_000
    assert {b.worker: b.count for b in stands(limit.feel(probe(2, "v"))).blocks}["v"] == 1


def test_permits_of_a_rate_come_in_blocks_one_after_the_other() -> None:
    """All workers together keep it; what is too far ahead is to be asked for again."""
    limit = Played()
    wish = {"wanted": 50, "rate": 10, "per_ms": 1_000.0, "name": "api.x"}
    starts = []
    for worker in "abcdefg":
        (block,) = (
            block
            for block in stands(limit.feel(PermitsAsked(worker=worker, number=1, **wish))).blocks
            if block.worker == worker
        )
        starts.append((block.count, block.spread_ms))
    assert starts == [(10, 1_000.0)] * 6 + [(0, 0.0)]
