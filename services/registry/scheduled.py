"""How schedules go on: their last times, wishes for a run now or for times that lie behind."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from services.registry.schedule_models import Backfill, Trigger
from services.registry.schedules import NEXT, Schedules, in_list, upcoming
from weir.contract import ids, subjects, times
from weir.contract.codec import encode
from weir.contract.errors import ConflictError, InvalidParameterError, OutcomeUnknownError
from weir.contract.messages import FiresAsked, ScheduleEvent, ScheduleMessage, ScheduleSaved
from weir.contract.schedule_errors import ScheduleInvalidError
from weir.core.schedules import wire, wish
from weir.core.schedules.past import Row
from weir.core.schedules.schedule import Time
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.schedules import Told, read_schedule

MOST_TIMES = 10_000  # of one backfill
OUTCOMES = ("fired", "skipped", "queued", "refused")


class Scheduled:
    """The handlers."""

    def __init__(
        self, schedules: Schedules, runs: Log, clock: Clock, shards: int, idempotency: Idempotency
    ) -> None:
        self._schedules = schedules
        self._runs = runs
        self._clock = clock
        self._shards = shards
        self._idempotency = idempotency

    async def get(self, call: Call) -> Reply:
        """GET /schedules/{schedule_id}."""
        entry, saved = await self._schedules.shown_to(call)
        now = self._clock.now_ms()
        told = await self._told(call.tenant, saved.schedule_id)
        state, rows = told.standing.state, told.past.rows()
        shown = wish.shown(saved)
        value = {
            **in_list(saved, entry.revision, now),
            **{name: shown[name] for name in ("from", "until", "catch_up", "jitter", "input")},
            "next": [times.from_ms(at) for at in upcoming(saved, now, NEXT)],
            "running": [one.run_id for one in state.running],
            "waiting": [times.from_ms(one.nominal_ms) for one in state.queue],
            "last": _shown(rows[-1]) if rows else None,
        }
        return Reply(value, revision=entry.revision)

    async def next(self, call: Call) -> Reply:
        """GET /schedules/{schedule_id}/next."""
        _, saved = await self._schedules.shown_to(call)
        count = call.number("count", NEXT, 1, 100)
        after, given = self._clock.now_ms(), call.query("after")
        if given:
            try:
                after = times.to_ms(given)
            except (ValueError, OverflowError):
                raise InvalidParameterError(
                    "after is a time like 2026-03-01T09:00:00Z.", details={"parameter": "after"}
                ) from None
        found = upcoming(saved, max(0, after), count)
        return Reply({"items": [times.from_ms(at) for at in found]})

    async def fires(self, call: Call) -> Reply:
        """GET /schedules/{schedule_id}/fires."""
        _, saved = await self._schedules.shown_to(call)
        outcome = call.query("outcome")
        if outcome and outcome not in OUTCOMES:
            raise InvalidParameterError(
                f"outcome is one of {', '.join(OUTCOMES)}.", details={"parameter": "outcome"}
            )
        rows = (await self._told(call.tenant, saved.schedule_id)).past.rows()
        numbered = [
            (row["decided_at"], f"{row['scheduled_at']}/{row['request_id']}", row)
            for row in rows
            if not outcome or row["outcome"] == outcome
        ]

        def show(item: tuple[str, str, Row]) -> dict[str, Any]:
            return _shown(item[2])

        return Reply(page(call, numbered, lambda item: item[:2], show, descending=True))

    async def trigger(self, call: Call) -> Reply:
        """POST /schedules/{schedule_id}/trigger."""
        asked = await call.model(Trigger, optional=True)
        schedule, saved = await self._schedules.admitted(call)
        request, _ = await self._idempotency.id(call, "req")
        now = self._clock.now_ms()
        wished = FiresAsked(
            request_id=request,
            upto_at=times.from_ms(now),
            overlap=asked.overlap,
            now=True,
            asked_by=call.principal.id,
        )
        stored = await self._ask(call, saved, wished)
        time = Time(times.to_ms(stored.upto_at), request)
        run_id = wire.meant(saved, 0).run_of(time)
        value = {"schedule_id": schedule, "request_id": request, "run_id": run_id, "times": 1}
        return Reply(value, status=HTTPStatus.ACCEPTED)

    async def backfill(self, call: Call) -> Reply:
        """POST /schedules/{schedule_id}/backfill."""
        asked = await call.model(Backfill)
        schedule, saved = await self._schedules.admitted(call)
        after, upto = _moment("after", asked.after), _moment("upto", asked.upto)
        if not after < upto <= self._clock.now_ms():
            raise _refused("upto", "the range must end after it begins, and not in the future")
        count = 0
        for at in wire.meant(saved, 0).calendar.since(after):
            if at > upto:
                break
            count += 1
            if count > MOST_TIMES:
                raise _refused("after", f"over {MOST_TIMES:,} times lie in the range: ask in parts")
        request, _ = await self._idempotency.id(call, "req")
        wished = FiresAsked(
            request_id=request,
            after_at=times.from_ms(after),
            upto_at=times.from_ms(upto),
            overlap=asked.overlap,
            asked_by=call.principal.id,
        )
        await self._ask(call, saved, wished)
        value = {"schedule_id": schedule, "request_id": request, "run_id": None, "times": count}
        return Reply(value, status=HTTPStatus.ACCEPTED)

    async def _ask(self, call: Call, saved: ScheduleSaved, wished: FiresAsked) -> FiresAsked:
        """Store the wish; the one that the same request has stored before, if it has."""
        key = subjects.schedule_key(call.tenant, saved.schedule_id, self._shards)
        message = ScheduleMessage(
            id=ids.derived("evt", wished.request_id),
            tenant=call.tenant,
            schedule_id=saved.schedule_id,
            at=times.from_ms(self._clock.now_ms()),
            events=(ScheduleEvent.of(wished),),
        )
        subject = key.fact(subjects.fires_fact(wished.request_id))
        append = Append(subject, encode(message), expect=0)
        try:
            try:
                await self._runs.append(append)
            except OutcomeUnknownError:
                await self._runs.append(append)  # stored once: the second is refused
        except ConflictError:
            stored = await self._runs.last(subject)
            if stored is not None:
                before = ScheduleMessage.model_validate_json(stored.data).events[0].fires_asked
                return before or wished
        return wished

    async def _told(self, tenant: str, schedule: str) -> Told:
        key = subjects.schedule_key(tenant, schedule, self._shards)
        return await read_schedule(self._runs, key)


def _shown(row: Row) -> dict[str, Any]:
    return {
        **row,
        "run_id": row["run_id"] or None,
        "run_status": row["run_status"] or None,
        "error": row["error"],
    }


def _moment(field: str, text: str) -> int:
    try:
        found = times.to_ms(text)
    except (ValueError, OverflowError):
        raise _refused(field, "write a time like 2026-03-01T09:00:00Z") from None
    if found <= 0:
        raise _refused(field, "no time before 1970 is meant")
    return found


def _refused(field: str, why: str) -> ScheduleInvalidError:
    problem = {
        "code": "SCHEDULE_INVALID",
        "path": field,
        "node": None,
        "message": why,
        "advice": "Mend the range and ask again.",
    }
    return ScheduleInvalidError(f"{field}: {why}.", details={"errors": [problem]})
