"""A run played by hand: given a definition, when this happens, then this was decided."""

from __future__ import annotations

from typing import Any

from weir.contract import times
from weir.contract.codec import encode
from weir.contract.messages import (
    CancelRequested,
    Envelope,
    Error,
    Event,
    RunStarted,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerFired,
    TimerSet,
)
from weir.core.canonical import to_json
from weir.core.decide import Decision, Room, decide
from weir.core.graph import compile_graph
from weir.core.run import settle
from weir.core.runlog import RunLog
from weir.core.state import Moving, RunState, Step

T0 = times.to_ms("2026-03-01T12:00:00.000Z")


def node(name: str, node_type: str, config: Any = None, **more: Any) -> dict[str, Any]:
    """A frozen node with defaults."""
    kinds = {"manual": "trigger", "webhook": "trigger", "task": "task", "http_request": "task"}
    return {
        "id": name,
        "type": node_type,
        "type_version": 1,
        "kind": kinds.get(node_type, "inline"),
        "ports": ["out"],
        "config": config or {},
        "secret_fields": [],
        "join": "all",
        "retry": {"max_attempts": 1},
        "timeout_ms": 10_000.0,
        "queue": "default",
        "on_error": "fail",
        "disabled": False,
        **more,
    }


def task(name: str, **more: Any) -> dict[str, Any]:
    """A task node."""
    return node(name, "task", {"task": "work"}, **more)


def frozen(nodes: list[dict[str, Any]], edges: list[str], **more: Any) -> dict[str, Any]:
    """A frozen definition; an edge is `a>b` or `a:port>b`."""
    return {
        "schema": "weir/frozen/v1",
        "name": "played",
        "vars": {},
        "output": None,
        "settings": {},
        "nodes": nodes,
        "edges": [_edge(edge) for edge in edges],
        **more,
    }


def _edge(text: str) -> dict[str, str]:
    source, target = text.split(">")
    name, _, port = source.partition(":")
    return {"source": name, "port": port or "out", "target": target}


class Played:
    """An owner, its log and the outside world in one hand, with a clock that stands still."""

    def __init__(self, definition: dict[str, Any], **started: Any) -> None:
        self.graph = compile_graph(definition, "ver_x")
        self.log = RunLog(lambda _: self.graph)
        self.now = T0
        self.seq = 0
        self.stored: list[tuple[int, bytes, Envelope]] = []
        self.timers: list[tuple[str, str, int]] = []
        self.wake_at: int | None = None
        self.room: Room | None = None
        triggers = self.graph.triggers
        start = RunStarted(
            **{"trigger_node": triggers[0] if triggers else "", "trigger_kind": "manual"} | started
        )
        self.fact(Event.of(start))

    @property
    def state(self) -> RunState:
        """Committed state."""
        assert self.log.state is not None
        return self.log.state

    def step(self, name: str) -> Step:
        """A step of the committed state."""
        return self.state.steps[name]

    def statuses(self) -> dict[str, str]:
        """Status by step."""
        return {path: step.status for path, step in self.state.steps.items()}

    def events(self, *kinds: type) -> list[Event]:
        """Events of owner messages, in order, of these kinds or all."""
        return [
            event
            for _, _, envelope in self.stored
            if envelope.turn
            for event in envelope.events
            if not kinds or isinstance(event.kind, kinds)
        ]

    def sent(self) -> list[tuple[str, int]]:
        """(step, attempt) of every task, in order."""
        return [(e.step, e.attempt) for e in self.events(TaskScheduled)]

    def config(self, name: str) -> Any:
        """The resolved configuration of a step's last task."""
        return [e for e in self.events(TaskScheduled) if e.step == name][-1].kind.config  # type: ignore[union-attr]

    # -- what happens --

    def fact(self, event: Event) -> None:
        """Something was appended by somebody."""
        self.store(Envelope(at=times.from_ms(self.now), **_names(), events=(event,)))

    def store(self, envelope: Envelope) -> None:
        """Append and fold."""
        self.seq += 1
        data = encode(envelope)
        self.stored.append((self.seq, data, envelope))
        self.log.feed(self.seq, data, envelope)

    def settle(self) -> Played:
        """Let the owner decide until nothing is missing."""
        for _ in range(1000):
            state = self.log.tentative
            assert state is not None
            decision = decide(state, self.now, self.room) if self.room else decide(state, self.now)
            self.wake_at = decision.wake_at
            if not decision.drafts:
                return self
            seen, turn, chain = self.log.next_turn()
            for number, draft in enumerate(decision.drafts):
                self.store(
                    Envelope(
                        id=f"run_1/{turn}.{number}",
                        at=times.from_ms(self.now),
                        seen=str(seen),
                        turn=turn,
                        chain=chain.hex(),
                        events=draft.events,
                        **_names(),
                    )
                )
            self.agrees(decision, seen, turn)
            self.timers += [(t.timer, t.step, t.due_ms) for t in decision.timers]
        raise AssertionError("the owner does not come to rest")

    def agrees(self, decision: Decision, seen: int, turn: int) -> None:
        """The state the owner goes on with is what everybody else reads in the log."""
        run = Moving(decision.state)
        run.seen, run.turn = seen, turn
        settle(run)
        assert to_json(run.still()) == to_json(self.state)

    def succeed(self, name: str, output: Any = None, **more: Any) -> Played:
        """A worker succeeded with the step's last attempt."""
        attempt = more.pop("attempt", None) or self._open(name)
        self.fact(Event.of(TaskSucceeded(output=output, **more), step=name, attempt=attempt))
        return self.settle()

    def fail(self, name: str, code: str = "BROKEN", **more: Any) -> Played:
        """A worker failed with it."""
        more.setdefault("retryable", True)
        attempt = more.pop("attempt", None) or self._open(name)
        failed = TaskFailed(error=Error(code=code, message="it broke"), **more)
        self.fact(Event.of(failed, step=name, attempt=attempt))
        return self.settle()

    def _open(self, name: str) -> int:
        state = self.log.tentative
        assert state is not None
        return state.steps[name].attempt

    def fire(self, name: str) -> Played:
        """The broker fired the timer the step waits for."""
        timer = [e for e in self.events(TimerSet) if e.step == name][-1].kind.timer  # type: ignore[union-attr]
        self.fact(Event.of(TimerFired(timer=timer), step=name))
        return self.settle()

    def cancel(self, reason: str = "enough") -> Played:
        """Somebody wants the run to end."""
        request = CancelRequested(request_id="req_1", reason=reason, requested_by="key_1")
        self.fact(Event.of(request))
        return self.settle()

    def advance(self, ms: int) -> Played:
        """Time passes."""
        self.now += ms
        return self.settle()


def _names() -> dict[str, str]:
    return {"tenant": "default", "run_id": "run_1", "workflow_id": "wf_1", "version": "ver_x"}


def play(nodes: list[dict[str, Any]], edges: list[str], **more: Any) -> Played:
    """A run of this graph, started and decided. `input` is the run's, the rest the definition's."""
    started = {"input": more.pop("input", {})}
    return Played(frozen(nodes, edges, **more), **started).settle()
