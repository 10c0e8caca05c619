"""Reads a run's transitions in order and says whether everything was undone as promised.

It keeps its own list of what has been done and can be undone; when a scope is
undone, that list, read from its end, is what must happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sim.scripts import node_of
from weir.contract.messages import (
    CancelRequested,
    CompensationEnded,
    CompensationStarted,
    Event,
    Message,
    RunCancelled,
    RunFailed,
    SignalReceived,
    StepCompensated,
    StepCompleted,
    StepFailed,
    TaskScheduled,
    TaskSucceeded,
)


def undoes(frozen: Mapping[str, Any]) -> dict[str, str]:
    """The node that undoes each, by node."""
    return {n["id"]: n["compensate"] for n in frozen["nodes"] if n.get("compensate")}


@dataclass
class Ledger:
    """One run's account. `wrong` holds what should not have happened."""

    frozen: Mapping[str, Any]
    done: list[str] = field(default_factory=list)
    undoing: dict[str, list[str]] = field(default_factory=dict)
    undone: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    did: set[str] = field(default_factory=set)  # undo steps that succeeded
    signals: set[str] = field(default_factory=set)
    terminated: bool = False

    def __post_init__(self) -> None:
        self._undoes = undoes(self.frozen)
        self._undo_nodes = set(self._undoes.values())
        self._scopes = {n["id"] for n in self.frozen["nodes"] if n["type"] == "scope"}

    def read(self, events: Iterable[Event]) -> Ledger:
        """What happened next."""
        for event in events:
            self._read(event)
        return self

    def _read(self, event: Event) -> None:
        path, kind = event.step, event.kind
        match kind:
            case TaskSucceeded() | StepCompleted() if node_of(path) in self._undoes:
                self.done.append(path)
            case TaskSucceeded() if node_of(path) in self._undo_nodes:
                if path in self.did:
                    self.wrong.append(f"{path} succeeded twice")
                self.did.add(path)
            case CompensationStarted():
                self.undoing[path] = [p for p in reversed(self.done) if _inside(path, p)]
            case TaskScheduled() if node_of(path) in self._undo_nodes:
                self._sent(path)
            case StepCompensated():
                self._compensated(path, well=kind.error is None)
            case SignalReceived():
                self._told(kind.signal_id)
            case CancelRequested():
                self.terminated = self.terminated or kind.terminate
            case _:
                self._ended(path, kind)

    def _told(self, signal_id: str) -> None:
        if signal_id in self.signals:
            self.wrong.append(f"signal {signal_id} counted twice")
        self.signals.add(signal_id)

    def _ended(self, path: str, kind: Message | None) -> None:
        """Where something ends that must be even."""
        left: list[str] = []
        match kind:
            case CompensationEnded():
                left = self.undoing.pop(path, ["something that was not begun"])
            case StepFailed() if node_of(path) in self._scopes:
                left = [p for p in self.done if _inside(path, p)]
            case RunFailed() | RunCancelled() if not self.terminated:
                left = self.done
            case _:
                pass
        if left:
            self.wrong.append(f"{path or 'the run'} ended and {left} was not undone")

    def _next(self, path: str) -> str | None:
        """What is to be undone next in the innermost scope around a step that is at it."""
        places = [place for place in self.undoing if _inside(place, path)]
        left = self.undoing[max(places, key=len)] if places else []
        return left[0] if left else None

    def _sent(self, path: str) -> None:
        due = self._next(path)
        wanted = None if due is None else path_of_undo(due, self._undoes[node_of(due)])
        if path != wanted:
            self.wrong.append(f"{path} was sent when {wanted} was due")

    def _compensated(self, path: str, *, well: bool) -> None:
        due = self._next(path)
        undo = path_of_undo(path, self._undoes[node_of(path)])
        if well and undo not in self.did:
            self.wrong.append(f"{path} counts as undone, and {undo} did not succeed")
        if path != due:
            self.wrong.append(f"{path} was undone when {due} was due")
            return
        for left in self.undoing.values():
            if path in left:
                left.remove(path)
        self.done.remove(path)
        self.undone.append(path)


def path_of_undo(path: str, node: str) -> str:
    """The step that undoes a step: its neighbour."""
    place, inside, _ = path.rpartition("/")
    return place + inside + node


def _inside(place: str, path: str) -> bool:
    return not place or path.startswith((f"{place}/", f"{place}["))
