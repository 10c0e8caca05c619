"""What every pure node is: a function from its configuration to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from weir.contract.messages import Error


class Completed(NamedTuple):
    """Done, leaving by `port`."""

    output: Any
    port: str = "out"


class Wait(NamedTuple):
    """Done when the time has come."""

    due_ms: int


class Failed(NamedTuple):
    """Cannot be done."""

    error: Error


class Reached(NamedTuple):
    """The decision's time, and the outputs of the steps that led here, first finished first."""

    now_ms: int
    sources: Mapping[str, Any]


Outcome = Completed | Wait | Failed
Behaviour = Callable[[Mapping[str, Any], Reached], Outcome]


def refuse(code: str, message: str) -> Failed:
    """A failure with this code."""
    return Failed(Error(code=code, message=message))
