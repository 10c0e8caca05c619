"""A canary in the cage: a credential's value is looked for everywhere after it was used.

The platform runs as a process of its own at the level `debug`; its steps send
the value to a server that says it back in every way it can, and to databases
that refuse it. Then every stream, table, file, log line, answer, metric and
frame is searched for it, in the spellings it was sent in.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import pytest
from aiohttp import web

from tests.figures import Count
from tests.integration.acceptance.house import flow
from tests.nats_server import NatsServer
from tests.places import directory_for
from tests.replayed import shown_as_logged
from tests.waiting import eventually, within
from weir.adapters.jetstream.connect import connect as connect_nats
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.streams import STREAMS
from weir.client import API, Client, connect

CANARY = 'c4nary "of/the"+mine\\é-93b1'
PLAIN = "pl4in-canary-77d02e"
SECRETS = (CANARY, PLAIN)


def spellings(secret: str) -> set[bytes]:
    """How a value may stand in bytes."""
    found = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    found |= {json.dumps(one)[1:-1] for one in found}
    found.add(json.dumps(secret, ensure_ascii=False)[1:-1])
    raw = secret.encode()
    pairs = (raw, b"somebody:" + raw)
    return {one.encode() for one in found} | {base64.b64encode(pair) for pair in pairs}


NEEDLES = {needle for secret in SECRETS for needle in spellings(secret)}


def found_in(data: bytes) -> set[bytes]:
    """The spellings that occur."""
    return {needle for needle in NEEDLES if needle in data}


class Echo:
    """A server that tells everything it was told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Echo]:
        """While it listens."""
        app = web.Application()
        app.router.add_route("*", "/{how}", self._say)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        yield self
        await runner.cleanup()

    async def _say(self, request: web.Request) -> web.Response:
        told = json.dumps(
            {"headers": dict(request.headers), "query": dict(request.query)}, ensure_ascii=False
        )
        self.heard.append(told)
        match request.match_info["how"]:
            case "json":
                return web.Response(text=told, content_type="application/json")
            case "text":
                return web.Response(text=told + request.query_string)
            case "header":
                said = base64.b64encode(told.encode()).decode()
                auth = request.headers.get("Authorization", "none")
                return web.Response(headers={"X-Said": auth, "X-Coded": said[:0]}, text="see above")
            case "refuse":
                return web.Response(status=400, text=told)
            case "broken":
                return web.Response(status=500, text=told)
            case "large":
                return web.Response(text=told + "." * 1_200_000 + told)
            case "away":
                auth = quote(request.headers.get("Authorization", ""))
                return web.Response(status=302, headers={"Location": f"/text?said={auth}"})
            case _:
                return web.Response(text=told, content_type="application/json", charset="utf-8")


@pytest.fixture
def directory() -> Iterator[Path]:
    """Of the platform."""
    path = directory_for("weir-secrets-")
    yield path
    shutil.rmtree(path)


CREDENTIALS: dict[str, dict[str, str]] = {
    "bearer": {"token": PLAIN},
    "odd_header": {"name": "X-Odd", "value": CANARY},
    "in_query": {"name": "key", "value": CANARY, "place": "query"},
    "basic": {"username": "somebody", "password": CANARY},
    "broken_header": {"name": "X-Broken", "value": f"{PLAIN}\r\nX-More: {PLAIN}"},
    "wrong_password": {},  # filled in: they name the test's own database
    "right_password": {},
    "no_database": {},
    "odd_port": {"dsn": f"postgresql://u:{PLAIN}@127.0.0.1:nothing/db"},
    "odd_field": {"dsn": f"postgresql://u:{PLAIN}@127.0.0.1/db?options={PLAIN}"},
    "nobody_there": {"dsn": f"postgresql://u:{PLAIN}@127.0.0.1:9/db"},
    "no_dsn": {"dsn": PLAIN},
}


def steps(port: int) -> Iterator[dict[str, Any]]:
    """Every way to use a secret, well and badly."""
    patience = {"retry": {"max_attempts": 1}, "on_error": "continue", "type": "http_request"}
    base = f"http://127.0.0.1:{port}"
    for credential in ("bearer", "odd_header", "in_query", "basic", "broken_header"):
        for how in ("json", "text", "header", "refuse", "broken", "large", "away"):
            config = {"url": f"{base}/{how}", "auth": f"{{{{ credentials.{credential} }}}}"}
            yield {"id": f"{credential}_{how}", "config": config, **patience}
        config = {"url": "http://127.0.0.1:65533/", "auth": f"{{{{ credentials.{credential} }}}}"}
        yield {"id": f"{credential}_unheard", "config": config, **patience}
    for credential in CREDENTIALS:
        if credential in {"bearer", "odd_header", "in_query", "basic", "broken_header"}:
            continue
        for number, query in enumerate(
            ("select 1 as one", "select nonsense", "select current_setting('search_path')")
        ):
            config = {"connection": f"{{{{ credentials.{credential} }}}}", "query": query}
            one = {"id": f"{credential}_{number}", "config": config, **patience}
            yield {**one, "type": "postgres_query"}


def dsns(dsn: str) -> dict[str, dict[str, str]]:
    """Credentials of the test's own database: right, wrong, and of one that is not there."""
    parts = urlsplit(dsn)
    place = f"{parts.hostname}:{parts.port}"
    return {
        "wrong_password": {"dsn": f"postgresql://weir:{PLAIN}@{place}{parts.path}"},
        "right_password": {"dsn": f"postgresql://keeper:{PLAIN}@{place}{parts.path}"},
        "no_database": {"dsn": f"postgresql://keeper:{PLAIN}@{place}/nowhere"},
    }


async def test_a_credentials_value_is_nowhere(
    postgres_dsn: str, directory: Path, count: Count
) -> None:
    """Not in a stream, a table, a file, a log line, an answer, a metric, a frame."""
    admin = await asyncpg.connect(postgres_dsn)
    await admin.execute(f"create role keeper login password '{PLAIN}'")
    server = NatsServer(directory)
    server.start()
    lines = directory / "process.log"
    try:
        async with Echo().open() as echo:
            with lines.open("wb") as log:
                process = subprocess.Popen(  # noqa: ASYNC220 - our own
                    [sys.executable, "-m", "services.embedded"],
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env={
                        **os.environ,
                        "WEIR_DATA_DIR": str(directory / "data"),
                        "WEIR_NATS_URL": server.url,
                        "WEIR_POSTGRES_DSN": postgres_dsn,
                        "WEIR_HTTP_PORT": "0",
                        "WEIR_LOG_LEVEL": "debug",
                        "WEIR_OUTBOUND_ALLOW": "127.0.0.0/8",
                        "WEIR_HOT_PERIOD": "200ms",
                    },
                )
            assert process.stdout is not None
            try:
                told = await asyncio.to_thread(_told, process)
                url, key = told
                async with connect(url, key) as client:
                    answers = await _use(client, postgres_dsn, echo)
                    count("runs shown as replay-state --check makes them", 1)
                    assert await shown_as_logged(url, key) == 1
            finally:
                process.terminate()
                code = await asyncio.to_thread(process.wait, 20)
                process.stdout.close()
        assert code == 0
        assert any(PLAIN in one for one in echo.heard), "the canary was never sent"
        assert any(CANARY.split(maxsplit=1)[0] in one for one in echo.heard)
        where = {
            "answers and frames": found_in(answers),
            "log lines": found_in(lines.read_bytes()),
            "streams": found_in(await _streams(server)),
            "tables": found_in(await _tables(admin)),
        }
        for file in directory.rglob("*"):
            if file.is_file():
                where[str(file.relative_to(directory))] = found_in(file.read_bytes())
        assert {place: found for place, found in where.items() if found} == {}
        secret = key.rpartition("_")[2].encode()
        for name, data in (
            ("answers", answers),
            ("log lines", lines.read_bytes()),
            ("streams", await _streams(server)),
            ("tables", await _tables(admin)),
        ):
            assert data, f"nothing was looked at: {name}"
            assert secret not in data, f"the API key is in the {name}"
    finally:
        server.kill()
        await admin.execute("drop role keeper")
        await admin.close()


def _told(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    assert process.stdout is not None
    key = ""
    for line in process.stdout:
        text = line.decode()
        if match := re.search(r"^ +(weir_key_\S+)", text):
            key = match[1]
        if match := re.search(r"answers at (\S+)", text):
            return match[1], key
    raise AssertionError("no platform")


class Reader:
    """Asks the platform, and keeps all that it answers."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._seen: list[bytes] = []

    @property
    def everything(self) -> bytes:
        """All that was answered."""
        return b"\n".join(self._seen)

    def see(self, told: Any) -> None:
        """Keep it."""
        self._seen.append(told if isinstance(told, bytes) else json.dumps(told).encode())

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request."""
        answer = await self.client.ask(method, path, body=body)
        self.see(answer.body)
        self.see(dict(answer.headers))
        return answer.body

    async def read_run(self, run_id: str) -> None:
        """Everything that is shown of a run."""
        for kind, query in (
            *(("steps", {}), ("logs", {}), ("events", {})),
            ("events", {"raw": "true"}),
        ):
            async for item in self.client.items(f"/runs/{run_id}/{kind}", query):
                self.see(item)
        lines = self.client.lines(run_id)
        self.see(await within(anext(lines)))
        await lines.aclose()
        blobs = set(re.findall(rb'"key": "default/([0-9a-f]{64})"', self.everything))
        assert blobs, "no value was kept outside the log"
        for blob in blobs:
            await self.ask("GET", f"{API}/runs/{run_id}/blobs/{blob.decode()}")


def canaries(port: int) -> dict[str, Any]:
    """The workflow: all steps side by side, and an output of all they gave."""
    nodes = list(steps(port))
    names = [node["id"] for node in nodes]
    definition = flow("Canaries")
    definition["nodes"] += nodes
    definition["edges"] = [{"source": "start", "target": name} for name in names]
    definition["output"] = {name: f"{{{{ get(steps, '{name}', null) }}}}" for name in names}
    return definition


async def _use(client: Client, dsn: str, echo: Echo) -> bytes:
    """Run every step, then read everything that can be read; all that was answered."""
    reader = Reader(client)
    ask = reader.ask
    for name, fields in {**CREDENTIALS, **dsns(dsn)}.items():
        body = {"name": name, "type": "custom", "fields": fields}
        await ask("POST", f"{API}/credentials", body)
        await ask("GET", f"{API}/credentials/{name}")
    made = await ask("POST", f"{API}/workflows", canaries(echo.port))
    workflow = f"{API}/workflows/{made['id']}"
    await ask("POST", f"{workflow}/versions", {})
    run_id = (await ask("POST", f"{workflow}/runs", {}))["run_id"]
    async for frame in client.frames(run_id):
        reader.see(frame)

    async def ended() -> bool:
        return bool((await client.get(f"/runs/{run_id}"))["ended_at"])

    await eventually(ended)
    listed = await ask("GET", f"{API}/runs/{run_id}/steps?limit=200")
    used = {step["step"]: step for step in listed["items"]}
    assert used["right_password_0"]["output"]["rows"] == [{"one": 1}], used["right_password_0"]
    for credential in ("bearer", "odd_header", "in_query", "basic"):
        assert used[f"{credential}_json"]["status"] == "succeeded", used[f"{credential}_json"]
        assert "********" in json.dumps(used[f"{credential}_json"]["output"])
        assert used[f"{credential}_refuse"]["error"]["code"] == "HTTP_400"
    await reader.read_run(run_id)
    for route in ("runs", f"runs/{run_id}", "workflows", "webhooks", "credentials"):
        await ask("GET", f"{API}/{route}")
    for route in (workflow, f"{workflow}/versions", f"{workflow}/versions/current", "/metrics"):
        await ask("GET", route)
    return reader.everything


async def _streams(server: NatsServer) -> bytes:
    link = await connect_nats(server.url, name="canary")
    found: list[bytes] = []
    for stream in (spec.name for spec in STREAMS):
        async for batch in JetStreamLog(link, stream).read(">"):
            found += [
                message.subject.encode() + repr(message.headers).encode() + message.data
                for message in batch
            ]
    await link.close()
    return b"\n".join(found)


async def _tables(connection: asyncpg.Connection) -> bytes:
    tables = await connection.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    )
    found: list[str] = []
    for table in tables:
        rows = await connection.fetch(f"select t::text as row from {table['name']} t")  # noqa: S608
        found += [row["row"] for row in rows]
    return "\n".join(found).encode()
