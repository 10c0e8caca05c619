"""How much an evaluation may do, counted as it goes.

A step is about one operation of an expression, or 64 characters that a
function reads; size is bytes of text and data an expression creates, its
result included. Both are charged before the work is done, so nothing can run
far beyond its budget.
"""

from __future__ import annotations

from typing import NamedTuple

from weir.core.expressions.errors import BudgetExceededError

SLOT = 8  # bytes counted for each element of a list or map


class Budget(NamedTuple):
    """The most steps an evaluation may take and bytes it may create."""

    steps: int
    size: int


INLINE_BUDGET = Budget(steps=5_000, size=32 * 1024)
"""For an owner of runs, between two messages: a few milliseconds at worst."""

TASK_BUDGET = Budget(steps=10_000_000, size=32 * 1024 * 1024)
"""For an executor's worker process, which has a time limit beside it."""


class Meter:
    """What is left of a budget, and what a single evaluation may know of the world."""

    __slots__ = ("count", "now_ms", "seed", "size", "steps")

    def __init__(self, steps: int, size: int, now_ms: int, seed: str) -> None:
        self.steps = steps
        self.size = size
        self.now_ms = now_ms
        self.seed = seed
        self.count = 0

    def work(self, steps: int) -> None:
        """Charge steps."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExceededError(
                "the expression takes more steps than are allowed here: "
                "shorten the lists it goes through, or split it into several nodes"
            )

    def make(self, size: int) -> None:
        """Charge bytes of data about to be created."""
        self.size -= size
        if self.size < 0:
            raise BudgetExceededError(
                "the expression creates more data than is allowed here: "
                "keep what it selects smaller, or split it into several nodes"
            )

    def enter(self, elements: int, steps: int, size: int) -> None:
        """Charge a loop before it begins: its body's cost for each element."""
        self.work(elements * steps + 1)
        self.make(elements * size)
