"""Two tenants with projects, with one thing of every kind in each place, and everybody who may ask.

What lies in a place carries the place's mark in its names, labels and values,
so that any answer shows where what it tells comes from.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from services.approval.service import build as build_approval
from services.collab.service import build as build_collab
from services.identity.service import build as build_identity
from services.query.service import build as build_query
from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, Answer, House, house_on_memory
from tests.lived import Owner
from tests.unit.access.rule import Who
from tests.waiting import eventually
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import (
    ApiKeyCreated,
    DeliveryRecord,
    Envelope,
    Event,
    GroupSaved,
    IdentityRecord,
    LogBatch,
    LogLine,
    MemberSaved,
    Message,
    ProjectSaved,
    TenantSaved,
    UserSaved,
    WaitStarted,
)
from weir.core.approvals.asked import made
from weir.core.graph import compile_graph
from weir.ports.log import Append
from weir.runtime.authn import Authenticator
from weir.runtime.projector.letters import letter_id
from weir.runtime.records import FRESH_S

BUILDS = (build_registry, build_identity, build_query, build_trigger, build_collab, build_approval)
OTHER, SHUT = "globex", "shut"
_ID = re.compile(r"[a-z]{2,5}_[a-z2-7]{26}")
AT = "2026-01-01T00:00:00.000Z"
API = "/api/v1"
EVERYTHING = frozenset(
    {
        "approval_id",
        "delivery_id",
        "failed_run",
        "letter_id",
        "name",
        "run_id",
        "schedule_id",
        "subscription_id",
        "version",
        "webhook_id",
        "workflow_id",
    }
)


class Place(NamedTuple):
    """Where something lies."""

    tenant: str
    name: str  # of the project; empty: in none

    @property
    def project(self) -> str:
        """The project's id."""
        return ids.derived("prj", self.tenant, self.name) if self.name else ""

    @property
    def mark(self) -> str:
        """What is found in everything that lies here."""
        return f"canary-{self.tenant}-{self.name or 'none'}"


NONE, NORTH, SOUTH = Place(TENANT, ""), Place(TENANT, "north"), Place(TENANT, "south")
ABROAD, ABROAD_NORTH = Place(OTHER, ""), Place(OTHER, "north")
PLACES = (NONE, NORTH, SOUTH, ABROAD, ABROAD_NORTH)

EVERYBODY = (
    Who("admin", "admin"),
    Who("editor", "editor"),
    Who("operator", "operator"),
    Who("viewer", "viewer"),
    Who("editor of north", projects={NORTH.project: "editor"}),
    Who("viewer of north", projects={NORTH.project: "viewer"}),
    Who(
        "editor of north, viewer of south",
        projects={NORTH.project: "editor", SOUTH.project: "viewer"},
    ),
    Who("admin of north", projects={NORTH.project: "admin"}),
    Who("reader", "editor", scopes=frozenset({"workflows:read", "runs:read"})),
    Who("starter of north", "", {NORTH.project: "editor"}, frozenset({"runs:start"})),
    Who("nobody", unknown=True),
    Who("of a disabled account", "admin", unknown=True),
    Who("of a suspended tenant", "admin", shut=True),
)


@dataclass
class Things:
    """What lies in a place, by the names that paths have for it."""

    place: Place
    ids: dict[str, str] = field(default_factory=dict)
    failed_run: str = ""


class World:
    """A house with all services that answer, and what lies in it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tokens: dict[str, str | None] = {}
        self._admins: dict[str, str] = {}
        self._made = 0
        self._issuer = Authenticator(house.platform.identity, house.platform.clock)
        self.things: dict[Place, Things] = {}
        self.place_of: dict[str, Place] = {}  # by the ids of what lies there

    async def fill(self) -> None:
        """Make everybody, and one thing of each kind in each place."""
        await self._tenants()
        await self._people()
        for place in PLACES:
            self.things[place] = await self.made(place)
        self.place_of |= dict.fromkeys(self.people(OTHER).values(), ABROAD)

    async def ask(self, who: Who, method: str, path: str, **rest: Any) -> Answer:
        """A request of somebody."""
        return await self.house.ask(method, path, key=self.tokens[who.name], **rest)

    async def ours(self, method: str, path: str, **rest: Any) -> Answer:
        """A request of our administrator."""
        return await self.house.ask(method, path, key=self._admins[TENANT], **rest)

    async def abroad(self, method: str, path: str, **rest: Any) -> Answer:
        """A request of the other tenant's administrator."""
        return await self.house.ask(method, path, key=self._admins[OTHER], **rest)

    async def join(self, who: Who, *, again: bool = False) -> None:
        """Make somebody, with a key of their own; `again` gives who is there other roles."""
        owner = ids.derived("usr", who.name)
        status = "disabled" if who.unknown else "active"
        tenant = SHUT if who.shut else TENANT
        await self._account(owner, tenant, status=status, role=who.role, projects=who.projects)
        if not again:
            _, self.tokens[who.name] = await self._issuer.issue(
                tenant=tenant,
                name=who.name,
                role="admin",
                by="test",
                owner=owner,
                scopes=sorted(who.scopes or ()),
            )

    async def settled(self) -> None:
        """Wait until no service goes by a record that is older than what was written."""
        await asyncio.sleep(FRESH_S)

    async def made(self, place: Place, wanted: Iterable[str] = EVERYTHING) -> Things:
        """One more thing in a place of each kind that is wanted; all of it is in the lists.

        Kinds are called as paths call their ids; what they rest on is made with them.
        """
        self._made += 1
        things, kinds = Things(place, self.people(place.tenant)), EVERYTHING.intersection(wanted)
        if "name" in kinds:
            await self._credential(things)
        if kinds - {"name"}:
            await self._workflow(things)
        if "schedule_id" in kinds:
            timed = {"workflow_id": things.ids["workflow_id"], "name": place.mark}
            schedule = await self._make(things, "/schedules", timed | {"cron": "0 0 29 2 *"})
            things.ids["schedule_id"] = schedule["id"]
        if kinds & {"run_id", "approval_id"}:
            things.ids["run_id"] = await self._start(things)
            await self._line(place.tenant, things.ids["run_id"], place.mark)
        if kinds & {"failed_run", "letter_id"}:
            await self._failed(things)
        if "approval_id" in kinds:
            things.ids["approval_id"] = await self._asked(place, things.ids["run_id"])
            await self._listed(things, "/approvals", await self.house.platform.approvals.last_seq())
        if "delivery_id" in kinds:
            things.ids["delivery_id"] = await self._delivery(place, things.ids["webhook_id"])
        lies = {*things.ids.values(), things.failed_run} - {*self.people(place.tenant).values()}
        self.place_of |= {one: place for one in lies if _ID.fullmatch(one)}
        things.ids |= {"step": "go", "type": "set"}
        return things

    async def _make(self, things: Things, path: str, body: Any, **query: str) -> Any:
        key = self._admins[things.place.tenant]
        answer = await self.house.ask("POST", API + path, key=key, json=body, params=query)
        assert answer.status < 300, (path, answer.body)
        return answer.body

    async def _listed(self, things: Things, path: str, sequence: int) -> None:
        """Wait until what is shown goes that far."""
        key, query = self._admins[things.place.tenant], {"min_sequence": str(sequence)}
        shown = await self.house.ask("GET", API + path, key=key, params=query)
        assert shown.status == 200, shown.body

    async def _credential(self, things: Things) -> None:
        place, name = things.place, f"there{self._made}"
        fields = {"username": "someone", "password": "something"}
        whose = {"projects": [place.project]} if place.project else {}
        stored = {"name": name, "type": "basic", "fields": fields, **whose}
        made = await self._make(things, "/credentials", stored)
        things.ids["name"], self.place_of[made["id"]] = name, place

    async def _workflow(self, things: Things) -> None:
        where = {"project": things.place.project} if things.place.project else {}
        made = await self._make(things, "/workflows", _definition(things.place), **where)
        version = await self._make(things, f"/workflows/{made['id']}/versions", {})
        things.ids |= {
            "workflow_id": made["id"],
            "version": version["version"],
            "webhook_id": version["webhooks"][0]["id"],
            "subscription_id": version["subscriptions"][0]["id"],
        }

    async def _start(self, things: Things) -> str:
        given = {"input": {"mark": things.place.mark}}
        path = f"/workflows/{things.ids['workflow_id']}/runs"
        made: str = (await self._make(things, path, given))["run_id"]
        last = await self.house.platform.runs.last_seq()
        await self._listed(things, f"/runs/{made}", last)
        return made

    async def _failed(self, things: Things) -> None:
        """A run that has failed, and its letter."""
        place, version = things.place, things.ids["version"]
        things.failed_run = await self._start(things)
        path = f"{API}/workflows/{things.ids['workflow_id']}/versions/{version}"
        told = await self.house.ask("GET", path, key=self._admins[place.tenant])
        graph, runs = compile_graph(told.body["frozen"], version), self.house.platform.runs
        owner = Owner(runs, things.failed_run, graph, tenant=place.tenant)
        assert (await owner.settle()).status == "failed"
        start = await runs.last(owner.key.fact(subjects.start_fact()))
        assert start is not None
        things.ids["letter_id"] = letter_id(things.failed_run, start.seq, "bad")
        await self._listed(things, f"/dead-letters/{things.ids['letter_id']}", owner.seq)

    async def _asked(self, place: Place, run_id: str) -> str:
        """What the run asks people; known to who asks them."""
        approval_id = ids.derived("apr", run_id, "ask", "1")
        question = made("approval", {"title": place.mark, "assignees": ["nobody@example.com"]})
        wait = WaitStarted(what=f"approval:{approval_id}", approval=question)
        envelope = Envelope(
            id=f"{run_id}/1.0",
            tenant=place.tenant,
            run_id=run_id,
            at=times.from_ms(self.house.platform.clock.now_ms()),
            events=(Event.of(wait, step="ask", attempt=1),),
        )
        key = subjects.run_key(place.tenant, run_id)
        await self.house.platform.runs.append(Append(key.events, codec.encode(envelope)))
        about = subjects.approval(place.tenant, approval_id)

        async def there() -> bool:
            return await self.house.platform.approvals.last(about) is not None

        await eventually(there)
        return approval_id

    def people(self, tenant: str) -> dict[str, str]:
        """Ids of those who are in a tenant, and of what they have."""
        return {
            "user_id": ids.derived("usr", tenant),
            "account_id": ids.derived("svc", tenant),
            "group_id": ids.derived("grp", tenant),
            "project_id": ids.derived("prj", tenant, "north"),
            "key_id": ids.derived("key", tenant),
            "tenant": tenant,
        }

    def told(self, answer: Answer, path: str) -> set[Place]:
        """The places of which an answer tells something that the request did not say itself."""
        text = repr(answer.body) + repr(dict(answer.headers))
        named = {found for found in _ID.findall(text) if found not in path}
        known = {self.place_of[one] for one in named if one in self.place_of}
        return known | {place for place in PLACES if place.mark in text}

    async def written(self) -> tuple[int, int]:
        """How far the streams are that a refused request must not touch."""
        platform = self.house.platform
        return await platform.runs.last_seq(), await platform.registry.last_seq()

    async def written_since(self, before: tuple[int, int]) -> list[str]:
        """The subjects of what they hold since; the archive confirms ended runs when it likes."""
        platform = self.house.platform
        return [
            one.subject
            for log, everything, after in (
                (platform.runs, "run.>", before[0]),
                (platform.registry, "registry.>", before[1]),
            )
            async for batch in log.read(everything, after=after)
            for one in batch
            if not one.subject.endswith(f".in.{subjects.archived_fact()}")
        ]

    async def record(self, subject: str, kind: Message) -> None:
        """Write a record of identity."""
        clock = self.house.platform.clock
        record = IdentityRecord.of(kind, id=clock.new_id("idr"), at=AT, by="test")  # type: ignore[arg-type]
        await self.house.platform.identity.append(Append(subject, codec.encode(record)))

    async def _line(self, tenant: str, run_id: str, text: str) -> None:
        line = LogLine(at=AT, step="go", attempt=1, level="info", message=text)
        batch = LogBatch(tenant=tenant, run_id=run_id, lines=(line,))
        await self.house.platform.logs.append(
            Append(subjects.logs(tenant, run_id), codec.encode(batch))
        )

    async def _delivery(self, place: Place, webhook: str) -> str:
        """Something that was delivered and dropped."""
        record = DeliveryRecord(
            id=self.house.platform.clock.new_id("dlv"),
            at=AT,
            tenant=place.tenant,
            webhook_id=webhook,
            verdict="filtered",
            reason=place.mark,
            method="POST",
            body="e30=",
            size=2.0,
            verified=True,
        )
        subject = subjects.delivery(place.tenant, webhook)
        await self.house.platform.deliveries.append(Append(subject, codec.encode(record)))
        views = self.house.platform.views
        assert views is not None

        async def projected() -> bool:
            return await views.delivery(place.tenant, record.id) is not None

        await eventually(projected)
        return record.id

    async def _tenants(self) -> None:
        for tenant, status in ((TENANT, "active"), (OTHER, "active"), (SHUT, "suspended")):
            saved = TenantSaved(tenant=tenant, name=tenant, status=status, created_at=AT)
            await self.record(subjects.tenant(tenant), saved)
            _, token = await self._issuer.issue(
                tenant=tenant, name="admin", role="admin", by="test"
            )
            self._admins[tenant] = token
            known = self.people(tenant)
            for name in ("north", "south"):
                project = ids.derived("prj", tenant, name)
                made = ProjectSaved(
                    project_id=project, tenant=tenant, name=f"{name} of {tenant}", created_at=AT
                )
                await self.record(subjects.project(tenant, project), made)
            group = GroupSaved(group_id=known["group_id"], tenant=tenant, name="all", created_at=AT)
            await self.record(subjects.group(tenant, group.group_id), group)
            for user, of in ((known["user_id"], ""), (known["account_id"], tenant)):
                await self._account(user, tenant, of=of)
            key = ApiKeyCreated(
                key_id=known["key_id"],
                tenant=tenant,
                name="key",
                role="viewer",
                secret_hash="0" * 64,
                created_at=AT,
            )
            await self.record(subjects.api_key(key.key_id), key)

    async def _account(  # noqa: PLR0913 - what an account is
        self,
        user: str,
        tenant: str,
        *,
        of: str = "",
        status: str = "active",
        role: str = "admin",
        projects: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        email = "" if of else f"{user}@{tenant}.example"
        saved = UserSaved(
            user_id=user, name=user, email=email, status=status, tenant=of, created_at=AT
        )
        await self.record(subjects.user(user), saved)
        member = MemberSaved(
            tenant=tenant, user_id=user, role=role, projects=projects, created_at=AT
        )
        await self.record(subjects.member(tenant, user), member)

    async def _people(self) -> None:
        self.tokens["nobody"] = None
        for who in EVERYBODY:
            if who.name == "nobody":
                continue
            await self.join(who)


def house() -> House:
    """All services that answer, on memory."""
    return house_on_memory(*BUILDS, limits=("off",))


def _definition(place: Place) -> Mapping[str, Any]:
    return {
        "schema": "weir/v1",
        "name": place.mark,
        "description": place.mark,
        "settings": {"labels": {"place": place.mark}},
        "nodes": [
            {"id": "hook", "type": "webhook", "config": {"scheme": "none"}},
            {"id": "heard", "type": "event", "config": {"subject": "world.>"}},
            {"id": "go", "type": "manual"},
            {"id": "bad", "type": "fail", "config": {"code": "BAD", "message": place.mark}},
        ],
        "edges": [{"source": "go", "target": "bad"}],
    }
