"""Removing what a deleted tenant had in views, log lines, deliveries, archive and values.

All of it follows the run log, so it stays until that has nothing of the tenant.
Rows go first: whoever archives and collects goes by them.
"""

from __future__ import annotations

from weir.contract import subjects
from weir.ports.blobs import Blobs
from weir.ports.log import Log
from weir.ports.views import Views
from weir.runtime.deletions import running, some


class Erasing:
    """See `deletions.Sweep`."""

    def __init__(self, views: Views, runs: Log, logs: Log, deliveries: Log, blobs: Blobs) -> None:
        self._views = views
        self._runs = runs
        self._logs = logs
        self._deliveries = deliveries
        self._blobs = blobs

    async def sweep(self, tenant: str) -> bool:
        """One pass."""
        if await running(self._runs, tenant):
            return True
        found = await self._views.erase(tenant) > 0
        for log, theirs in (
            (self._logs, subjects.logs(tenant, "*")),
            (self._deliveries, subjects.delivery(tenant, "*")),
        ):
            if await some(log, theirs):
                found = True
                await log.purge(theirs)
        async for key in self._blobs.keys(f"{tenant}/"):
            found = True
            await self._blobs.delete(key)
        return found
