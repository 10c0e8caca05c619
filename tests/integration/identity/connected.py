"""A provider as a tenant has connected it, and what came of signing in by it."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientResponse
from yarl import URL

from tests.http_house import TENANT, Answer
from tests.integration.identity.provider_program import Browser, Provider
from tests.unit.identity.factor_house import FactorHouse
from weir.contract import subjects
from weir.contract.messages import (
    AuditEntry,
    AuditRecord,
    MemberSaved,
)
from weir.runtime.records import read

ROLES = {"ops": "operator", "bosses": "admin"}


class Connected:
    """A provider as a tenant has connected it."""

    def __init__(self, house: FactorHouse, shown: dict[str, Any]) -> None:
        self.house = house
        self.shown = shown
        self.id: str = shown["id"]

    def begin(self, return_to: str = "") -> str:
        """Where the button leads."""
        address = f"{self.house.url}/api/v1/auth/oidc/{self.id}/begin"
        return str(URL(address).with_query({"return_to": return_to} if return_to else {}))

    async def change(self, **said: Any) -> Answer:
        """Change it as an administrator does."""
        path = f"/api/v1/providers/{self.id}"
        before = await self.house.ask("GET", path)
        kept = {
            name: value
            for name, value in before.body.items()
            if name
            in {
                "name",
                "issuer",
                "client_id",
                "groups_claim",
                "roles",
                "default_role",
                "creates_users",
                "links_users",
                "scopes",
            }
        }
        return await self.house.ask(
            "PUT", path, json=kept | said, headers={"If-Match": before.headers["ETag"]}
        )

    async def member(self, user_id: str) -> MemberSaved | None:
        """What the tenant has of somebody."""
        records = self.house.service.identity.records
        entry = await records.fresh(subjects.member(TENANT, user_id))
        return entry.record.member_saved if entry else None


async def connect(
    house: FactorHouse, provider: Provider, *, client: dict[str, Any] | None = None, **said: Any
) -> Connected:
    """Connect it: made first, for the address to come back to, then told its client."""
    asked = {
        "name": "Acme",
        "issuer": provider.issuer,
        "client_id": "to be registered",
        "groups_claim": "groups",
        "roles": ROLES,
        "creates_users": True,
        **said,
    }
    made = await house.ask("POST", "/api/v1/providers", json=asked)
    assert made.status == 201, made.body
    connected = Connected(house, made.body)
    registered = await provider.client(made.body["redirect_uri"], **(client or {}))
    changed = await connected.change(
        client_id=registered["client_id"], client_secret=registered.get("client_secret", "")
    )
    assert changed.status == 200, changed.body
    return connected


async def who(answer: ClientResponse, browser: Browser, house: FactorHouse) -> dict[str, Any]:
    """Who the browser is signed in as, after the callback."""
    assert answer.status == 303, await answer.text()
    page = await browser.get(f"{house.url}/api/v1/auth/factors")
    assert page.status == 403  # somebody, by a session that may not see this
    (session,) = [
        one async for batch in house.platform.identity.read("identity.session.>") for one in batch
    ][-1:]
    user_id = session.subject.split(".")[2]
    entry = await house.service.identity.records.fresh(subjects.user(user_id))
    assert entry is not None
    assert entry.record.user_saved is not None
    return entry.record.user_saved.model_dump()


async def audited(house: FactorHouse, event: str) -> AuditEntry:
    """What the audit was last told of an event."""
    found = [
        entry
        async for batch in house.platform.notes.read(subjects.audit_note(TENANT))
        for one in batch
        for entry in read(AuditRecord, one).audit_noted.entries
        if entry.event == event
    ]
    return found[-1]


def refused(answer: ClientResponse, text: str, status: int, code: str) -> None:
    """That an answer is this refusal, and signs nobody in."""
    assert (answer.status, code in text) == (status, True), text
    assert "weir=" not in str(answer.headers.getall("Set-Cookie", ()))
