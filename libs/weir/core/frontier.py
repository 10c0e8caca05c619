"""Where a run stands in its graph: an index over the state that makes each event cheap.

Nothing here is a fact of its own: it follows from the steps and the graph, is
not part of the canonical state, and is kept only where somebody decides (the
query service folds without it). All of it is persistent, so an older state
stays valid, and each operation costs O(out-degree) or O(log n), never O(run).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from immutables import Map

# Leftist heap (Crane 1972; Okasaki 1998, 3.1): merges in O(log n) along right spines.
Heap = tuple[Any, ...] | None  # (rank, due, path, mark, left, right)


def push(heap: Heap, due: int, path: str, mark: str) -> Heap:
    """The heap with one more wake; `mark` tells whether the step still waits for it."""
    return _merge(heap, (1, due, path, mark, None, None))


def pop(heap: Heap) -> Heap:
    """The heap without its earliest wake."""
    return None if heap is None else _merge(heap[4], heap[5])


def _merge(a: Heap, b: Heap) -> Heap:
    if a is None:
        return b
    if b is None:
        return a
    if (b[1], b[2]) < (a[1], a[2]):
        a, b = b, a
    left, right = a[4], _merge(a[5], b)
    if (left[0] if left else 0) < (right[0] if right else 0):
        left, right = right, left
    return ((right[0] if right else 0) + 1, a[1], a[2], a[3], left, right)


class Fifo(NamedTuple):
    """A persistent queue of step paths; taken entries leave holes that the head passes later."""

    items: Map[int, str] = Map()
    head: int = 0
    tail: int = 0

    def push(self, path: str) -> Fifo:
        """Add at the end."""
        return Fifo(self.items.set(self.tail, path), self.head, self.tail + 1)

    def drop(self, at: int) -> Fifo:
        """Remove one entry, wherever it stands."""
        items = self.items.delete(at)
        head = self.head
        while head < self.tail and head not in items:
            head += 1
        return Fifo(items, head, self.tail)

    def __iter__(self) -> Iterator[tuple[int, str]]:  # type: ignore[override]
        items = self.items
        for at in range(self.head, self.tail):
            path = items.get(at)
            if path is not None:
                yield at, path


class Arrival(NamedTuple):
    """How many inbound edges of a node were taken and how many will never be."""

    taken: int = 0
    skipped: int = 0


class Frontier(NamedTuple):
    """The index."""

    arrivals: Map[str, Arrival] = Map()
    agenda: Fifo = Fifo()  # steps that want a decision
    ready: Map[str, Fifo] = Map()  # by queue: steps that wait for room
    wakes: Heap = None
