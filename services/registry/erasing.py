"""Removing what a deleted tenant had in the registry: workflows, versions, webhooks, credentials.

Versions stay until the run log has nothing of the tenant, since ending a run
needs them. Webhooks and grants lie under no tenant, so each is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from weir.contract import subjects
from weir.contract.errors import RecordUnreadableError
from weir.contract.messages import RegistryRecord
from weir.ports.log import Log
from weir.runtime.deletions import running, some
from weir.runtime.records import read

_OF_NO_TENANT = (subjects.webhook("*"), subjects.grant("*"))


class Erasing:
    """See `deletions.Sweep`; `forget` empties the index of a tenant."""

    def __init__(self, registry: Log, runs: Log, forget: Callable[[str], None]) -> None:
        self._registry = registry
        self._runs = runs
        self._forget = forget

    async def sweep(self, tenant: str) -> bool:
        """One pass."""
        found = await self._sweep_named_otherwise(tenant)
        if await running(self._runs, tenant):
            return True
        everything = subjects.registry_of(tenant)
        if await some(self._registry, everything):
            found = True
            await self._registry.purge(everything)
        self._forget(tenant)
        return found

    async def _sweep_named_otherwise(self, tenant: str) -> bool:
        theirs = set()
        for each in _OF_NO_TENANT:
            async for batch in self._registry.read(each):
                for stored in batch:
                    with suppress(RecordUnreadableError):
                        if read(RegistryRecord, stored).tenant == tenant:
                            theirs.add(stored.subject)
        for subject in sorted(theirs):
            await self._registry.purge(subject)
        return bool(theirs)
