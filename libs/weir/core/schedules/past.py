"""What became of a schedule's last times, for people: folded from its log beside its state.

The owner writes it down with the whole state and keeps none of it in memory;
whoever reads the schedule's log after that goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from weir.contract.messages import (
    Message,
    RunsReplaced,
    ScheduledRunEnded,
    ScheduledRunRefused,
    ScheduledTime,
    TimeFired,
    TimeQueued,
    TimesSkipped,
)

KEPT = 200  # times, or rows of times that were missed together

Row = dict[str, Any]


class Past:
    """The last times, in the order in which they were answered."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        self._runs: dict[str, Row] = {}

    def restore(self, rows: Iterable[Row]) -> None:
        """Go on from rows that were written down."""
        self._rows = {(row["scheduled_at"], row["request_id"]): dict(row) for row in rows or ()}
        self._runs = {row["run_id"]: row for row in self._rows.values() if row["run_id"]}

    def rows(self) -> list[Row]:
        """Oldest first, `KEPT` at most."""
        return list(self._rows.values())[-KEPT:]

    def feed(self, kind: Message | None, at: str) -> None:
        """One event of the log, recorded at a time."""
        match kind:
            case TimeFired(time=time, run_id=run_id) if time is not None:
                row = self._answer(time, at, "fired", run_id=run_id, fired_at=at)
                self._runs[run_id] = row
            case TimesSkipped(time=time, why=why, times=count) if time is not None:
                self._answer(time, at, "skipped", why=why, times=count or 1)
            case TimeQueued(time=time) if time is not None:
                self._answer(time, at, "queued")
            case RunsReplaced(time=time) if time is not None:
                for row in self._rows.values():
                    if row["outcome"] == "queued":
                        row |= {"outcome": "skipped", "why": "replaced"}
                self._answer(time, at, "queued")
            case ScheduledRunEnded(run_id=run_id, status=status) if run_id in self._runs:
                self._runs[run_id] |= {"run_status": status}
            case ScheduledRunRefused(run_id=run_id, error=error) if run_id in self._runs:
                told = error.model_dump(include={"code", "message"}) if error else None
                self._runs[run_id] |= {"outcome": "refused", "error": told}

    def _answer(self, time: ScheduledTime, at: str, outcome: str, **more: Any) -> Row:
        key = time.nominal_at, time.request_id
        row: Row = {
            "scheduled_at": time.nominal_at,
            "request_id": time.request_id,
            "decided_at": at,
            "outcome": outcome,
            "why": "",
            "times": 1,
            "run_id": "",
            "fired_at": None,
            "run_status": "",
            "error": None,
            **more,
        }
        self._rows.pop(key, None)
        self._rows[key] = row
        return row
