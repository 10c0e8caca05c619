"""The trigger: everything that starts a run from outside, and all that is told to one."""

from __future__ import annotations

from services.trigger.answering import Answers
from services.trigger.api import Runs
from services.trigger.bulk import Bulk
from services.trigger.bus_side import BusSide
from services.trigger.event_routes import event_routes
from services.trigger.events import Events
from services.trigger.forks import Forks
from services.trigger.history import History
from services.trigger.hooks import Hooks
from services.trigger.intake import Intake
from services.trigger.judging import Judge
from services.trigger.letter_routes import letter_routes
from services.trigger.letters import DeadLetters
from services.trigger.probes import Probes
from services.trigger.reaching import Reaching
from services.trigger.replays import Replays
from services.trigger.results import Results
from services.trigger.routes import bulk_routes, hook_routes, life_routes, run_routes
from services.trigger.sample_routes import sample_routes
from services.trigger.samples import Samples
from services.trigger.starts import Starts
from services.trigger.wishes import Wishes
from weir.contract.messages import IdentityRecord, RegistryRecord
from weir.nodes.registry import catalogue
from weir.runtime.archive import Archive
from weir.runtime.background import Background
from weir.runtime.graphs import Graphs
from weir.runtime.http.asked_deliveries import Hooked
from weir.runtime.http.route import Route
from weir.runtime.plans import Plans
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.quotas import DailyRuns, Quotas
from weir.runtime.records import Records, Versions
from weir.runtime.shared_rates import SharedRates
from weir.runtime.states import States


class Trigger:
    """The service."""

    name = "trigger"

    def __init__(self, platform: Platform) -> None:
        settings, clock = platform.settings, platform.clock
        records = Records(platform.registry, RegistryRecord)
        versions = Versions(platform.registry)
        plans, graphs = Plans(records, versions), Graphs(versions)
        self.background = Background()
        self._intake = Intake(
            platform.runs,
            # Starts check nothing of each other: several nodes take them pipelined as well.
            atomic_from=settings.atomic_from if settings.sync == "power-safe" else None,
        )
        self._results = Results(platform.live, platform.runs)
        guard = self.guard = Guard(platform.identity, platform.registry, clock)
        quotas = Quotas(Records(platform.identity, IdentityRecord), settings.quota_counts)
        daily = DailyRuns(SharedRates(platform.rates), quotas, clock)
        starts = Starts(
            *(guard, platform.runs, self._intake, platform.blobs),
            *(clock, settings.env, settings.shards, daily),
        )
        runs = Runs(plans, starts, self._results, clock)
        states = States(platform.runs, Archive(platform.blobs), graphs)
        wishes = Wishes(guard, platform.runs, self._results, states, clock, settings.shards)
        forks = Forks(wishes, states, plans, graphs, starts, catalogue())
        bulk = Bulk(platform.views, wishes, forks, settings.shards)
        self._bus = BusSide(platform, records, plans, starts)
        letters = DeadLetters(
            *(guard, platform.views, records, wishes, forks),
            *(self._bus.retries, clock, settings.shards),
        )
        judge = Judge(records, plans, platform.secrets, settings.env)
        answers = Answers(starts, self._results, Reaching(platform.live, states))
        self._history = History(platform.deliveries, platform.blobs, clock)
        hooks = Hooks(judge, answers, self._history, clock)
        self._probes = Probes(platform.live, judge, self.background)
        hooked = Hooked(records)
        samples = Samples(*(hooked, judge, answers, starts, platform.runs), self._history, clock)
        replays = Replays(
            *(hooked, judge, starts, platform.views, platform.blobs, self._history, clock),
            settings.delivery_retention,
        )
        self.routes: tuple[Route, ...] = (
            *run_routes(runs),
            *life_routes(wishes, forks),
            *bulk_routes(bulk),
            *letter_routes(letters),
            *hook_routes(hooks),
            *sample_routes(samples, replays),
            *event_routes(Events(platform.bus)),
        )

    async def start(self) -> None:
        """Listen for the ends of runs."""
        await self._results.start()
        await self._probes.start()
        self._bus.start(self.background)
        self.background.spawn(self._results.run(), "look for ends of runs")

    async def stop(self) -> None:
        """Store what was taken, then listen no more."""
        await self._bus.stop()
        await self._probes.stop()
        await self._intake.close()
        await self._history.close()
        await self._results.stop()
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """Nothing beyond the broker, which every process watches."""
        return {}


def build(platform: Platform) -> Trigger:
    """The service for this platform."""
    return Trigger(platform)
