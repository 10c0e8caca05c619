"""A schedule as an aggregate: its state is the fold of its events, its next events are decided.

Promises: each time its calendar names is answered once, by a run, a place in
the queue or a reason, whoever decides and however often; none before it is
due; the run of a time has an id that follows from both, so starting it again
starts nothing. `decide` looks at the state and the time only.

What is asked for beside the calendar (a run now, a range of times that lie
behind) is a request with an id and a way of its own to meet runs that go on.
"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import Literal, NamedTuple

from weir.contract import ids
from weir.core.schedules.calendar import Calendar

Overlap = Literal["skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow"]
Why = Literal["overlap", "missed", "queue_full"]

AT_ONCE = 500  # times answered by one decision
QUEUE = 1_000  # times that wait for the run before them
REQUESTS = 100  # requests that are remembered, so that none is taken twice


class Schedule(NamedTuple):
    """What somebody wrote.

    No time before `starts_ms` counts: that is when it was made, changed or resumed last.
    `catch_up_ms` is how late a time may still be answered with a run.
    """

    id: str
    calendar: Calendar
    starts_ms: int
    ends_ms: int | None = None
    overlap: Overlap = "skip"
    catch_up_ms: int = 3_600_000
    jitter_ms: int = 0
    paused: bool = False

    def due(self, nominal_ms: int) -> int:
        """When the run of a time begins: the same moment to everybody."""
        if not self.jitter_ms:
            return nominal_ms
        spread = ids.derived("fire", self.id, str(nominal_ms)).encode()
        return nominal_ms + int.from_bytes(spread) % self.jitter_ms

    def run_of(self, time: Time) -> str:
        """The id of the run of a time."""
        return ids.derived("run", self.id, str(time.nominal_ms), time.request)


class Time(NamedTuple):
    """A time that was to be answered, of the calendar or of a request."""

    nominal_ms: int
    request: str = ""


class Fired(NamedTuple):
    """A run begins for this time."""

    time: Time
    run_id: str


class Skipped(NamedTuple):
    """No run begins for so many times (or more, if that is `AT_ONCE`), up to this one."""

    time: Time
    why: Why
    times: int = 1


class Queued(NamedTuple):
    """A run begins for this time when those before it have ended."""

    time: Time


class Replaced(NamedTuple):
    """The runs that go on are to end; then comes this time, and nothing else that waited."""

    time: Time
    terminate: bool


class Asked(NamedTuple):
    """Somebody wants the times of a range answered; with `now`, its end alone, whatever it is."""

    request: str
    after_ms: int
    upto_ms: int
    overlap: Overlap = "allow"
    now: bool = False


class Served(NamedTuple):
    """All that was asked for is answered."""

    request: str


class Ended(NamedTuple):
    """A run of this schedule has ended, or cannot begin."""

    run_id: str


Event = Fired | Skipped | Queued | Replaced | Asked | Served | Ended


class State(NamedTuple):
    """Every time up to `cursor_ms` is answered. `ending`: runs that were told to end.

    `terminate`: the last that were told so were not to undo anything.
    """

    cursor_ms: int
    running: tuple[Fired, ...] = ()
    ending: tuple[str, ...] = ()
    terminate: bool = False
    queue: tuple[Time, ...] = ()
    asked: tuple[Asked, ...] = ()  # what is left of each
    taken: tuple[str, ...] = ()  # requests, the last ones


class Decision(NamedTuple):
    """The events, and the state with them.

    `wake_at`: when to look again if nothing comes, None: never; it is now where more is to be done.
    """

    state: State
    events: tuple[Event, ...]
    wake_at: int | None


def evolve(state: State, event: Event) -> State:
    """Fold one event; what comes twice changes nothing."""
    match event:
        case Fired(time, run_id):
            known = any(one.run_id == run_id for one in state.running)
            running = state.running if known else (*state.running, event)
            queue = tuple(one for one in state.queue if one != time)
            return _answered(state, time)._replace(running=running, queue=queue)
        case Skipped(time):
            return _answered(state, time)
        case Queued(time):
            queue = state.queue if time in state.queue else (*state.queue, time)
            return _answered(state, time)._replace(queue=queue)
        case Replaced(time, terminate):
            ending = tuple(one.run_id for one in state.running)
            told = state._replace(queue=(time,), ending=ending, terminate=terminate)
            return _answered(told, time)
        case Ended(run_id):
            return state._replace(
                running=tuple(one for one in state.running if one.run_id != run_id),
                ending=tuple(one for one in state.ending if one != run_id),
            )
        case Asked(request):
            if request in state.taken:
                return state
            taken = (*state.taken, request)[-REQUESTS:]
            return state._replace(asked=(*state.asked, event), taken=taken)
        case Served(request):
            return state._replace(asked=tuple(one for one in state.asked if one.request != request))


def _answered(state: State, time: Time) -> State:
    if not time.request:
        return state._replace(cursor_ms=max(state.cursor_ms, time.nominal_ms))
    return state._replace(
        asked=tuple(
            one._replace(after_ms=max(one.after_ms, time.nominal_ms))
            if one.request == time.request
            else one
            for one in state.asked
        )
    )


class _Decider:
    """One decision in the making."""

    def __init__(self, schedule: Schedule, state: State, now_ms: int) -> None:
        self.schedule = schedule
        self.state = state
        self.now_ms = now_ms
        self.events: list[Event] = []

    @property
    def full(self) -> bool:
        return len(self.events) >= AT_ONCE

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self.state = evolve(self.state, event)

    def calendar(self) -> int | None:
        """Answer what is due by the calendar; when the next time is due."""
        schedule, state = self.schedule, self.state
        after = max(state.cursor_ms, schedule.starts_ms - 1)
        if missed := self._missed(after):
            self.tell(missed)
            after = missed.time.nominal_ms
        for nominal_ms in schedule.calendar.since(after):
            if schedule.ends_ms is not None and nominal_ms > schedule.ends_ms:
                return None
            if schedule.due(nominal_ms) > self.now_ms:
                return schedule.due(nominal_ms)
            if self.full:
                return self.now_ms
            self.answer(Time(nominal_ms), schedule.overlap)
        return None

    def _missed(self, after: int) -> Skipped | None:
        """Those that are too late for a run, in one."""
        schedule = self.schedule
        late_ms = self.now_ms - schedule.catch_up_ms - schedule.jitter_ms - 1
        if schedule.ends_ms is not None:
            late_ms = min(late_ms, schedule.ends_ms)
        late = takewhile(lambda at: at <= late_ms, schedule.calendar.since(after))
        found = list(islice(late, AT_ONCE + 1))
        if not found:
            return None
        # More than one can count: the cursor goes where all of them are behind it.
        last = found[-1] if len(found) <= AT_ONCE else late_ms
        return Skipped(Time(last), "missed", min(len(found), AT_ONCE))

    def requests(self) -> None:
        """Answer what was asked for, in its order."""
        for asked in self.state.asked:
            if asked.now:
                self.answer(Time(asked.upto_ms, asked.request), asked.overlap)
            else:
                for nominal_ms in self.schedule.calendar.since(asked.after_ms):
                    if nominal_ms > asked.upto_ms:
                        break
                    if self.full:
                        return
                    self.answer(Time(nominal_ms, asked.request), asked.overlap)
            self.tell(Served(asked.request))

    def answer(self, time: Time, overlap: Overlap) -> None:
        """What becomes of a time that is due."""
        state = self.state
        if overlap == "allow" or not (state.running or state.queue):
            self.fire(time)
        elif overlap == "skip":
            self.tell(Skipped(time, "overlap"))
        elif overlap == "buffer_one":
            self.tell(Skipped(time, "overlap") if state.queue else Queued(time))
        elif overlap == "buffer_all":
            self.tell(Skipped(time, "queue_full") if len(state.queue) >= QUEUE else Queued(time))
        else:
            self.tell(Replaced(time, terminate=overlap == "terminate_other"))

    def fire(self, time: Time) -> None:
        self.tell(Fired(time, self.schedule.run_of(time)))


def decide(schedule: Schedule, state: State, now_ms: int) -> Decision:
    """What is to happen now."""
    turn = _Decider(schedule, state, now_ms)
    if not turn.state.running and turn.state.queue:
        turn.fire(turn.state.queue[0])
    turn.requests()
    wake_at = None if schedule.paused else turn.calendar()
    if turn.full:
        wake_at = now_ms
    return Decision(turn.state, tuple(turn.events), wake_at)
