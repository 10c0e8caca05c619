"""Everything of this service that has to do with the bus, put together."""

from __future__ import annotations

from services.trigger.bus import SLOTS, Subscriptions
from services.trigger.bus_events import Subscription
from services.trigger.bus_keeping import Keeping
from services.trigger.bus_letters import RefusedEvents
from services.trigger.bus_reader import Reader
from services.trigger.bus_retries import EventRetries
from services.trigger.bus_taking import Taking
from services.trigger.starts import Starts
from weir.contract.messages import RegistryRecord
from weir.runtime.background import Background
from weir.runtime.decider.membership import Membership
from weir.runtime.deletions import Deletions
from weir.runtime.plans import Plans
from weir.runtime.platform import Platform
from weir.runtime.records import Records


class BusSide:
    """Reads the bus, and keeps it small. `retries` is what dead letters need of it."""

    def __init__(
        self, platform: Platform, records: Records[RegistryRecord], plans: Plans, starts: Starts
    ) -> None:
        settings, clock = platform.settings, platform.clock
        taking = Taking(
            starts, RefusedEvents(records, clock), platform.runs, clock, settings.shards
        )
        self.retries = EventRetries(records, platform.bus, plans, taking, clock, settings.env)

        def reader(of: Subscription, revision: int) -> Reader:
            bus, cursors = platform.bus, platform.cursors
            return Reader(of, revision, plans, taking, bus, cursors, clock, settings.env)

        members = Membership(platform.live, clock.new_id("trg"), SLOTS, "trigger")
        self._subscriptions = Subscriptions(platform.registry, platform.bus, members, reader)
        self._keeping = Keeping(
            *(platform.bus, platform.cursors, platform.identity, settings.bus_events),
            lambda: self._subscriptions.first,
        )
        self._deletions = Deletions(platform.identity, clock, settings.erasure_grace)

    def start(self, background: Background) -> None:
        """Begin, in the background."""
        self._subscriptions.start(background)
        background.spawn(self._keeping.run(), "keep the bus small")
        background.spawn(self._deletions.run(), "follow deleted tenants")
        background.spawn(self._deletions.sweeping(self._erase), "erase tenants")

    async def stop(self) -> None:
        """Leave the subscriptions to the others."""
        await self._subscriptions.stop()

    async def _erase(self, tenant: str) -> bool:
        self._subscriptions.forget(tenant)
        return await self._keeping.sweep(tenant)
