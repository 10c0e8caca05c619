"""A run that waits for a limit before its first step, played by hand."""

from __future__ import annotations

from typing import Any

from tests.unit.core.played import Played, frozen, node, play, task
from weir.contract import times
from weir.contract.messages import Event, RunOrder, SlotAnswered, SlotAwaited, TaskDeferred
from weir.core.canonical import to_json
from weir.core.gates import open_gate, waits_for
from weir.core.snapshot import restore, take

LIMIT = {"concurrency": {"key": "{{ input.repo }}", "limit": 2, "policy": "queue"}}


def gated(settings: dict[str, Any] = LIMIT, **more: Any) -> Played:
    """A run of one task under limits."""
    return play(
        [node("go", "manual"), task("work", **more)],
        ["go>work"],
        input={"repo": "site"},
        settings=settings,
    )


def answer(run: Played, verdict: str, by: str = "") -> Played:
    """The limit that the run waits for has decided."""
    gate = open_gate(run.state)
    assert gate is not None
    run.fact(Event.of(SlotAnswered(limit_id=gate.limit_id, verdict=verdict, by=by)))
    return run.settle()


def test_a_run_says_what_it_waits_for_and_does_nothing() -> None:
    """The wait is recorded with everything the limit must know; no step begins."""
    run = gated()
    (awaited,) = [event.slot_awaited for event in run.events(SlotAwaited)]
    assert awaited is not None
    assert (awaited.key, awaited.limit, awaited.policy, awaited.priority) == (
        *("site", 2, "queue"),
        "normal",
    )
    assert (run.state.status, waits_for(run.state)) == ("queued", "limit:site")
    assert run.sent() == []
    back = restore(take(run.state), run.graph)
    assert to_json(back) == to_json(run.state)


def test_a_slot_lets_it_begin() -> None:
    """Once, however often it is told."""
    run = answer(gated(), "granted")
    assert run.state.status == "running"
    assert run.state.steps["work"].status == "queued"


def test_rejected_and_replaced_are_ends() -> None:
    """With the reason, and without a step."""
    rejected = answer(gated(), "rejected").state
    assert rejected.status == "failed"
    assert rejected.error is not None
    assert rejected.error.code == "CONCURRENCY_LIMIT"
    replaced = answer(gated(), "replaced", by="run_2").state
    assert replaced.status == "cancelled"
    assert [gate.verdict for gate in replaced.nest.gates] == ["replaced"]


def test_a_debounce_comes_before_the_limit() -> None:
    """A start that is replaced takes no slot."""
    run = gated({**LIMIT, "debounce": {"key": "x", "for_ms": 100.0}})
    assert waits_for(run.state) == "debounce:x"
    answer(run, "granted")
    assert waits_for(run.state) == "limit:site"
    answer(run, "granted")
    assert waits_for(run.state) == ""


def test_a_call_that_is_put_off_is_no_attempt() -> None:
    """The step waits with the reason, goes on when it is over, and has all its attempts left."""
    run = play([node("go", "manual"), task("work")], ["go>work"])
    for attempt in (1, 2, 3):
        until = times.from_ms(run.now + 5_000)
        put_off = TaskDeferred(what="breaker:api.x", reason="open", until_at=until)
        run.fact(Event.of(put_off, step="work", attempt=attempt))
        run.settle()
        step = run.state.steps["work"]
        assert (step.status, step.waits) == ("waiting", "breaker:api.x")
        assert step.error is not None
        assert step.error.code == "CALL_DEFERRED"
        run.advance(5_001)
        assert run.state.steps["work"].attempt == attempt + 1
    assert run.state.steps["work"].deferred == 3
    run.succeed("work")
    assert run.state.status == "succeeded"


def ordered() -> Played:
    """A run that has its turn after others, and is under a limit too."""
    definition = frozen([node("go", "manual"), task("work")], ["go>work"], settings=LIMIT)
    order = RunOrder(limit_id="lim_a", key="k1")
    return Played(definition, input={"repo": "site"}, order=order)


def test_a_run_that_goes_on_after_others_does_nothing_before_its_turn() -> None:
    """It says once that it waits; then the other limit is asked."""
    run = ordered().settle()
    (awaited,) = [event.slot_awaited for event in run.events(SlotAwaited)]
    assert awaited is not None
    assert (awaited.gate, awaited.limit, awaited.priority) == ("order", 1, "normal")
    assert (run.state.status, waits_for(run.state)) == ("queued", "order:k1")
    back = restore(take(run.state), run.graph)
    assert to_json(back) == to_json(run.state)
    assert waits_for(answer(run, "granted").state) == "limit:site"
    assert answer(run, "granted").state.steps["work"].status == "queued"


def test_its_turn_may_come_before_it_has_said_that_it_waits() -> None:
    """The limit was asked as the run was started, so the answer can be the next message."""
    run = ordered()
    run.fact(Event.of(SlotAnswered(limit_id="lim_a", verdict="granted")))
    assert waits_for(run.settle().state) == "limit:site"
    assert [event.slot_awaited.gate for event in run.events(SlotAwaited) if event.slot_awaited] == [
        "concurrency"
    ]
