"""The query service: follows the logs into views, archives runs, shows both, collects values.

Any number of them may run: one at a time writes each projection, all of them
answer. Lists are read from the views; a run's events and live sockets from log
and archive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.query import routes
from services.query.analytics import Analytics
from services.query.analytics_routes import analytics_routes
from services.query.answers import Answers
from services.query.callbacks import Callbacks
from services.query.deliveries import Deliveries
from services.query.delivery_routes import delivery_routes
from services.query.erasing import Erasing
from services.query.histories import Histories
from services.query.known import KnownRuns
from services.query.letter_routes import letter_routes
from services.query.letters import DeadLetters
from services.query.runs import Runs
from services.query.sockets import Sockets
from services.query.streams import Streams
from services.query.timelines import Timelines
from services.query.waits import Waits
from services.query.watch import Watch
from weir.contract.errors import SettingsInvalidError, UnavailableError
from weir.contract.messages import RegistryRecord
from weir.ports.clock import Clock
from weir.ports.views import Views
from weir.runtime.archive import Archive
from weir.runtime.archiver import QUIET_MS, Archiver
from weir.runtime.background import Background
from weir.runtime.collector import Collector
from weir.runtime.deletions import Deletions
from weir.runtime.graphs import Graphs
from weir.runtime.http.asked_deliveries import Hooked
from weir.runtime.http.relay import Relay
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.projector.deliveries import DeliveriesFold
from weir.runtime.projector.letters import HandledFold
from weir.runtime.projector.lines import LinesFold
from weir.runtime.projector.projector import Projector
from weir.runtime.projector.runs import RunsFold
from weir.runtime.projector.workflows import WorkflowsFold
from weir.runtime.records import Records, Versions
from weir.runtime.segmenting import Segmenting
from weir.runtime.states import States

_PRUNE_EVERY_S = 600.0
_PRUNE_AT_ONCE = 10_000
_FEEL_EVERY_S = 1.0

_log = structlog.get_logger()


class Query:
    """The service."""

    name = "query"

    def __init__(self, platform: Platform, views: Views) -> None:
        settings, archive = platform.settings, Archive(platform.blobs)
        self.background = Background()
        self._views = views
        self._answers = True  # it did when the views were connected
        self._clock = platform.clock
        self._retention_ms = settings.log_retention
        self._delivery_retention_ms = settings.delivery_retention
        runs = Projector(platform.runs, views, RunsFold(platform.runs, views, archive))
        self.projectors = (
            runs,
            Projector(platform.logs, views, LinesFold()),
            Projector(platform.registry, views, WorkflowsFold()),
            handled := Projector(platform.registry, views, HandledFold()),
            Projector(platform.deliveries, views, DeliveriesFold()),
        )
        if settings.rebuild_views:
            for projector in self.projectors:
                projector.rebuild()
        self._archiver = Archiver(
            platform.runs,
            views,
            archive,
            platform.clock,
            shards=settings.shards,
            quiet_ms=min(QUIET_MS, settings.hot_period),
        )
        self._erasing = Erasing(
            *(views, platform.runs, platform.logs, platform.deliveries, platform.blobs)
        )
        self._deletions = Deletions(platform.identity, platform.clock, settings.erasure_grace)
        self._segmenting = Segmenting(platform.runs, views, archive, platform.clock)
        self._collector = Collector(
            (platform.runs, platform.registry, platform.deliveries),
            archive,
            platform.blobs,
            platform.clock,
            grace_ms=settings.blob_grace,
        )
        known = KnownRuns(views, platform.runs, archive, runs.progress, settings.shards)
        watch = Watch(platform.runs, platform.logs, archive, known)
        shown = Runs(views, known, runs.progress, Waits(views, platform.tasks))
        graphs = Graphs(Versions(platform.registry))
        states = States(platform.runs, archive, graphs)
        histories = Histories(known, platform.runs, archive, platform.blobs, states)
        timelines = Timelines(views, known, runs.progress, platform.runs, archive)
        letters = DeadLetters(
            *(views, platform.runs, platform.registry, archive),
            *(runs.progress, handled.progress, settings.shards),
        )
        deliveries = Deliveries(
            *(Hooked(Records(platform.registry, RegistryRecord)), views, platform.clock),
            *(runs.progress, settings.delivery_retention),
        )
        self._relay = Relay(platform.live, platform.clock)
        answers = Answers(self._relay, known, states)
        streams = Streams(platform.live, platform.clock)
        sockets = Sockets(watch, streams, known, answers, platform.clock, settings.shards)
        self.routes: tuple[Route, ...] = (
            *routes.run_routes(shown, histories, timelines),
            *routes.live_routes(shown, sockets),
            *letter_routes(letters, Callbacks(views, known)),
            *delivery_routes(deliveries),
            *analytics_routes(Analytics(views, platform.tasks, platform.clock)),
        )

    async def start(self) -> None:
        """Project, archive and prune in the background."""
        await self._relay.start()
        for projector in self.projectors:
            self.background.spawn(projector.run(), f"project {projector.fold.name}")
        self.background.spawn(self._archiver.run(), "archive runs")
        self.background.spawn(self._segmenting.run(), "archive segments")
        self.background.spawn(self._collector.run(), "collect values")
        self.background.spawn(self._deletions.run(), "follow deleted tenants")
        self.background.spawn(self._deletions.sweeping(self._erasing.sweep), "erase tenants")
        lines = self._views.prune_logs, self._clock, self._retention_ms
        self.background.spawn(prune(*lines), "prune lines")
        old = self._views.prune_deliveries, self._clock, self._delivery_retention_ms
        self.background.spawn(prune(*old), "prune deliveries")
        self.background.spawn(self._feel(), "feel the database")

    async def stop(self) -> None:
        """End in order; what is not stored is projected at the next start."""
        await self._relay.stop()
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """Whether the database answers, and each projection goes on.

        A projection that halted waits to be rebuilt.
        """
        return {"database": self._answers} | {
            f"projection of {projector.fold.name}": projector.halted is None
            for projector in self.projectors
        }

    async def _feel(self) -> None:
        """Ask the database once a second whether it is there, for ever."""
        while True:
            answers = await self._views.answers()
            if answers is not self._answers:
                _log.warning("the database answers again" if answers else "no database answers")
            self._answers = answers
            await asyncio.sleep(_FEEL_EVERY_S)


async def prune(
    remove: Callable[[int, int], Awaitable[int]], clock: Clock, retention_ms: int
) -> None:
    """Remove rows that are older than their retention, for ever, a little at a time."""
    while True:
        try:
            removed = await remove(clock.now_ms() - retention_ms, _PRUNE_AT_ONCE)
        except UnavailableError as gone:
            _log.warning("pruning interrupted", why=gone.message)
            removed = 0
        await asyncio.sleep(1 if removed == _PRUNE_AT_ONCE else _PRUNE_EVERY_S)


def build(platform: Platform) -> Query:
    """The service for this platform."""
    if platform.views is None:
        raise SettingsInvalidError("The query service needs a database for its views.")
    return Query(platform, platform.views)
