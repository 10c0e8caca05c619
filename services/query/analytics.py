"""Figures over HTTP: how runs did in a span of time, workflow by workflow, and what waits.

Spans end where the present stretch ends, so that a picture drawn anew keeps its stretches.
"""

from __future__ import annotations

import asyncio
from typing import Any

from weir.contract import ids, times
from weir.contract.errors import InvalidParameterError, UnavailableError
from weir.ports.analytics import COUNTED, FigureQuery, Figures, LastRun, QueueFigures
from weir.ports.clock import Clock
from weir.ports.tasks import Tasks
from weir.ports.views import Views
from weir.runtime.http.asked import projects, readable
from weir.runtime.http.call import Call, Reply

_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
WINDOWS = {
    "1h": (_HOUR, _MINUTE),
    "6h": (6 * _HOUR, 5 * _MINUTE),
    "24h": (_DAY, 15 * _MINUTE),
    "7d": (7 * _DAY, 2 * _HOUR),
    "30d": (30 * _DAY, 8 * _HOUR),
}
"""How long each is, and its stretches, in ms."""

DEFAULT = "24h"
ASKED_AT_ONCE = 200
_QUEUE = "default"


class Analytics:
    """The handlers."""

    def __init__(self, views: Views, tasks: Tasks, clock: Clock) -> None:
        self._views = views
        self._tasks = tasks
        self._clock = clock

    async def runs(self, call: Call) -> Reply:
        """GET /analytics/runs."""
        readable(call)
        window, query = self._query(call, call.query("workflow_id") or None)
        span = query.before_ms - query.from_ms
        before = FigureQuery(
            query.from_ms - span, query.from_ms, 0, query.projects, query.workflow_id
        )
        now, past, going = await asyncio.gather(
            self._views.figures(call.tenant, query),
            self._views.figures(call.tenant, before),
            self._views.count_open(call.tenant, query),
        )
        *buckets, total = now
        by_place = {one.bucket: one for one in buckets}
        return Reply(
            {
                "window": window,
                "from": times.from_ms(query.from_ms),
                "bucket_ms": query.bucket_ms,
                "buckets": [
                    {"at": times.from_ms(query.from_ms + place * query.bucket_ms)}
                    | _figures(by_place.get(place) or Figures(place))
                    for place in range(span // query.bucket_ms)
                ],
                "total": _figures(total),
                "before": _figures(past[-1]),
                "open": going,
                "complete": total.started < COUNTED,
            }
        )

    async def workflows(self, call: Call) -> Reply:
        """GET /analytics/workflows."""
        readable(call)
        window, query = self._query(call, None)
        found = await self._views.workflow_figures(call.tenant, query)
        items = [
            {
                "workflow_id": one.workflow_id,
                "workflow_name": one.name,
                "started": one.started,
                "succeeded": one.succeeded,
                "failed": one.failed,
                "cancelled": one.cancelled,
                "p50_ms": _ms(one.p50_ms),
                "p95_ms": _ms(one.p95_ms),
            }
            for one in found
        ]
        return Reply({"window": window, "items": items})

    async def last_runs(self, call: Call) -> Reply:
        """GET /analytics/last-runs."""
        readable(call)
        within = projects(call)
        asked = [one for one in call.query("workflow_ids").split(",") if one]
        if len(asked) > ASKED_AT_ONCE or not all(ids.is_id(one, "wf") for one in asked):
            raise InvalidParameterError(
                f"workflow_ids are at most {ASKED_AT_ONCE} ids of workflows with commas between.",
                details={"parameter": "workflow_ids"},
            )
        found = await self._views.last_runs(call.tenant, asked, within) if asked else []
        return Reply({"items": [_last(one) for one in found]})

    async def queues(self, call: Call) -> Reply:
        """GET /analytics/queues."""
        found = {one.queue: one for one in await self._views.queues(call.tenant)}
        found.setdefault(_QUEUE, QueueFigures(_QUEUE, 0, None))
        workers = await asyncio.gather(*(self._workers(queue) for queue in found))
        items = [
            {
                "queue": one.queue,
                "queued": one.queued,
                "oldest_at": times.from_ms(one.oldest_ms) if one.oldest_ms else None,
                "workers": known,
            }
            for one, known in zip(found.values(), workers, strict=True)
        ]
        return Reply({"items": sorted(items, key=lambda one: (-one["queued"], one["queue"]))})

    async def _workers(self, queue: str) -> int | None:
        try:
            return (await self._tasks.standing(queue, 0)).workers
        except UnavailableError:
            return None

    def _query(self, call: Call, workflow_id: str | None) -> tuple[str, FigureQuery]:
        window = call.query("window", DEFAULT)
        if window not in WINDOWS:
            raise InvalidParameterError(
                f"window={window[:40]!r} is not one of {', '.join(WINDOWS)}.",
                details={"parameter": "window"},
            )
        span, bucket = WINDOWS[window]
        end = (self._clock.now_ms() // bucket + 1) * bucket
        return window, FigureQuery(end - span, end, bucket, projects(call), workflow_id)


def _figures(one: Figures) -> dict[str, Any]:
    return {
        "started": one.started,
        "succeeded": one.succeeded,
        "failed": one.failed,
        "cancelled": one.cancelled,
        "p50_ms": _ms(one.p50_ms),
        "p95_ms": _ms(one.p95_ms),
        "p99_ms": _ms(one.p99_ms),
    }


def _ms(value: float | None) -> int | None:
    return None if value is None else round(value)


def _last(one: LastRun) -> dict[str, Any]:
    return {
        "workflow_id": one.workflow_id,
        "run_id": one.run_id,
        "status": one.status,
        "started_at": times.from_ms(one.started_ms),
        "ended_at": None if one.ended_ms is None else times.from_ms(one.ended_ms),
    }
