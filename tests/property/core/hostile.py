"""Runs of any right definition, to which anything may happen at any time, and forks of them."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson

from services.trigger.forks import Reading
from tests.property.core.nested import CODES, Author
from tests.property.core.nested_play import Nested
from tests.unit.core.played import Played
from weir.contract import subjects, times
from weir.contract.messages import (
    DeadlineMoved,
    Error,
    Event,
    RunOrigin,
    SlotAnswered,
    StepCompensated,
    StepDecided,
    TaskDeferred,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
)
from weir.core.canonical import to_json
from weir.core.fork import carry, is_done, stands
from weir.core.gates import open_gate
from weir.core.graph import Graph, compile_graph
from weir.core.nesting import name_of
from weir.core.runlog import RunLog
from weir.core.snapshot import restore, take
from weir.core.state import CONTAINERS, ENDED, STEP_ENDED, RunState
from weir.core.validate import validate
from weir.nodes.registry import catalogue

TYPES = catalogue()


def definition(random: Random) -> dict[str, Any]:
    """Containers with time limits and policies, joins of all kinds, a limit that holds the run."""
    raw = Author(random).definition()
    led: dict[str, int] = {}
    for edge in raw["edges"]:
        led[edge["target"]] = led.get(edge["target"], 0) + 1
    for one in raw["nodes"]:
        if one["type"] in CONTAINERS and random.random() < 0.3:
            one |= {"timeout": f"{random.randint(1, 40)}s", "on_error": "continue"}
        if one["type"] == "task" and led.get(one["id"], 0) > 1:
            one["join"] = random.choice(["all", "any", 2])
    if random.random() < 0.25:
        raw["settings"] = {"concurrency": {"key": "k", "limit": 1, "policy": "queue"}}
    return raw


def another(raw: dict[str, Any], random: Random) -> dict[str, Any]:
    """Another version, in which a node is gone with all that is in it; or the same one."""
    gone = {random.choice(raw["nodes"][1:])["id"]}
    for one in raw["nodes"]:  # what stands in a node comes after it
        gone |= {one["id"]} if one.get("parent") in gone else set()
    gone |= {one["compensate"] for one in raw["nodes"] if one["id"] in gone and "compensate" in one}
    named = {one["id"] for one in raw["nodes"]}
    left = [
        {name: value for name, value in one.items() if name not in {"join", "compensate"}}
        | ({"compensate": one["compensate"]} if one.get("compensate") in named - gone else {})
        for one in raw["nodes"]
        if one["id"] not in gone
    ]
    edges = [edge for edge in raw["edges"] if not gone & {edge["source"], edge["target"]}]
    held = {edge["target"] for edge in edges} | {one.get("compensate") for one in left}
    edges += [
        {"source": "go", "target": one["id"]}
        for one in left[1:]
        if "parent" not in one and one["id"] not in held
    ]
    frozen = validate({**raw, "nodes": left, "edges": edges}, TYPES).frozen
    return frozen or validate(raw, TYPES).frozen or {}


class Hostile(Nested):
    """One run, or a fork: nothing is known of it but the laws."""

    def __init__(
        self, random: Random, frozen: dict[str, Any], origin: RunOrigin | None = None
    ) -> None:
        self.random = random
        self.cancels = True
        self.frozen = frozen
        self.scripts = {one["id"]: None for one in frozen["nodes"] if one["type"] == "task"}  # type: ignore[misc]
        self.signals = self.snapshots = 0
        more = {} if origin is None else {"origin": origin}
        self.run = Played(frozen, input={"a": 1}, **more).settle()
        self.carried: dict[str, Any] = {} if origin is None else origin.carried

    def happen(self) -> None:
        """One thing more than what may happen to any run."""
        state, rare = self.state, self.random.random()
        gate = open_gate(state)
        if gate is not None and rare < 0.3:
            granted = SlotAnswered(limit_id=gate.limit_id, verdict="granted")
            self.run.fact(Event.of(granted))
        elif rare < 0.02:
            due = times.from_ms(self.run.now + self.random.choice((-5_000, 0, 3_000, 90_000)))
            self.tell_some(DeadlineMoved(request_id=f"m{self.run.seq}", due_at=due))
        elif rare < 0.04:
            self.tell_some(StepDecided(request_id=f"d{self.run.seq}", decision="retry"))
        elif rare < 0.1:
            self.tell("go on")
        else:
            super().happen()

    @property
    def state(self) -> RunState:
        """With what was not decided on."""
        state = self.run.log.tentative
        assert state is not None
        return state

    def tell_some(self, kind: DeadlineMoved | StepDecided) -> None:
        """Somebody is wrong about a step, or right by chance."""
        path = self.random.choice(sorted(self.state.steps))
        self.run.fact(Event.of(kind, step=path))

    def end_task(self, path: str, attempt: int) -> None:
        """A worker is done, or does not even begin."""
        rare = self.random.random()
        error = Error(code=self.random.choice(CODES), message="no")
        until = times.from_ms(self.run.now + 2_000)
        done: TaskSucceeded | TaskFailed | TaskDeferred = TaskSucceeded(output={"n": attempt})
        if rare < 0.05:
            done = TaskDeferred(what="rate:x", reason="not now", until_at=until)
        elif rare < 0.3:
            done = TaskFailed(error=error, retryable=rare < 0.15)
        self.run.fact(Event.of(done, step=path, attempt=attempt))

    def look(self) -> None:
        """The laws of a state at rest; now and then somebody reads it without the version."""
        super().look()
        if self.random.random() < 0.1:
            self.agrees()

    def agrees(self) -> None:
        """Whoever folds the log without the version gets the same state."""
        plain = RunLog()
        for stored in self.run.stored:
            plain.feed(*stored)
        assert not plain.broken
        assert plain.tentative is not None
        assert to_json(plain.tentative) == to_json(self.state)

    def judge(self) -> None:
        """Nothing is sent or undone twice, nothing is left, nothing that was taken over is done."""
        self.agrees()
        state = self.state
        assert all(step.status in STEP_ENDED for step in state.steps.values())
        sent = [(event.step, event.attempt) for event in self.run.events(TaskScheduled)]
        assert len(sent) == len(set(sent))
        tried = [event.step for event in self.run.events(StepCompensated)]
        assert len(tried) == len(set(tried))
        kept = {item[0] for item in self.carried.get("steps", ())}
        for path, _ in sent:
            again = path in kept or is_done(path, kept, self.carried["blocks"] if kept else {})
            assert not again or name_of(path) in self.run.graph.undoes
        at_once = state.cancel is not None and state.cancel.terminate
        if state.status != "succeeded" and not at_once:
            assert set(self.carried.get("undo", ())) <= set(tried)
            assert self.left_to_undo() == []

    def left_to_undo(self) -> list[str]:
        """What could still have been undone as the run ended."""
        last: list[RunState] = []

        def watch(run: Any, _: Any) -> None:
            state = run.still() if hasattr(run, "still") else run
            if state.status not in ENDED:
                last[:] = [state]

        log = RunLog(lambda _: self.run.graph, watch)
        for stored in self.run.stored:
            log.feed(*stored)
        return list(last[0].nest.undo.values())

    def fork(self, raw: dict[str, Any]) -> Hostile | None:
        """A run that goes on from one of its steps, perhaps in another version."""
        old, random = self.run.graph, self.random
        frozen = another(raw, random) if random.random() < 0.4 else self.frozen
        graph = compile_graph(frozen, "ver_x")
        able = [at for at in sorted(self.state.steps) if stands(old, at) and stands(graph, at)]
        path = random.choice([at for at in able if name_of(at) not in old.undoes] or [""])
        if not path or name_of(path) in graph.undoes:
            return None
        origin = self.origin(path, old, graph)
        new = Hostile(random, frozen, origin)
        assert to_json(restore(take(new.state), new.run.graph)) == to_json(new.state)
        new.agrees()
        return new

    def origin(self, path: str, old: Graph, graph: Graph) -> RunOrigin:
        """What it takes over."""
        reading = Reading(path)
        log = RunLog(lambda _: old, reading)
        for stored in self.run.stored:
            log.feed(*stored)
        assert log.tentative is not None
        assert reading.before is not None
        key = subjects.run_key("default", "run_1")
        taken = carry(reading.parent(key, log.tentative, reading.before, path).past, graph)
        carried = orjson.loads(orjson.dumps(taken.carried))
        return RunOrigin(run_id="run_0", step=taken.step, carried=carried)
