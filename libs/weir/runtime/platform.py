"""What a service is built on: settings and ports, chosen by `weir.wiring` and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from weir.ports.audit_views import AuditViews
from weir.ports.blobs import Blobs
from weir.ports.clock import Clock
from weir.ports.door import Door
from weir.ports.inbox import Inbox
from weir.ports.live import Live
from weir.ports.log import Log
from weir.ports.mail import Mailer
from weir.ports.receivers import Receiver
from weir.ports.secrets import Secrets
from weir.ports.tasks import Tasks
from weir.ports.views import Views
from weir.runtime.storage import StorageWatch
from weir.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The world of one process. All services of an embedded process share one."""

    settings: Settings
    clock: Clock
    runs: Log
    registry: Log
    collab: Log  # documents of drafts
    identity: Log
    accounts: Log  # of processes that sign people in; others may not read it
    notes: Log  # of audit, until they are in a chain
    audit: Log
    logs: Log
    rates: Log
    deliveries: Log  # to webhooks, what became of them
    bus: Log  # what tenants publish
    cursors: Log  # of subscriptions to it
    approvals: Log  # of the approval service alone
    tasks: Tasks
    live: Live
    blobs: Blobs
    secrets: Secrets
    views: Views | None  # None where no database is connected: only `query` reads views
    audit_views: AuditViews | None = None  # of identity alone, and where there is a database
    inbox: Inbox | None = None  # of the approval service alone, and where there is a database
    mail: Mailer | None = None  # of processes that write to people
    receivers: tuple[Receiver, ...] = ()  # of audit entries, outside
    door: Door | None = None  # of identity alone, where the broker has one
    storage: StorageWatch | None = None  # of processes that watch the broker's
    checks: Mapping[str, Callable[[], bool]] = field(default_factory=dict)  # of connections
    reminders: list[Callable[[], list[str]]] = field(default_factory=list)  # added by services
