"""Twenty and more kinds of secrets through every input that takes one, and then looked for.

The platform runs as a process of its own at the level `debug`, with spans
exported. Each kind is used well and badly; afterwards every stream, table,
file, log line, span, metric, answer and frame is searched for each value, in
plain, in JSON, in addresses, in hex and in base64 at any place.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from tests.authorisation_server import AuthorisationServer
from tests.integration.acceptance.canaries import Collector, Search
from tests.integration.acceptance.house import flow
from tests.integration.acceptance.test_secrets import Echo, _streams, _tables, _told, directory
from tests.nats_server import NatsServer
from tests.waiting import eventually
from weir.client import API

__all__ = ["directory"]  # the fixture

KINDS = 20


class Caller:
    """Asks over HTTP, and keeps every answer, headers and all."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str) -> None:
        self._session = session
        self.url = url
        self._key = key
        self.seen: list[bytes] = []
        self.statuses: list[int] = []

    async def ask(
        self, method: str, path: str, *, hidden: bool = False, key: str | None = "", **rest: Any
    ) -> Any:
        """One request; `hidden` for an answer that shows a secret once, as it should."""
        headers = dict(rest.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key or self._key}")
        async with self._session.request(
            method, self.url + path, headers=headers, allow_redirects=False, **rest
        ) as answer:
            data = await answer.read()
            self.statuses.append(answer.status)
            if not hidden:
                self.seen += [data, repr(answer.headers).encode()]
            if answer.content_type == "application/json":
                return json.loads(data)
            return answer


def credentials(
    plant: Search, echo: str, server: AuthorisationServer, database: str
) -> dict[str, tuple[str, dict[str, str]]]:
    """Each type with its secrets, tried at a server that says back all it hears."""
    tested = {"test_url": f"{echo}/refuse"}
    plant.plant("oauth client secret", server.fields()["client_secret"])
    return {
        "bearer": ("bearer", {"token": plant.plant("bearer token"), **tested}),
        "basic": ("basic", {"username": "u", "password": plant.plant("password"), **tested}),
        "header": ("api_key", {"name": "X-Key", "value": plant.plant("header value"), **tested}),
        "query": (
            "api_key",
            {"name": "key", "value": plant.plant("query value"), "place": "query", **tested},
        ),
        "dsn": ("postgres", {"dsn": f"postgresql://weir:{plant.plant('dsn')}@{database}"}),
        "fields": (
            "postgres",
            {
                "host": "127.0.0.1",
                "port": "1",
                "user": "u",
                "password": plant.plant("postgres password"),
                "database": "d",
            },
        ),
        "smtp": (
            "smtp",
            {
                "host": "127.0.0.1",
                "port": "1",
                "security": "none",
                "username": "u",
                "password": plant.plant("smtp password"),
            },
        ),
        "aws": (
            "aws",
            {
                "access_key_id": "AKIAIOSFODNN7EXAMPLE",
                "secret_access_key": plant.plant("aws secret"),
                "session_token": plant.plant("aws session"),
                "endpoint": f"{echo}/refuse",
            },
        ),
        "hook": ("webhook", {"secret": plant.plant("callback secret")}),
        "custom": ("custom", {"anything": plant.plant("custom field")}),
        "granted": ("oauth2", server.fields()),
        "client": ("oauth2", server.fields(grant="client_credentials", client_auth="body")),
    }


async def use(
    caller: Caller, plant: Search, echo: str, server: AuthorisationServer, database: str
) -> None:
    """Everything that takes a secret, well and badly."""
    every = credentials(plant, echo, server, database)
    for name, (kind, fields) in every.items():
        body = {"name": name, "type": kind, "fields": fields}
        made = await caller.ask("POST", f"{API}/credentials", json=body)
        assert made["id"], made
        await caller.ask("POST", f"{API}/credentials", json=body)  # there already
    await refused(caller, plant)
    await grant(caller, plant)
    for name in every:
        await caller.ask("POST", f"{API}/credentials/{name}/test")
    await run(caller, every, echo)
    await hooks(caller, plant)
    await people(caller, plant)
    for secret in server.secrets:
        plant.plant("oauth token", secret)
    await caller.ask("POST", f"{API}/credentials/rotation")

    async def moved() -> bool:
        state = await caller.ask("GET", f"{API}/credentials/rotation")
        return bool(state["stale"] == 0)

    await eventually(moved)
    for name in ("granted", "custom"):
        path = f"{API}/credentials/{name}?force=true"
        await caller.ask("DELETE", path, headers={"If-Match": "*"})
    for path in ("credentials", "workflows", "webhooks", "runs", "credential-types"):
        await caller.ask("GET", f"{API}/{path}")
    for path in ("/metrics", "/health", "/ready"):
        await caller.ask("GET", path)


async def refused(caller: Caller, plant: Search) -> None:
    """Bodies, names, keys and addresses that cannot be, with secrets where they are wrong."""
    secret = plant.plant("refused field")
    path = f"{API}/credentials"
    for body in (
        {"name": "x", "type": "bearer", "fields": {"tokn": secret}},
        {"name": "x", "type": "nothing", "fields": {"token": secret}},
        {
            "name": "x",
            "type": "postgres",
            "fields": {"dsn": f"postgresql://u:{secret}@h:{secret}/"},
        },
        {
            "name": "x",
            "type": "bearer",
            "fields": {"token": "t", "test_url": f"http://u:{secret}@h"},
        },
        {"name": "x", "type": "bearer", "fields": {"token": secret}, "projects": ["nowhere"]},
        {"name": "x", "type": "bearer", "fields": [secret]},
        {"name": "x", "type": "bearer", "fields": {"token": secret * 2000}},
    ):
        assert "error" in await caller.ask("POST", path, json=body)
    broken = f'{{"name": "x", "fields": {{"token": "{secret}'
    await caller.ask("POST", path, data=broken, headers={"Content-Type": "application/json"})
    wrong = plant.plant("wrong api key")
    await caller.ask("GET", path, key=f"weir_{wrong}")
    await caller.ask("GET", path, key=None, headers={"Authorization": f"Basic {wrong}"})
    await caller.ask("GET", path, key=None, headers={"Cookie": f"weir_session={wrong}"})


async def grant(caller: Caller, plant: Search) -> None:
    """Somebody agrees, and somebody else comes with a stolen answer."""
    begun: list[Any] = []

    async with aiohttp.ClientSession() as browser:
        async with browser.post(
            f"{caller.url}{API}/credentials/granted/grant",
            headers={"Authorization": f"Bearer {caller._key}"},
        ) as answer:
            begun.append((await answer.json())["url"])
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        plant.plant("grant cookie", cookie.partition("=")[2])
        plant.plant("grant state", begun[0].rpartition("state=")[2])
        async with browser.get(begun[0], allow_redirects=False) as agreed:
            back = agreed.headers["Location"].removeprefix(caller.url)
    await caller.ask("GET", back, key=None)
    done = await caller.ask("GET", back, key=None, headers={"Cookie": cookie})
    assert done.status == 200
    await caller.ask("GET", back, key=None, headers={"Cookie": cookie})
    leaked = plant.plant("stray code")
    await caller.ask("GET", f"{API}/oauth/callback?code={leaked}&state={leaked}", key=None)


async def run(caller: Caller, every: dict[str, tuple[str, dict[str, str]]], echo: str) -> None:
    """Steps that use each, at a server that says back what it hears and breaks in all ways."""
    patience = {"retry": {"max_attempts": 1}, "on_error": "continue"}
    nodes: list[dict[str, Any]] = []
    for name, (kind, _) in every.items():
        named = f"{{{{ credentials.{name} }}}}"
        if kind == "postgres":
            config = {"connection": named, "query": "select 1"}
            nodes.append({"id": name, "type": "postgres_query", "config": config, **patience})
            continue
        for how in ("json", "text", "header", "refuse", "broken", "away"):
            config = {"url": f"{echo}/{how}", "auth": named}
            node = {"id": f"{name}_{how}", "type": "http_request", "config": config}
            nodes.append({**node, **patience})
    signed = {"url": f"{echo}/json", "credential": "hook", "body": {"a": 1}}
    nodes.append({"id": "signed", "type": "webhook_post", "config": signed, **patience})
    definition = flow("Canaries")
    definition["nodes"] += nodes
    definition["edges"] = [{"source": "start", "target": node["id"]} for node in nodes]
    made = await caller.ask("POST", f"{API}/workflows", json=definition)
    workflow = f"{API}/workflows/{made['id']}"
    assert (await caller.ask("POST", f"{workflow}/versions", json={}))["version"]
    run_id = (await caller.ask("POST", f"{workflow}/runs", json={}))["run_id"]

    async def ended() -> bool:
        return bool((await caller.ask("GET", f"{API}/runs/{run_id}")).get("ended_at"))

    await eventually(ended)
    for kind in ("steps?limit=200", "logs?limit=200", "events?limit=200", "events?raw=true"):
        await caller.ask("GET", f"{API}/runs/{run_id}/{kind}")
    used = await caller.ask("GET", f"{API}/runs/{run_id}/steps?limit=200")
    good = {one["step"] for one in used["items"] if one["status"] == "succeeded"}
    assert {"bearer_json", "granted_json", "client_json", "query_text", "signed"} <= good, used
    await caller.ask("GET", f"{API}/credentials/bearer/usage")


async def hooks(caller: Caller, plant: Search) -> None:
    """A webhook's signing secret, its rotation, and what deliveries carry in their headers."""
    definition = {"name": "Hooked", "nodes": [{"id": "hook", "type": "webhook"}], "edges": []}
    made = await caller.ask("POST", f"{API}/workflows", json=definition)
    path = f"{API}/workflows/{made['id']}/versions"
    published = await caller.ask("POST", path, json={}, hidden=True)
    hook = published["webhooks"][0]
    plant.plant("webhook secret", hook["secret"].removeprefix("whsec_"))
    rotated = await caller.ask("POST", f"{API}/webhooks/{hook['id']}/rotate", json={}, hidden=True)
    plant.plant("webhook secret", rotated["secret"].removeprefix("whsec_"))
    wrong = plant.plant("webhook header")
    headers = {"Authorization": f"Bearer {wrong}", "Cookie": f"a={wrong}", "webhook-id": "m"}
    headers |= {"webhook-timestamp": "1", "webhook-signature": f"v1,{wrong}"}
    await caller.ask("POST", hook["path"], key=None, json={}, headers=headers)


async def people(caller: Caller, plant: Search) -> None:
    """Passwords, codes and tokens, nearly all of them wrong: none may be said back or written."""
    password, code = plant.plant("login password"), plant.plant("one-time code")
    token = plant.plant("reset token")
    email = "somebody@example.com"
    for path, body in (
        ("login", {"email": email, "password": password}),
        ("register", {"email": email, "password": password, "name": "S"}),
        ("password/reset", {"token": token, "password": password}),
        ("email/verify", {"token": token}),
        ("invitations/accept", {"token": token, "password": password, "name": "S"}),
        ("second-factor/totp", {"token": token, "code": code}),
        ("second-factor/recovery", {"token": token, "code": code}),
        ("refresh", {"refresh_token": token}),
    ):
        await caller.ask("POST", f"{API}/auth/{path}", key=None, json=body)
        await caller.ask("POST", f"{API}/auth/{path}", key=None, json={**body, "more": password})


async def test_no_secret_is_found_anywhere(postgres_dsn: str, directory: Path) -> None:
    """Not one of them, in no spelling, in no place."""
    plant = Search()
    admin = await asyncpg.connect(postgres_dsn)
    database = postgres_dsn.rpartition("@")[2]
    nats = NatsServer(directory)
    nats.start()
    lines = directory / "process.log"
    try:
        async with (
            Echo().open() as echo,
            AuthorisationServer().open() as server,
            Collector().open() as spans,
            aiohttp.ClientSession() as session,
        ):
            with lines.open("wb") as log:
                process = subprocess.Popen(  # noqa: ASYNC220 - our own
                    [sys.executable, "-m", "services.embedded"],
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env={
                        **os.environ,
                        "WEIR_DATA_DIR": str(directory / "data"),
                        "WEIR_NATS_URL": nats.url,
                        "WEIR_POSTGRES_DSN": postgres_dsn,
                        "WEIR_HTTP_PORT": "0",
                        "WEIR_LOG_LEVEL": "debug",
                        "WEIR_OUTBOUND_ALLOW": "127.0.0.0/8",
                        "WEIR_HOT_PERIOD": "200ms",
                        "WEIR_LIMITS": "off",
                        "WEIR_OTLP_ENDPOINT": spans.url,
                        "OF_THE_WORKER": plant.plant("environment"),
                    },
                )
            assert process.stdout is not None
            try:
                url, key = await asyncio.to_thread(_told, process)
                caller = Caller(session, url, key)
                await use(caller, plant, f"http://127.0.0.1:{echo.port}", server, database)
            finally:
                process.terminate()
                code = await asyncio.to_thread(process.wait, 20)
                process.stdout.close()
        assert code == 0
        assert all(status < 500 or status == 504 for status in caller.statuses)
        plant.plant("api key", re.split("_", key)[-1])
        assert len(plant.planted) >= KINDS
        assert any("c4n-bearer" in one for one in echo.heard), "no canary was ever sent"
        assert spans.taken, "no span was exported"
        where = {
            "answers": plant.found(b"\n".join(caller.seen)),
            "spans": plant.found(b"\n".join(spans.taken)),
            "streams": plant.found(await _streams(nats)),
            "tables": plant.found(await _tables(admin)),
        }
        for file in directory.rglob("*"):
            # The first key is left for its owner there.
            if file.is_file() and file.name != "admin.key":
                where[str(file.relative_to(directory))] = plant.found(file.read_bytes())
        assert {place: sorted(found) for place, found in where.items() if found} == {}
    finally:
        nats.kill()
        await admin.close()


def test_the_search_finds_what_is_there() -> None:
    """In every spelling, at every place of an encoding: else finding nothing proves nothing."""
    import base64  # noqa: PLC0415 - for this test alone
    from urllib.parse import quote  # noqa: PLC0415

    search = Search()
    value = search.plant("x", 'pa"ss/wörd+1')
    for text in (value, json.dumps(value), quote(value, safe=""), value.encode().hex()):
        assert search.found(b"before" + text.encode() + b"after") == {"x"}
    for before in range(6):
        for after in range(6):
            raw = b"b" * before + value.encode() + b"a" * after
            assert search.found(base64.b64encode(raw)) == {"x"}
            assert search.found(base64.urlsafe_b64encode(raw)) == {"x"}
    assert search.found(b"nothing of it") == set()
