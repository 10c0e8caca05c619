"""Plays a nested program by hand, in a random order of results, with whatever may come between."""

from __future__ import annotations

from collections import Counter
from random import Random

import orjson

from tests.sim.nested import Tree, answer, result, scripts, tree, workflow
from tests.sim.scripts import Script, node_of
from tests.sim.seen import Seen
from tests.unit.core.played import Played
from weir.contract.messages import (
    CancelRequested,
    Error,
    Event,
    PauseRequested,
    ResumeRequested,
    SignalReceived,
    StepDecided,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerFired,
)
from weir.core.canonical import to_json
from weir.core.decide import Decision, decide
from weir.core.runlog import RunLog
from weir.core.snapshot import restore, take
from weir.core.state import CONTAINERS, ENDED, STEP_ENDED, RunState, Step

TURNS = 3_000


class Nested:
    """One seed: a program, a run of it, and everything that happens to that run.

    `cancels`: somebody may end the run, and containers have deadlines; then only
    the laws are judged, not the outcome.
    """

    def __init__(self, seed: int, *, cancels: bool = False) -> None:
        self.random = Random(seed)
        self.program: Tree = tree(self.random, wild=cancels)
        self.scripts: dict[str, Script] = scripts(self.program)
        self.n = self.random.randint(0, 9)
        self.cancels = cancels
        self.frozen = workflow(self.program)
        self.signals = 0
        self.snapshots = 0
        self.run = Played(self.frozen, input={"n": self.n}).settle()

    def play(self) -> Nested:
        """Until the run has ended."""
        for _ in range(TURNS):
            if self.run.state.status in ENDED:
                return self
            self.look()
            for _ in range(self.random.choice((1, 1, 1, 2, 4))):
                self.happen()
            self.run.settle()
        raise AssertionError(f"no end: {self.run.statuses()}")

    # -- what happens --

    def happen(self) -> None:
        """One thing."""
        random, run = self.random, self.run
        state = run.log.tentative
        assert state is not None
        rare = random.random()
        if rare < 0.03:
            self.again()
        elif rare < 0.06:
            self.tell(random.choice(("paid", "sent")))
        elif rare < 0.1:
            self.come_late(state)
        elif rare < 0.12:
            run.fact(Event.of(PauseRequested(request_id=f"p{run.seq}", reason="wait")))
        elif rare < 0.14 and self.cancels:
            wish = CancelRequested(request_id=f"c{run.seq}", terminate=random.random() < 0.2)
            run.fact(Event.of(wish))
        elif state.paused is not None or isinstance(state.nest.wish, PauseRequested):
            if random.random() < 0.3:
                run.fact(Event.of(ResumeRequested(request_id=f"r{run.seq}")))
            else:
                self.go_on(state)
        else:
            self.go_on(state)

    def go_on(self, state: RunState) -> None:
        """Something that the run waits for."""
        random = self.random
        choices = [
            (what, path)
            for path, step in sorted(state.steps.items())
            if (what := awaited(step)) is not None
        ]
        if not choices or random.random() < 0.15:
            self.run.now += random.choice((1, 400, 3_000, 30_000))
            return
        what, at = random.choice(choices)
        if what == "task":
            self.end_task(at, state.steps[at].attempt)
        elif what == "ask":
            said = StepDecided(request_id=f"d{self.run.seq}", decision=answer(at), output=7)
            self.run.fact(Event.of(said, step=at))
        elif what == "signal":
            self.tell(state.steps[at].waits.partition(":")[2])
        elif state.steps[at].wake_ms <= self.run.now:
            self.run.fact(Event.of(TimerFired(timer=state.steps[at].timer), step=at))
        else:
            self.run.now = state.steps[at].wake_ms

    def end_task(self, path: str, attempt: int) -> None:
        """A worker is done, as the script says."""
        script = self.scripts[node_of(path)]
        sent = [e for e in self.run.events(TaskScheduled) if (e.step, e.attempt) == (path, attempt)]
        kind = sent[-1].kind
        assert isinstance(kind, TaskScheduled)
        done: TaskSucceeded | TaskFailed
        if script.is_fatal(path):
            done = TaskFailed(error=Error(code="FATAL", message="as told"), retryable=False)
        elif attempt <= script.failures:
            done = TaskFailed(error=Error(code="FLAKY", message="as told"), retryable=True)
        else:
            done = TaskSucceeded(output=result(kind.config["input"], path))
        self.run.fact(Event.of(done, step=path, attempt=attempt))

    def come_late(self, state: RunState) -> None:
        """A worker that did not hear that its task was cancelled succeeds with it."""
        late = [
            (path, step.attempt)
            for path, step in sorted(state.steps.items())
            if step.status == "cancelled" and step.attempt and node_of(path) in self.scripts
        ]
        if late:
            path, attempt = self.random.choice(late)
            done = TaskSucceeded(output="late")
            self.run.fact(Event.of(done, step=path, attempt=attempt))

    def tell(self, name: str) -> None:
        """A signal, now and then twice."""
        self.signals += 1
        signal_id = f"s{self.signals}"
        payload = {"told": name, "id": signal_id}
        told = SignalReceived(signal_id=signal_id, name=name, payload=payload)
        for _ in range(1 + (self.random.random() < 0.2)):
            self.run.fact(Event.of(told))

    def again(self) -> None:
        """A fact from the past comes again."""
        facts = [e for _, _, e in self.run.stored[1:] if not e.turn]
        facts = [e for e in facts if not isinstance(e.events[0].kind, _WISHES)]
        if facts:
            self.run.store(self.random.choice(facts))

    # -- what must hold at any rest --

    def look(self) -> None:
        """The laws of a state at rest; now and then the owner begins anew from a snapshot."""
        run = self.run
        state = run.log.tentative
        assert state is not None
        count(state)
        decided = decide(state, run.now)
        assert decided.drafts == ()
        assert decided.wake_at is None or decided.wake_at > run.now
        if not run.log.pending and self.random.random() < 0.3:
            back = restore(orjson.loads(orjson.dumps(take(state))), run.graph)
            assert to_json(back) == to_json(state)
            later = run.now + self.random.choice((0, 5_000, 10**7))
            same(decide(state, later), decide(back, later))
            if self.random.random() < 0.5:
                run.log = RunLog.restored(back, run.log.chain, lambda _: run.graph)
                self.snapshots += 1

    # -- what must hold in the end --

    def judge(self) -> None:
        """The account of the log, the model, the folds."""
        run = self.run
        final = to_json(run.state)
        assert run.state.active == run.state.waiting == 0
        assert all(step.status in STEP_ENDED for step in run.state.steps.values())
        assert decide(run.state, run.now + 10**9).drafts == ()
        bare = RunLog()
        events: list[Event] = []
        for stored in run.stored:
            events += [transition.event for transition in bare.feed(*stored)]
            bare.feed(*stored)
        assert not bare.broken
        assert bare.state is not None
        assert to_json(bare.state) == final
        sent = Counter((e.step, e.attempt) for e in run.events(TaskScheduled))
        assert all(times == 1 for times in sent.values()), sent
        attempts: dict[str, set[int]] = {}
        for path, attempt in sent:
            attempts.setdefault(path, set()).add(attempt)
        seen = Seen(self.frozen, self.program, self.n, events, attempts)
        assert seen.account() == []
        if not self.cancels:
            assert seen.compare(run.state) == []


_WISHES = (PauseRequested, ResumeRequested, CancelRequested)


def awaited(step: Step) -> str | None:
    """What a step waits for, None if for nothing."""
    if step.status in STEP_ENDED or step.failure is not None or step.answer is not None:
        return None
    if step.status == "queued" and step.attempt:
        return "task"
    if step.waits:
        return step.waits.partition(":")[0]
    return "timer" if step.timer else None


def count(state: RunState) -> None:
    """The counters say what the steps say."""
    open_steps = [s for s in state.steps.values() if s.status not in {*STEP_ENDED, "pending"}]
    waiting = sum(s.status in {"waiting", "retrying"} for s in open_steps)
    running = sum(s.status == "running" and s.node_type in CONTAINERS for s in open_steps)
    assert state.waiting == waiting
    assert state.active == len(open_steps) - waiting - running


def same(first: Decision, second: Decision) -> None:
    """Two decisions append the same."""
    assert to_json(first.state) == to_json(second.state)
    assert first.drafts == second.drafts
    assert first.wake_at == second.wake_at
    assert sorted(first.halted) == sorted(second.halted)
