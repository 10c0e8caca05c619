"""Telling the end of a run to somebody outside: a run of its own, with one step that posts.

Deliveries so have what every step has: attempts that are recorded, retries for
hours, a place in the dead letters when all were in vain. The run's id follows
from the run whose end is told, so it is begun once however often it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from weir.contract import ids, times
from weir.contract.codec import canonical
from weir.core.scope import labels_of
from weir.core.state import Blob, RunState

ENDS = ("cancelled", "failed", "succeeded")
PLACES = ("version", "start")  # who may name a receiver: at most one each
KIND = "callback"  # what such a run was triggered by
STEP = "deliver"
WORKFLOW = ids.derived("wf", "weir", "callback")

# About six hours: 1 s, twice as long each time, an hour at most.
FROZEN: Mapping[str, Any] = {
    "schema": "weir/frozen/v1",
    "name": "Callback",
    "vars": {},
    "input_schema": None,
    "output": None,
    "settings": {"timeout_ms": None, "labels": {}, "search": {}},
    "nodes": [
        {
            "id": STEP,
            "type": "webhook_post",
            "type_version": 1,
            "kind": "task",
            "ports": ["out"],
            "config": {
                "url": "{{ input.url }}",
                "credential": "{{ input.credential }}",
                "id": "{{ input.id }}",
                "body": "{{ input.body }}",
            },
            "secret_fields": [],
            "join": "all",
            "retry": {
                "max_attempts": 18,
                "initial_ms": 1_000.0,
                "factor": 2.0,
                "max_ms": 3_600_000.0,
                "jitter": 0.2,
                "retry_if": "",
            },
            "timeout_ms": 60_000.0,
            "queue": "default",
            "on_error": "fail",
            "disabled": False,
        }
    ],
    "edges": [],
}
VERSION = ids.derived("ver", WORKFLOW, canonical(FROZEN).decode())


class Wanted(NamedTuple):
    """One telling of one run's end: its own run's id, and what that is given."""

    run_id: str
    input: dict[str, Any]


def callable_url(url: str) -> bool:
    """Whether this could be called; the executor says whether it may."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "{{" not in url
        and not any(c <= " " for c in url)
    )


def run_of(run_id: str, place: str) -> str:
    """The id of the run that tells the end of this one."""
    return ids.derived("run", run_id, KIND, place)


def wanted(state: RunState) -> list[Wanted]:
    """Who is to be told that this run has ended; nobody of the end of a telling."""
    start = state.start
    named: dict[str, Mapping[str, Any]] = {}
    if state.graph is not None and state.graph.callback is not None:
        named["version"] = state.graph.callback
    if start.callback is not None:
        named["start"] = start.callback.model_dump()
    return [
        Wanted(
            run_of(start.run_id, place),
            {
                "url": asked["url"],
                "credential": asked["credential"],
                "id": ids.derived("msg", start.run_id, place),
                "body": _body(state),
            },
        )
        for place, asked in named.items()
        if state.status in (asked["events"] or ENDS)
    ]


def _body(state: RunState) -> dict[str, Any]:
    start = state.start
    output = state.output.show() if isinstance(state.output, Blob) else state.output
    error = state.error
    return {
        "type": f"run.{state.status}",
        "timestamp": times.from_ms(state.ended_ms),
        "data": {
            "run_id": start.run_id,
            "workflow_id": start.workflow_id,
            "version": start.version,
            "status": state.status,
            "started_at": times.from_ms(start.started_ms),
            "ended_at": times.from_ms(state.ended_ms),
            "labels": dict(labels_of(state)),
            "output": output,
            "error": None
            if error is None
            else {"code": error.code, "message": error.message, "step": error.step},
        },
    }
