"""What the owner of a shard tells others, once its own log has it (log-protocol P6).

Runs that were started by steps, limits that runs wait for, executors whose
work nobody waits for any more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.contract.subjects import RunKey
from weir.core.decide import Decision
from weir.core.state import RunState
from weir.runtime.decider.callbacks import Callbacks
from weir.runtime.decider.children import Children
from weir.runtime.decider.courier import Courier
from weir.runtime.decider.gatekeeper import Gatekeeper
from weir.runtime.decider.lease import Lease
from weir.runtime.decider.scheduled_runs import RECENT_MS, told_end
from weir.runtime.decider.turn import Decider


class Outside:
    """Those a shard's owner speaks to, under one lease."""

    def __init__(self, decider: Decider, lease: Lease) -> None:
        time = lease.time
        self.courier = Courier(decider.log)
        self.gates = Gatekeeper(self.courier, time, decider.shards)
        self.callbacks = Callbacks(self.courier, time, decider.shards)
        self.children = Children(decider, self.courier, lease)
        self._live = decider.live
        self._time = time
        self._shards = decider.shards
        self._aside = lease.aside

    def open(self) -> None:
        """The shard is read: from now on others are told."""
        self._aside(self.children.ask())
        self._aside(self.courier.run())

    def found(self, key: RunKey, state: RunState) -> None:
        """A run that another owner has left behind: it may not have told everything."""
        self.gates.look(key, state)
        if state.waiting or state.nest.leaving:
            self.children.look(key, state)

    def stored(self, key: RunKey, decision: Decision) -> None:
        """A run's decision is in the log."""
        nest = decision.state.nest
        if nest.gates:
            self.gates.look(key, decision.state)
        if decision.calls or nest.leaving:
            self.children.look(key, decision.state)
        if decision.halted:
            self._aside(self._notify(key.run_id, decision.halted))

    def ended(self, key: RunKey, state: RunState, *, at_work: bool) -> None:
        """A run's end is in the log; `at_work`: executors may still be busy for it."""
        if at_work:
            self._aside(self._notify(key.run_id, ()))
        self.children.ended(key, state)
        self.gates.ended(key, state)
        self.callbacks.ended(key, state)
        self._tell_schedule(key, state)

    def found_ended(self, key: RunKey, state: RunState) -> None:
        """The run was found ended at takeover: perhaps nobody told its schedule."""
        if self._time.now_ms() - state.ended_ms < RECENT_MS:
            self._tell_schedule(key, state)

    def _tell_schedule(self, key: RunKey, state: RunState) -> None:
        told = told_end(key, state.start.started_by, state.status, self._shards, self._time)
        if told is not None:
            self.courier.tell(told)

    async def _notify(self, run_id: str, steps: Sequence[str]) -> None:
        # Only a hint that saves work: what it does not reach, ends as a late result.
        with contextlib.suppress(WeirError):
            await self._live.publish(subjects.cancel_notice(run_id), "\n".join(steps).encode())
