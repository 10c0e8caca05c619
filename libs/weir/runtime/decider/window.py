"""How many tasks a shard lets out (P12): queues are FIFO, so what is out cannot be overtaken.

Counts tasks without an outcome per tenant and queue. Runs that had to hold
steps back are remembered and get their turn, first come first served, when an
outcome makes room.
"""

from __future__ import annotations

Slot = tuple[str, str]  # tenant, queue

WINDOW = 64


class Window:
    """The counts of one shard."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._out: dict[Slot, int] = {}
        self._open: dict[str, dict[str, Slot]] = {}  # run -> step -> slot
        self._held: dict[Slot, dict[str, None]] = {}

    def room(self, tenant: str, queue: str) -> int:
        """How many more tasks may go out."""
        return self._size - self._out.get((tenant, queue), 0)

    def sent(self, run_id: str, path: str, slot: Slot) -> None:
        """A task goes out; another attempt of the same step does not count twice."""
        steps = self._open.setdefault(run_id, {})
        if path not in steps:
            steps[path] = slot
            self._out[slot] = self._out.get(slot, 0) + 1

    def came_back(self, run_id: str, path: str) -> str | None:
        """A task has an outcome; the run that waited longest for its room, if any."""
        steps = self._open.get(run_id)
        slot = steps.pop(path, None) if steps is not None else None
        if slot is None:
            return None
        if not steps:
            del self._open[run_id]
        return self._release(slot)

    def ended(self, run_id: str) -> list[str]:
        """A run is over: its tasks count no more; the runs that waited for their room."""
        slots = self._open.pop(run_id, {}).values()
        return [waiting for slot in slots if (waiting := self._release(slot)) is not None]

    def hold(self, run_id: str, slot: Slot) -> None:
        """A run has steps that found no room."""
        self._held.setdefault(slot, {})[run_id] = None

    def held(self) -> dict[str, int]:
        """How many runs found no room, by queue."""
        found: dict[str, int] = {}
        for (_, queue), runs in self._held.items():
            found[queue] = found.get(queue, 0) + len(runs)
        return found

    def has_open(self, run_id: str) -> bool:
        """Whether tasks of the run are out."""
        return run_id in self._open

    def _release(self, slot: Slot) -> str | None:
        self._out[slot] -= 1
        if not self._out[slot]:
            del self._out[slot]
        held = self._held.get(slot)
        if not held:
            return None
        run_id = next(iter(held))
        del held[run_id]
        if not held:
            del self._held[slot]
        return run_id
