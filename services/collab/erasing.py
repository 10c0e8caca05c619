"""Removing the documents of a deleted tenant."""

from __future__ import annotations

from collections.abc import Callable

from weir.contract import subjects
from weir.ports.log import Log
from weir.runtime.deletions import some


class Erasing:
    """See `deletions.Sweep`; `forget` lets a tenant's rooms go."""

    def __init__(self, log: Log, forget: Callable[[str], None]) -> None:
        self._log = log
        self._forget = forget

    async def sweep(self, tenant: str) -> bool:
        """One pass."""
        self._forget(tenant)
        theirs = subjects.drafts_of(tenant)
        found = await some(self._log, theirs)
        if found:
            await self._log.purge(theirs)
        return found
