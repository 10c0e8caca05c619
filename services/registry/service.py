"""The registry: workflows, versions, webhooks, schedules, credentials, the node catalogue.

All of it lies in the REGISTRY log, full state per subject; what this process
keeps in memory is an index of it for lists. Any number of registries may run.
"""

from __future__ import annotations

from services.registry import routes
from services.registry.again import Again
from services.registry.belonging import Belonging
from services.registry.called import Others
from services.registry.comparing import Comparing
from services.registry.credential_routes import credential_routes
from services.registry.credentials import Credentials
from services.registry.drafts import Drafts
from services.registry.drawn import Present
from services.registry.erasing import Erasing
from services.registry.errands import Asking
from services.registry.expressions import Expressions
from services.registry.grants import Grants
from services.registry.index import Index
from services.registry.nodes import Nodes
from services.registry.probing import Probing
from services.registry.publishing import Publishing
from services.registry.rotation import Rotation
from services.registry.schedule_routes import schedule_routes
from services.registry.scheduled import Scheduled
from services.registry.schedules import Schedules
from services.registry.subscription_routes import subscription_routes
from services.registry.subscriptions import Subscriptions
from services.registry.trials import Trials
from services.registry.usage_of_tenant import UsageOfTenant, usage_routes
from services.registry.webhooks import Webhooks
from services.registry.workflows import Workflows
from weir.contract.messages import IdentityRecord, RegistryRecord
from weir.core.validate import validate
from weir.nodes.credentials.catalogue import credential_types
from weir.nodes.registry import catalogue, describe
from weir.runtime.background import Background
from weir.runtime.changes import Writer
from weir.runtime.deletions import Deletions
from weir.runtime.drawing import Drawing
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.policy import Guard
from weir.runtime.quotas import Quotas
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates


class Registry:
    """The service."""

    name = "registry"

    def __init__(self, platform: Platform) -> None:
        records = Records(platform.registry, RegistryRecord)
        writer = Writer(records, platform.clock)
        idempotency = Idempotency(records, platform.clock, platform.settings.idempotency_horizon)
        guard = self.guard = Guard(platform.identity, platform.registry, platform.clock)
        self.background = Background()
        identity = Records(platform.identity, IdentityRecord)
        quotas = Quotas(identity, platform.settings.quota_counts)
        self._index = Index(platform.registry, quotas)
        usage = UsageOfTenant(
            self._index, quotas, SharedRates(platform.rates), platform.identity, platform.clock
        )
        self._erasing = Erasing(platform.registry, platform.runs, self._index.drop)
        grace = platform.settings.erasure_grace
        self._deletions = Deletions(platform.identity, platform.clock, grace)
        types = catalogue()
        self._drafts = Drafts(validate, types, Others(records, types))
        belonging = Belonging(records, identity)
        webhooks = Webhooks(writer, self._index, belonging, platform.secrets)
        self._drawing = Drawing(platform.live, platform.clock)
        present = Present(self._drawing, records)
        schedules = Schedules(writer, self._index, belonging, idempotency)
        scheduled = Scheduled(
            schedules, platform.runs, platform.clock, platform.settings.shards, idempotency
        )
        workflows = Workflows(
            *(writer, self._index, self._drafts, belonging, idempotency, present, schedules)
        )
        subscriptions = Subscriptions(
            writer, self._index, belonging, guard, platform.bus, platform.cursors
        )
        asking = Asking(records, self._index, platform.secrets, platform.clock)
        credentials = Credentials(
            writer,
            self._index,
            platform.secrets,
            idempotency,
            credential_types(),
            belonging,
            asking,
        )
        grants = Grants(
            records, platform.secrets, platform.clock, asking, platform.settings.public_url
        )
        self._rotation = Rotation(records, self._index, platform.secrets, platform.clock)
        platform.reminders.append(self._rotation.warnings)
        self._expressions = Expressions(platform.clock)
        self.routes: tuple[Route, ...] = (
            *routes.workflow_routes(workflows),
            *routes.version_routes(
                Publishing(
                    writer,
                    self._index,
                    self._drafts,
                    webhooks,
                    subscriptions,
                    schedules,
                    idempotency,
                    guard,
                    present,
                    Probing(platform.live, platform.clock, platform.settings.webhook_probe),
                )
            ),
            *routes.again_routes(
                Again(writer, self._drafts, webhooks, subscriptions, schedules, guard)
            ),
            *routes.comparing_routes(Comparing(writer, workflows, present)),
            *routes.trial_routes(Trials(writer, self._drafts, guard, present)),
            *routes.webhook_routes(webhooks),
            *subscription_routes(subscriptions),
            *schedule_routes(schedules, scheduled),
            *credential_routes(credentials, grants, self._rotation),
            *routes.node_routes(Nodes(describe())),
            *routes.expression_routes(self._expressions),
            *usage_routes(usage),
        )

    async def start(self) -> None:
        """Read the registry, then follow it."""
        await self._index.load()
        await self._drawing.start()
        self.background.spawn(self._index.run(), "follow the registry")
        self.background.spawn(self._deletions.run(), "follow deleted tenants")
        self.background.spawn(self._deletions.sweeping(self._erasing.sweep), "erase tenants")
        self.background.spawn(self._rotation.run(), "rotate keys")

    async def stop(self) -> None:
        """Follow no more."""
        await self.background.stop()
        await self._drawing.stop()
        self._drafts.close()
        self._expressions.close()

    def health(self) -> dict[str, bool]:
        """Whether lists are complete."""
        return {"index": self._index.loaded}


def build(platform: Platform) -> Registry:
    """The service for this platform."""
    return Registry(platform)
