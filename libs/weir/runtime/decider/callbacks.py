"""Ends of runs that are told outside: each by a run of its own, begun by the owner of the one.

Record, then send (log-protocol P6): what a run ended with is in its log before
the telling run is begun, and that has an id which follows from the first, so
beginning it again begins nothing. What was lost with a process is begun by
whoever finds the ended run as it takes the shard over, for as long as the run
lies in the log.
"""

from __future__ import annotations

from weir.contract import subjects, times
from weir.contract.codec import encode
from weir.contract.messages import Envelope, Event, RunStarted
from weir.contract.subjects import RunKey
from weir.core import callback
from weir.core.state import RunState
from weir.ports.clock import Clock
from weir.ports.log import Append
from weir.runtime import metrics
from weir.runtime.decider.courier import Courier


class Callbacks:
    """Begins tellings for the runs of one shard."""

    def __init__(self, courier: Courier, clock: Clock, shards: int) -> None:
        self._courier = courier
        self._clock = clock
        self._shards = shards

    def ended(self, key: RunKey, state: RunState) -> None:
        """The run has ended, or was found so: have its end told to whom it may concern."""
        for telling in callback.wanted(state):
            self._courier.tell(self._start_of(key, state, telling))
            metrics.CALLBACKS.labels(state.status).inc()

    def _start_of(self, key: RunKey, state: RunState, telling: callback.Wanted) -> Append:
        start = state.start
        now = times.from_ms(self._clock.now_ms())
        started = RunStarted(
            trigger_kind=callback.KIND,
            input=telling.input,
            trigger={"fired_at": now, "run_id": start.run_id},
            idempotency_key=str(telling.input["id"]),
            started_by=start.run_id,
            project=start.project,
        )
        envelope = Envelope(
            id=f"{telling.run_id}/start",
            tenant=key.tenant,
            run_id=telling.run_id,
            workflow_id=callback.WORKFLOW,
            version=callback.VERSION,
            at=now,
            cause=start.run_id,
            trace_parent=start.trace_parent,
            events=(Event.of(started),),
        )
        its = subjects.run_key(key.tenant, telling.run_id, self._shards)
        return Append(its.fact(subjects.start_fact()), encode(envelope), expect=0)
