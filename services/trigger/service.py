"""The trigger: everything that starts a run from outside, and the wish to end one."""

from __future__ import annotations

from services.trigger.api import Runs
from services.trigger.cancels import Cancels
from services.trigger.hooks import Hooks
from services.trigger.intake import Intake
from services.trigger.results import Results
from services.trigger.routes import hook_routes, run_routes
from services.trigger.starts import Starts
from weir.contract.messages import RegistryRecord
from weir.runtime.background import Background
from weir.runtime.http.route import Route
from weir.runtime.plans import Plans
from weir.runtime.platform import Platform
from weir.runtime.records import Records, Versions


class Trigger:
    """The service."""

    name = "trigger"

    def __init__(self, platform: Platform) -> None:
        settings, clock = platform.settings, platform.clock
        records = Records(platform.registry, RegistryRecord)
        plans = Plans(records, Versions(platform.registry))
        self.background = Background()
        self._intake = Intake(platform.runs, atomic=settings.sync == "power-safe")
        self._results = Results(platform.live, platform.runs)
        starts = Starts(
            platform.runs, self._intake, platform.blobs, clock, settings.env, settings.shards
        )
        runs = Runs(plans, starts, self._results, clock)
        cancels = Cancels(platform.runs, clock, settings.shards)
        hooks = Hooks(records, plans, starts, self._results, platform.secrets, clock, settings.env)
        self.routes: tuple[Route, ...] = (*run_routes(runs, cancels), *hook_routes(hooks))

    async def start(self) -> None:
        """Listen for the ends of runs."""
        await self._results.start()
        self.background.spawn(self._results.run(), "look for ends of runs")

    async def stop(self) -> None:
        """Store what was taken, then listen no more."""
        await self._intake.close()
        await self._results.stop()
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """Nothing beyond the broker, which every process watches."""
        return {}


def build(platform: Platform) -> Trigger:
    """The service for this platform."""
    return Trigger(platform)
