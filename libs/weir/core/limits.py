"""A limit that runs share: who holds a slot, who waits for one, who may not have it.

Promises: never more than `limit` runs hold a slot; slots go by priority, then
first come first served; a run is answered once, and the answer stands until
the run is returned. `evolve` is total: an ask or a return that comes twice, or
late, changes nothing. The newest ask says how many slots there are; those who
hold one keep it. A debounce is a limit without a number: of the runs that ask,
the newest one goes on when nobody has asked for its time, and takes the place
of those before it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from immutables import Map

from weir.contract.messages import (
    HolderRecalled,
    LimitEvent,
    Message,
    SlotAsked,
    SlotGranted,
    SlotRefused,
    SlotReturned,
)
from weir.core import breaker
from weir.core.breaker import Integration
from weir.core.frontier import Fifo
from weir.core.gates import PRIORITIES

TURN_EVENTS = 256


class Entry(NamedTuple):
    """A run that has asked. `verdict`: granted, rejected or replaced; empty while it waits."""

    priority: str
    policy: str
    for_ms: float
    asked_ms: int
    verdict: str = ""
    by: str = ""
    recalled: str = ""  # the run for which it was asked to end


class LimitState(NamedTuple):
    """A limit, as its log has it."""

    limit: int = 0
    entries: Map[str, Entry] = Map()  # by run
    lanes: tuple[Fifo, ...] = tuple(Fifo() for _ in PRIORITIES)  # who waits, by priority
    fresh: Fifo = Fifo()  # who has asked and was not looked at
    held: int = 0
    integration: Integration | None = None  # of one that guards calls, not runs
    seen: int = 0
    turn: int = 0

    def is_left(self, now_ms: int) -> bool:
        """Whether there is anything of it that must be remembered."""
        calls = self.integration
        return bool(self.entries) or (calls is not None and calls.is_left(now_ms))


class Verdict(NamedTuple):
    """What to append now, and when to look again without being woken."""

    state: LimitState
    events: tuple[LimitEvent, ...] = ()
    wake_at: int | None = None
    again: bool = False


def evolve(state: LimitState, kind: Message | None, at_ms: int) -> LimitState:
    """The limit after one event recorded at `at_ms`."""
    if breaker.concerns(kind):
        calls = breaker.evolve(state.integration or Integration(), kind, at_ms)
        return state._replace(integration=calls)
    match kind:
        case SlotAsked() if kind.run_id and kind.run_id not in state.entries:
            return _asked(state, kind, at_ms)
        case SlotReturned():
            return _without(state, kind.run_id)
        case SlotGranted():
            return _answered(state, kind.run_id, "granted", "")
        case SlotRefused():
            return _answered(state, kind.run_id, kind.verdict, kind.by)
        case HolderRecalled():
            entry = state.entries.get(kind.run_id)
            if entry is None or entry.recalled:
                return state
            recalled = entry._replace(recalled=kind.by)
            return state._replace(entries=state.entries.set(kind.run_id, recalled))
        case _:
            return state


def _asked(state: LimitState, kind: SlotAsked, at_ms: int) -> LimitState:
    priority = kind.priority if kind.priority in PRIORITIES else "normal"
    entry = Entry(priority, kind.policy or "queue", kind.for_ms, at_ms)
    lane = PRIORITIES.index(priority)
    lanes = list(state.lanes)
    lanes[lane] = lanes[lane].push(kind.run_id)
    return state._replace(
        limit=kind.limit,
        entries=state.entries.set(kind.run_id, entry),
        lanes=tuple(lanes),
        fresh=state.fresh.push(kind.run_id),
    )


def _answered(state: LimitState, run_id: str, verdict: str, by: str) -> LimitState:
    entry = state.entries.get(run_id)
    if entry is None or entry.verdict:
        return state
    entries = state.entries.set(run_id, entry._replace(verdict=verdict, by=by))
    return _tidy(state._replace(entries=entries, held=state.held + (verdict == "granted")))


def _without(state: LimitState, run_id: str) -> LimitState:
    entry = state.entries.get(run_id)
    if entry is None:
        return state
    held = state.held - (entry.verdict == "granted")
    return _tidy(state._replace(entries=state.entries.delete(run_id), held=held))


def _tidy(state: LimitState) -> LimitState:
    """Drop what the front of the queues no longer asks for."""
    lanes = tuple(_dropped(lane, state.entries) for lane in state.lanes)
    return state._replace(lanes=lanes, fresh=_dropped(state.fresh, state.entries))


def _dropped(queue: Fifo, entries: Map[str, Entry]) -> Fifo:
    while queue.head < queue.tail:
        entry = entries.get(queue.items[queue.head])
        if entry is not None and not entry.verdict:
            break
        queue = queue.drop(queue.head)
    return queue


def waiting(state: LimitState) -> list[str]:
    """Who waits, in the order in which they go."""
    found = []
    for lane in state.lanes:
        for _, run_id in lane:
            entry = state.entries.get(run_id)
            if entry is not None and not entry.verdict:
                found.append(run_id)
    return found


def decide(state: LimitState, now_ms: int) -> Verdict:
    """What is missing: refusals, recalls, grants."""
    if state.integration is not None:
        stands = breaker.decide(state.integration, now_ms)
        if stands is None:
            return Verdict(state)
        return Verdict(evolve(state, stands, now_ms), (LimitEvent.of(stands),))
    return _Deciding(state, now_ms).verdict()


class _Deciding:
    """A limit that moves along with what is decided."""

    def __init__(self, state: LimitState, now_ms: int) -> None:
        self.state = state
        self.now = now_ms
        self.events: list[LimitEvent] = []
        self.wake_at: int | None = None

    def verdict(self) -> Verdict:
        full = self._look_at_fresh() or self._grant()
        return Verdict(self.state, tuple(self.events), self.wake_at, again=full)

    def _record(self, kind: SlotGranted | SlotRefused | HolderRecalled) -> None:
        self.events.append(LimitEvent.of(kind))
        self.state = evolve(self.state, kind, self.now)

    def _full(self) -> bool:
        return len(self.events) >= TURN_EVENTS

    def _look_at_fresh(self) -> bool:
        """Each new ask, once: it may replace others, or not be let wait."""
        fresh = sorted(self.state.fresh.items.items())
        for place, (at, run_id) in enumerate(fresh):
            if self._full():
                return True
            entry = self.state.entries.get(run_id)
            if entry is not None and not entry.verdict:
                if entry.for_ms or entry.policy == "replace":
                    self._replace_others(run_id, {later for _, later in fresh[place + 1 :]})
                elif entry.policy == "reject" and not self._is_next(run_id):
                    self._record(SlotRefused(run_id=run_id, verdict="rejected"))
            # Looking at it again would decide the same; where nothing was decided the log need
            # not show that it was looked at.
            if at in self.state.fresh.items:
                self.state = self.state._replace(fresh=self.state.fresh.drop(at))
        return False

    def _is_next(self, run_id: str) -> bool:
        """Whether there is a slot for it now, behind those that wait already."""
        ahead = 0
        for other in waiting(self.state):
            if other == run_id:
                break
            ahead += 1
        return self.state.held + ahead < self.state.limit

    def _replace_others(self, run_id: str, later: set[str]) -> None:
        """Those that wait give way, and the holder that is one too many is asked to end."""
        ask = self.state.entries[run_id]
        for other in waiting(self.state):
            entry = self.state.entries[other]
            same = bool(entry.for_ms) == bool(ask.for_ms) and entry.policy == ask.policy
            if other != run_id and same and other not in later:
                self._record(SlotRefused(run_id=other, verdict="replaced", by=run_id))
        if ask.for_ms:
            return
        holders = [
            (entry.asked_ms, other)
            for other, entry in self.state.entries.items()
            if entry.verdict == "granted"
        ]
        kept = [one for one in holders if not self.state.entries[one[1]].recalled]
        for _, other in sorted(kept)[: max(0, len(kept) - self.state.limit + 1)]:
            self._record(HolderRecalled(run_id=other, by=run_id))

    def _grant(self) -> bool:
        for lane in range(len(PRIORITIES)):
            for _, run_id in self.state.lanes[lane]:
                entry = self.state.entries.get(run_id)
                if entry is None or entry.verdict:
                    continue
                if self._full():
                    return True
                if entry.for_ms:
                    due = entry.asked_ms + int(entry.for_ms)
                    if due > self.now:
                        self.wake_at = min(due, self.wake_at or due)
                        continue
                elif self.state.held >= self.state.limit:
                    return False
                self._record(SlotGranted(run_id=run_id))
        return False


# -- as a value, and back --


def take(state: LimitState) -> dict[str, Any]:
    """Everything that is recorded, as a JSON value."""
    order = {run_id: at for at, run_id in enumerate(waiting(state))}
    fresh = {run_id for _, run_id in state.fresh}
    return {
        "limit": state.limit,
        "integration": None if state.integration is None else breaker.take(state.integration),
        "seen": state.seen,
        "turn": state.turn,
        "entries": [
            {"run_id": run_id, **entry._asdict(), "fresh": run_id in fresh}
            for run_id, entry in sorted(
                state.entries.items(), key=lambda one: (order.get(one[0], -1), one[0])
            )
        ],
    }


def restore(value: dict[str, Any]) -> LimitState:
    """The state that was taken."""
    calls = value.get("integration")
    state = LimitState(
        limit=value["limit"],
        integration=None if calls is None else breaker.restore(calls),
        seen=value["seen"],
        turn=value["turn"],
    )
    entries: dict[str, Entry] = {}
    lanes, fresh, held = list(state.lanes), state.fresh, 0
    for raw in value["entries"]:
        fields = dict(raw)
        run_id, is_fresh = fields.pop("run_id"), fields.pop("fresh")
        entry = entries[run_id] = Entry(**{**fields, "asked_ms": int(fields["asked_ms"])})
        held += entry.verdict == "granted"
        if not entry.verdict:
            lane = PRIORITIES.index(entry.priority)
            lanes[lane] = lanes[lane].push(run_id)
            if is_fresh:
                fresh = fresh.push(run_id)
    return state._replace(entries=Map(entries), lanes=tuple(lanes), fresh=fresh, held=held)
