"""Settings to ports: the only place that chooses adapters.

An adapter is loaded where it is chosen: each process pays at each start for what it
loads, and of databases, mail and collectors of logs most of them use none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from weir.adapters.envelope.secrets import EnvelopeSecrets
from weir.adapters.jetstream.connect import connect as connect_nats
from weir.adapters.jetstream.door import NatsDoor
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.storage import JetStreamStorage
from weir.adapters.jetstream.streams import ensure_streams, streams_there
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.adapters.keyfile import keys
from weir.adapters.keyfile.provider import KeyFileKeys
from weir.adapters.keyfile.secrets import KeyFileSecrets
from weir.adapters.mail.outbox import FileOutbox
from weir.adapters.objects.files import FileBlobs
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.errors import SettingsInvalidError
from weir.ports.audit_views import AuditViews
from weir.ports.clock import Clock
from weir.ports.door import Door
from weir.ports.inbox import Inbox
from weir.ports.keys import KeyProvider
from weir.ports.log import Log
from weir.ports.mail import Mailer
from weir.ports.receivers import Receiver
from weir.ports.secrets import Secrets
from weir.ports.views import Views
from weir.runtime import telemetry
from weir.runtime.platform import Platform
from weir.runtime.servers.nats_users import SYSTEM, inbox
from weir.runtime.storage import StorageWatch
from weir.settings import Settings

EMBEDDED = "embedded"
READS_AUDIT = frozenset({EMBEDDED, "identity"})
LETS_IN = frozenset({EMBEDDED, "identity"})
READ_VIEWS = frozenset({EMBEDDED, "query"})
LOOKS_AT_VIEWS = "trigger"
READS_INBOX = frozenset({EMBEDDED, "approval"})
WRITES_MAIL = frozenset({EMBEDDED, "approval", "identity"})
MAKE_STREAMS = frozenset({EMBEDDED, "scheduler"})


@asynccontextmanager
async def connect(settings: Settings, name: str) -> AsyncIterator[Platform]:
    """The platform as the process `name` (a service, or `embedded` for all of them) sees it.

    Raises SettingsInvalidError where a server is not named, UnavailableError
    where one is not reached in time, BrokerTooOldError.
    """
    async with AsyncExitStack() as stack:
        yield _in_memory(settings) if settings.memory else await _connected(settings, name, stack)


def _in_memory(settings: Settings) -> Platform:
    from weir.adapters.memory.audit_views import MemoryAuditViews
    from weir.adapters.memory.blobs import MemoryBlobs
    from weir.adapters.memory.broker import Broker
    from weir.adapters.memory.inbox import MemoryInbox
    from weir.adapters.memory.live import MemoryLive
    from weir.adapters.memory.log import MemoryLog
    from weir.adapters.memory.mail import MemoryMailer
    from weir.adapters.memory.secrets import MemorySecrets
    from weir.adapters.memory.tasks import MemoryTasks
    from weir.adapters.memory.views import MemoryViews

    clock = SystemClock()
    connection = Broker(clock).connect()
    return Platform(
        settings=settings,
        clock=clock,
        runs=MemoryLog(connection, subjects.RUNS),
        registry=MemoryLog(connection, subjects.REGISTRY),
        collab=MemoryLog(connection, subjects.COLLAB),
        identity=MemoryLog(connection, subjects.IDENTITY),
        accounts=MemoryLog(connection, subjects.ACCOUNTS),
        notes=MemoryLog(connection, subjects.NOTES),
        audit=MemoryLog(connection, subjects.AUDIT),
        logs=MemoryLog(connection, subjects.LOGS),
        rates=MemoryLog(connection, subjects.RATES),
        deliveries=MemoryLog(connection, subjects.DELIVERIES),
        bus=MemoryLog(connection, subjects.BUS),
        cursors=MemoryLog(connection, subjects.CURSORS),
        approvals=MemoryLog(connection, subjects.APPROVALS),
        tasks=MemoryTasks(connection),
        live=MemoryLive(connection),
        blobs=MemoryBlobs(),
        secrets=MemorySecrets(),
        views=MemoryViews(),
        mail=_mailer(settings, clock) if settings.smtp_url.get_secret_value() else MemoryMailer(),
        audit_views=MemoryAuditViews(),
        inbox=MemoryInbox(),
    )


async def _connected(settings: Settings, name: str, stack: AsyncExitStack) -> Platform:
    if not settings.nats_url:
        raise SettingsInvalidError(
            f"{name} runs alone and needs a NATS server: set WEIR_NATS_URL, or run everything in "
            "one process with `weir up`."
        )
    seed = settings.nats_seed_file
    link = await connect_nats(
        settings.nats_url,
        name=f"weir-{name}",
        nkey_seed=seed.read_text().strip() if seed else None,
        inbox=f"_INBOX.{name}",
    )
    stack.push_async_callback(link.close)
    makes = name in MAKE_STREAMS
    if makes:
        await ensure_streams(
            link,
            replicas=settings.replicas,
            shards=settings.shards,
            bus_age_s=settings.bus_age // 1000,
        )
    else:
        await streams_there(link, shards=settings.shards)
    if name == EMBEDDED:
        keys.make(settings.keys)
    blobs = FileBlobs(settings.blobs, flush_named=settings.sync == "power-safe")
    stack.push_async_callback(blobs.close)
    views = await _views(settings) if name in READ_VIEWS else None
    if name == LOOKS_AT_VIEWS:
        views = await _views_later(settings)
    if views:
        stack.push_async_callback(views.close)
    registry = JetStreamLog(link, subjects.REGISTRY)
    audit_views = await _audit_views(settings) if name in READS_AUDIT else None
    if audit_views:
        stack.push_async_callback(audit_views.close)
    inbox = await _inbox(settings) if name in READS_INBOX else None
    if inbox:
        stack.push_async_callback(inbox.close)
    receivers = _receivers(settings) if name in READS_AUDIT else ()
    for receiver in receivers:
        stack.push_async_callback(receiver.close)
    return Platform(
        settings=settings,
        clock=SystemClock(),
        runs=JetStreamLog(link, subjects.RUNS),
        registry=registry,
        collab=JetStreamLog(link, subjects.COLLAB),
        identity=JetStreamLog(link, subjects.IDENTITY),
        accounts=JetStreamLog(link, subjects.ACCOUNTS),
        notes=JetStreamLog(link, subjects.NOTES),
        audit=JetStreamLog(link, subjects.AUDIT),
        logs=JetStreamLog(link, subjects.LOGS),
        rates=JetStreamLog(link, subjects.RATES),
        deliveries=JetStreamLog(link, subjects.DELIVERIES),
        bus=JetStreamLog(link, subjects.BUS),
        cursors=JetStreamLog(link, subjects.CURSORS),
        approvals=JetStreamLog(link, subjects.APPROVALS),
        tasks=JetStreamTasks(link),
        live=JetStreamLive(link),
        blobs=blobs,
        secrets=_secrets(settings, registry, stack),
        views=views,
        audit_views=audit_views,
        inbox=inbox,
        receivers=receivers,
        mail=_mailer(settings, SystemClock()) if name in WRITES_MAIL else None,
        storage=StorageWatch(JetStreamStorage(link), _store(settings)) if makes else None,
        door=await _door(settings, link, stack) if name in LETS_IN else None,
        checks={"nats": lambda: link.is_connected},
    )


def _secrets(settings: Settings, registry: Log, stack: AsyncExitStack) -> Secrets:
    """Envelopes, wrapped by who is chosen; the others unwrap what they wrapped before."""
    file = KeyFileSecrets(settings.keys)
    providers: dict[str, KeyProvider] = {"file": KeyFileKeys(file)}
    if settings.vault_url:
        from weir.adapters.vault.provider import Vault, VaultKeys

        providers["vault"] = VaultKeys(
            Vault(
                url=settings.vault_url,
                key=settings.vault_key,
                mount=settings.vault_mount,
                namespace=settings.vault_namespace,
                token=settings.vault_token.get_secret_value(),
                token_file=settings.vault_token_file,
                ca_file=settings.vault_ca_file,
            )
        )
    if settings.kms_key_id:
        from weir.adapters.kms.provider import Kms, KmsKeys

        providers["kms"] = KmsKeys(
            Kms(
                key_id=settings.kms_key_id,
                region=settings.kms_region,
                endpoint=settings.kms_endpoint,
            )
        )
    chosen = providers.pop(settings.key_provider)
    for provider in (chosen, *providers.values()):
        stack.push_async_callback(provider.close)
    secrets = EnvelopeSecrets(registry, SystemClock(), (chosen, *providers.values()), direct=file)
    stack.push_async_callback(secrets.close)
    return secrets


async def _door(settings: Settings, link: Link, stack: AsyncExitStack) -> Door | None:
    """Where publishers of tenants are let in, if the broker's configuration leaves that to us."""
    if settings.bus_issuer_seed_file is None:
        return None
    system = None
    if settings.bus_system_seed_file is not None:
        system = await connect_nats(
            settings.nats_url,
            name="weir-identity-system",
            nkey_seed=settings.bus_system_seed_file.read_text().strip(),
            inbox=inbox(SYSTEM),
            watched=False,
        )
        stack.push_async_callback(system.close)
    return NatsDoor(link, settings.bus_issuer_seed_file.read_text().strip(), SystemClock(), system)


def _mailer(settings: Settings, clock: Clock) -> Mailer:
    url = settings.smtp_url.get_secret_value()
    if url:
        from weir.adapters.mail.smtp import SmtpMailer

        return SmtpMailer(url, settings.mail_from)
    return FileOutbox(settings.data_dir / "outbox", clock)


def _store(settings: Settings) -> Path | None:
    """Where NATS keeps everything, if it is one of ours: the seeds lie beside that."""
    seed = settings.nats_seed_file
    store = seed.parent.parent / "store" if seed is not None else None
    return store if store is not None and store.is_dir() else None


async def _views(settings: Settings) -> Views:
    dsn = settings.postgres_dsn.get_secret_value()
    if not dsn:
        raise SettingsInvalidError(
            "The query service needs a Postgres: set WEIR_POSTGRES_DSN, or run everything in one "
            "process with `weir up`."
        )
    from weir.adapters.postgres.migrate import migrate
    from weir.adapters.postgres.views import PostgresViews

    await migrate(dsn)
    return await PostgresViews.connect(dsn)


async def _views_later(settings: Settings) -> Views | None:
    """For who goes on without a database: only what asks for lists is refused then."""
    dsn = settings.postgres_dsn.get_secret_value()
    if not dsn:
        return None
    from weir.adapters.postgres.views import PostgresViews

    return await PostgresViews.reading(dsn)


async def _audit_views(settings: Settings) -> AuditViews | None:
    """Where the audit is searched; without a database it grows all the same."""
    dsn = settings.postgres_dsn.get_secret_value()
    if not dsn:
        return None
    from weir.adapters.postgres.audit_views import PostgresAuditViews

    return await PostgresAuditViews.connect(dsn)


async def _inbox(settings: Settings) -> Inbox | None:
    """Where approvals are listed; they are decided without a database, too."""
    dsn = settings.postgres_dsn.get_secret_value()
    if not dsn:
        return None
    from weir.adapters.postgres.inbox import PostgresInbox

    return await PostgresInbox.connect(dsn)


def _receivers(settings: Settings) -> tuple[Receiver, ...]:
    found: list[Receiver] = []
    if settings.audit_syslog:
        from weir.adapters.siem.syslog import Syslog

        found.append(Syslog(settings.audit_syslog, settings.audit_syslog_ca))
    if settings.audit_otlp:
        from weir.adapters.siem.otlp import OtlpLogs

        found.append(OtlpLogs(settings.audit_otlp, telemetry.release()))
    return tuple(found)
