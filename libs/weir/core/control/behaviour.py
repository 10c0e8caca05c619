"""What every control node is: a function from its configuration to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from weir.contract.messages import AttributesSet, Error, ScopeEntered


class Completed(NamedTuple):
    """Done, leaving by `port`; `variables`, or what the run is found by, have new values."""

    output: Any
    port: str = "out"
    variables: Mapping[str, Any] | None = None
    attributes: AttributesSet | None = None


class Wait(NamedTuple):
    """Done when the time has come."""

    due_ms: int


class Listen(NamedTuple):
    """Done when a signal of this name has come; fails when the time is over before."""

    name: str
    due_ms: int = 0  # 0: waits for ever


class Ask(NamedTuple):
    """Done when people have decided; `asked` is all that they, and who asks them, must know."""

    asked: Mapping[str, Any]


class Call(NamedTuple):
    """Done when a run of another workflow has ended."""

    workflow_id: str
    version: str  # empty: the current one
    input: Any


class Enter(NamedTuple):
    """A container: done when what is inside it is."""

    scope: ScopeEntered


class Failed(NamedTuple):
    """Cannot be done."""

    error: Error


class Reached(NamedTuple):
    """The decision's time, and the outputs of the steps that led here, first finished first."""

    now_ms: int
    sources: Mapping[str, Any]


Outcome = Completed | Wait | Listen | Ask | Call | Enter | Failed
Behaviour = Callable[[Mapping[str, Any], Reached], Outcome]


def refuse(code: str, message: str) -> Failed:
    """A failure with this code."""
    return Failed(Error(code=code, message=message))
