"""A tenant with something of everything it can have, in every store."""

from __future__ import annotations

from typing import Any

from services.approval.book import Book
from tests.http_house import House
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import (
    AccountRecord,
    ApiKeyCreated,
    ApprovalAsked,
    ApprovalDevicesSaved,
    ApprovalRecord,
    CredentialSaved,
    CursorRecord,
    DeliveryRecord,
    DraftEdited,
    DraftRecord,
    EmailClaimed,
    Envelope,
    Event,
    GroupSaved,
    IdentityRecord,
    LogBatch,
    LoginSaved,
    LogLine,
    MemberSaved,
    Message,
    PoliciesSaved,
    ProjectSaved,
    ProviderSaved,
    PushDevice,
    RefreshSaved,
    RegistryRecord,
    RunStarted,
    RunSucceeded,
    ScheduledRunEnded,
    ScheduleEvent,
    ScheduleMessage,
    ScheduleSaved,
    SessionStarted,
    SubscriptionSaved,
    TenantSaved,
    UserSaved,
    WebhookSaved,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.core.approvals.asked import made
from weir.ports.log import Append
from weir.runtime.archive import Archive, Ended

NOW = "2026-01-01T00:00:00.000Z"
CANARY = "canary-5e1f"


def an_id(kind: str, *names: str) -> str:
    """Always the same id."""
    return ids.derived(kind, *names)


class Peopled:
    """Fills a tenant; `here` and `both` are its people: of this tenant alone, and of two."""

    def __init__(self, house: House, tenant: str, both: str = "") -> None:
        self.house, self.tenant = house, tenant
        self.here = an_id("usr", tenant, "here")
        self.robot = an_id("svc", tenant, "robot")
        self.both = both
        self.workflow = an_id("wf", tenant, "w")
        self.version = an_id("ver", tenant, "w")
        self.running = an_id("run", tenant, "running")
        self.ended = an_id("run", tenant, "ended")
        self.archived = an_id("run", tenant, "archived")
        self.hook = an_id("hook", tenant, "w")
        self.schedule = an_id("sch", tenant, "w")
        self.key = an_id("key", tenant, "k")

    async def fill(self) -> None:
        """Write it all."""
        await self._identity()
        await self._accounts()
        await self._registry()
        await self._bus()
        await self._runs()
        lines = LogBatch(
            tenant=self.tenant,
            run_id=self.ended,
            lines=(LogLine(at=NOW, step="a", attempt=1, level="info", message="said"),) * 2,
        )
        await self.house.platform.logs.append(
            Append(subjects.logs(self.tenant, self.ended), codec.encode(lines))
        )
        drawn = DraftEdited(workflow_id=self.workflow, epoch=an_id("doc", self.tenant), data="AAA=")
        draft = DraftRecord.of(drawn, id=an_id("drf", self.tenant), tenant=self.tenant, at=NOW)
        await self.house.platform.collab.append(
            Append(subjects.draft(self.tenant, self.workflow), codec.encode(draft))
        )
        refused = DeliveryRecord(
            id=an_id("dlv", self.tenant, "refused"),
            at=NOW,
            tenant=self.tenant,
            webhook_id=self.hook,
            verdict="refused",
        )
        await self.house.platform.deliveries.append(
            Append(subjects.delivery(self.tenant, self.hook), codec.encode(refused))
        )

        asked = ApprovalAsked(
            approval_id=an_id("apr", self.tenant, "asked"),
            run_id=self.running,
            step="ask",
            asked_at=NOW,
            asked=made("approval", {"assignees": [f"user:{self.here}"]}),
        )
        await Book(self.house.platform.approvals, self.house.platform.clock).begin(
            self.tenant, asked, "system"
        )

    async def notified(self) -> None:
        """Give its people a device on which they get push notices."""
        for user in filter(None, (self.here, self.both)):
            device = PushDevice(id=an_id("psh", user), name="Phone", created_at=NOW, sealed=CANARY)
            saved = ApprovalDevicesSaved(user_id=user, devices=(device,))
            record = ApprovalRecord.of(
                saved, id=an_id("apv", user), at=NOW, tenant=self.tenant, by=user
            )
            subject = subjects.approval_devices(self.tenant, user)
            await self.house.platform.approvals.append(Append(subject, codec.encode(record)))

    async def _identity(self) -> None:
        t, project, group = self.tenant, an_id("prj", self.tenant), an_id("grp", self.tenant)
        await self.identity(subjects.tenant(t), TenantSaved(tenant=t, name=t, status="active"))
        await self.identity(
            subjects.project(t, project), ProjectSaved(project_id=project, tenant=t, name="p")
        )
        await self.identity(
            subjects.group(t, group), GroupSaved(group_id=group, tenant=t, name="g", role="viewer")
        )
        await self.identity(subjects.policies(t), PoliciesSaved(tenant=t, text="// none"))
        for user in filter(None, (self.here, self.both)):
            saved = UserSaved(
                user_id=user, name="Somebody", email=f"{user}@example.com", status="active"
            )
            await self.identity(subjects.user(user), saved)
            session = an_id("ses", user, t)
            started = SessionStarted(
                session_id=session, user_id=user, expires_at="2100-01-01T00:00:00Z", tenant=t
            )
            await self.identity(subjects.session(user, session), started)
        robot = UserSaved(user_id=self.robot, name="Robot", status="active", tenant=t)
        await self.identity(subjects.user(self.robot), robot)
        for user in filter(None, (self.here, self.both, self.robot)):
            member = MemberSaved(tenant=t, user_id=user, role="editor")
            await self.identity(subjects.member(t, user), member)
        key = ApiKeyCreated(
            key_id=self.key, tenant=t, name="k", role="editor", secret_hash=CANARY, owner=self.here
        )
        await self.identity(subjects.api_key(self.key), key)

    async def _accounts(self) -> None:
        provider = an_id("idp", self.tenant)
        saved = ProviderSaved(
            provider_id=provider, tenant=self.tenant, name="p", client_secret=CANARY
        )
        await self.account(subjects.provider(self.tenant, provider), saved)
        for user in filter(None, (self.here, self.both)):
            login = LoginSaved(user_id=user, password_hash=CANARY)
            await self.account(subjects.login(user), login)
            await self.account(subjects.email(f"hash{user}"), EmailClaimed(user_id=user))
            session = an_id("ses", user, self.tenant)
            refresh = RefreshSaved(session_id=session, user_id=user, token_hash=CANARY)
            await self.account(subjects.refresh(session), refresh)

    async def _registry(self) -> None:
        t = self.tenant
        frozen = {"name": "w", "nodes": [], "edges": [], "vars": {}, "settings": {}}
        head = WorkflowSaved(
            workflow_id=self.workflow, name="w", current_version=self.version, current_number=1
        )
        await self.record(subjects.workflow(t, self.workflow), head)
        await self.record(subjects.workflow(t, self.workflow), head)  # saved again
        made = WorkflowPublished(
            workflow_id=self.workflow, version=self.version, number=1, frozen=frozen
        )
        await self.record(subjects.version(t, self.version), made)
        hook = WebhookSaved(
            webhook_id=self.hook, workflow_id=self.workflow, node="h", secrets=(CANARY,)
        )
        await self.record(subjects.webhook(self.hook), hook)
        timed = ScheduleSaved(
            schedule_id=self.schedule,
            workflow_id=self.workflow,
            name="s",
            once_at="2100-01-01T00:00:00Z",
            effective_at=NOW,
        )
        await self.record(subjects.schedule(t, self.schedule), timed)
        credential = CredentialSaved(
            credential_id=an_id("cred", t), name="api", type="basic", sealed=CANARY, key_id="k1"
        )
        await self.record(subjects.credential(t, "api"), credential)

    async def _bus(self) -> None:
        """What was published, what listens to it, and how far that has come."""
        t, platform = self.tenant, self.house.platform
        subscription = an_id("sub", t, "w")
        heard = SubscriptionSaved(
            subscription_id=subscription, workflow_id=self.workflow, node="n", pattern=">"
        )
        await self.record(subjects.subscription(t, subscription), heard)
        await platform.bus.append(Append(subjects.event(t, "orders.new"), t.encode()))
        cursor = CursorRecord(id=an_id("cur", t), tenant=t, subscription_id=subscription)
        await platform.cursors.append(
            Append(subjects.cursor(t, subscription), codec.encode(cursor))
        )

    async def _runs(self) -> None:
        platform = self.house.platform
        value = await platform.blobs.put(self.tenant, b"a large value of " + self.tenant.encode())
        for run in (self.running, self.ended, self.archived):
            await self.fact(run, RunStarted(trigger_kind="api", input={"at": value}))
        for run in (self.ended, self.archived):
            await self.decided(run, RunSucceeded(output=1))
        log = subjects.schedule_key(self.tenant, self.schedule)
        fact = ScheduledRunEnded(run_id=self.ended, status="succeeded")
        told = ScheduleMessage(
            id=an_id("evt", self.tenant),
            tenant=self.tenant,
            schedule_id=self.schedule,
            at=NOW,
            events=(ScheduleEvent.of(fact),),
        )
        subject = log.fact(subjects.ended_fact(self.ended))
        await platform.runs.append(Append(subject, codec.encode(told)))
        key = subjects.run_key(self.tenant, self.archived)
        messages = [one async for batch in platform.runs.read(key.everything) for one in batch]
        await Archive(platform.blobs).put(Ended(key, messages, ()))
        await platform.runs.purge(key.everything)

    # -- writing --

    async def identity(self, subject: str, kind: Any) -> None:
        """An identity record."""
        record = IdentityRecord.of(kind, id="idr_a", at=NOW, by="test")
        await self.house.platform.identity.append(Append(subject, codec.encode(record)))

    async def account(self, subject: str, kind: Any) -> None:
        """An account record."""
        record = AccountRecord.of(kind, id="acr_a", at=NOW, by="test")
        await self.house.platform.accounts.append(Append(subject, codec.encode(record)))

    async def record(self, subject: str, kind: Any) -> None:
        """A registry record."""
        record = RegistryRecord.of(kind, id="rec_a", tenant=self.tenant, at=NOW, by="test")
        await self.house.platform.registry.append(Append(subject, codec.encode(record)))

    async def fact(self, run: str, kind: Message) -> None:
        """A run's start."""
        key = subjects.run_key(self.tenant, run)
        await self._say(key.fact(subjects.start_fact()), run, kind, 0)

    async def decided(self, run: str, kind: Message) -> None:
        """A run's end."""
        await self._say(subjects.run_key(self.tenant, run).events, run, kind, 1)

    async def _say(self, subject: str, run: str, kind: Any, turn: int) -> None:
        envelope = Envelope(
            id=f"{run}/{turn}",
            tenant=self.tenant,
            run_id=run,
            workflow_id=self.workflow,
            version=self.version,
            at=times.from_ms(times.to_ms(NOW)),
            turn=turn,
            events=(Event.of(kind),),
        )
        await self.house.platform.runs.append(Append(subject, codec.encode(envelope)))
