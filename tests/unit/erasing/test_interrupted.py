"""Whoever removes a tenant may die after any of its writes; the next one ends the work."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from services.approval.erasing import Erasing as FromApproval
from services.approval.lives import Lives
from services.approval.push_devices import Devices
from services.collab.erasing import Erasing as FromCollab
from services.identity.audit_persons import Persons
from services.identity.erasing import Erasing as FromIdentity
from services.query.erasing import Erasing as FromQuery
from services.registry.erasing import Erasing as FromRegistry
from services.trigger.bus_keeping import Keeping
from tests.http_house import House, memory_platform
from tests.unit.erasing.peopled import Peopled
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import ids, subjects
from weir.contract.errors import UnavailableError
from weir.runtime.platform import Platform

STREAMS = (
    "runs",
    "registry",
    "identity",
    "accounts",
    "notes",
    "logs",
    "rates",
    "deliveries",
    "collab",
    "approvals",
    "bus",
    "cursors",
)
BOTH = ids.derived("usr", "both")


class DiedError(UnavailableError):
    """The process is no more."""


class Dying:
    """A log whose process dies instead of a write."""

    def __init__(self, log: Any, left: list[int]) -> None:
        self._log = log
        self._left = left

    async def append(self, append: Any) -> int:
        """Store, or die."""
        self._count()
        return cast("int", await self._log.append(append))

    async def purge(self, subject: str, *, below: int | None = None) -> None:
        """Remove, or die."""
        self._count()
        await self._log.purge(subject, below=below)

    def _count(self) -> None:
        self._left[0] -= 1
        if self._left[0] < 0:
            raise DiedError("died")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


async def world() -> Platform:
    """Two tenants whose runs are gone already: those are removed by the owners of their shards."""
    platform = memory_platform(Broker(SystemClock()).connect())
    house = House(platform)
    for tenant in ("acme", "other"):
        await Peopled(house, tenant, BOTH).fill()
    await platform.runs.purge(subjects.runs_of("acme"))
    await platform.runs.purge(subjects.schedules_of("acme"))
    return platform


async def passes(platform: Platform, left: list[int]) -> bool:
    """One pass of each service; whether any found something."""
    logs: dict[str, Any] = {name: Dying(getattr(platform, name), left) for name in STREAMS}
    mine = dataclasses.replace(platform, **logs)
    assert platform.views is not None
    persons = Persons(mine.accounts, platform.secrets, platform.clock)
    found = await FromIdentity(mine, persons).tenant("acme")
    found |= await FromRegistry(mine.registry, mine.runs, lambda _: None).sweep("acme")
    stores = platform.views, mine.runs, mine.logs, mine.deliveries, platform.blobs
    found |= await FromQuery(*stores).sweep("acme")
    found |= await FromCollab(mine.collab, lambda _: None).sweep("acme")
    found |= await Keeping(mine.bus, mine.cursors, mine.identity, 1, lambda: False).sweep("acme")
    assert platform.inbox is not None
    lives = Lives(mine.approvals, platform.inbox)
    devices = Devices(mine.approvals, platform.secrets, platform.clock)
    erasing = FromApproval(mine.approvals, mine.runs, platform.inbox, lives, devices)
    return found | await erasing.sweep("acme")


async def left_of(platform: Platform, tenant: str) -> dict[str, int]:
    """How many messages are a tenant's or say its name, but for the marks of what is destroyed."""
    found = dict.fromkeys(STREAMS, 0)
    for name in STREAMS:
        async for batch in getattr(platform, name).read(">"):
            found[name] += sum(
                (f".{tenant}." in f"{one.subject}." or f'"{tenant}"'.encode() in one.data)
                and not one.subject.startswith(("accounts.person.", "identity.tenant."))
                for one in batch
            )
    return found


async def test_a_process_may_die_after_every_write() -> None:
    """For each number of writes it lived through: the next process removes the rest, no more."""
    died = True
    writes = 0
    while died:
        platform = await world()
        for tenant in ("acme", "other"):
            await Peopled(House(platform), tenant, BOTH).notified()
        others = await left_of(platform, "other")
        try:
            await passes(platform, [writes])
            died = False
        except DiedError:
            pass
        while await passes(platform, [10_000]):
            pass
        gone = await left_of(platform, "acme")
        assert gone == dict.fromkeys(gone, 0), writes
        assert await left_of(platform, "other") == others, writes
        assert await platform.accounts.last(subjects.login(BOTH)) is not None
        writes += 1
    assert writes > 20


async def test_a_person_half_forgotten_is_forgotten_at_the_next_start() -> None:
    """Whatever write the erasure died before, `finish` ends it, and finds nothing more to do."""
    died, writes = True, 0
    while died:
        platform = await world()
        person = Peopled(House(platform), "acme").here
        logs: dict[str, Any] = {
            name: Dying(getattr(platform, name), left)
            for left in [[writes]]
            for name in ("identity", "accounts")
        }
        mine = dataclasses.replace(platform, **logs)
        persons = Persons(mine.accounts, platform.secrets, platform.clock)
        try:
            await FromIdentity(mine, persons).person(person, "test")
            died = False
        except DiedError:
            pass
        whole = FromIdentity(platform, Persons(platform.accounts, platform.secrets, platform.clock))
        await whole.finish()
        assert await whole.unfinished() == []
        left = await whole.left_of_person(person)
        if writes:  # before the first write nothing was begun
            assert left == dict.fromkeys(left, 0), writes
        writes += 1
    assert writes > 8
