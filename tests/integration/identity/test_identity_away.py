"""The identity service dies, and who is signed in goes on: each service decides alone."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import aiohttp

from tests.integration.embedded.test_platform import (  # noqa: F401 - fixtures
    Launch,
    data_dir,
    http,
    launch,
    ready,
)
from tests.waiting import eventually
from weir.adapters.keyfile import keys
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats_users import seed_file

SERVICES = ("scheduler", "registry", "identity")
AUTH = "/api/v1/auth"
PASSWORD = "a horse and its staple"


class People:
    """Asks identity and the registry, each a process with its own NATS user."""

    def __init__(self, http: aiohttp.ClientSession, urls: dict[str, str]) -> None:  # noqa: F811
        self._http = http
        self.urls = urls

    async def post(self, path: str, key: str = "", **body: Any) -> tuple[int, Any]:
        """A request to identity."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{self.urls['identity']}{AUTH}/{path}"
        async with self._http.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def status(self, token: str) -> int:
        """What the registry answers to whoever holds this token."""
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.urls['registry']}/api/v1/workflows"
        async with self._http.get(url, headers=headers) as answer:
            return answer.status


async def test_who_is_signed_in_stays_so_and_what_was_taken_stays_taken(
    launch: Launch,  # noqa: F811
    data_dir: Path,  # noqa: F811
    http: aiohttp.ClientSession,  # noqa: F811
) -> None:
    """From the first person's link to a session without identity; ended ones do not come back."""
    servers = launch("weir.runtime.servers")
    servers.tells("(POSTGRES_DSN)")
    running = DataDir(data_dir).running()
    assert running is not None

    keys.make(data_dir / "secrets.keys")

    def start(service: str) -> Any:
        return launch(
            f"services.{service}",
            WEIR_NATS_URL=running.nats_url,
            WEIR_NATS_SEED_FILE=str(seed_file(data_dir / "nats" / "seeds", service)),
            WEIR_POSTGRES_DSN=running.postgres_dsn,
        )

    processes = {service: start(service) for service in SERVICES}
    urls = {service: process.url() for service, process in processes.items()}
    token = processes["identity"].tells(r"accept-invite\?first#([a-z2-7]{52})$")
    for url in urls.values():
        assert await ready(http, url)
    people = People(http, urls)
    me = {"email": "me@example.com", "name": "Me", "password": PASSWORD}
    status, first = await people.post("invitations/accept", token=token, **me)
    assert status == 200, first
    status, other = await people.post("login", email="me@example.com", password=PASSWORD)
    assert status == 200, other
    for tokens in (first, other):
        assert await people.status(tokens["access_token"]) == 200
    assert (await people.post("logout", other["access_token"]))[0] == 204

    async def over() -> bool:
        return await people.status(other["access_token"]) == 401

    await eventually(over)
    assert processes["identity"].end(signal.SIGKILL) == -signal.SIGKILL
    for _ in range(20):
        assert await people.status(first["access_token"]) == 200
        assert await people.status(other["access_token"]) == 401
    again = start("identity")
    people.urls["identity"] = again.url()
    status, renewed = await people.post("refresh", refresh_token=first["refresh_token"])
    assert status == 200
    assert await people.status(renewed["access_token"]) == 200
    assert (await people.post("refresh", refresh_token=other["refresh_token"]))[0] == 401
    told = "".join(process.log.read_text() for process in (*processes.values(), again))
    assert "violation" not in told.lower()
    secrets = (PASSWORD, token, first["refresh_token"], first["access_token"])
    assert not [secret for secret in secrets if re.search(re.escape(secret), told)]
