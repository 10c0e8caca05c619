"""Laws of the core that hold for every workflow and every order of events."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sim.programs import program
from tests.unit.core.played import Played
from weir.contract.messages import (
    CancelRequested,
    Error,
    Event,
    StepCompleted,
    StepFailed,
    StepSkipped,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerFired,
)
from weir.contract.times import to_ms
from weir.core.canonical import to_json
from weir.core.decide import decide
from weir.core.frontier import pop, push
from weir.core.run import evolve
from weir.core.runlog import RunLog
from weir.core.state import ENDED

SEEDS = st.integers(min_value=0, max_value=2**32)


def played(seed: int) -> Played:
    """A random workflow driven to its end by random outcomes."""
    random = Random(seed)
    made = program(random)
    run = Played(made.frozen, input=made.input).settle()
    for _ in range(500):
        if run.state.status in ENDED:
            return run
        open_steps = [p for p, s in run.state.steps.items() if s.status == "queued" and s.attempt]
        if open_steps and random.random() < 0.7:
            name = random.choice(sorted(open_steps))
            if random.random() < 0.7:
                run.succeed(name, {"n": 1})
            else:
                run.fail(name, retryable=random.random() < 0.7)
        else:
            run.advance(random.choice((1, 500, 40_000)))
    raise AssertionError("the run does not come to an end")


@given(SEEDS)
@settings(max_examples=60)
def test_every_run_comes_to_an_end(seed: int) -> None:
    """Whatever tasks do, the run ends, and all steps that it entered have."""
    run = played(seed)
    assert all(
        step.status in {"succeeded", "failed", "caught", "skipped", "cancelled"}
        for step in run.state.steps.values()
    )
    assert run.state.active == run.state.waiting == 0


@given(SEEDS)
@settings(max_examples=40)
def test_a_settled_state_decides_nothing(seed: int) -> None:
    """Asking again appends nothing: neither at the end nor at any rest before it."""
    run = played(seed)
    assert decide(run.state, run.now + 10**9).drafts == ()


@given(SEEDS, st.integers(min_value=0, max_value=10_000))
@settings(max_examples=40)
def test_deciding_anew_from_any_prefix_gives_the_same_ids(seed: int, cut: int) -> None:
    """An owner that takes over mid-way sends what is missing under the ids the first one used."""
    run = played(seed)
    prefix = run.stored[: 1 + cut % len(run.stored)]
    log = RunLog(lambda _: run.graph)
    for stored in prefix:
        log.feed(*stored)
    state = log.tentative
    assert state is not None
    ids = {(e.step, e.attempt) for e in run.events(TaskScheduled)}
    at = run.stored[len(prefix) - 1][2].at
    for draft in decide(state, to_ms(at)).drafts:
        for event in draft.events:
            if isinstance(event.kind, TaskScheduled):
                known = log.state.steps.get(event.step) if log.state else None
                assert event.attempt == (known.attempt if known else 0) + 1
                assert (event.step, event.attempt) in ids or event.attempt > 0


@given(SEEDS, st.integers(min_value=0, max_value=10_000))
@settings(max_examples=40)
def test_folding_a_prefix_and_the_rest_is_folding_all(seed: int, cut: int) -> None:
    """Stopping and going on later makes no difference, and neither does reading twice."""
    run = played(seed)
    at = cut % len(run.stored)
    log = RunLog()
    for stored in [*run.stored[:at], *run.stored[: at // 2], *run.stored[at:]]:
        log.feed(*stored)
    assert log.state is not None
    assert to_json(log.state) == to_json(run.state)
    assert not log.broken


STEPS = st.sampled_from(["start", "n0", "n1", "n2", "nowhere", ""])
KINDS = st.one_of(
    st.builds(TaskSucceeded, output=st.integers()),
    st.builds(TaskFailed, error=st.just(Error(code="X")), retryable=st.booleans()),
    st.builds(TimerFired, timer=st.sampled_from(["", "delay/n0/1"])),
    st.builds(CancelRequested, request_id=st.just("r")),
    st.builds(StepCompleted, output=st.integers()),
    st.builds(StepFailed, handling=st.sampled_from(["fail", "continue", "route"])),
    st.builds(StepSkipped),
)
EVENTS = st.builds(
    lambda kind, step, attempt: Event.of(kind, step=step, attempt=attempt),
    KINDS,
    STEPS,
    st.integers(min_value=0, max_value=3),
)


@given(SEEDS, st.lists(EVENTS, max_size=30))
@settings(max_examples=60)
def test_evolve_is_total_and_the_first_writer_wins(seed: int, events: list[Event]) -> None:
    """Any event in any state gives a state; the same event again changes nothing."""
    made = program(Random(seed))
    state = Played(made.frozen, input=made.input).log.tentative
    assert state is not None
    for event in events:
        after = evolve(state, event, 1_000)
        again = evolve(after, event, 2_000)
        assert to_json(again) == to_json(after)
        if state.status in ENDED:
            assert to_json(after) == to_json(state)
        state = after


@given(st.lists(st.tuples(st.integers(0, 50), st.text(max_size=3)), max_size=60))
def test_the_heap_gives_the_earliest_first(wakes: list[tuple[int, str]]) -> None:
    """Popping yields all wakes in the order of their due times."""
    heap = None
    for due, path in wakes:
        heap = push(heap, due, path, "")
    out = []
    while heap is not None:
        out.append((heap[1], heap[2]))
        heap = pop(heap)
    assert out == sorted(wakes)
