"""A registry and executors on one memory broker, and a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from services.executor.service import build as executor
from services.registry.service import build as registry
from tests.http_house import TENANT, Answer, House, house_on_memory
from weir.contract import subjects
from weir.contract.messages import CredentialSaved, RegistryRecord

PATH = "/api/v1/credentials"
ANY = {"If-Match": "*"}


@asynccontextmanager
async def house(*services: Any) -> AsyncIterator[House]:
    """With services beside the registry; by default one executor that may call this machine."""
    build = services or (executor,)
    async with house_on_memory(registry, *build, outbound_allow=("127.0.0.0/8",)) as made:
        yield made


async def make(house: House, name: str, kind: str, fields: Mapping[str, str]) -> Answer:
    """A credential."""
    made = await house.ask("POST", PATH, json={"name": name, "type": kind, "fields": fields})
    assert made.status == 201, made.body
    return made


async def saved(house: House, name: str) -> CredentialSaved:
    """The credential as it lies in the log."""
    stored = await house.platform.registry.last(subjects.credential(TENANT, name))
    assert stored is not None
    found = RegistryRecord.model_validate_json(stored.data).credential_saved
    assert found is not None
    return found


class Browser:
    """Keeps cookies, sends no key."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.cookies: dict[str, str] = {}

    def keep(self, answer: Answer) -> None:
        """Take the cookies of an answer."""
        held: SimpleCookie = SimpleCookie(answer.headers.get("Set-Cookie", ""))
        for name, morsel in held.items():
            self.cookies[name] = morsel.value

    async def open(self, url: str) -> Answer:
        """Follow an address back to the platform."""
        parts = urlsplit(url)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie} if cookie else {}
        return await self.house.ask(
            "GET", f"{parts.path}?{parts.query}", key=None, headers=headers, allow_redirects=False
        )
