"""The runs of a shard in its owner's memory, and those of which it knows that they only wait.

Memory stays bounded: runs that only wait are put away, and read again when
they are due or something comes for them. Of those that have ended, some are
remembered, so that what comes late for them is known without asking.
"""

from __future__ import annotations

from collections.abc import Callable

from weir.contract.subjects import RunKey
from weir.core.ending import open_children as calls
from weir.core.runlog import RunLog
from weir.ports.clock import Clock
from weir.ports.log import Stored
from weir.runtime.decider.orphans import Orphans
from weir.runtime.decider.turn import Hot
from weir.runtime.decider.wakes import Wakes

REMEMBERED = 10_000  # ended runs whose late facts are known without asking


class Memory:
    """Those of one shard. `touch` and `recall` are called when a run is due, here or away."""

    def __init__(
        self,
        most: int,
        time: Clock,
        touch: Callable[[Hot], None],
        recall: Callable[[RunKey], None],
    ) -> None:
        self.runs: dict[str, Hot] = {}
        self.ended: dict[str, None] = {}
        # Runs that are being read, with the facts that came meanwhile: not decided until then.
        self.loading: dict[str, list[Stored]] = {}
        self.orphans = Orphans(time)
        self._most = most
        self._touch = touch
        self._recall = recall
        self._wakes: Wakes[RunKey] = Wakes(time, self._ring, self._is_of_use)
        self._away: dict[str, RunKey] = {}  # runs that wait and were put away

    def begin(self, key: RunKey, log: RunLog) -> Hot:
        """A run comes into memory."""
        self._away.pop(key.run_id, None)
        run = self.runs[key.run_id] = Hot(key, log)
        return run

    def has(self, run: Hot) -> bool:
        """Whether this is the run as it is here now: it may have been put away or read anew."""
        return self.runs.get(run.key.run_id) is run

    def forget(self, run_id: str) -> None:
        """The run has ended: keep no more than that it has."""
        self.runs.pop(run_id, None)
        self._away.pop(run_id, None)
        self.ended[run_id] = None
        if len(self.ended) > REMEMBERED:
            del self.ended[next(iter(self.ended))]

    def relieve(self) -> None:
        """Put away what only waits, if there are too many."""
        if len(self.runs) <= self._most:
            return
        for run_id, run in list(self.runs.items()):
            state = run.log.state
            # Facts that are pending and were looked at change nothing: they may go unread again.
            at_rest = run.looked_at and not (
                run.dirty or run.busy or run.trouble or run_id in self.loading
            )
            if at_rest and state is not None and state.status == "waiting" and not calls(state):
                del self.runs[run_id]
                self._away[run_id] = run.key
            if len(self.runs) <= self._most:
                return

    def put_away(self, key: RunKey, due_ms: int) -> None:
        """A run that is known to wait is not read until it is due, or something comes for it."""
        self._away[key.run_id] = key
        if due_ms:
            self._wakes.add(due_ms, key)

    def away(self) -> list[tuple[RunKey, int]]:
        """The runs that were put away, with when they are due; 0: not at any time."""
        found = self._wakes.earliest()
        return [(key, found.get(key, 0)) for key in self._away.values()]

    def alarm(self, run: Hot, due_ms: int | None) -> None:
        """Have the run looked at then, whatever else comes."""
        if due_ms is not None and not 0 < run.wake_at <= due_ms:
            run.wake_at = due_ms
            self._wakes.add(due_ms, run.key)

    def stop(self) -> None:
        """Nothing is due any more."""
        self._wakes.stop()

    def _ring(self, key: RunKey) -> None:
        run = self.runs.get(key.run_id)
        if run is not None:
            run.wake_at = 0
            self._touch(run)
        elif key.run_id in self._away:
            self._recall(key)

    def _is_of_use(self, due_ms: int, key: RunKey) -> bool:
        run = self.runs.get(key.run_id)
        return key.run_id in self._away if run is None else run.wake_at == due_ms
