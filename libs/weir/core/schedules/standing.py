"""A schedule as its log has it: what it is by the record that counts, and how far it has come.

Promises: the log alone says what was decided, by which record and from when:
the owner takes a record of the registry over by writing so. A record that is
not newer changes nothing, so an owner that reads the registry late never goes
back. No time counts that lies before the moment at which the schedule was
made, changed or resumed, by the broker's clock, whatever the writer's clock says.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from weir.contract import times
from weir.contract.messages import (
    Message,
    ScheduleAdopted,
    ScheduleDeleted,
    ScheduleEvent,
    ScheduleSaved,
)
from weir.core.schedules import schedule, wire
from weir.core.schedules.schedule import Asked, Decision, Fired, Schedule, State, Time


class Standing(NamedTuple):
    """`saved` is None before the first record, and after the schedule was deleted."""

    revision: int = 0
    saved: ScheduleSaved | None = None
    schedule: Schedule | None = None
    state: State = State(0)
    seen: int = 0
    turn: int = 0

    @property
    def is_left(self) -> bool:
        """Whether there is anything of it that must be remembered."""
        return self.schedule is not None


class Record(NamedTuple):
    """A record of the registry, with when it was stored by the broker's clock."""

    revision: int
    kind: ScheduleSaved | ScheduleDeleted
    at_ms: int
    written_ms: int

    @property
    def schedule_id(self) -> str:
        """Whose it is."""
        return self.kind.schedule_id


class Verdict(NamedTuple):
    """What to append now, and when to look again without being woken."""

    standing: Standing
    events: tuple[ScheduleEvent, ...] = ()
    wake_at: int | None = None


def evolve(standing: Standing, kind: Message | None) -> Standing:
    """Fold one event of the log."""
    if isinstance(kind, ScheduleAdopted):
        return _adopted(standing, kind)
    event = wire.read(kind)
    if event is None:
        return standing
    return standing._replace(state=schedule.evolve(standing.state, event))


def _adopted(standing: Standing, kind: ScheduleAdopted) -> Standing:
    revision = int(kind.revision or 0)
    if revision <= standing.revision:
        return standing
    saved = kind.saved
    if saved is None:
        return standing._replace(revision=revision, saved=None, schedule=None)
    starts_ms = times.to_ms(kind.starts_at)
    return standing._replace(revision=revision, saved=saved, schedule=wire.meant(saved, starts_ms))


def adopt(standing: Standing, record: Record) -> ScheduleAdopted | None:
    """The event that takes this record over; None if it is known."""
    if record.revision <= standing.revision:
        return None
    revision = str(record.revision)
    if isinstance(record.kind, ScheduleDeleted):
        return ScheduleAdopted(revision=revision)
    saved, before = record.kind, standing.saved
    if before is not None and standing.schedule and before.effective_at == saved.effective_at:
        starts_ms = standing.schedule.starts_ms
    else:
        # How long ago it became so is right by the writer's clock; what time it is may not be.
        starts_ms = record.at_ms - max(0, record.written_ms - times.to_ms(saved.effective_at))
    return ScheduleAdopted(revision=revision, saved=saved, starts_at=times.from_ms(starts_ms))


def decide(standing: Standing, record: Record | None, now_ms: int) -> Verdict:
    """What is missing: taking the record over, answering times and requests."""
    events: list[ScheduleEvent] = []
    taken = adopt(standing, record) if record is not None else None
    if taken is not None:
        events.append(ScheduleEvent.of(taken))
        standing = evolve(standing, taken)
    if standing.schedule is None:
        return Verdict(standing, tuple(events))
    decision: Decision = schedule.decide(standing.schedule, standing.state, now_ms)
    events += [wire.written(event) for event in decision.events]
    return Verdict(standing._replace(state=decision.state), tuple(events), decision.wake_at)


# -- as a value, and back --


def take(standing: Standing) -> dict[str, Any]:
    """Everything that is recorded, as a JSON value."""
    state, plan = standing.state, standing.schedule
    return {
        "revision": standing.revision,
        "saved": None if standing.saved is None else standing.saved.model_dump(exclude_unset=True),
        "starts_ms": 0 if plan is None else plan.starts_ms,
        "seen": standing.seen,
        "turn": standing.turn,
        "cursor_ms": state.cursor_ms,
        "running": [[*one.time, one.run_id] for one in state.running],
        "ending": list(state.ending),
        "terminate": state.terminate,
        "queue": [list(time) for time in state.queue],
        "asked": [list(one) for one in state.asked],
        "taken": list(state.taken),
    }


def restore(value: dict[str, Any]) -> Standing:
    """The standing that was taken."""
    saved = value["saved"]
    record = None if saved is None else ScheduleSaved.model_validate(saved)
    state = State(
        cursor_ms=int(value["cursor_ms"]),
        running=tuple(
            Fired(Time(int(at), request), run_id) for at, request, run_id in value["running"]
        ),
        ending=tuple(value["ending"]),
        terminate=bool(value["terminate"]),
        queue=tuple(Time(int(at), request) for at, request in value["queue"]),
        asked=tuple(
            Asked(request, int(after), int(upto), overlap, bool(now))
            for request, after, upto, overlap, now in value["asked"]
        ),
        taken=tuple(value["taken"]),
    )
    return Standing(
        revision=int(value["revision"]),
        saved=record,
        schedule=None if record is None else wire.meant(record, int(value["starts_ms"])),
        state=state,
        seen=int(value["seen"]),
        turn=int(value["turn"]),
    )
