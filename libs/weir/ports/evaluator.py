"""Evaluating what is too heavy for the owner of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Evaluation(NamedTuple):
    """A configuration that still holds expressions, and all that they may read."""

    config: Any
    roots: Mapping[str, Any]
    now_ms: int
    seed: str


class Evaluator(Protocol):
    """Evaluates with the large budget, where a runaway harms nobody."""

    async def evaluate(self, evaluation: Evaluation) -> Any:
        """The configuration, resolved.

        Raises Terminal with the code of the expression's error, or
        EXPRESSION_BUDGET when steps, time or memory were over; UnavailableError
        when there is no place to evaluate.
        """
        ...

    async def close(self) -> None:
        """End what is running."""
        ...
