"""Rows as the API shows them. Values go out as they are stored, without being read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from weir.contract import times
from weir.ports.log import Stored
from weir.ports.views import AttemptRow, LogRow, RunRow, RunSummary, StepRow


def value(text: str | None) -> Any:
    """JSON from a row."""
    return None if text is None else orjson.Fragment(text)


def when(ms: int | None) -> str | None:
    """A time, if there is one."""
    return None if ms is None else times.from_ms(ms)


def lasted(started_ms: int | None, ended_ms: int | None) -> int | None:
    """How long, in ms, if it has begun and ended."""
    return None if started_ms is None or ended_ms is None else max(0, ended_ms - started_ms)


def run_in_list(run: RunSummary, waits: Sequence[Any]) -> dict[str, Any]:
    """A run of a list."""
    return {
        "id": run.run_id,
        "workflow_id": run.workflow_id,
        "project": run.project or None,
        "workflow_name": run.workflow_name,
        "version": run.version,
        "status": run.status,
        "trigger": {"node": run.trigger_node, "kind": run.trigger_kind},
        "started_by": run.started_by,
        "labels": value(run.labels),
        "error": value(run.error),
        "started_at": times.from_ms(run.started_ms),
        "ended_at": when(run.ended_ms),
        "duration_ms": lasted(run.started_ms, run.ended_ms),
        "search": value(run.search),
        "parent_run_id": run.parent_run_id,
        "parent_step": run.parent_step,
        "origin_run_id": run.origin_run_id,
        "waits_for": waits,
    }


def _link(run_id: str | None, step: str | None) -> dict[str, Any] | None:
    return None if run_id is None else {"run_id": run_id, "step": step or ""}


def run(row: RunRow, workflow_name: str, waits: Sequence[Any]) -> dict[str, Any]:
    """One run and what it waits for."""
    return {
        "id": row.run_id,
        "workflow_id": row.workflow_id,
        "project": row.project or None,
        "workflow_name": workflow_name,
        "version": row.version,
        "status": row.status,
        "trigger": {
            "node": row.trigger_node,
            "kind": row.trigger_kind,
            "data": value(row.trigger),
        },
        "started_by": row.started_by,
        "labels": value(row.labels),
        "input": value(row.input),
        "output": value(row.output),
        "error": value(row.error),
        "started_at": times.from_ms(row.started_ms),
        "ended_at": when(row.ended_ms),
        "duration_ms": lasted(row.started_ms, row.ended_ms),
        "search": value(row.search),
        "parent": _link(row.parent_run_id, row.parent_step),
        "origin": _link(row.origin_run_id, row.origin_step),
        "waits_for": waits,
    }


def step(row: StepRow, attempts: Sequence[AttemptRow]) -> dict[str, Any]:
    """One step and its attempts."""
    return {
        "step": row.path,
        "status": row.status,
        "attempt": row.attempt,
        "node_type": row.node_type,
        "queue": row.queue,
        "port": row.port,
        "output": value(row.output),
        "error": value(row.error),
        "scheduled_at": when(row.scheduled_ms),
        "started_at": when(row.started_ms),
        "ended_at": when(row.ended_ms),
        "wake_at": when(row.wake_ms),
        "waits": row.waits or None,
        "inside": None
        if row.total is None
        else {"total": row.total, "done": row.done, "failed": row.failed},
        "duration_ms": lasted(row.started_ms or row.scheduled_ms, row.ended_ms),
        "attempts": [
            {
                "attempt": one.attempt,
                "status": one.status,
                "worker": one.worker,
                "error": value(one.error),
                "queued_at": times.from_ms(one.queued_ms),
                "started_at": when(one.started_ms),
                "ended_at": when(one.ended_ms),
            }
            for one in attempts
        ],
    }


def line(row: LogRow) -> dict[str, Any]:
    """One line of a log."""
    return {
        "id": str(row.id),
        "at": times.from_ms(row.at_ms),
        "step": row.path,
        "attempt": row.attempt,
        "level": row.level,
        "message": row.message,
        "fields": value(row.fields),
        "trace_parent": row.trace_parent,
    }


def message(stored: Stored, kind: str, *, raw: bool) -> dict[str, Any]:
    """One message of a run's log; a body that is no JSON is shown as text, as all are if `raw`."""
    try:
        envelope = stored.data.decode() if raw else orjson.loads(stored.data)
    except ValueError:
        envelope = stored.data.decode(errors="replace")
    return {
        "sequence": str(stored.seq),
        "kind": kind,
        "subject": stored.subject,
        "stored_at": times.from_ms(stored.at_ms),
        "envelope": envelope,
    }
