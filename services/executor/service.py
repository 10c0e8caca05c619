"""The executor: a worker loop with every node type of this installation.

It serves no HTTP of its own and keeps nothing: what it was doing when it died
is in the queue, and done again by another.
"""

from __future__ import annotations

from weir.contract.messages import RegistryRecord
from weir.nodes.credentials.catalogue import credential_types
from weir.nodes.registry import task_nodes
from weir.ports.evaluator import Evaluator
from weir.ports.node_context import Http
from weir.runtime.audit import Audit
from weir.runtime.background import Background
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.records import Records
from weir.runtime.worker import Worker
from weir.runtime.worker_attempt import Runner
from weir.runtime.worker_context import Host
from weir.runtime.worker_credentials import Credentials
from weir.runtime.worker_errands import Errands
from weir.runtime.worker_evaluation import ProcessEvaluator
from weir.runtime.worker_events import Bus
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_handling import Limits
from weir.runtime.worker_hosts import AllowedHosts, TenantHttp
from weir.runtime.worker_http import OutboundHttp
from weir.runtime.worker_integrations import Integrations
from weir.runtime.worker_logs import StepLogs
from weir.runtime.worker_reading import Readers
from weir.runtime.worker_tokens import TokenKeeper


class Executor:
    """The service."""

    name = "executor"
    routes: tuple[Route, ...] = ()

    def __init__(self, platform: Platform, evaluator: Evaluator) -> None:
        settings = platform.settings
        self._nodes = task_nodes()
        self._http = OutboundHttp(parse_allowed(settings.outbound_allow))
        self._audit = Audit(platform.notes, platform.clock)
        platform.reminders.append(self._audit.warnings)
        self._logs = StepLogs(platform.logs)
        self._evaluator = evaluator
        self._integrations = Integrations(
            platform.runs, platform.clock, settings.worker, settings.shards
        )
        records = Records(platform.registry, RegistryRecord)
        hosts = AllowedHosts(platform.identity)

        def outbound(tenant: str) -> Http:
            return TenantHttp(self._http, hosts, tenant)

        tokens = TokenKeeper(records, platform.secrets, platform.clock, outbound, settings.worker)
        self._errands = Errands(
            registry=platform.registry,
            secrets=platform.secrets,
            tokens=tokens,
            types=credential_types(),
            outbound=outbound,
            clock=platform.clock,
            worker=settings.worker,
        )
        host = Host(
            clock=platform.clock,
            http=self._http,
            blobs=platform.blobs,
            credentials=Credentials(
                records,
                platform.secrets,
                Readers(platform.runs, self._audit, settings.worker),
                tokens,
            ),
            logs=self._logs,
            hosts=hosts,
            guard=Guard(platform.identity, platform.registry, platform.clock),
            bus=Bus(platform.bus, platform.runs, settings.shards),
            live=platform.live,
        )
        self._worker = Worker(
            name=settings.worker,
            queues=settings.executor_queues,
            runs=platform.runs,
            tasks=platform.tasks,
            live=platform.live,
            clock=platform.clock,
            runner=Runner(host, self._nodes, self._evaluator, settings.worker, self._integrations),
            limits=Limits(
                capacity=settings.executor_capacity, max_deliveries=settings.executor_deliveries
            ),
        )
        # The other half of the deadline is for ending what does not end by itself.
        self._grace_s = settings.stop_deadline / 2000

    @property
    def background(self) -> Background:
        """The taking from queues; it ends the process when it fails."""
        return self._worker.background

    async def start(self) -> None:
        """Begin to take tasks, and what else only a worker can do."""
        await self._worker.start()
        await self._errands.start(self.background)

    async def stop(self) -> None:
        """Let running steps end within the grace, give back the rest, free what nodes hold."""
        await self._worker.stop(self._grace_s)
        await self._audit.stop()
        await self._integrations.close()
        await self._logs.close()
        await self._evaluator.close()
        await self._http.close()
        for node in self._nodes.values():
            await node.close()

    def health(self) -> dict[str, bool]:
        """False when steps that cannot be ended fill the executor: it must be restarted."""
        return {"worker": self._worker.healthy}


def build(platform: Platform, evaluator: Evaluator | None = None) -> Executor:
    """The service for this platform.

    Heavy expressions are evaluated in processes of their own; the simulation,
    whose time is not the machine's, gives an evaluator without any.
    """
    return Executor(platform, evaluator or ProcessEvaluator())
