"""One run that the projection holds in memory, and the rows it has to write for it.

The run is folded as everybody folds it (`core.runlog`); its rows show what the
owner sees: the last decision and the facts after it. What a row holds depends
on the messages alone and not on how they were batched, so views that are
rebuilt are the same, to the last number.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from weir.contract.codec import encode
from weir.contract.messages import (
    Envelope,
    Error,
    StepFailed,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerSet,
)
from weir.contract.times import to_ms
from weir.core.runlog import RunLog, Transition
from weir.core.state import ENDED, Blob, RunState
from weir.ports.views import NO_LABELS, AttemptRow, RunRow, StepRow


class HotRun:
    """A run, the places of its steps and what of it is not written yet."""

    __slots__ = (
        "_attempts",
        "_fresh",
        "_open",
        "_places",
        "_touched",
        "checked",
        "ended",
        "first_seq",
        "log",
        "seq",
    )

    def __init__(self, first_seq: int) -> None:
        self.log = RunLog()
        self.first_seq = first_seq
        self.seq = first_seq
        self.ended = False
        self.checked = False  # a broken chain was looked into
        self._fresh = True
        self._places: dict[str, int] = {}
        self._touched: dict[str, int] = {}  # path -> sequence of the message that changed it
        self._open: dict[str, AttemptRow] = {}  # path -> its current attempt, while undecided
        self._attempts: dict[tuple[str, int], AttemptRow] = {}

    def feed(self, seq: int, data: bytes, envelope: Envelope) -> int:
        """Fold one message; returns how many of its events are of a kind not known here."""
        log = self.log
        self.seq = seq
        if not envelope.turn:
            return self._feed_fact(seq, data, envelope)
        for fact in log.pending:
            # Decided on or found late: either way what is shown of its step may change.
            self._touch(fact.envelope.events[0].step, seq)
        transitions = log.feed(seq, data, envelope)
        state = log.state
        if state is None:
            return 0
        touched, places = self._touched, self._places
        for transition in transitions:
            path = transition.event.step
            if path:
                touched[path] = seq
                if path not in places:
                    places[path] = len(places)
            self._count(transition, seq, state)
        if state.status in ENDED:
            self._end(state, seq)
        if len(transitions) < len(envelope.events):
            return sum(event.kind is None for event in envelope.events)
        return 0

    def _feed_fact(self, seq: int, data: bytes, envelope: Envelope) -> int:
        self.log.feed(seq, data, envelope)
        for event in envelope.events[:1]:
            if event.step:
                self._touch(event.step, seq)
            elif event.run_started is not None and event.run_started.trigger_node:
                path = event.run_started.trigger_node
                self._places.setdefault(path, len(self._places))
                self._touched[path] = seq
            return event.kind is None
        return 0

    def written(self) -> None:
        """Everything so far is in the views."""
        self._fresh = False
        self._touched.clear()
        self._attempts.clear()

    def rows(self) -> tuple[RunRow, list[StepRow], list[AttemptRow]] | None:
        """The rows of what changed since `written`; None before the start."""
        state = self.log.tentative
        if state is None:
            return None
        steps = []
        tenant, run = state.start.tenant, self.first_seq
        for path, seq in self._touched.items():
            step = state.steps.get(path)
            if step is None:
                continue
            row = StepRow(
                tenant,
                run,
                self._places[path],
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
            )
            steps.append(row)
        if self.log.pending:
            self._show_pending()
        return self._run(state), steps, list(self._attempts.values())

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
            text(start.labels) if start.labels else NO_LABELS,
            start.started_ms,
            self.first_seq,
            text(start.input) if self._fresh else None,
            text(start.trigger) if self._fresh and start.trigger else None,
            state.status,
            None if state.output is None else text(state.output),
            None if state.error is None else _error(state.error),
            state.ended_ms or None,
            self.seq,
        )

    def _touch(self, path: str, seq: int) -> None:
        if path in self._places:
            self._touched[path] = seq

    def _end(self, state: RunState, seq: int) -> None:
        """The end of a run cancels what was open, without an event of its own."""
        self.ended = True
        for path, step in state.steps.items():
            if step.status == "cancelled":
                self._touched[path] = seq
        for path, row in self._open.items():
            self._attempts[path, row.attempt] = row._replace(
                status="cancelled", ended_ms=state.ended_ms, seq=seq
            )
        self._open.clear()

    def _count(self, transition: Transition, seq: int, state: RunState) -> None:
        """Follow the attempts of a step that runs on executors."""
        event, at_ms = transition.event, transition.at_ms
        kind = event.kind
        if isinstance(kind, TaskScheduled):
            row = AttemptRow(
                tenant=state.start.tenant,
                run=self.first_seq,
                path=event.step,
                attempt=event.attempt,
                status="queued",
                worker="",
                error=None,
                queued_ms=at_ms,
                started_ms=None,
                ended_ms=None,
                seq=seq,
            )
            self._open[event.step] = row
            self._attempts[event.step, event.attempt] = row
        elif isinstance(kind, TaskSucceeded | TaskFailed):
            open_row = self._open.pop(event.step, None)
            if open_row is not None:
                done = _done(open_row, kind, at_ms, seq)
                self._attempts[event.step, done.attempt] = done
        elif isinstance(kind, StepFailed | TimerSet):
            # An attempt without an outcome of its own: the owner gave it up.
            open_row = self._open.pop(event.step, None)
            if open_row is not None:
                error = None if kind.error is None else _error(kind.error)
                self._attempts[event.step, open_row.attempt] = open_row._replace(
                    status="failed", error=error, ended_ms=at_ms, seq=seq
                )

    def _show_pending(self) -> None:
        """Attempts as the facts after the last decision leave them; what is decided may differ."""
        shown = set()
        for fact in self.log.pending:
            event = fact.envelope.events[0]
            kind = event.kind
            row = self._open.get(event.step)
            if row is None or row.attempt != event.attempt or event.step in shown:
                continue
            if isinstance(kind, TaskSucceeded | TaskFailed):
                shown.add(event.step)  # the first outcome counts
                self._attempts[event.step, row.attempt] = _done(
                    row, kind, to_ms(fact.envelope.at), fact.seq
                )


def _done(row: AttemptRow, kind: TaskSucceeded | TaskFailed, at_ms: int, seq: int) -> AttemptRow:
    failed = isinstance(kind, TaskFailed)
    return row._replace(
        status="failed" if failed else "succeeded",
        worker=kind.worker,
        error=_error(kind.error) if isinstance(kind, TaskFailed) and kind.error else None,
        started_ms=to_ms(kind.started_at) if kind.started_at else None,
        ended_ms=at_ms,
        seq=seq,
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
