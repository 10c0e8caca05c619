"""A house with the people of a tenant: written as records, as if they had come long ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.identity.index import Index
from services.identity.invitations import Invitations
from services.identity.me import Me
from services.identity.people import People
from services.identity.roster import Roster
from services.identity.routes import own_routes
from services.identity.tokens import Signer
from tests.http_house import NOW, TENANT, Answer, House, house_on_memory
from weir.contract import codec, subjects, times
from weir.contract.messages import (
    AccountRecord,
    IdentityRecord,
    MemberSaved,
    Message,
    SessionEnded,
    SessionStarted,
    UserSaved,
)
from weir.ports.log import Append
from weir.runtime.access import Principal
from weir.runtime.authn import Authenticator
from weir.runtime.background import Background
from weir.runtime.changes import Writer
from weir.runtime.platform import Platform
from weir.runtime.records import Records

OTHER = "globex"
V1 = "/api/v1"
MATCH = {"If-Match": "*"}


class PeopleService:
    """The part of the identity service that people are administered by, without its mail."""

    name = "identity"

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.background = Background()
        self.sent: list[tuple[str, str]] = []
        self.identity = Writer(Records(platform.identity, IdentityRecord), platform.clock)
        self.accounts = Writer(Records(platform.accounts, AccountRecord), platform.clock)
        invitations = Invitations(self.accounts, platform.clock, self._send)
        self.index = Index(platform.identity)
        roster = Roster(self.identity, platform.identity, self.index)
        self.people = People(platform, roster, invitations, self._end_sessions)
        self.routes = (*own_routes(Me(self.identity.records)), *self.people.routes)

    async def start(self) -> None:
        """Follow."""
        await self.people.start(self.background)

    async def stop(self) -> None:
        """Follow no more."""
        await self.background.stop()

    def health(self) -> dict[str, bool]:
        """Of its index."""
        return self.people.health()

    async def _send(self, user: UserSaved, tenant: str, name: str) -> None:
        self.sent.append((user.email, tenant))

    async def _end_sessions(self, by: Principal, user_id: str, reason: str) -> int:
        log, ended = self.platform.identity, 0
        async for batch in log.read(subjects.session(user_id, "*")):
            for stored in batch:
                session = stored.subject.rpartition(".")[2]
                over = SessionEnded(session_id=session, user_id=user_id, reason=reason)
                await self.identity.records.put(stored.subject, self.identity.record(over, by))
                ended += 1
        return ended


class RosterHouse:
    """The house, and what tests do in it; `on` a platform that others share, `beside` them."""

    def __init__(
        self, *, beside: RosterHouse | None = None, on: Platform | None = None, **settings: Any
    ) -> None:
        self.house: House
        shared = beside.platform if beside else on
        if shared is None:
            self.house = house_on_memory(PeopleService, **settings)
        else:
            self.house = House(shared, [PeopleService(shared)])
        service = self.house.services[0]
        assert isinstance(service, PeopleService)
        self.service = service
        self.platform: Platform = self.house.platform
        self.ask = self.house.ask
        self._signer = Signer(service.identity, service.accounts, self.platform.secrets)

    async def record(self, subject: str, kind: Message) -> int:
        """Write a record past the service, and wait until it knows."""
        clock = self.platform.clock
        record = IdentityRecord.of(
            kind,  # type: ignore[arg-type]
            id=clock.new_id("idr"),
            at=times.from_ms(clock.now_ms()),
            by="test",
        )
        seq = await self.platform.identity.append(Append(subject, codec.encode(record)))
        await self.service.index.reach(seq)
        return seq

    async def person(  # noqa: PLR0913 - what somebody is
        self,
        name: str,
        role: str = "",
        *,
        projects: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
        tenant: str = TENANT,
        status: str = "active",
        platform: bool = False,
    ) -> str:
        """Somebody who is a member, and their id."""
        user_id = self.platform.clock.new_id("usr")
        user = UserSaved(
            user_id=user_id,
            name=name,
            email=f"{name.lower()}@example.com",
            status=status,
            platform=platform,
            created_at=NOW,
        )
        await self.record(subjects.user(user_id), user)
        await self.joins(user_id, role, tenant=tenant, projects=projects, groups=groups)
        return user_id

    async def joins(
        self,
        user_id: str,
        role: str,
        *,
        tenant: str = TENANT,
        projects: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
    ) -> None:
        """Somebody becomes a member."""
        member = MemberSaved(
            tenant=tenant,
            user_id=user_id,
            role=role,
            projects=dict(projects or {}),
            groups=tuple(groups),
            created_at=NOW,
        )
        await self.record(subjects.member(tenant, user_id), member)

    async def signed_in(self, user_id: str, tenant: str = TENANT) -> str:
        """An access token of theirs."""
        clock = self.platform.clock
        session, until = clock.new_id("ses"), clock.now_ms() + 3_600_000
        started = SessionStarted(
            session_id=session, user_id=user_id, tenant=tenant, expires_at=times.from_ms(until)
        )
        await self.record(subjects.session(user_id, session), started)
        token, _ = await self._signer.access(user_id, session, until)
        return token

    async def key(self, **given: Any) -> str:
        """The token of a key."""
        issuer = Authenticator(self.platform.identity, self.platform.clock)
        told = {"tenant": TENANT, "name": "k", "role": "admin", "by": "test", **given}
        key_id, token = await issuer.issue(**told)
        stored = await self.platform.identity.last(subjects.api_key(key_id))
        assert stored is not None
        await self.service.index.reach(stored.seq)
        return token

    async def made(self, path: str, key: str = "admin", **body: Any) -> dict[str, Any]:
        """What a POST made."""
        answer = await self.ask("POST", f"{V1}{path}", json=body, key=key)
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.body
        return found

    async def project(self, name: str) -> str:
        """A new project's id."""
        return str((await self.made("/projects", name=name))["id"])

    async def put(
        self, path: str, body: Any = None, *, key: str = "admin", match: str = "*"
    ) -> Answer:
        """A change."""
        headers = {"If-Match": match}
        return await self.ask("PUT", f"{V1}{path}", json=body or {}, key=key, headers=headers)

    async def delete(self, path: str, *, key: str = "admin") -> Answer:
        """A deletion."""
        return await self.ask("DELETE", f"{V1}{path}", key=key, headers=MATCH)

    async def get(self, path: str, *, key: str = "admin") -> Answer:
        """A reading."""
        return await self.ask("GET", f"{V1}{path}", key=key)

    async def post(self, path: str, body: Any = None, *, key: str = "admin") -> Answer:
        """A POST."""
        return await self.ask("POST", f"{V1}{path}", json=body or {}, key=key)
