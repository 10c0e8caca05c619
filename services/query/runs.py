"""Runs over HTTP, as the views hold them: lists, one run, its steps, their lines."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from services.query import shown
from services.query.known import KnownRuns
from services.query.waits import SHORT, Waits, short
from weir.contract.errors import WorkflowNotFoundError
from weir.ports.views import AttemptRow, LogQuery, Views, sort_key
from weir.runtime.http import cursor
from weir.runtime.http.asked import LEVELS, after_number, readable, run_query, scope, words
from weir.runtime.http.call import Call, Reply
from weir.runtime.projector.progress import Progress

_WAITING = 20


class Runs:
    """The handlers."""

    def __init__(self, views: Views, known: KnownRuns, progress: Progress, waits: Waits) -> None:
        self._views = views
        self._waits = waits
        self._known = known
        self._progress = progress

    async def listed(self, call: Call) -> Reply:
        """GET /runs."""
        return await self._list(call, None)

    async def of_workflow(self, call: Call) -> Reply:
        """GET /workflows/{workflow_id}/runs."""
        return await self._list(
            call, call.id("workflow_id", "wf", WorkflowNotFoundError, "workflow")
        )

    async def get(self, call: Call) -> Reply:
        """GET /runs/{run_id}."""
        key = self._known.key(call)
        await self._reached(call)
        row, name = await self._known.row(call, key)
        waiting = []
        if row.ended_ms is None:
            waiting = await self._views.waiting(call.tenant, row.first_seq, _WAITING)
        return self._reply(shown.run(row, name, await self._waits.of(call, row, waiting)))

    async def steps(self, call: Call) -> Reply:
        """GET /runs/{run_id}/steps."""
        readable(call)
        key, limit = self._known.key(call), call.limit
        after, under = after_number(call) - 1, call.query("under")
        levels = call.number("levels", 0, 0, 64) or None
        await self._reached(call)
        row, _ = await self._known.row(call, key)
        steps = await self._views.steps(
            *(call.tenant, row.first_seq), after=after, limit=limit + 1, under=under, levels=levels
        )
        tried = [step.path for step in steps[:limit] if step.attempt]
        attempts: dict[str, list[AttemptRow]] = defaultdict(list)
        if tried:
            for one in await self._views.attempts(call.tenant, row.first_seq, tried):
                attempts[one.path].append(one)
        items = [shown.step(step, attempts[step.path]) for step in steps[:limit]]
        more = [steps[limit].place] if len(steps) > limit else None
        return self._reply(page(call, items, more))

    async def lines(self, call: Call) -> Reply:
        """GET /runs/{run_id}/logs."""
        readable(call)
        key, limit = self._known.key(call), call.limit
        query = LogQuery(
            after=after_number(call),
            levels=words(call, "level", LEVELS),
            path=call.query("step") or None,
            limit=limit + 1,
        )
        await self._known.row(call, key)
        lines = await self._views.logs(call.tenant, key.run_id, query)
        items = [shown.line(line) for line in lines[:limit]]
        return Reply(page(call, items, [lines[limit - 1].id] if len(lines) > limit else None))

    async def _list(self, call: Call, workflow_id: str | None) -> Reply:
        readable(call)
        query, limit = run_query(call, workflow_id), call.limit
        await self._reached(call)
        found = await self._views.runs(call.tenant, query)
        going_on = [run.first_seq for run in found[:limit] if run.ended_ms is None]
        steps = await self._views.waiting_of(call.tenant, going_on, SHORT) if going_on else {}
        items = [
            shown.run_in_list(run, short(run, steps.get(run.first_seq, ())))
            for run in found[:limit]
        ]
        more = list(sort_key(found[limit - 1], query.sort)) if len(found) > limit else None
        return self._reply(page(call, items, more))

    async def _reached(self, call: Call) -> None:
        sequence = call.number("min_sequence", 0, 0, 2**62)
        if sequence:
            await self._progress.wait(sequence)

    def _reply(self, told: dict[str, Any]) -> Reply:
        return Reply(told, sequence=self._progress.reached)


def page(call: Call, items: list[dict[str, Any]], more: list[Any] | None) -> dict[str, Any]:
    """One page; `more` is where the next one begins, None if there is none."""
    written = None if more is None else cursor.write(scope(call), more)
    return {"items": items, "next_cursor": written}
