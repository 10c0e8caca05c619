"""The identity service behind a real HTTP server, with people, programs and a browser.

Passwords cost little here; the time is the machine's, some of it later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import pytest
from argon2 import PasswordHasher

from services.identity import addresses, passwords
from services.identity.service import Identity, build
from tests.http_house import NOW, TENANT, Answer, House, memory_platform
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.mail import MemoryMailer
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects, times
from weir.contract.messages import (
    AccountRecord,
    EmailClaimed,
    IdentityRecord,
    LoginSaved,
    MemberSaved,
    Message,
    TenantSaved,
    UserSaved,
)
from weir.ports.log import Append
from weir.ports.mail import Mail
from weir.runtime.access import Permission
from weir.runtime.http import socket
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route

PASSWORD = "a horse and its staple"
AUTH = "/api/v1/auth"
_TOKEN = re.compile(r"#([a-z2-7]{52})")
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class LaterClock(SystemClock):
    """The machine's time, some of it later."""

    later_ms = 0

    def now_ms(self) -> int:
        """The time in ms."""
        return super().now_ms() + self.later_ms


async def _who(call: Call) -> Reply:
    who = call.principal
    return Reply({"id": who.id, "tenant": who.tenant, "role": who.role, "session": who.session})


async def _echo(call: Call) -> Any:
    ws = await socket.accept(call)
    await ws.send_str("begun")
    async for message in ws:
        await ws.send_str(message.data)
    return ws


class PeopleHouse(House):
    """A house of it. `/who` and the socket `/s` need a role, `POST /change` changes something."""

    service: Identity
    clock: LaterClock

    async def write(self, subject: str, kind: Message) -> None:
        """Write a record, of IDENTITY or ACCOUNTS, past the service."""
        made = AccountRecord if subject.startswith("accounts.") else IdentityRecord
        log = self.platform.accounts if made is AccountRecord else self.platform.identity
        at = times.from_ms(self.platform.clock.now_ms())
        record = made.of(kind, id="rec_test", at=at, by="test")  # type: ignore[arg-type]
        await log.append(Append(subject, codec.encode(record)))

    async def person(
        self, name: str, *, role: str = "editor", status: str = "active", **user: Any
    ) -> str:
        """Somebody with the address name@acme.example and `PASSWORD`; returns the id."""
        user_id = self.platform.clock.new_id("usr")
        email = f"{name}@acme.example"
        await self.write(subjects.email(addresses.hashed(email)), EmailClaimed(user_id=user_id))
        hashed = _CHEAP.hash(PASSWORD)
        await self.write(subjects.login(user_id), LoginSaved(user_id=user_id, password_hash=hashed))
        saved = {"user_id": user_id, "name": name, "email": email, "status": status}
        await self.write(subjects.user(user_id), UserSaved(created_at=NOW, **saved, **user))
        if role:
            await self.member(user_id, role)
        return user_id

    async def member(self, user_id: str, role: str, tenant: str = TENANT, **more: Any) -> None:
        """A membership."""
        kind = MemberSaved(tenant=tenant, user_id=user_id, role=role, created_at=NOW, **more)
        await self.write(subjects.member(tenant, user_id), kind)

    async def tenant(self, status: str = "active", tenant: str = TENANT, **more: Any) -> None:
        """How a tenant stands."""
        kind = TenantSaved(tenant=tenant, name=tenant, status=status, created_at=NOW, **more)
        await self.write(subjects.tenant(tenant), kind)

    async def post(self, path: str, *, key: str | None = None, **body: Any) -> Answer:
        """A program's request under /auth."""
        return await self.ask("POST", f"{AUTH}/{path}", key=key, json=body)

    async def login(self, name: str, password: str = PASSWORD, **more: Any) -> Answer:
        """Sign in."""
        return await self.post("login", email=f"{name}@acme.example", password=password, **more)

    async def signed_in(self, name: str) -> dict[str, Any]:
        """A session's tokens."""
        answer = await self.login(name)
        assert answer.status == 200, answer.body
        body: dict[str, Any] = answer.body
        return body

    @property
    def mails(self) -> list[Mail]:
        """What was sent."""
        assert isinstance(self.platform.mail, MemoryMailer)
        return list(self.platform.mail.sent)

    async def mailed(self, count: int = 1) -> str:
        """The token in the last mail, once there are so many."""

        async def there() -> bool:
            return len(self.mails) >= count

        await eventually(there)
        found = _TOKEN.search(self.mails[-1].text)
        return found[1] if found else ""


class Page:
    """A page in a browser: it has cookies, sends them, and never sees a token."""

    def __init__(self, house: PeopleHouse, *, secure: bool = False) -> None:
        self.house = house
        self.cookies: dict[str, str] = {}
        self.set: list[str] = []
        self.prefix = "__Host-" if secure else ""

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> Answer:
        """A request as a page of ours makes it."""
        sent = {
            "Origin": self.house.url,
            "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Weir-CSRF": self.cookies.get(f"{self.prefix}weir-csrf", ""),
            **(headers or {}),
        }
        kept = {name: value for name, value in sent.items() if value}
        answer = await self.house.ask(method, path, key=None, headers=kept, **rest)
        for header in answer.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
            self.set.append(header)
            for name, morsel in SimpleCookie(header).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer

    async def login(self, name: str) -> Answer:
        """Sign in."""
        body = {"email": f"{name}@acme.example", "password": PASSWORD}
        return await self.ask("POST", f"{AUTH}/login", json=body)


def people_house(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> PeopleHouse:
    """One on memory adapters."""
    monkeypatch.setattr(passwords, "COST", _CHEAP)
    clock = LaterClock()
    platform = replace(memory_platform(Broker(clock).connect(), **settings), clock=clock)
    service = build(platform)
    house = PeopleHouse(platform, [service])
    house.service, house.clock = service, clock
    house.extra = (
        Route("GET", "/who", _who, Permission.RUNS_READ, "Who", "t"),
        Route("GET", "/s", _echo, Permission.RUNS_READ, "Socket", "t", timeout_s=0),
        Route("POST", "/change", _who, Permission.RUNS_READ, "Change", "t"),
    )
    return house
