"""What must hold after a world was played, whatever happened in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.replayed import Owners
from tests.sim import calls
from tests.sim.nested import Tree
from tests.sim.programs import Program
from tests.sim.seen import Seen
from tests.sim.world import World, decoded
from weir.contract import subjects
from weir.contract.messages import StepCompleted, StepFailed, TaskFailed, TaskSucceeded
from weir.core.canonical import to_json
from weir.core.graph import compile_graph
from weir.core.runlog import RunLog, Transition
from weir.core.state import ENDED, RunState


class BrokenPromiseError(AssertionError):
    """An invariant does not hold."""


@dataclass(frozen=True)
class Judge:
    """Looks at a world from the outside: its log, its effects, its model."""

    world: World
    owners: Owners

    async def all(self) -> None:
        """Raise BrokenPromiseError with everything that does not hold."""
        for run_id, made in self.world.programs.items():
            await self._compare_owners(run_id, made)
            log = await self.world.replay(run_id)
            if log.broken:
                self.world.broken.append(f"{run_id}: {log.broken}")
            if log.state is None or log.state.status not in ENDED:
                status = log.state.status if log.state else "nothing"
                self.world.broken.append(f"{run_id} has not ended: {status}")
                continue
            if made.tree is not None:
                await self._compare_nested(run_id, made, made.tree, log.state)
            elif not self.world.loose:
                self._compare(run_id, made, log.state)
            await self._check_history(run_id, made)
            if run_id in self.world.parents:
                found = await calls.wrong(self.world, run_id, log.state)
                self.world.broken += [f"{run_id}: {what}" for what in found]
        self.world.broken += self.owners.wrong
        if self.world.broken:
            raise BrokenPromiseError(f"seed {self.world.seed}: " + "; ".join(self.world.broken))

    async def _compare_owners(self, run_id: str, made: Program) -> None:
        """Whatever an owner held after a turn of its own, the log says the same, byte for byte."""
        graph = compile_graph(made.frozen, "ver_sim")
        messages = await self.world.messages(run_id)
        self.world.broken += self.owners.differences(run_id, messages, lambda _: graph)

    def _compare(self, run_id: str, made: Program, state: RunState) -> None:
        if state.status != made.status:
            reason = state.error.message if state.error else ""
            self.world.broken.append(f"{run_id} {state.status}, not {made.status}: {reason}")
            return
        if state.status != "succeeded":
            return
        for name in made.ran:
            step = state.steps.get(name)
            if step is None or step.status not in {"succeeded", "caught"}:
                self.world.broken.append(f"{run_id}: {name} should have run")
            elif not _fits(made.outputs[name], step.output):
                self.world.broken.append(f"{run_id}: {name} gave {step.output!r}")
        if not _fits(made.output, state.output):
            self.world.broken.append(f"{run_id}: the output is {state.output!r}")
        for name, step in state.steps.items():
            if step.status in {"succeeded", "caught"} and name not in made.ran:
                self.world.broken.append(f"{run_id}: {name} should not have run")

    async def _compare_nested(
        self, run_id: str, made: Program, tree: Tree, state: RunState
    ) -> None:
        """What its containers came to, what was undone, and that each signal counted once."""
        attempts: dict[str, set[int]] = {}
        for effect in self.world.effects:
            if effect.run_id == run_id:
                attempts.setdefault(effect.step, set()).add(effect.attempt)
        events = await self.world.transitions(run_id)
        called = await calls.outcomes(self.world, run_id)
        seen = Seen(made.frozen, tree, made.input["n"], events, attempts, called)
        wrong = seen.account()
        ended = made.cancels or await calls.was_told_to_end(self.world, run_id)
        if not ended and not self.world.loose:
            wrong += seen.compare(state)
        self.world.broken += [f"{run_id}: {what}" for what in wrong]

    async def _check_history(self, run_id: str, made: Program) -> None:
        """What the log shows in its order: nothing before its inputs, nothing after its end."""
        results: dict[tuple[str, int], int] = {}
        tasks: Counter[tuple[str, int]] = Counter()
        log = RunLog()
        ended: bytes | None = None
        finished: set[str] = set()
        for message in await self.world.messages(run_id):
            _, kind, rest = subjects.parse_run(message.subject)
            if kind not in subjects.FOLDED:
                continue
            envelope = decoded(message.data)
            event = envelope.events[-1]
            if rest.startswith("result."):
                results.setdefault((event.step, event.attempt), message.seq)
            transitions = log.feed(message.seq, message.data, envelope)
            self._check_endings(run_id, transitions, finished, log)
            if kind == "task":
                tasks[event.step, event.attempt] += 1
                self._check_inputs(run_id, made, event.step, log)
            if log.state is not None and log.state.status in ENDED:
                now = to_json(log.state)
                if ended is not None and now != ended:
                    self.world.broken.append(f"{run_id} changed after its end at {message.seq}")
                ended = now
        self.world.broken += [
            f"{run_id}: task {t} is stored {n} times" for t, n in tasks.items() if n > 1
        ]
        self._check_effects(run_id, results, tasks)
        for name, seconds in made.delays.items():
            self._check_delay(run_id, name, seconds, log)

    def _check_endings(
        self, run_id: str, transitions: Sequence[Transition], finished: set[str], log: RunLog
    ) -> None:
        """No step ends twice, and only the attempt that was sent last can end it."""
        for transition in transitions:
            step, kind = transition.event.step, transition.event.kind
            if isinstance(kind, TaskSucceeded | TaskFailed) and log.state is not None:
                known = log.state.steps.get(step)  # it may have gone with its iteration
                if known is not None and transition.event.attempt != known.attempt:
                    self.world.broken.append(f"{run_id}: a stale attempt of {step} counted")
            if isinstance(kind, TaskSucceeded | StepCompleted | StepFailed):
                if step in finished:
                    self.world.broken.append(f"{run_id}: {step} ended twice")
                finished.add(step)

    def _check_effects(
        self,
        run_id: str,
        results: dict[tuple[str, int], int],
        tasks: Counter[tuple[str, int]],
    ) -> None:
        """A committed step is not executed again, and nothing runs that is not in the log."""
        for effect in self.world.effects:
            if effect.run_id != run_id:
                continue
            place = (effect.step, effect.attempt)
            if results.get(place, effect.began_seq + 1) <= effect.began_seq:
                self.world.broken.append(f"{run_id}: {place} ran after its result was stored")
            if not tasks[place]:
                self.world.broken.append(f"{run_id}: {place} ran without a task in the log")

    def _check_inputs(self, run_id: str, made: Program, step: str, log: RunLog) -> None:
        state = log.state
        place, inside, name = step.rpartition("/")
        sources = [e["source"] for e in made.frozen["edges"] if e["target"] == name]
        for source in (place + inside + source for source in sources):
            before = state.steps.get(source) if state else None
            if before is None or before.status not in {"succeeded", "caught", "skipped"}:
                self.world.broken.append(f"{run_id}: {step} was sent before {source} had ended")

    def _check_delay(self, run_id: str, name: str, seconds: float, log: RunLog) -> None:
        step = log.state.steps.get(name) if log.state else None
        if step is not None and step.status == "succeeded":
            lasted = (step.ended_ms - step.scheduled_ms) / 1000
            if lasted < seconds - 0.001:
                self.world.broken.append(f"{run_id}: {name} waited {lasted} s instead of {seconds}")


def _fits(expected: Any, actual: Any) -> bool:
    """Equal, where `...` in what is expected stands for anything."""
    if expected is ...:
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            _fits(value, actual[key]) for key, value in expected.items()
        )
    return bool(expected == actual)
