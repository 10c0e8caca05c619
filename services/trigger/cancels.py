"""The wish that a run ends, recorded as a fact; what came of it shows in the run (P10)."""

from __future__ import annotations

from http import HTTPStatus

from services.trigger.models import CancelRun
from weir.contract import codec, ids, subjects, times
from weir.contract.errors import ConflictError, RunNotFoundError, RunPurgedError
from weir.contract.messages import CancelRequested, Envelope, Event
from weir.contract.subjects import RunKey
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import conflict
from weir.runtime.http.route import API


class Cancels:
    """The handler."""

    def __init__(self, runs: Log, clock: Clock, shards: int) -> None:
        self._runs = runs
        self._clock = clock
        self._shards = shards

    async def cancel(self, call: Call) -> Reply:
        """POST /runs/{run_id}/cancel."""
        run_id = call.id("run_id", "run", RunNotFoundError, "run")
        asked = await call.model(CancelRun, optional=True)
        key = subjects.run_key(call.tenant, run_id, self._shards)
        await self._living(key)
        given = call.idempotency_key()
        request_id = (
            ids.derived("req", call.tenant, run_id, given) if given else self._clock.new_id("req")
        )
        wish = CancelRequested(
            request_id=request_id, reason=asked.reason, requested_by=call.principal.id
        )
        envelope = Envelope(
            id=self._clock.new_id("evt"),
            tenant=call.tenant,
            run_id=run_id,
            at=times.from_ms(self._clock.now_ms()),
            trace_parent=call.trace_parent,
            events=(Event.of(wish),),
        )
        subject = key.fact(subjects.cancel_fact(request_id))
        try:
            fact = Append(subject, codec.encode(envelope), expect=0)
            sequence: int | None = await self._runs.append(fact)
        except ConflictError:
            sequence = await self._recorded(subject, asked.reason)
        return Reply(
            {"run_id": run_id, "recorded": True, "request_id": request_id},
            status=HTTPStatus.ACCEPTED,
            headers={"Location": f"{API}/runs/{run_id}"},
            sequence=sequence,
        )

    async def _recorded(self, subject: str, reason: str) -> int | None:
        """Where the same wish was recorded before; another one under its key is refused."""
        stored = await self._runs.last(subject)
        if stored is None:
            return None  # the run was purged meanwhile
        before = codec.decode(stored.data).events[0].cancel_requested
        if before is None or before.reason != reason:
            raise conflict()
        return stored.seq

    async def _living(self, key: RunKey) -> None:
        stored = await self._runs.last(key.fact(subjects.start_fact()))
        if stored is None:
            raise RunNotFoundError(
                f"There is no run {key.run_id}: its start was never stored, or is long gone.",
                details={"run_id": key.run_id},
            )
        tombstone = codec.decode(stored.data).events[0].run_purged
        if tombstone is not None:
            raise RunPurgedError(
                f"The run {key.run_id} ended ({tombstone.status}) and was removed from the log.",
                details={"run_id": key.run_id, "status": tombstone.status},
            )
