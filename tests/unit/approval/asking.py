"""A house whose approval service asks five people, and runs whose owner is the test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

from services.approval.service import Approval, build
from tests.http_house import TENANT, Answer, House, memory_platform
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.mail import MemoryMailer
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import (
    ApprovalDecided,
    Envelope,
    Event,
    GroupSaved,
    IdentityRecord,
    MemberSaved,
    Message,
    RunStarted,
    UserSaved,
    WaitStarted,
)
from weir.core.approvals.asked import made
from weir.core.approvals.life import Life
from weir.ports.clock import Clock
from weir.ports.log import Append
from weir.ports.mail import Mail
from weir.runtime.authn import Authenticator
from weir.runtime.platform import Platform

API = "/api/v1"
GROUP = ids.derived("grp", "release")
PROJECT = ids.derived("prj", "shop")
PEOPLE = {
    "ann": ("operator", (GROUP,)),
    "bob": ("operator", (GROUP,)),
    "cy": ("viewer", ()),
    "sam": ("operator", (GROUP,)),
    "boss": ("admin", ()),
}


def user(name: str) -> str:
    """The id of somebody."""
    return ids.derived("usr", name)


class SlowClock:
    """The system's ids on the loop's time, which a virtual loop moves."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._base = times.to_ms("2026-03-02T12:00:00.000Z")

    def now_ms(self) -> int:
        """The loop's."""
        return self._base + round(asyncio.get_running_loop().time() * 1000)

    def new_id(self, prefix: str) -> str:
        """Fresh."""
        return self._system.new_id(prefix)


class Asking:
    """The owner of runs, and the people of one tenant."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.service: Approval = build(platform)
        self.clock: Clock = platform.clock
        self.keys: dict[str, str] = {}
        self._runs = 0

    async def people(self, *, keys: bool = True) -> None:
        """Write down who there is, with a key for each."""
        await self.identity(
            subjects.group(TENANT, GROUP),
            GroupSaved(group_id=GROUP, tenant=TENANT, name="Release  Team"),
        )
        issuer = Authenticator(self.platform.identity, self.platform.clock)
        for name, (role, groups) in PEOPLE.items():
            saved = UserSaved(
                user_id=user(name), name=name.title(), email=f"{name}@example.com", status="active"
            )
            await self.identity(subjects.user(user(name)), saved)
            member = MemberSaved(tenant=TENANT, user_id=user(name), role=role, groups=groups)
            await self.identity(subjects.member(TENANT, user(name)), member)
            if keys:
                _, self.keys[name] = await issuer.issue(
                    tenant=TENANT, name=name, role=role, by="test", owner=user(name)
                )

    async def identity(self, subject: str, kind: Message) -> None:
        """A record of IDENTITY."""
        record = IdentityRecord.of(
            kind,  # type: ignore[arg-type]
            id=self.clock.new_id("idr"),
            at=times.from_ms(self.clock.now_ms()),
            by="test",
        )
        await self.platform.identity.append(Append(subject, codec.encode(record)))

    async def ask(  # noqa: PLR0913 - what a run and its question are
        self,
        config: Mapping[str, Any] | None = None,
        *,
        kind: str = "approval",
        by: str = "",
        step: str = "ask",
        run_id: str = "",
        tenant: str = TENANT,
        **started: Any,
    ) -> str:
        """A run whose step asks; returns the approval's id once the service knows it."""
        run_id = run_id or await self.start(by or user("sam"), tenant=tenant, **started)
        approval_id = ids.derived("apr", run_id, step, "1")
        asked = made(
            kind, {"title": "Deploy?", "assignees": "group:release team", **(config or {})}
        )
        wait = WaitStarted(what=f"approval:{approval_id}", approval=asked)
        await self.decide(run_id, Event.of(wait, step=step, attempt=1), tenant=tenant)

        async def known() -> bool:
            return approval_id in {life.approval_id for life in self.service.lives.all()}

        await eventually(known)
        return approval_id

    async def start(self, by: str, *, tenant: str = TENANT, **started: Any) -> str:
        """A run."""
        self._runs += 1
        run_id = ids.derived("run", tenant, str(self._runs))
        kind = RunStarted(trigger_kind="api", started_by=by, **started)
        key = subjects.run_key(tenant, run_id)
        await self.platform.runs.append(
            Append(key.fact("start"), self._envelope(run_id, Event.of(kind), tenant=tenant))
        )
        return run_id

    async def decide(
        self, run_id: str, *events: Event, tenant: str = TENANT, task: str = ""
    ) -> None:
        """A message of the run's owner."""
        key = subjects.run_key(tenant, run_id)
        subject = key.task(task) if task else key.events
        await self.platform.runs.append(
            Append(subject, self._envelope(run_id, *events, tenant=tenant))
        )

    def _envelope(self, run_id: str, *events: Event, tenant: str = TENANT) -> bytes:
        envelope = Envelope(
            id=self.clock.new_id("evt"),
            tenant=tenant,
            run_id=run_id,
            workflow_id=ids.derived("wf", "deploy"),
            version=ids.derived("ver", "deploy"),
            at=times.from_ms(self.clock.now_ms()),
            events=events,
        )
        return codec.encode(envelope)

    async def life(self, approval_id: str, tenant: str = TENANT) -> Life:
        """The approval as its stream has it."""
        return await self.service.read(tenant, approval_id)

    async def told(self, approval_id: str, tenant: str = TENANT) -> ApprovalDecided | None:
        """What the run was told."""
        life = await self.life(approval_id, tenant)
        subject = subjects.run_key(tenant, life.run_id).fact(subjects.approval_fact(approval_id))
        stored = await self.platform.runs.last(subject)
        return codec.decode(stored.data).events[0].approval_decided if stored else None

    async def until_told(self, approval_id: str) -> ApprovalDecided:
        """The same, once it was."""

        async def there() -> bool:
            return (await self.life(approval_id)).told

        await eventually(there)
        told = await self.told(approval_id)
        assert told is not None
        return told

    @property
    def mails(self) -> Sequence[Mail]:
        """That were sent."""
        assert isinstance(self.platform.mail, MemoryMailer)
        return self.platform.mail.sent


class AskingHouse(House):
    """With the routes of the service, asked in people's names."""

    def __init__(self, asking: Asking) -> None:
        super().__init__(asking.platform, [asking.service])
        self.asking = asking

    async def __aenter__(self) -> Self:
        await self.asking.people()
        await super().__aenter__()
        self.keys |= self.asking.keys
        return self

    async def vote(self, who: str, approval_id: str, option: str, **more: Any) -> Answer:
        """Decide in somebody's name."""
        path = f"{API}/approvals/{approval_id}/decision"
        return await self.ask("POST", path, key=who, json={"option": option, **more})

    async def get(self, path: str, who: str = "admin") -> Any:
        """The body of an answer that is right."""
        answer = await self.ask("GET", f"{API}{path}", key=who)
        assert answer.status == 200, answer.body
        return answer.body


def asking_house(**settings: Any) -> AskingHouse:
    """On memory."""
    return AskingHouse(Asking(memory_platform(Broker(SystemClock()).connect(), **settings)))
