"""How the end of a run was told outside: the runs that do so, as deliveries."""

from __future__ import annotations

from typing import Any

import orjson

from services.query.known import KnownRuns
from services.query.shown import value, when
from weir.contract import times
from weir.core.callback import PLACES, STEP, run_of
from weir.ports.views import AttemptRow, RunRow, StepRow, Views
from weir.runtime.http.call import Call, Reply

_STATUS = {"succeeded": "delivered", "failed": "failed", "cancelled": "failed"}


class Callbacks:
    """The handler."""

    def __init__(self, views: Views, known: KnownRuns) -> None:
        self._views = views
        self._known = known

    async def listed(self, call: Call) -> Reply:
        """GET /runs/{run_id}/callbacks."""
        key = self._known.key(call)
        await self._known.row(call, key)
        items = []
        for place in PLACES:
            found = await self._views.run(call.tenant, run_of(key.run_id, place))
            if found is not None:
                items.append(await self._callback(found[0], place))
        return Reply({"items": items})

    async def _callback(self, row: RunRow, place: str) -> dict[str, Any]:
        steps = {
            step.path: step for step in await self._views.steps(row.tenant, row.first_seq, limit=10)
        }
        attempts = await self._views.attempts(row.tenant, row.first_seq, [STEP])
        step = steps.get(STEP)
        given = orjson.loads(row.input or "{}")
        body = given.get("body")
        return {
            "id": given.get("id", ""),
            "named_by": place,
            "run_id": row.run_id,
            "url": given.get("url", ""),
            "event": body.get("type", "") if isinstance(body, dict) else "",
            "status": _STATUS.get(row.status, "pending"),
            "next_at": when(step.wake_ms)
            if step is not None and step.status == "retrying"
            else None,
            "attempts": [_attempt(one, step) for one in attempts],
        }


def _attempt(one: AttemptRow, step: StepRow | None) -> dict[str, Any]:
    told: Any = None
    if one.status == "succeeded" and step is not None and step.output is not None:
        told = orjson.loads(step.output)
    elif one.error is not None:
        told = orjson.loads(one.error).get("details")
    said = told if isinstance(told, dict) else {}
    return {
        "attempt": one.attempt,
        "status": one.status,
        "http_status": said.get("status"),
        "latency_ms": said.get("latency_ms"),
        "error": value(one.error),
        "at": times.from_ms(one.started_ms or one.queued_ms),
        "ended_at": when(one.ended_ms),
    }
