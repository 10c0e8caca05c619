"""What must hold of every schedule, whoever died: judged by what was stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from tests.sim.schedules import Lived, ScheduleWorld, Told
from weir.contract.messages import ScheduleSaved
from weir.core.schedules import wire
from weir.core.schedules.schedule import (
    Fired,
    Queued,
    Replaced,
    Schedule,
    Skipped,
    State,
    Time,
    evolve,
)


def answers(told: Sequence[Told]) -> Iterator[tuple[Told, Fired | Skipped | Queued | Replaced]]:
    """The events that say what becomes of a time."""
    for one in told:
        event = wire.read(one.kind)
        if isinstance(event, Fired | Skipped | Queued | Replaced):
            yield one, event


PATIENCE_MS = 120_000.0  # how long it may take until a schedule knows that its run has ended
SLOWLY_MS = 36 * 3_600_000.0  # the same where owners are away for as long at most


def judge(world: ScheduleWorld, schedule_id: str, since_ms: int, upto_ms: int) -> list[str]:
    """Everything that does not hold of one schedule between two moments."""
    saved = world.saved[schedule_id]
    schedule = wire.meant(saved, since_ms)
    told, runs = world.told[schedule_id], world.runs[schedule_id]
    patience_ms = PATIENCE_MS if world.scale == 1 else SLOWLY_MS
    now_ms = world.clock.now_ms()
    broken = [
        *_of_answers(schedule, told),
        *_of_the_calendar(schedule, told, upto_ms),
        *_of_the_runs(schedule, told, runs),
        *_of_meeting(saved, runs),
        *_of_the_policy(saved, told, runs, patience_ms),
        *_of_waiting(told, runs, now_ms - patience_ms),
    ]
    return [f"{saved.name}: {one}" for one in broken]


def _of_answers(schedule: Schedule, told: Sequence[Told]) -> Iterator[str]:
    """No time is answered twice, none early, and none overtakes another that waits."""
    seen: set[Time] = set()
    waiting: list[Time] = []
    for one, event in answers(told):
        time = event.time
        if isinstance(event, Skipped) and event.why == "missed":
            if one.at_ms <= time.nominal_ms + schedule.catch_up_ms:
                yield f"given up too soon: {time}"
        elif isinstance(event, Fired) and time in waiting:
            if waiting.pop(0) != time:
                yield f"overtook what had waited longer: {time}"
        elif time in seen:
            yield f"answered twice: {time}"
        elif isinstance(event, Queued):
            waiting.append(time)
        elif isinstance(event, Replaced):
            waiting = [time]
        seen.add(time)
        if not time.request and one.at_ms < schedule.due(time.nominal_ms):
            yield f"answered early: {time} at {one.at_ms}"


def _of_the_calendar(schedule: Schedule, told: Sequence[Told], upto_ms: int) -> Iterator[str]:
    """Each time of the calendar is answered, and none that it does not name."""
    named: set[int] = set()
    missed: list[tuple[int, int, int]] = []
    before = schedule.starts_ms - 1
    for _, event in answers(told):
        at = event.time.nominal_ms
        if event.time.request:
            continue
        if isinstance(event, Skipped) and event.why == "missed":
            missed.append((before, at, event.times))
        named.add(at)
        before = max(before, at)
    times = schedule.calendar.since(schedule.starts_ms - 1)
    due = list(takewhile(lambda at: at <= upto_ms, times))
    for at in due:
        if at not in named and not any(after < at <= last for after, last, _ in missed):
            yield f"never answered: {at}"
    for after, last, count in missed:
        there = sum(after < at <= last for at in due)
        if there != count and last <= upto_ms:
            yield f"{there} times were missed, and {count} told"
    extra = named - set(due) - {last for _, last, _ in missed}
    if any(at <= upto_ms for at in extra):
        yield f"answered what no calendar names: {sorted(extra)[:3]}"


def _of_the_runs(schedule: Schedule, told: Sequence[Told], runs: dict[str, Lived]) -> Iterator[str]:
    """Each time that fired began one run, after it was decided; no other run began."""
    fired = {event.run_id: (one, event) for one, event in answers(told) if isinstance(event, Fired)}
    if fired.keys() != runs.keys():
        yield f"decided, not begun: {fired.keys() - runs.keys()}"
        yield f"begun, not decided: {runs.keys() - fired.keys()}"
    for run_id, run in runs.items():
        if run.starts != 1:
            yield f"{run_id} began {run.starts} times"
        if run_id not in fired:
            continue
        one, event = fired[run_id]
        if run.began < one.seq or run.began_ms < schedule.due(event.time.nominal_ms):
            yield f"{run_id} began before it was to"


_ALLOWED: dict[str, set[str]] = {
    "allow": set(),
    "skip": {"overlap"},
    "buffer_one": {"overlap", "queued"},
    "buffer_all": {"queued", "queue_full"},
    "cancel_other": {"replaced"},
    "terminate_other": {"replaced"},
}


def _of_meeting(saved: ScheduleSaved, runs: dict[str, Lived]) -> Iterator[str]:
    """Runs meet only where they may, and end otherwise than well only where others take over."""
    if saved.overlap != "allow":
        spans = sorted((run.began, run.ended or 1 << 60) for run in runs.values())
        for (_, ended), (began, _) in pairwise(spans):
            if began < ended:
                yield f"a run began at {began}, while one went on until {ended}"
    ends = {run.status for run in runs.values() if run.ended}
    if ends - {"RunSucceeded"} and "replaced" not in _ALLOWED[saved.overlap]:
        yield f"runs ended otherwise than well: {ends}"


def _of_the_policy(
    saved: ScheduleSaved, told: Sequence[Told], runs: dict[str, Lived], patience_ms: float
) -> Iterator[str]:
    """Times are skipped or wait only as the policy says, and only while a run goes on."""
    state = State(0)
    for one in told:
        event = wire.read(one.kind)
        if event is None:
            continue
        what = _what(event)
        if what and what not in {"missed", *_ALLOWED[saved.overlap]}:
            yield f"{what} under {saved.overlap}"
        fired = {known.run_id for known in state.running}
        busy = any(
            run.began < one.seq and (not run.ended or run.ended_ms + patience_ms > one.at_ms)
            for run in (runs[each] for each in fired if each in runs)
        )
        begins = bool(fired - runs.keys()) or any(runs[each].began > one.seq for each in fired)
        if what in {"overlap", "queued", "replaced"} and not (busy or begins or state.queue):
            yield f"{what} at {one.at_ms}, though no run goes on"
        state = evolve(state, event)
        if saved.overlap == "buffer_one" and len(state.queue) > 1:
            yield "two times wait"


def _of_waiting(told: Sequence[Told], runs: dict[str, Lived], long_ago_ms: float) -> Iterator[str]:
    """Nothing waits for what ended long ago, and what is to end does."""
    state = State(0)
    for one in told:
        event = wire.read(one.kind)
        state = state if event is None else evolve(state, event)
    busy = any(not run.ended or run.ended_ms > long_ago_ms for run in runs.values())
    if state.queue and not busy:
        yield f"these wait for nothing: {state.queue}"
    for run_id in state.ending:
        if told[-1].at_ms < long_ago_ms and run_id in runs and not runs[run_id].ended:
            yield f"{run_id} was told to end and goes on"


def _what(event: object) -> str:
    match event:
        case Skipped(_, why):
            return why
        case Queued():
            return "queued"
        case Replaced():
            return "replaced"
    return ""
