"""A house with the routes of second factors, passkeys and providers, and doors for tests.

`POST /test/session` opens a session as a login that needs no second step, and
`POST /test/halfway` stands for a right password that does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from argon2 import PasswordHasher

from services.identity.challenges import SECOND_FACTOR, Challenges
from services.identity.factors import halfway
from services.identity.factors_parts import FactorParts, SignIn
from services.identity.guessing import Guesses
from services.identity.index import Index
from services.identity.passwords import Passwords
from services.identity.roster import Roster
from services.identity.sessions import REFRESH_PATH, Sessions
from services.identity.tokens import Signer
from tests.http_house import NOW, TENANT, Answer, House, memory_platform
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import (
    AccountRecord,
    IdentityRecord,
    LoginSaved,
    MemberSaved,
    Message,
    TenantSaved,
    UserSaved,
)
from weir.ports.log import Append
from weir.runtime.access import Permission, Principal
from weir.runtime.background import Background
from weir.runtime.changes import Writer
from weir.runtime.http.browser import Browser
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route
from weir.runtime.platform import Platform
from weir.runtime.records import Records

PASSWORD = "a horse and its staple"
_BY = Principal(id="test", tenant=TENANT, role="")


class StepClock(SystemClock):
    """The machine's time, some of it later."""

    later_ms = 0

    def now_ms(self) -> int:
        """The time in ms."""
        return super().now_ms() + self.later_ms


class FactorService:
    """The parts as the identity service puts them together."""

    name = "factors"

    def __init__(self, platform: Platform) -> None:
        self.identity = Writer(Records(platform.identity, IdentityRecord), platform.clock)
        self.accounts = Writer(Records(platform.accounts, AccountRecord), platform.clock)
        browser = Browser(platform.settings.public_url, REFRESH_PATH)
        signer = Signer(self.identity, self.accounts, platform.secrets)
        self.index = Index(platform.identity)
        self.challenges = Challenges(self.accounts)
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.sessions = Sessions(self.identity, self.accounts, signer, browser, platform)
        self.roster = Roster(self.identity, platform.identity, self.index)
        self.parts = FactorParts(
            platform,
            SignIn(
                identity=self.identity,
                accounts=self.accounts,
                challenges=self.challenges,
                guesses=Guesses(self.accounts),
                passwords=self.passwords,
                sessions=self.sessions,
                browser=browser,
                roster=self.roster,
            ),
        )
        public = {"permission": Permission.PUBLIC, "summary": "", "tag": "test"}
        self.routes = (
            *self.parts.routes,
            Route("POST", "/test/session", self._session, **public),  # type: ignore[arg-type]
            Route("POST", "/test/halfway", self._halfway, **public),  # type: ignore[arg-type]
        )
        self._background = Background()

    async def start(self) -> None:
        """Follow the stream, as the service does."""
        await self.index.load()
        self._background.spawn(self.index.run(), "index")

    async def stop(self) -> None:
        """Let go."""
        await self._background.stop()
        await self.parts.close()
        self.passwords.stop()

    def health(self) -> dict[str, bool]:
        """Nothing to tell."""
        return {}

    async def _session(self, call: Call) -> Reply:
        asked = await call.json()
        methods = tuple(asked.get("methods", ["password"]))
        only = bool(asked.get("tenant_only"))
        return await self.sessions.open(call, asked["user"], methods, TENANT, tenant_only=only)

    async def _halfway(self, call: Call) -> Reply:
        user_id = (await call.json())["user"]
        needed = await self.parts.factors.needed(user_id)
        data = halfway(("password",), TENANT)
        token = await self.challenges.set(SECOND_FACTOR, data, user_id, 600)
        shown = {"factors": needed.factors, "enrol": needed.enrol} if needed else None
        return Reply({"challenge": token, "needed": shown})


class FactorHouse(House):
    """A house of it, with people."""

    service: FactorService
    clock: StepClock

    async def person(self, name: str, *, password: str = "", role: str = "editor") -> str:
        """An active member of the tenant, with a password or without; returns the id."""
        user_id = self.platform.clock.new_id("usr")
        email = f"{name}@acme.example"
        user = UserSaved(user_id=user_id, name=name, email=email, status="active", created_at=NOW)
        await self.identity(subjects.user(user_id), user)
        await self.member(user_id, role)
        if password:
            hashed = await self.service.passwords.hash(password)
            await self.account(
                subjects.login(user_id), LoginSaved(user_id=user_id, password_hash=hashed)
            )
        return user_id

    async def member(self, user_id: str, role: str, tenant: str = TENANT) -> None:
        """A membership that an administrator made."""
        kind = MemberSaved(tenant=tenant, user_id=user_id, role=role, created_at=NOW)
        await self.identity(subjects.member(tenant, user_id), kind)

    async def demand(self, tenant: str = TENANT) -> None:
        """Let the tenant ask for a second factor."""
        saved = TenantSaved(
            tenant=tenant, name=tenant, status="active", second_factor="required", created_at=NOW
        )
        await self.identity(subjects.tenant(tenant), saved)

    async def identity(self, subject: str, kind: Message) -> None:
        """Write a record of IDENTITY."""
        record = self.service.identity.record(kind, _BY)
        await self.platform.identity.append(Append(subject, codec.encode(record)))
        self.service.identity.records.forget(subject)

    async def account(self, subject: str, kind: Message) -> None:
        """Write a record of ACCOUNTS."""
        record = self.service.accounts.record(kind, _BY)
        await self.platform.accounts.append(Append(subject, codec.encode(record)))

    async def login(self, user_id: str) -> LoginSaved:
        """How somebody signs in, as it is stored."""
        entry = await self.service.accounts.records.fresh(subjects.login(user_id))
        found = entry.record.login_saved if entry else None
        return found or LoginSaved(user_id=user_id)

    async def session(self, user_id: str, **how: Any) -> str:
        """The access token of a session."""
        answer = await self.ask("POST", "/test/session", key=None, json={"user": user_id, **how})
        assert answer.status == 200, answer.body
        token: str = answer.body["access_token"]
        return token

    async def halfway(self, user_id: str) -> Any:
        """What a login answers that needs a second step."""
        return (await self.ask("POST", "/test/halfway", key=None, json={"user": user_id})).body

    async def post(self, path: str, token: str | None, **body: Any) -> Answer:
        """A request as somebody, or as nobody."""
        return await self.ask("POST", f"/api/v1/auth/{path}", key=token, json=body)


def factor_house(**settings: Any) -> FactorHouse:
    """One on memory adapters."""
    clock = StepClock()
    platform = replace(memory_platform(Broker(clock).connect(), **settings), clock=clock)
    service = FactorService(platform)
    house = FactorHouse(platform, [service])
    house.service, house.clock = service, clock
    return house
