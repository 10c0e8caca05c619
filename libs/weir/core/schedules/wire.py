"""A schedule's events as its log has them, and its record as what it means."""

from __future__ import annotations

from typing import Any, cast

from weir.contract import times
from weir.contract.messages import (
    FiresAsked,
    FiresServed,
    Message,
    RunsReplaced,
    ScheduledRunEnded,
    ScheduledRunRefused,
    ScheduledTime,
    ScheduleEvent,
    ScheduleSaved,
    TimeFired,
    TimeQueued,
    TimesSkipped,
)
from weir.core.schedules.calendar import Calendar
from weir.core.schedules.schedule import (
    Asked,
    Ended,
    Event,
    Fired,
    Overlap,
    Queued,
    Replaced,
    Schedule,
    Served,
    Skipped,
    Time,
    Why,
)


def written(event: Event) -> ScheduleEvent:
    """An owner's event as it is stored; what only comes as a fact is not written."""
    match event:
        case Fired(time, run_id):
            return ScheduleEvent.of(TimeFired(time=_time(time), run_id=run_id))
        case Skipped(time, why, count):
            return ScheduleEvent.of(TimesSkipped(time=_time(time), why=why, times=count))
        case Queued(time):
            return ScheduleEvent.of(TimeQueued(time=_time(time)))
        case Replaced(time, terminate):
            return ScheduleEvent.of(RunsReplaced(time=_time(time), terminate=terminate))
        case Served(request):
            return ScheduleEvent.of(FiresServed(request_id=request))
    raise TypeError(f"{type(event).__name__} is a fact: its owner never writes it")


def read(kind: Message | None) -> Event | None:
    """What a stored event means to a schedule; None for what changes no state."""
    match kind:
        case TimeFired(time=time, run_id=run_id):
            return Fired(_read(time), run_id)
        case TimesSkipped(time=time, why=why, times=count):
            return Skipped(_read(time), cast("Why", why), count or 1)
        case TimeQueued(time=time):
            return Queued(_read(time))
        case RunsReplaced(time=time, terminate=terminate):
            return Replaced(_read(time), terminate)
        case FiresServed(request_id=request):
            return Served(request)
        case ScheduledRunEnded(run_id=run_id) | ScheduledRunRefused(run_id=run_id):
            return Ended(run_id)
        case FiresAsked(request_id=request) if request:
            return Asked(
                request,
                _ms(kind.after_at),
                _ms(kind.upto_at),
                cast("Overlap", kind.overlap or "allow"),
                kind.now,
            )
    return None


def meant(saved: ScheduleSaved, starts_ms: int) -> Schedule:
    """The schedule that a record describes, from a moment on."""
    calendar = Calendar(
        zone=saved.timezone or "UTC",
        cron=saved.cron,
        every_ms=round(saved.every_ms),
        from_ms=_ms(saved.from_at),
        at_ms=_ms(saved.once_at),
    )
    return Schedule(
        saved.schedule_id,
        calendar,
        starts_ms,
        ends_ms=_ms(saved.ends_at) if saved.ends_at else None,
        overlap=cast("Overlap", saved.overlap or "skip"),
        catch_up_ms=round(saved.catch_up_ms),
        jitter_ms=round(saved.jitter_ms),
        paused=saved.paused,
    )


def _time(time: Time) -> ScheduledTime:
    told: dict[str, Any] = {"request_id": time.request} if time.request else {}
    return ScheduledTime(nominal_at=times.from_ms(time.nominal_ms), **told)


def _read(time: ScheduledTime | None) -> Time:
    return Time(0) if time is None else Time(_ms(time.nominal_at), time.request_id)


def _ms(text: str | None) -> int:
    return times.to_ms(text) if text else 0
