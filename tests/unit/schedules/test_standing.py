"""A schedule as its log has it, and what is told of its times."""

from __future__ import annotations

import pytest

from weir.contract import times
from weir.contract.messages import (
    Error,
    FiresAsked,
    Message,
    ScheduleAdopted,
    ScheduleDeleted,
    ScheduledRunEnded,
    ScheduledRunRefused,
    ScheduleSaved,
)
from weir.core.schedules import wish
from weir.core.schedules.calendar import CalendarError
from weir.core.schedules.past import KEPT, Past
from weir.core.schedules.standing import Record, Standing, decide, evolve, restore, take

NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z
HOUR = 3_600_000


def saved(**more: object) -> ScheduleSaved:
    """An hourly schedule of noon."""
    told = {
        "schedule_id": "sch_a",
        "workflow_id": "wf_a",
        "cron": "0 * * * *",
        "timezone": "UTC",
        "overlap": "skip",
        "catch_up_ms": float(HOUR),
        "input": {},
        "effective_at": times.from_ms(NOON),
        **more,
    }
    return ScheduleSaved.model_validate(told)


def record(revision: int = 5, kind: ScheduleSaved | ScheduleDeleted | None = None) -> Record:
    """As it was stored at noon."""
    return Record(revision, kind or saved(), NOON, NOON)


def lived(record: Record, *moments: int) -> tuple[Standing, list[Message]]:
    """An owner's decisions at these moments, folded from what it wrote."""
    standing, log = Standing(), list[Message]()
    for at in moments:
        verdict = decide(standing, record, at)
        kinds = [event.kind for event in verdict.events if event.kind is not None]
        log += kinds
        for kind in kinds:
            standing = evolve(standing, kind)
        assert standing == verdict.standing
    return standing, log


def test_a_record_is_taken_over_before_it_counts() -> None:
    """Once, and written; what is older changes nothing."""
    standing, log = lived(record(), NOON + 1, NOON + 2, NOON + HOUR)
    assert [type(kind).__name__ for kind in log] == ["ScheduleAdopted", "TimeFired", "TimesSkipped"]
    assert decide(standing, record(4, saved(cron="* * * * *")), NOON + HOUR + 1).events == ()


def test_a_writers_clock_may_be_wrong() -> None:
    """How long ago it became so counts, and the broker's time: no time before that is made up."""
    slow = NOON - 3 * HOUR
    kind = saved(effective_at=times.from_ms(slow))
    standing, log = lived(Record(5, kind, NOON + 60_000, slow), NOON + 60_001)
    assert [type(kind) for kind in log] == [ScheduleAdopted]
    assert standing.schedule is not None
    assert standing.schedule.starts_ms == NOON + 60_000


def test_a_note_does_not_begin_it_anew() -> None:
    """What it means counts from where it did, also by a record that came later."""
    standing, _ = lived(record(), NOON + 1)
    later = Record(9, saved(note="hello"), NOON + 5 * HOUR, NOON + 5 * HOUR)
    after = decide(standing, later, NOON + HOUR).standing
    assert after.schedule is not None
    assert after.schedule.starts_ms == NOON


def test_what_was_deleted_decides_nothing_and_may_come_back() -> None:
    """The log may forget it; a later record begins it anew."""
    standing, _ = lived(record(), NOON + 1, NOON + HOUR)
    gone = decide(standing, record(6, ScheduleDeleted(schedule_id="sch_a")), NOON + 2 * HOUR)
    assert not gone.standing.is_left
    assert decide(gone.standing, None, NOON + 9 * HOUR).events == ()
    again = Record(7, saved(effective_at=times.from_ms(NOON + 3 * HOUR)), NOON, NOON)
    assert decide(gone.standing, again, NOON + 3 * HOUR).standing.is_left


def test_it_is_restored_as_it_was_taken() -> None:
    """With everything that waits, runs and was asked for."""
    standing, _ = lived(
        record(5, saved(overlap="buffer_all")), *(NOON + n * HOUR for n in range(4))
    )
    asked = FiresAsked(
        request_id="req_a",
        after_at=times.from_ms(NOON - 9 * HOUR),
        upto_at=times.from_ms(NOON),
        overlap="allow",
    )
    standing = evolve(standing, asked)._replace(seen=41, turn=7)
    assert standing.state.running
    assert standing.state.queue
    assert restore(take(standing)) == standing


def test_the_past_tells_what_became_of_each_time() -> None:
    """Fired with how the run ended, skipped with why, refused with the error."""
    _, log = lived(record(), *(NOON + n * HOUR for n in range(3)))
    past = Past()
    for kind in log:
        past.feed(kind, "2026-03-01T12:00:00.000Z")
    fired, skipped = past.rows()[0], past.rows()[1]
    assert (fired["outcome"], skipped["outcome"], skipped["why"]) == ("fired", "skipped", "overlap")
    past.feed(ScheduledRunEnded(run_id=fired["run_id"], status="failed"), "")
    assert past.rows()[0]["run_status"] == "failed"
    error = Error(code="INPUT_INVALID", message="no day")
    again = Past()
    again.restore(past.rows())
    again.feed(ScheduledRunRefused(run_id=fired["run_id"], error=error), "")
    assert again.rows()[0]["error"] == {"code": "INPUT_INVALID", "message": "no day"}


def test_the_past_forgets_the_oldest() -> None:
    """So many are kept as the page says."""
    _, log = lived(record(5, saved(overlap="allow")), *(NOON + n * HOUR for n in range(KEPT + 50)))
    past = Past()
    for kind in log:
        past.feed(kind, "")
    assert len(past.rows()) == KEPT


@pytest.mark.parametrize(
    "written",
    [
        {"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin", "jitter": "30s", "input": {"a": 1}},
        {"every": "1h30m", "from": "2026-03-01T09:00:00.000Z", "until": "2027-01-01T00:00:00.000Z"},
        {"at": "2026-03-01T09:00:00.000Z", "overlap": "allow", "catch_up": "1d"},
    ],
)
def test_what_was_written_is_shown_as_it_was_written(written: dict[str, object]) -> None:
    """And means the same when it is written again."""
    kind = ScheduleSaved(schedule_id="sch_a", **wish.fields(written))
    shown = wish.shown(kind)
    assert {name: shown[name] for name in written} == written
    if not kind.cron:
        del shown["timezone"]
    assert wish.fields(shown) == wish.fields(written)


def test_an_unknown_policy_is_refused() -> None:
    """With what there is."""
    with pytest.raises(CalendarError, match="buffer_one"):
        wish.fields({"cron": "@daily", "overlap": "some"})
