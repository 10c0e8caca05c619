"""Tenants that were deleted, and the removal of what is theirs by whoever holds it.

That a tenant is deleted is a record in IDENTITY, which every service reads.
Each removes what it alone writes, again and again until nothing is left: what
was on its way comes late. Killed anywhere, a process finds the record at its
next start and goes on; doing it twice does nothing. The grace counts from the
record: until then nothing is removed, and nothing of the tenant is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from weir.contract import subjects, times
from weir.contract.errors import (
    ConflictError,
    RecordUnreadableError,
    WeirError,
)
from weir.contract.messages import IdentityRecord, TenantDeleted
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime.records import read

FIRST_S = 0.5
LAST_S = 60.0
QUIET = 3  # passes that found nothing at the longest pause: then only the next start looks again
_AGAIN_S = 1.0

Sweep = Callable[[str], Awaitable[bool]]
"""Remove what there is of a tenant, as far as its time has come; whether anything was there."""

_log = structlog.get_logger()


class _Passes:
    """How a tenant's removal goes: when it is looked at again, ever later where nothing is left."""

    def __init__(self) -> None:
        self.next_at = 0.0
        self._pause = FIRST_S
        self._nothing = 0

    @property
    def quiet(self) -> bool:
        """Whether nothing has come for long enough."""
        return self._nothing >= QUIET

    def saw(self, now: float, *, found: bool) -> None:
        """A pass was made."""
        self._nothing = 0 if found else self._nothing + (self._pause >= LAST_S)
        self._pause = FIRST_S if found else min(2 * self._pause, LAST_S)
        self.next_at = now + self._pause


async def _swept(sweep: Sweep, tenant: str) -> bool:
    """One pass; one that failed found something."""
    try:
        return await sweep(tenant)
    except ConflictError:
        raise
    except (WeirError, OSError) as error:
        _log.warning("a tenant is not removed yet", tenant=tenant, why=str(error))
        return True


class Deletions:
    """Follows the tenants. `run` it for as long as the process lives."""

    def __init__(self, identity: Log, clock: Clock, grace_ms: int) -> None:
        self._identity = identity
        self._clock = clock
        self._grace_ms = grace_ms
        self._at: dict[str, int] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Follow, for ever."""
        while True:
            try:
                following = self._identity.follow(subjects.tenant("*"))
                try:
                    async for batch in following:
                        for stored in batch:
                            with suppress(RecordUnreadableError):  # told already, and nobody's end
                                self._take(stored.subject, read(IdentityRecord, stored))
                finally:
                    await following.close()
            except WeirError as gone:
                _log.warning("deleted tenants are not known now", why=gone.message)
            await asyncio.sleep(_AGAIN_S)

    def due(self) -> list[str]:
        """Whose things are to be removed now."""
        until = self._clock.now_ms() - self._grace_ms
        return [tenant for tenant, at in self._at.items() if at <= until]

    def has(self, tenant: str) -> bool:
        """Whether this tenant was deleted, be its grace over or not."""
        return tenant in self._at

    async def sweeping(self, sweep: Sweep) -> None:
        """Have everything removed of all tenants that are due, for ever; raises ConflictError."""
        passes: dict[str, _Passes] = {}
        now = asyncio.get_running_loop().time
        while True:
            changed = self._changed
            for tenant in self.due():
                done = passes.setdefault(tenant, _Passes())
                if not done.quiet and done.next_at <= now():
                    done.saw(now(), found=await _swept(sweep, tenant))
            later = [done.next_at for done in passes.values() if not done.quiet]
            if len(passes) < len(self._at):  # some wait for their grace to end
                later.append(now() + _AGAIN_S)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(min(later, default=None)):
                    await changed.wait()

    def _take(self, subject: str, record: IdentityRecord) -> None:
        tenant = subject.rpartition(".")[2]
        if isinstance(record.kind, TenantDeleted):
            self._at[tenant] = times.to_ms(record.at)
            before, self._changed = self._changed, asyncio.Event()
            before.set()
        else:
            self._at.pop(tenant, None)


async def some(log: Log, subject: str) -> bool:
    """Whether any message matches."""
    async for _ in log.read(subject):
        return True
    return False


async def running(runs: Log, tenant: str) -> bool:
    """Whether the run log still holds anything of a tenant: what runs need stays until then."""
    filters = subjects.runs_of(tenant), subjects.limits_of(tenant), subjects.schedules_of(tenant)
    return any([await some(runs, one) for one in filters])
