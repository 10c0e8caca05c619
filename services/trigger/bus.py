"""The subscriptions of all tenants, shared out among the processes of this service.

Which there are stands in the registry, which is followed; who reads which is
settled by rendezvous hashing over the processes that live. That two read the
same for a moment does no harm (see `bus_reader`), so nothing more is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from zlib import crc32

import structlog

from services.trigger.bus_events import Subscription
from services.trigger.bus_reader import Reader
from weir.contract.errors import RecordUnreadableError, WeirError
from weir.contract.messages import RegistryRecord, SubscriptionSaved
from weir.contract.subjects import EVERY_SUBSCRIPTION, EVERY_WORKFLOW
from weir.ports.log import Log, Stored
from weir.runtime.background import Background
from weir.runtime.decider.membership import BEAT_S, Membership
from weir.runtime.metrics import BUS_LAG, BUS_LAG_SECONDS, SUBSCRIPTIONS_READ
from weir.runtime.records import read

SLOTS = 256
AGAIN_S = 1.0
LAG_S = 15.0
_log = structlog.get_logger()

Make = Callable[[Subscription, int], Reader]
"""For a subscription, of its workflow as it is at this revision."""


class Subscriptions:
    """Follows the subscriptions and reads those that are this process's."""

    def __init__(self, registry: Log, bus: Log, members: Membership, make: Make) -> None:
        self._registry = registry
        self._bus = bus
        self._members = members
        self._make = make
        self._known: dict[str, Subscription] = {}
        self._versions: dict[tuple[str, str], tuple[str, int]] = {}  # and since which revision
        self._readers: dict[str, tuple[Subscription, int, Reader, asyncio.Task[None]]] = {}
        self._changed = asyncio.Event()

    def start(self, background: Background) -> None:
        """Begin, in the background."""
        background.spawn(self._follow(), "follow subscriptions")
        background.spawn(self._share(), "share subscriptions out")
        background.spawn(self._measure(), "measure what waits on the bus")

    async def stop(self) -> None:
        """Write down how far each has come, and leave them to the others."""
        await asyncio.gather(*(self._end(each) for each in list(self._readers)))
        with suppress(WeirError):
            await self._members.leave()

    @property
    def first(self) -> bool:
        """Whether this process does what only one need do."""
        return 0 in self._members.mine()

    def of(self, subscription_id: str) -> Subscription | None:
        """A subscription as it was last heard of."""
        return self._known.get(subscription_id)

    # -- which there are --

    async def _follow(self) -> None:
        after = 0
        while True:
            try:
                following = self._registry.follow((EVERY_SUBSCRIPTION, EVERY_WORKFLOW), after=after)
                try:
                    async for batch in following:
                        for stored in batch:
                            with suppress(RecordUnreadableError):  # counted and told by `read`
                                self._take(read(RegistryRecord, stored), stored.seq)
                            after = stored.seq
                finally:
                    await following.close()
            except WeirError as gone:
                _log.warning("subscriptions are not followed now", why=gone.message)
                after = 0
            await asyncio.sleep(AGAIN_S)

    def _take(self, record: RegistryRecord, revision: int) -> None:
        kind = record.kind
        if isinstance(kind, SubscriptionSaved):
            self._known[kind.subscription_id] = Subscription(record.tenant, kind)
        elif saved := record.workflow_saved:
            key = record.tenant, saved.workflow_id
            if self._versions.get(key, ("", 0))[0] == saved.current_version:
                return  # a draft was saved
            self._versions[key] = saved.current_version, revision
        elif gone := record.workflow_deleted:
            self._versions.pop((record.tenant, gone.workflow_id), None)
        self._changed.set()

    def forget(self, tenant: str) -> None:
        """A tenant is gone."""
        for each in [one.id for one in self._known.values() if one.tenant == tenant]:
            del self._known[each]
        self._changed.set()

    # -- who reads which --

    async def _share(self) -> None:
        while True:
            try:
                await self._members.join()
                break
            except WeirError:
                await asyncio.sleep(AGAIN_S)
        while True:
            with suppress(WeirError):
                await self._members.beat()
            await self._settle()
            waits = [
                asyncio.create_task(self._changed.wait()),
                asyncio.create_task(self._members.changed(BEAT_S)),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()
            self._changed.clear()

    async def _settle(self) -> None:
        slots = self._members.mine()
        wanted: dict[str, tuple[Subscription, int]] = {}
        for one in self._known.values():
            key = one.tenant, one.saved.workflow_id
            version, since = self._versions.get(key, ("", 0))
            if one.saved.enabled and one.saved.active and version and _slot(one.id) in slots:
                wanted[one.id] = (one, since)
        old = [
            each
            for each, (of, since, _, task) in self._readers.items()
            if wanted.get(each) != (of, since) or task.done()
        ]
        await asyncio.gather(*(self._end(each) for each in old))
        for each, (of, since) in wanted.items():
            if each not in self._readers:
                reader = self._make(of, since)
                task = asyncio.create_task(reader.run(), name=f"read {each}")
                self._readers[each] = (of, since, reader, task)
        SUBSCRIPTIONS_READ.set(len(self._readers))

    async def _end(self, subscription_id: str) -> None:
        _, _, reader, task = self._readers.pop(subscription_id)
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
        await reader.close()

    # -- how much waits --

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(LAG_S)
            with suppress(WeirError):
                waiting = [await self._waits(one[2]) for one in list(self._readers.values())]
                BUS_LAG.set(sum(count for count, _ in waiting))
                BUS_LAG_SECONDS.set(max((age for _, age in waiting), default=0.0))

    async def _waits(self, reader: Reader) -> tuple[int, float]:
        if not reader.filter:
            return 0, 0.0
        after = reader.cursor.place.after
        count = await self._bus.count(reader.filter, after=after)
        if not count:
            return 0, 0.0
        oldest = await first_after(self._bus, reader.filter, after)
        return count, 0.0 if oldest is None else max(0.0, reader.now_ms() - oldest.at_ms) / 1000


async def first_after(bus: Log, pattern: str, after: int) -> Stored | None:
    """The first message behind a sequence that matches."""
    async for batch in bus.read(pattern, after=after):
        return batch[0]
    return None


def _slot(subscription_id: str) -> int:
    return crc32(subscription_id.encode()) % SLOTS
