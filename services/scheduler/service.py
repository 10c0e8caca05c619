"""The scheduler: owns shards of runs, decides them, dispatches tasks, sets timers.

It serves no HTTP and keeps nothing but what can be read again from the log.
"""

from __future__ import annotations

from weir.contract.messages import IdentityRecord, RegistryRecord
from weir.runtime.background import Background
from weir.runtime.decider.pages import Pages
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.schedule_records import ScheduleRecords, Scheduling
from weir.runtime.decider.scheduler import Scheduler
from weir.runtime.decider.turn import Decider
from weir.runtime.deletions import Deletions
from weir.runtime.graphs import Graphs
from weir.runtime.http.route import Route
from weir.runtime.plans import Plans
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.quotas import DailyRuns, Quotas
from weir.runtime.records import Records, Versions
from weir.runtime.shared_rates import SharedRates


class SchedulerService:
    """The service."""

    name = "scheduler"
    routes: tuple[Route, ...] = ()

    def __init__(self, platform: Platform) -> None:
        settings = platform.settings
        self.background = Background()
        versions = Versions(platform.registry)
        grace = settings.erasure_grace
        self._deletions = Deletions(platform.identity, platform.clock, grace)
        self._schedules = ScheduleRecords(platform.registry, settings.shards)
        quotas = Quotas(Records(platform.identity, IdentityRecord), settings.quota_counts)
        self._scheduler = Scheduler(
            Decider(
                name=f"{settings.worker}.{platform.clock.new_id('sch')}",
                log=platform.runs,
                live=platform.live,
                clock=platform.clock,
                graphs=Graphs(versions),
                blobs=platform.blobs,
                plans=Plans(Records(platform.registry, RegistryRecord), versions),
                pages=Pages(platform.blobs),
                shards=settings.shards,
                atomic_from=settings.atomic_from,
                retention=Retention(
                    platform.runs,
                    platform.clock,
                    hot_ms=settings.hot_period,
                    horizon_ms=settings.idempotency_horizon,
                ),
                deletions=self._deletions,
                scheduling=Scheduling(
                    self._schedules,
                    Guard(platform.identity, platform.registry, platform.clock),
                    DailyRuns(SharedRates(platform.rates), quotas, platform.clock),
                    settings.env,
                ),
            ),
            settings.shards,
        )

    async def start(self) -> None:
        """Join the other schedulers; shards are taken in the background."""
        self.background.spawn(self._deletions.run(), "follow deleted tenants")
        self.background.spawn(self._schedules.run(), "follow schedules")
        self.background.spawn(self._scheduler.run(), "scheduler")

    async def stop(self) -> None:
        """Store what is under way and leave the shards to the others."""
        await self._scheduler.stop()
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """Whether every shard that is this process's own is being decided."""
        return {"shards": self._scheduler.ready}


def build(platform: Platform) -> SchedulerService:
    """The service on these ports."""
    return SchedulerService(platform)
