"""What was seen of a run of containers, held against the model and the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sim.ledger import Ledger
from tests.sim.model import Model, Outcome, WrongError
from tests.sim.nested import Tree
from tests.sim.scripts import node_of
from weir.contract.messages import Event, SectionEntered, StepCompleted, StepFailed
from weir.core.state import RunState


@dataclass(frozen=True)
class Seen:
    """A run that has ended. `attempts`: which attempts of each task were made.

    `calls`: how the runs ended that it called, by step.
    """

    frozen: Mapping[str, Any]
    tree: Tree
    n: Any
    events: Sequence[Event]
    attempts: Mapping[str, set[int]]
    calls: Mapping[str, Outcome] = field(default_factory=dict)

    def account(self) -> list[str]:
        """What is wrong whatever came of the run: undoing, and signals."""
        ledger = Ledger(self.frozen).read(self.events)
        waits = {node["id"] for node in self.frozen["nodes"] if node["type"] == "wait_signal"}
        heard = [
            event.kind.output["id"]
            for event in self.events
            if isinstance(event.kind, StepCompleted)
            and node_of(event.step) in waits
            and isinstance(event.kind.output, dict)
        ]
        twice = {signal for signal in heard if heard.count(signal) > 1}
        unknown = set(map(str, heard)) - ledger.signals
        return [
            *ledger.wrong,
            *(f"signal {signal} ended two waits" for signal in sorted(map(str, twice))),
            *(f"signal {signal} was heard and never counted" for signal in sorted(unknown)),
        ]

    def compare(self, state: RunState) -> list[str]:
        """Against the model."""
        model = Model(self.n, self.winner, self.failure, self.calls.get)
        try:
            status, output = model.run(self.tree)
        except WrongError as error:
            return [str(error)]
        wrong = []
        if state.status != status:
            return [f"{state.status}, not {status}: {state.error}"]
        if status == "succeeded" and not fits(output, state.output):
            wrong.append(f"gave {state.output!r}, not {output!r}")
        for path, times in model.must.items():
            made = self.attempts.get(path, set())
            if made != set(range(1, times + 1)):
                wrong.append(f"{path}: attempts {sorted(made)}, not {times}")
        for path, made in self.attempts.items():
            known = path.endswith("_undo") or path in model.must
            if not known and max(made) > model.may.get(path, 0):
                wrong.append(f"{path} should not have run")
        return wrong

    def winner(self, path: str) -> str | None:
        """Which branch of a race came home first."""
        for event in self.events:
            if event.step == path and isinstance(event.kind, StepCompleted):
                return str(event.kind.output["winner"])
        return None

    def failure(self, path: str) -> str | None:
        """With what a container failed, or what was caught in it."""
        for event in self.events:
            if event.step != path or not isinstance(event.kind, StepFailed | SectionEntered):
                continue
            if event.kind.error is not None:
                return event.kind.error.code
        return None


def fits(expected: Any, actual: Any) -> bool:
    """Equal, where `...` stands for anything."""
    if expected is ...:
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            fits(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(fits, expected, actual))
    return bool(expected == actual)
