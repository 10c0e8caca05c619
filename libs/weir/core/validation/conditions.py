"""Under which choices of a run something happens, exactly.

A condition is a decision diagram over the run's choices (which trigger fired,
which port each branching node took), shared and reduced, so that equal
conditions are the same number. A later choice stands above an earlier one:
then a branch costs one node, and branches that come together again fall back
to the condition before them. Graphs that are not like that could become large;
beyond a limit the answer is TooIntricateError, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

NEVER, ALWAYS = 0, 1
_LIMIT = 50_000

Operation = Literal["and", "or", "without"]


class TooIntricateError(Exception):
    """The diagrams have grown beyond what is reasonable."""


class Conditions:
    """All conditions of one definition. A condition is an int; NEVER and ALWAYS are two of them."""

    def __init__(self) -> None:
        self._nodes: list[tuple[int, tuple[int, ...]]] = [(-1, ()), (-1, ())]
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._done: dict[tuple[Operation, int, int], int] = {}

    def choice(self, rank: int, arity: int, taken: int) -> int:
        """The choice of this rank, of that many ways, has taken this way."""
        return self._make(rank, tuple(int(way == taken) for way in range(arity)))

    def both(self, a: int, b: int) -> int:
        """`a` and `b`."""
        return self._apply("and", a, b)

    def either(self, conditions: Iterable[int]) -> int:
        """One of them or more."""
        result = NEVER
        for condition in conditions:
            result = self._apply("or", result, condition)
        return result

    def at_least(self, count: int, conditions: list[int]) -> int:
        """That many of them."""
        if count * len(conditions) > _LIMIT:
            raise TooIntricateError
        reached = [ALWAYS] + [NEVER] * count
        for condition in conditions:
            for need in range(count, 0, -1):
                more = self.both(reached[need - 1], condition)
                reached[need] = self.either((reached[need], more))
        return reached[count]

    def implies(self, a: int, b: int) -> bool:
        """Whether `b` holds whenever `a` does."""
        return self._apply("without", a, b) == NEVER

    def excludes(self, a: int, b: int) -> bool:
        """Whether `a` and `b` never hold together."""
        return self.both(a, b) == NEVER

    def _make(self, rank: int, ways: tuple[int, ...]) -> int:
        if all(way == ways[0] for way in ways):
            return ways[0]
        key = (rank, ways)
        known = self._known.get(key)
        if known is None:
            if len(self._nodes) >= _LIMIT or len(self._done) >= 5 * _LIMIT:
                raise TooIntricateError
            known = self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return known

    def _apply(self, operation: Operation, a: int, b: int) -> int:
        """By an explicit stack: chains of branches are deeper than Python's."""
        stack = [(a, b)]
        while stack:
            x, y = stack[-1]
            if (operation, x, y) in self._done or _settled(operation, x, y) is not None:
                stack.pop()
                continue
            rank = max(self._nodes[x][0], self._nodes[y][0])
            pairs = list(zip(self._ways(x, rank, y), self._ways(y, rank, x), strict=True))
            open_ = [pair for pair in pairs if self._result(operation, *pair) is None]
            if open_:
                stack += open_
                continue
            ways = tuple(self._result(operation, *pair) or NEVER for pair in pairs)
            self._done[operation, x, y] = self._make(rank, ways)
            stack.pop()
        result = self._result(operation, a, b)
        return NEVER if result is None else result

    def _result(self, operation: Operation, x: int, y: int) -> int | None:
        settled = _settled(operation, x, y)
        return self._done.get((operation, x, y)) if settled is None else settled

    def _ways(self, x: int, rank: int, other: int) -> tuple[int, ...]:
        own, ways = self._nodes[x]
        return ways if own == rank else (x,) * len(self._nodes[other][1])


def _settled(operation: Operation, x: int, y: int) -> int | None:
    """The answer where it needs no look inside."""
    match operation:
        case "and":
            if NEVER in {x, y}:
                return NEVER
            if x in {y, ALWAYS}:
                return y
            return x if y == ALWAYS else None
        case "or":
            if ALWAYS in {x, y}:
                return ALWAYS
            if x in {y, NEVER}:
                return y
            return x if y == NEVER else None
        case "without":
            if x == NEVER or y in {x, ALWAYS}:
                return NEVER
            return x if y == NEVER else None
