"""Steering many runs at once: every run that the filters of the list take.

Which runs is asked of the views, so a run that changed a moment ago may be
missing or already done with; each run then has the answer it would have had
alone. A dry run names the runs and does nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from services.trigger import models
from services.trigger.forks import Forks
from services.trigger.many import each
from services.trigger.wishes import Wish, Wishes
from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.contract.subjects import RunKey
from weir.ports.views import RunSummary, Views
from weir.runtime.http.asked import readable, run_query
from weir.runtime.http.call import Call, Reply

_GOING_ON = ("queued", "running", "waiting", "paused", "cancelling", "compensating")
_ACTIVE = ("queued", "running", "waiting", "cancelling", "compensating")
_RETRIED = ("failed", "cancelled")

Do = Callable[[RunKey], Awaitable[dict[str, Any]]]


class Bulk:
    """The handlers."""

    def __init__(self, views: Views | None, wishes: Wishes, forks: Forks, shards: int) -> None:
        self._views = views
        self._wishes = wishes
        self._forks = forks
        self._shards = shards

    async def cancel(self, call: Call) -> Reply:
        """POST /runs:cancel."""
        asked = await call.model(models.CancelMany, optional=True)
        terminate = asked.mode == "terminate"

        def wish(key: RunKey) -> Wish:
            return self._wishes.cancelling(call, key, asked.reason, terminate=terminate)

        return await self._each(call, asked, _GOING_ON, self._recording(call, wish))

    async def pause(self, call: Call) -> Reply:
        """POST /runs:pause."""
        asked = await call.model(models.PauseMany, optional=True)

        def wish(key: RunKey) -> Wish:
            return self._wishes.pausing(call, key, asked.reason)

        return await self._each(call, asked, _ACTIVE, self._recording(call, wish))

    async def resume(self, call: Call) -> Reply:
        """POST /runs:resume."""
        asked = await call.model(models.ResumeMany, optional=True)

        def wish(key: RunKey) -> Wish:
            return self._wishes.resuming(call, key)

        return await self._each(call, asked, ("paused",), self._recording(call, wish))

    async def retry(self, call: Call) -> Reply:
        """POST /runs:retry."""
        asked = await call.model(models.RetryMany, optional=True)

        async def again(key: RunKey) -> dict[str, Any]:
            reply = await self._forks.again(call, key, asked.version, dry_run=False)
            return {"new_run_id": reply.value["run_id"]}

        return await self._each(call, asked, _RETRIED, again)

    def _recording(self, call: Call, wish: Callable[[RunKey], Wish]) -> Do:
        async def record(key: RunKey) -> dict[str, Any]:
            await self._wishes.record(call, key, wish(key))
            return {}

        return record

    async def _each(
        self, call: Call, asked: models.Many, statuses: tuple[str, ...], do: Do
    ) -> Reply:
        async def done(run: RunSummary) -> dict[str, Any]:
            return await do(subjects.run_key(call.tenant, run.run_id, self._shards))

        found = await self._found(call, asked.limit + 1, statuses)
        return await each(call, asked, found, lambda run: {"run_id": run.run_id}, done)

    async def _found(self, call: Call, limit: int, statuses: tuple[str, ...]) -> list[RunSummary]:
        """The runs that the filters take and that are in one of these states."""
        readable(call)
        if self._views is None:
            raise UnavailableError(
                "This process reads no views, so it cannot tell which runs are meant: set "
                "WEIR_POSTGRES_DSN for the trigger."
            )
        query = run_query(call, None)
        wanted = [one for one in statuses if not query.statuses or one in query.statuses]
        if not wanted:
            return []
        query = replace(query, statuses=wanted, after=None, limit=limit)
        return await self._views.runs(call.tenant, query)
