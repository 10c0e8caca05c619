"""Which steps of a run a projection still has to follow, and what stands inside what.

The state of a run forgets the steps of an iteration that has ended; views keep
them. So every step is looked at as its event is folded, and what ends with its
container (an iteration, a section, a whole scope) is told to be cancelled,
without an event of its own. Nothing here costs more than what one event opens
or closes, and an iteration is forgotten when nothing in it can change any more:
a loop of any length takes the room of its open iterations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from weir.core.flow import cancelled
from weir.core.nesting import container_of
from weir.core.state import STEP_ENDED, Step

ITERATION = "iteration"  # node type of the row that stands for one


class Counts(NamedTuple):
    """Of a container: its iterations; of anything else with an inside: the steps in it."""

    total: int = 0
    done: int = 0
    failed: int = 0


class Seen(NamedTuple):
    """A step as it stood when it was last looked at, and its place in the run."""

    place: int
    step: Step


class Inside:
    """The steps of one run that can still change."""

    __slots__ = ("_counts", "_members", "_next", "_open", "_scopes", "_seen", "begun")

    def __init__(self) -> None:
        self.begun: dict[str, int] = {}  # by loop: how many iterations have begun
        self._next = 0
        self._seen: dict[str, Seen] = {}
        self._open: dict[str, dict[str, None]] = {}  # by scope: steps that have not ended
        self._members: dict[str, list[str]] = {}  # by scope: every step in it
        self._scopes: dict[str, dict[str, None]] = {}  # by container
        self._counts: dict[str, Counts] = {}  # by container, iteration or scope

    def get(self, path: str) -> Seen | None:
        """The step as it was last seen; None if it never was, or cannot change any more."""
        return self._seen.get(path)

    def counts(self, path: str) -> Counts | None:
        """What is inside; None for a step without an inside."""
        return self._counts.get(path)

    def count(self, path: str, counts: Counts) -> None:
        """Say how many iterations a loop has."""
        self._counts[path] = counts

    def see(self, path: str, step: Step) -> str:
        """Look at a step; returns the path of the row that counts it, empty if there is none."""
        place = scope_of(path)
        before = self._look(path, step)
        if before is None:
            self._members.setdefault(place, []).append(path)
            if place:
                self._scopes.setdefault(container_of(place), {})[place] = None
        ended = step.status in STEP_ENDED
        if ended:
            self._open.get(place, {}).pop(path, None)
        else:
            self._open.setdefault(place, {})[path] = None
        if not place:
            return ""
        old = None if before is None else before.step.status
        counts = self._counts.get(place, Counts())
        self._counts[place] = Counts(
            counts.total + (old is None),
            counts.done + (ended - (old in STEP_ENDED)),
            counts.failed + ((step.status == "failed") - (old == "failed")),
        )
        return place

    def see_iteration(self, place: str, step: Step) -> None:
        """Look at an iteration, as if it were a step."""
        self._look(place, step)
        self._scopes.setdefault(container_of(place), {})[place] = None

    def _look(self, path: str, step: Step) -> Seen | None:
        before = self._seen.get(path)
        if before is None:
            self._seen[path] = Seen(self._next, step)
            self._next += 1
        else:
            self._seen[path] = before._replace(step=step)
        return before

    def close(self, path: str, at_ms: int) -> Iterator[str]:
        """A container has ended, or begins another section: what is open in it is cancelled.

        Yields the paths, the outer ones first. Empty for the whole run.
        """
        if not path:
            yield from self._halt("", at_ms)
            return
        for place in list(self._scopes.get(path, ())):
            yield from self.close_scope(place, at_ms)

    def close_scope(self, place: str, at_ms: int) -> Iterator[str]:
        """The same for one iteration, or for the inside of a container that is no loop."""
        seen = self._seen.get(place) if place.endswith("]") else None
        if seen is not None and seen.step.status not in STEP_ENDED:
            self._look(place, cancelled(seen.step, at_ms))
            yield place
        yield from self._halt(place, at_ms)

    def _halt(self, place: str, at_ms: int) -> Iterator[str]:
        for path in list(self._open.get(place, ())):
            self.see(path, cancelled(self._seen[path].step, at_ms))
            yield path
            yield from self.close(path, at_ms)

    def forget(self, place: str) -> Iterator[tuple[str, Seen, Counts | None]]:
        """Nothing in an iteration can change any more: give back what was known, and drop it."""
        for path in self._members.pop(place, ()):
            for scope in list(self._scopes.pop(path, ())):
                yield from self.forget(scope)
            yield path, self._seen.pop(path), self._counts.pop(path, None)
            self.begun.pop(path, None)
        self._open.pop(place, None)
        self._scopes.get(container_of(place), {}).pop(place, None)
        if place.endswith("]") and place in self._seen:
            yield place, self._seen.pop(place), self._counts.pop(place, None)


def scope_of(path: str) -> str:
    """The scope a step, or an iteration, stands in: `each[3]` of `each[3]/notify`."""
    return path.rpartition("/")[0]
