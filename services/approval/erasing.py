"""Removing the approvals of a deleted tenant; their decisions stay in the audit."""

from __future__ import annotations

from services.approval.lives import Lives
from services.approval.push_devices import Devices
from weir.contract import subjects
from weir.ports.inbox import Inbox
from weir.ports.log import Log
from weir.runtime.deletions import running, some


class Erasing:
    """See `deletions.Sweep`. Runs go first: as long as there are any they may still ask."""

    def __init__(self, log: Log, runs: Log, inbox: Inbox, lives: Lives, devices: Devices) -> None:
        self._log = log
        self._runs = runs
        self._inbox = inbox
        self._lives = lives
        self._devices = devices

    async def sweep(self, tenant: str) -> bool:
        """One pass."""
        if await running(self._runs, tenant):
            return True
        about = subjects.approvals_of(tenant)
        devices = await self._devices.forget(tenant)
        found = await some(self._log, about)
        if found:
            await self._log.purge(about)
        self._lives.forget(tenant)
        return await self._inbox.erase(tenant) > 0 or found or devices
