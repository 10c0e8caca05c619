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


Known = tuple[str, int, Step, Counts | None]  # path, place in the run, and how it stood


class Inside:
    """The steps of one run that can still change."""

    __slots__ = ("_counts", "_members", "_next", "_open", "_scopes", "begun", "places", "steps")

    def __init__(self) -> None:
        self.places: dict[str, int] = {}  # by path; whatever is not here cannot change any more
        self.steps: dict[str, Step] = {}  # as they were when they were last looked at
        self.begun: dict[str, int] = {}  # by loop: how many iterations have begun
        self._next = 0
        self._open: dict[str, dict[str, None]] = {}  # by scope: steps that have not ended
        self._members: dict[str, list[str]] = {}  # by scope: every step in it
        self._scopes: dict[str, dict[str, None]] = {}  # by container
        self._counts: dict[str, Counts] = {}  # by container, iteration or scope

    def counts(self, path: str) -> Counts | None:
        """What is inside; None for a step without an inside."""
        return self._counts.get(path)

    def count(self, path: str, counts: Counts) -> None:
        """Say how many iterations a loop has."""
        self._counts[path] = counts

    def see(self, path: str, step: Step) -> str:
        """Look at a step; returns the path of the row that counts it, empty if there is none."""
        before = self.steps.get(path)
        self._look(path, step)
        place = scope_of(path)
        ended = step.status in STEP_ENDED
        if not ended:
            self._open.setdefault(place, {})[path] = None
        elif before is not None:
            self._open.get(place, {}).pop(path, None)
        if not place:
            return ""
        if before is None:
            self._members.setdefault(place, []).append(path)
            self._scopes.setdefault(container_of(place), {})[place] = None
        old = None if before is None else before.status
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

    def _look(self, path: str, step: Step) -> None:
        if path not in self.places:
            self.places[path] = self._next
            self._next += 1
        self.steps[path] = step

    def close(self, path: str, at_ms: int) -> list[str]:
        """A container has ended, or begins another section: what is open in it is cancelled.

        Returns the paths, the outer ones first. Empty for the whole run.
        """
        if not path:
            return self._halt("", at_ms)
        scopes = self._scopes.get(path)
        if not scopes:
            return []
        return [gone for place in list(scopes) for gone in self.close_scope(place, at_ms)]

    def close_scope(self, place: str, at_ms: int) -> list[str]:
        """The same for one iteration, or for the inside of a container that is no loop."""
        step = self.steps.get(place) if place.endswith("]") else None
        if step is None or step.status in STEP_ENDED:
            return self._halt(place, at_ms)
        self._look(place, cancelled(step, at_ms))
        return [place, *self._halt(place, at_ms)]

    def _halt(self, place: str, at_ms: int) -> list[str]:
        halted = []
        for path in list(self._open.get(place, ())):
            self.see(path, cancelled(self.steps[path], at_ms))
            halted += [path, *self.close(path, at_ms)]
        return halted

    def forget(self, place: str) -> Iterator[Known]:
        """Nothing in an iteration can change any more: give back what was known, and drop it."""
        for path in self._members.pop(place, ()):
            for scope in list(self._scopes.pop(path, ())):
                yield from self.forget(scope)
            yield self._drop(path)
            self.begun.pop(path, None)
        self._open.pop(place, None)
        self._scopes.get(container_of(place), {}).pop(place, None)
        if place.endswith("]") and place in self.places:
            yield self._drop(place)

    def _drop(self, path: str) -> Known:
        return path, self.places.pop(path), self.steps.pop(path), self._counts.pop(path, None)


def scope_of(path: str) -> str:
    """The scope a step, or an iteration, stands in: `each[3]` of `each[3]/notify`."""
    return path.rpartition("/")[0]
