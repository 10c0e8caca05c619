"""The dead letters of one run, followed as the run is folded.

A letter is made by what the owner has decided: a run that failed (unless it is
spared), a step that was given up as poison or that its definition wants kept,
a run that was set aside. The same history always makes the same letters.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, NamedTuple

from weir.contract import ids, subjects
from weir.contract.codec import encode
from weir.contract.messages import (
    DeadLetterHandled,
    Error,
    EventRefused,
    RegistryRecord,
    RunCancelled,
    RunFailed,
    RunPaused,
    RunResumed,
    RunSucceeded,
    StepCompleted,
    StepFailed,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
    TimerSet,
    WaitStarted,
)
from weir.contract.subjects import RunKey
from weir.contract.times import to_ms
from weir.core.runlog import Transition
from weir.core.state import Moving, RunState
from weir.ports.letters import DeadRow, HandledRow
from weir.ports.log import Stored
from weir.ports.views import Name
from weir.runtime import metrics
from weir.runtime.projector.fold import Rows, left_out

POISON = "POISON_TASK"
_SET_ASIDE = {"RUN_QUARANTINED": "quarantined"}
# What a run must have gone through to have letters; all else only settles them.
BEGIN = frozenset(
    {TaskScheduled, TaskFailed, TimerSet, WaitStarted, StepFailed, RunPaused, RunFailed}
)
_REMEMBERED = 200  # failed steps of a run of which more is known than their error


class _Tried(NamedTuple):
    payload_seq: int
    attempts: int = 0
    first_ms: int = 0


class Letters:
    """Those of one run."""

    __slots__ = ("_changed", "_failed", "_letters", "_tried", "first_seq", "tenant")

    def __init__(self, tenant: str, first_seq: int) -> None:
        self.tenant = tenant
        self.first_seq = first_seq
        self._letters: dict[str, DeadRow] = {}  # by path
        self._changed: set[str] = set()
        self._tried: dict[str, _Tried] = {}  # of steps that are open
        self._failed: OrderedDict[str, _Tried] = OrderedDict()

    def see(self, run: Moving | RunState, change: Transition, seq: int) -> None:
        """An event was folded."""
        event, at_ms = change.event, change.at_ms
        kind, path = event.kind, event.step
        match kind:
            case TaskScheduled():
                known = self._tried.get(path)
                first_ms = 0 if known is None else known.first_ms
                self._tried[path] = _Tried(change.seq, event.attempt, first_ms)
            case TaskSucceeded() | StepCompleted():
                self._tried.pop(path, None)
                self._settle(path, at_ms, seq)
            case TaskFailed() | TimerSet(reason="retry"):
                known = self._tried.get(path, _Tried(self.first_seq))
                self._tried[path] = known if known.first_ms else known._replace(first_ms=at_ms)
            case WaitStarted(what="ask", error=Error(code=code)) if code == POISON:
                tried = self._tried.get(path, _Tried(self.first_seq))
                self._write(run, path, kind.error, "poison", tried, at_ms, seq)
            case StepFailed():
                self._step_failed(run, path, kind, at_ms, seq)
            case RunPaused(error=Error() as error):
                reason = _SET_ASIDE.get(error.code, "parked")
                self._write(run, "", error, reason, _Tried(self.first_seq), at_ms, seq)
            case RunResumed() | RunFailed() | RunSucceeded() | RunCancelled():
                self._settle("", at_ms, seq)
                if isinstance(kind, RunFailed):
                    self._run_failed(run, kind, at_ms, seq)

    def take(self) -> list[DeadRow]:
        """Those that changed since the last time."""
        if not self._changed:
            return []
        rows = [self._letters[path] for path in sorted(self._changed)]
        self._changed.clear()
        return rows

    def written(self) -> None:
        """Everything so far is in the views."""
        self._changed.clear()

    def _step_failed(
        self, run: Moving | RunState, path: str, kind: StepFailed, at_ms: int, seq: int
    ) -> None:
        tried = self._tried.pop(path, _Tried(self.first_seq))
        code = kind.error.code if kind.error is not None else ""
        if kind.dead_letter or code == POISON:
            reason = "poison" if code == POISON else "exhausted"
            self._write(run, path, kind.error, reason, tried, at_ms, seq)
        self._failed[path] = tried if tried.first_ms else tried._replace(first_ms=at_ms)
        if len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)

    def _run_failed(self, run: Moving | RunState, kind: RunFailed, at_ms: int, seq: int) -> None:
        if kind.spared:
            return
        path = kind.error.step if kind.error is not None else ""
        code = kind.error.code if kind.error is not None else ""
        tried = self._failed.get(path, _Tried(self.first_seq))
        reason = "poison" if code == POISON else "exhausted" if path else "failed"
        self._write(run, path, kind.error, reason, tried, at_ms, seq)

    def _write(  # noqa: PLR0913, PLR0917 - what a letter says
        self,
        run: Moving | RunState,
        path: str,
        error: Error | None,
        reason: str,
        tried: _Tried,
        at_ms: int,
        seq: int,
    ) -> None:
        start = run.start
        before = self._letters.get(path)
        first_ms = tried.first_ms or at_ms
        self._letters[path] = DeadRow(
            tenant=self.tenant,
            letter_id=letter_id(start.run_id, self.first_seq, path),
            run=self.first_seq,
            run_id=start.run_id,
            workflow_id=start.workflow_id,
            path=path,
            reason=reason,
            error=None if error is None else encode(error).decode(),
            attempts=tried.attempts,
            first_ms=first_ms if before is None else min(first_ms, before.first_ms),
            last_ms=at_ms,
            failed_seq=seq,
            payload_seq=tried.payload_seq or self.first_seq,
            settled_ms=None,
            seq=seq,
            project=start.project,
        )
        self._changed.add(path)

    def _settle(self, path: str, at_ms: int, seq: int) -> None:
        letter = self._letters.get(path)
        if letter is not None and letter.settled_ms is None:
            self._letters[path] = letter._replace(settled_ms=at_ms, seq=seq)
            self._changed.add(path)


def letter_id(run_id: str, first_seq: int, path: str) -> str:
    """The letter of a step of a run, or of the run itself."""
    return ids.derived("dead", run_id, str(first_seq), path)


def unreadable(key: RunKey, message: Stored, error: Exception) -> DeadRow:
    """The letter of a message that cannot be read."""
    problem = f"{type(error).__name__}: {error}"[:300]
    told = Error(code="RECORD_UNREADABLE", message=f"{message.subject}: {problem}")
    return DeadRow(
        tenant=key.tenant,
        letter_id=ids.derived("dead", key.run_id, str(message.seq), "unreadable"),
        run=message.seq,
        run_id=key.run_id,
        workflow_id="",
        path="",
        reason="unreadable",
        error=encode(told).decode(),
        attempts=0,
        first_ms=message.at_ms,
        last_ms=message.at_ms,
        failed_seq=message.seq,
        payload_seq=message.seq,
        settled_ms=None,
        seq=message.seq,
    )


def of_event(tenant: str, refused: EventRefused, message: Stored) -> DeadRow:
    """The letter of an event that could start no run."""
    return DeadRow(
        tenant=tenant,
        letter_id=refused.letter_id,
        run=message.seq,
        run_id="",
        workflow_id=refused.workflow_id,
        path=refused.node,
        reason="event",
        error=encode(refused.error or Error()).decode(),
        attempts=1,
        first_ms=message.at_ms,
        last_ms=message.at_ms,
        failed_seq=message.seq,
        payload_seq=message.seq,
        settled_ms=None,
        seq=message.seq,
        project=refused.project,
    )


def count(rows: Sequence[DeadRow]) -> None:
    """Tell the metric of letters that are new, or have failed again."""
    for row in rows:
        if row.failed_seq == row.seq:
            metrics.DEAD_LETTERS.labels(row.reason).inc()


class HandledFold:
    """The projection of what the registry has of dead letters. See `fold.Fold`.

    That is what people made of them, and events that could start no run.
    """

    name: ClassVar[Name] = "letters"
    stream: ClassVar[str] = subjects.REGISTRY
    subjects: ClassVar[tuple[str, ...]] = (
        subjects.EVERY_LETTER,
        subjects.EVERY_REFUSED_EVENT,
    )

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], HandledRow] = {}
        self._dead: dict[tuple[str, str], DeadRow] = {}

    async def prepare(self, messages: Sequence[Stored]) -> None:
        """Nothing is needed."""

    def add(self, messages: Sequence[Stored]) -> None:
        """The last record of a letter counts."""
        for message in messages:
            try:
                record = RegistryRecord.model_validate_json(message.data)
                handled = record.kind
                if isinstance(handled, DeadLetterHandled):
                    row = HandledRow(
                        record.tenant,
                        handled.letter_id,
                        handled.action,
                        handled.reason,
                        record.by,
                        to_ms(record.at),
                        int(handled.through or 0),
                        handled.new_run_id,
                        message.seq,
                    )
                    self._rows[row[:2]] = row
                elif isinstance(handled, EventRefused):
                    dead = of_event(record.tenant, handled, message)
                    self._dead[dead[:2]] = dead
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                left_out(self.name, message.subject, message.seq, error)

    def take(self) -> Rows:
        """The rows since the last time."""
        rows, self._rows = list(self._rows.values()), {}
        dead, self._dead = list(self._dead.values()), {}
        count(dead)
        return Rows(handled=rows, dead=dead)

    def clear(self) -> None:
        """Forget the rows."""
        self._rows, self._dead = {}, {}

    async def restored(self) -> AsyncIterator[Rows]:
        """Nothing: the registry keeps every letter's last record."""
        return
        yield
