"""How many tasks a process lets out (P12): queues are FIFO, so what is out cannot be overtaken.

What is out of one tenant on one queue is counted over all shards of the
process, against what executors can take: enough to keep them busy, and no
more, so that another tenant's task waits for moments and not for a backlog.
Runs that had to hold steps back are remembered and get their turn when an
outcome makes room: those of higher priority first, then first come first
served, whatever shard they are on. Nobody of lower priority takes their room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import TYPE_CHECKING

from weir.core.gates import PRIORITIES

if TYPE_CHECKING:
    from weir.runtime.decider.turn import Hot

Slot = tuple[str, str]  # tenant, queue

WINDOW = 0  # as executors can take
UNKNOWN = 64  # while nobody has said what executors can take
LEAST = 16
AHEAD = 0.25  # tasks that lie ready for each place at an executor, beside the one that runs


class Room:
    """What the shards of a process share. `size` 0: it follows the executors' capacity."""

    def __init__(self, size: int = WINDOW) -> None:
        self.capacity: Callable[[str], int] = lambda _: 0
        self.members: Callable[[], int] = lambda: 1
        self._size = size
        self._out: dict[Slot, int] = {}
        # Who found no room, by priority; True once it was woken and has not been decided since.
        self._held: dict[Slot, tuple[dict[tuple[Window, str], bool], ...]] = {}

    def size(self, queue: str) -> int:
        """How many tasks of one tenant this process lets out on a queue."""
        if self._size:
            return self._size
        capacity = self.capacity(queue)
        if not capacity:
            return UNKNOWN
        return max(LEAST, ceil(capacity * (1 + AHEAD) / max(1, self.members())))

    def free(self, slot: Slot, priority: str) -> int:
        """How many more may go out for somebody of this priority."""
        free = self.size(slot[1]) - self._out.get(slot, 0)
        held = self._held.get(slot)
        if held is None or free <= 0:
            return free
        return free - sum(len(lane) for lane in held[: PRIORITIES.index(priority)])

    def take(self, slot: Slot) -> None:
        """One more is out."""
        self._out[slot] = self._out.get(slot, 0) + 1

    def give(self, slot: Slot) -> None:
        """One is back: whoever waited longest for it is woken."""
        self._out[slot] -= 1
        if not self._out[slot]:
            del self._out[slot]
        self._wake(slot, 1)

    def hold(self, slot: Slot, window: Window, run_id: str, priority: str) -> None:
        """Somebody found no room."""
        held = self._held.setdefault(slot, tuple({} for _ in PRIORITIES))
        held[PRIORITIES.index(priority)][window, run_id] = False

    def drop(self, slot: Slot, window: Window, run_id: str) -> None:
        """It waits no more; if it was woken in vain, the next one is."""
        held = self._held.get(slot)
        if held is None:
            return
        for lane in held:
            lane.pop((window, run_id), None)
        if not any(held):
            del self._held[slot]
        else:
            self._wake(slot, self.size(slot[1]) - self._out.get(slot, 0))

    def look(self) -> None:
        """Wake whoever has room by now: executors came, or schedulers left."""
        for slot in list(self._held):
            self._wake(slot, self.size(slot[1]) - self._out.get(slot, 0), again=True)

    def _wake(self, slot: Slot, count: int, *, again: bool = False) -> None:
        for lane in self._held.get(slot, ()):
            for place, woken in list(lane.items()):
                if count <= 0:
                    return
                if again or not woken:
                    lane[place] = True
                    place[0].wake(place[1])
                    count -= 1

    def of(self, window: Window) -> Iterator[Slot]:
        """The queue of each run that this shard holds back."""
        for slot, held in self._held.items():
            for lane in held:
                for other, _ in lane:
                    if other is window:
                        yield slot


class Window:
    """The tasks of one shard under one lease."""

    def __init__(self, room: Room, wake: Callable[[str], None]) -> None:
        self.wake = wake
        self._room = room
        self._open: dict[str, dict[str, Slot]] = {}  # run -> step -> slot
        self._waits: dict[str, set[Slot]] = {}

    def room(self, tenant: str, queue: str, priority: str = "normal") -> int:
        """How many more tasks may go out."""
        return self._room.free((tenant, queue), priority)

    def sent(self, run_id: str, path: str, slot: Slot) -> None:
        """A task goes out; another attempt of the same step does not count twice."""
        steps = self._open.setdefault(run_id, {})
        if path not in steps:
            steps[path] = slot
            self._room.take(slot)

    def found(self, run: Hot) -> None:
        """A run that another owner has left behind: its tasks that are out take their places again.

        A failure may have been seen and not been decided about yet: that task is back, as one is
        whose outcome waits to be seen.
        """
        state = run.log.state
        if state is None:
            return
        back = {fact.envelope.events[0].step for fact in run.log.pending}
        for path, step in state.steps.items():
            out = step.status == "queued" and step.attempt and step.failure is None
            if out and path not in back:
                self.sent(run.key.run_id, path, (run.key.tenant, step.queue))

    def came_back(self, run_id: str, path: str) -> None:
        """A task has an outcome."""
        steps = self._open.get(run_id)
        slot = steps.pop(path, None) if steps is not None else None
        if slot is None:
            return
        if not steps:
            del self._open[run_id]
        self._room.give(slot)

    def ended(self, run_id: str) -> None:
        """A run is over: its tasks count no more."""
        self.hold(run_id, set())
        for slot in self._open.pop(run_id, {}).values():
            self._room.give(slot)

    def hold(self, run_id: str, slots: set[Slot], priority: str = "normal") -> None:
        """The run was decided: on these queues it has steps that found no room, on no others."""
        if not slots and run_id not in self._waits:
            return
        before = self._waits.pop(run_id, set())
        if slots:
            self._waits[run_id] = slots
        for slot in slots:
            self._room.hold(slot, self, run_id, priority)
        for slot in before - slots:
            self._room.drop(slot, self, run_id)

    def close(self) -> None:
        """The lease is over: whoever owns the shard next counts for itself."""
        for run_id in {*self._open, *self._waits}:
            self.ended(run_id)

    def held(self) -> dict[str, int]:
        """How many runs found no room, by queue."""
        found: dict[str, int] = {}
        for _, queue in self._room.of(self):
            found[queue] = found.get(queue, 0) + 1
        return found

    def has_open(self, run_id: str) -> bool:
        """Whether tasks of the run are out."""
        return run_id in self._open
