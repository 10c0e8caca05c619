"""One run that the projection holds in memory, and the rows it has to write for it.

The run is folded as everybody folds it (`core.runlog`); its rows show what the
owner sees: the last decision and the facts after it. What a row holds depends
on the messages alone and not on how they were batched, so views that are
rebuilt are the same, to the last number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from weir.contract.codec import encode
from weir.contract.messages import (
    AttributesSet,
    CompensationStarted,
    Envelope,
    Error,
    Event,
    IterationCompleted,
    RunStarted,
    SectionEntered,
    StepFailed,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerSet,
)
from weir.contract.times import to_ms
from weir.core.gates import waits_for
from weir.core.runlog import RunLog, Transition
from weir.core.scope import labels_of, search_of
from weir.core.state import ENDED, LOOPS, STEP_ENDED, Blob, Block, Moving, RunState, Step
from weir.ports.letters import DeadRow
from weir.ports.views import NO_LABELS, AttemptRow, RunRow, StepRow, level_of
from weir.runtime.projector.letters import BEGIN, Letters
from weir.runtime.projector.nested import ITERATION, Counts, Inside


class HotRun:
    """A run, what of it can still change, and what is not written yet."""

    __slots__ = (
        "_attempts",
        "_began",
        "_fresh",
        "_inside",
        "_labels",
        "_last",
        "_letters",
        "_open",
        "_origin_step",
        "_search",
        "_touched",
        "checked",
        "ended",
        "first_seq",
        "log",
        "seq",
        "tenant",
    )

    def __init__(self, tenant: str, first_seq: int) -> None:
        self.tenant = tenant
        self.log = RunLog(watch=self._see)
        self.first_seq = first_seq
        self.seq = first_seq
        self.ended = False
        self.checked = False  # a broken chain was looked into
        self._letters: Letters | None = None
        self._began = False
        self._fresh = True
        self._origin_step: str | None = None
        self._labels = ""  # as the run has changed them
        self._search = NO_LABELS
        self._inside = Inside()
        self._touched: dict[str, int] = {}  # path -> sequence of the message that changed it
        self._last: list[StepRow] = []  # rows of steps that were let go before they were written
        self._open: dict[str, AttemptRow] = {}  # path -> its current attempt, while undecided
        self._attempts: dict[tuple[str, int], AttemptRow] = {}

    def feed(self, seq: int, data: bytes, envelope: Envelope) -> int:
        """Fold one message; returns how many of its events are of a kind not known here."""
        log = self.log
        self.seq = seq
        if not envelope.turn:
            return self._feed_fact(seq, data, envelope)
        places = self._inside.places
        for fact in log.pending:
            # Decided on or found late: either way what is shown of its step may change.
            path = fact.envelope.events[0].step
            if path in places:
                self._touched[path] = seq
        transitions = log.feed(seq, data, envelope)
        if log.state is not None and len(transitions) < len(envelope.events):
            return sum(event.kind is None for event in envelope.events)
        return 0

    def _feed_fact(self, seq: int, data: bytes, envelope: Envelope) -> int:
        self.log.feed(seq, data, envelope)
        if not envelope.events:
            return 0
        event = envelope.events[0]
        if event.step:
            if event.step in self._inside.places:
                self._touched[event.step] = seq
        elif isinstance(event.kind, RunStarted) and not self._began:
            self._begin(event.kind)
        return event.kind is None

    def written(self) -> None:
        """Everything so far is in the views."""
        self._fresh = False
        if self._letters is not None:
            self._letters.written()
        self._touched.clear()
        self._last.clear()
        self._attempts.clear()

    def rows(self) -> tuple[RunRow, list[StepRow], list[AttemptRow]] | None:
        """The rows of what changed since `written`; None before the start."""
        state = self.log.tentative
        if state is None:
            return None
        steps, inside = list(self._last), self._inside
        for path, seq in self._touched.items():
            place = inside.places.get(path)
            if place is not None:
                step = state.steps.get(path, inside.steps[path])
                steps.append(self._row(path, place, step, inside.counts(path), seq))
        if self.log.pending:
            self._show_pending()
        return self._run(state), steps, list(self._attempts.values())

    def dead(self) -> list[DeadRow]:
        """The letters that changed since `written`."""
        return self._letters.take() if self._letters is not None else []

    def _row(self, path: str, place: int, step: Step, counts: Counts | None, seq: int) -> StepRow:
        total, done, failed = counts or _NO_INSIDE
        return StepRow(
            self.tenant,
            self.first_seq,
            place,
            path,
            step.status,
            step.attempt,
            step.node_type,
            step.queue,
            step.port,
            None if step.output is None else text(step.output),
            None if step.error is None else _error(step.error),
            step.scheduled_ms or None,
            step.started_ms or None,
            step.ended_ms or None,
            step.wake_ms or None,
            seq,
            level_of(path),
            step.waits,
            total,
            done,
            failed,
        )

    def _run(self, state: RunState) -> RunRow:
        start = state.start
        return RunRow(
            start.tenant,
            start.run_id,
            start.workflow_id,
            start.version,
            start.trigger_node,
            start.trigger_kind,
            start.started_by,
            self._labels or (text(start.labels) if start.labels else NO_LABELS),
            start.started_ms,
            self.first_seq,
            text(start.input) if self._fresh else None,
            text(start.trigger) if self._fresh and start.trigger else None,
            state.status,
            None if state.output is None else text(state.output),
            None if state.error is None else _error(state.error),
            state.ended_ms or None,
            self.seq,
            start.parent.run_id if start.parent is not None else None,
            start.parent.step if start.parent is not None else None,
            start.origin or None,
            self._origin_step,
            self._search,
            waits_for(state),
            start.project,
        )

    # -- following what is inside --

    def _begin(self, started: RunStarted) -> None:
        """The run begins with its trigger, and with what it took over from another one."""
        state = self.log.tentative
        if state is None:
            return
        self._began = True
        first = started.trigger_node
        if started.origin is None:
            if first:
                self._note(first, state.steps[first])
            return
        self._origin_step = started.origin.step
        if state.nest.labels or state.nest.search:
            self._name(state)
        for path in sorted(state.steps, key=lambda path: (path != first, path)):
            self._note(path, state.steps[path])
        at_ms = state.start.started_ms
        for path, block in sorted(state.nest.blocks.items()):
            if block.kind in LOOPS:
                for at, ended in sorted(block.rounds.items()):
                    self._see_round(path, at, "succeeded" if ended else "running", at_ms)
                self._inside.begun[path] = block.next
                self._loop(path, block, at_ms)

    def _see(self, run: Moving | RunState, change: Transition) -> None:
        """An event was folded: look at its step, and at what ends with it."""
        event, at_ms = change.event, change.at_ms
        kind, path = event.kind, event.step
        of = type(kind)
        if of in _OF_ATTEMPTS:
            self._count(event, at_ms)
        if self._letters is None and of in BEGIN:
            self._letters = Letters(self.tenant, self.first_seq)
        if self._letters is not None:
            self._letters.see(run, change, self.seq)
        step = run.steps.get(path) if path else None
        if step is not None:
            self._note(path, step)
        if of is AttributesSet:
            self._name(run)
            self._fresh = True  # what it is found by is written with the start's values
        if of in _OF_INSIDES:
            self._follow(run, event, at_ms)
        elif run.status in ENDED:
            self.ended = True
            self._cancel(self._inside.close("", at_ms), at_ms)
            self._give_up(list(self._open), at_ms)
        elif step is not None and step.status in STEP_ENDED:
            self._cancel(self._inside.close(path, at_ms), at_ms)
        block = run.nest.blocks.get(path)
        if block is not None and block.kind in LOOPS:
            self._loop(path, block, at_ms)

    def _name(self, run: Moving | RunState) -> None:
        """What the run is found by is no longer what it was started with."""
        self._labels, self._search = text(dict(labels_of(run))), text(dict(search_of(run)))

    def _follow(self, run: Moving | RunState, event: Event, at_ms: int) -> None:
        """What ends in a container, though the container goes on."""
        kind, path = event.kind, event.step
        if isinstance(kind, IterationCompleted):
            self._end_iteration(path, kind, at_ms)
            return
        self._cancel(self._inside.close(path, at_ms), at_ms)
        if isinstance(kind, SectionEntered):
            failed = kind.error.step if kind.error is not None else ""
            if failed in run.steps and failed in self._inside.places:
                self._note(failed, run.steps[failed])

    def _note(self, path: str, step: Step) -> None:
        self._touched[path] = self.seq
        counting = self._inside.see(path, step)
        if counting:
            self._touched[counting] = self.seq

    def _loop(self, path: str, block: Block, at_ms: int) -> None:
        """Iterations that have begun since the loop was last looked at."""
        inside = self._inside
        for at in range(inside.begun.get(path, 0), block.next):
            self._see_round(path, at, "running", at_ms)
        inside.begun[path] = block.next
        failed = (inside.counts(path) or Counts()).failed
        inside.count(path, Counts(block.total, block.done, failed))
        self._touched[path] = self.seq

    def _see_round(self, path: str, at: int, status: str, at_ms: int) -> None:
        place = f"{path}[{at}]"
        begun = Step(status, node_type=ITERATION, scheduled_ms=at_ms, started_ms=at_ms)
        self._inside.see_iteration(place, begun)
        self._touched[place] = self.seq

    def _end_iteration(self, path: str, kind: IterationCompleted, at_ms: int) -> None:
        inside, place = self._inside, f"{path}[{kind.index}]"
        step = inside.steps.get(place)
        if step is not None:
            status = "succeeded" if kind.error is None else "failed"
            done = step._replace(
                status=status, error=kind.error, output=kind.output, ended_ms=at_ms
            )
            inside.see_iteration(place, done)
            self._touched[place] = self.seq
        self._cancel(inside.close_scope(place, at_ms), at_ms)
        if kind.error is not None:
            counts = inside.counts(path) or Counts()
            inside.count(path, counts._replace(failed=counts.failed + 1))
        if kind.keep:
            return  # its steps may have to be undone
        for gone, at, last, counts_of in inside.forget(place):
            seq = self._touched.pop(gone, None)
            if seq is not None:
                self._last.append(self._row(gone, at, last, counts_of, seq))

    def _cancel(self, paths: Sequence[str], at_ms: int) -> None:
        if paths:
            self._touched.update(dict.fromkeys(paths, self.seq))
            self._give_up(paths, at_ms)

    def _give_up(self, paths: Iterable[str], at_ms: int) -> None:
        """The attempts of these steps are over without an outcome."""
        for path in paths:
            row = self._open.pop(path, None)
            if row is not None:
                self._attempts[path, row.attempt] = row._replace(
                    status="cancelled", ended_ms=at_ms, seq=self.seq
                )

    def _count(self, event: Event, at_ms: int) -> None:
        """Follow the attempts of a step that runs on executors."""
        kind, path, seq = event.kind, event.step, self.seq
        if type(kind) is TaskScheduled:
            at, run = event.attempt, self.first_seq
            row = AttemptRow(self.tenant, run, path, at, "queued", "", None, at_ms, None, None, seq)
            self._open[path] = self._attempts[path, at] = row
            return
        open_row = self._open.pop(path, None)
        if open_row is None:
            return
        if type(kind) is TaskSucceeded or type(kind) is TaskFailed:
            done = _done(open_row, kind, at_ms, seq)
        else:
            # An attempt without an outcome of its own: the owner gave it up.
            why = kind.error if isinstance(kind, StepFailed | TimerSet) else None
            error = None if why is None else _error(why)
            done = open_row._replace(status="failed", error=error, ended_ms=at_ms, seq=seq)
        self._attempts[path, done.attempt] = done

    def _show_pending(self) -> None:
        """Attempts as the facts after the last decision leave them; what is decided may differ."""
        shown = set()
        for fact in self.log.pending:
            event = fact.envelope.events[0]
            kind = event.kind
            row = self._open.get(event.step)
            if row is None or row.attempt != event.attempt or event.step in shown:
                continue
            if type(kind) is TaskSucceeded or type(kind) is TaskFailed:
                shown.add(event.step)  # the first outcome counts
                self._attempts[event.step, row.attempt] = _done(
                    row, kind, to_ms(fact.envelope.at), fact.seq
                )


_NO_INSIDE = (None, None, None)
# By the type itself: of the dozens there are most mean nothing here, and each question whether an
# event is of another one costs as much as all that is done about a plain step.
_OF_ATTEMPTS = frozenset({TaskScheduled, TaskSucceeded, TaskFailed, StepFailed, TimerSet})
_OF_INSIDES = frozenset({IterationCompleted, SectionEntered, CompensationStarted})


def _done(row: AttemptRow, kind: TaskSucceeded | TaskFailed, at_ms: int, seq: int) -> AttemptRow:
    status, error = "succeeded", None
    if type(kind) is TaskFailed:
        status, error = "failed", _error(kind.error) if kind.error else None
    return AttemptRow(
        row.tenant,
        row.run,
        row.path,
        row.attempt,
        status,
        kind.worker,
        error,
        row.queued_ms,
        to_ms(kind.started_at) if kind.started_at else None,
        at_ms,
        seq,
    )


def text(value: Any) -> str:
    """A value of a run as JSON; one kept outside the log shows as its reference."""
    if isinstance(value, Blob):
        value = value.show()
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(value)


def _error(error: Error) -> str:
    return encode(error).decode()
