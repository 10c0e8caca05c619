"""n8n: its server in one process on SQLite, with Code nodes on its own task runner.

It saves a run when it begins and when it ends and nothing in between, so that a
kill loses what is under way: less than kill-safe. Two rows: as it is shipped,
and with the older of its two evaluators of expressions, which is faster.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import sqlite3
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.peers.install import N8N, PEERS, binary_of, missing
from benchmarks.peers.n8n_workflows import workflows
from benchmarks.peers.processes import Processes
from benchmarks.peers.protocol import Ended
from tests.fault.ports import free_port

PROGRAM = PEERS / "n8n/node_modules/n8n/bin/n8n"
_OFF = (
    "N8N_DIAGNOSTICS_ENABLED",
    "N8N_VERSION_NOTIFICATIONS_ENABLED",
    "N8N_TEMPLATES_ENABLED",
    "N8N_PERSONALIZATION_ENABLED",
    "N8N_COMMUNITY_PACKAGES_ENABLED",
    "N8N_HIRING_BANNER_ENABLED",
    "N8N_SECURE_COOKIE",
    "EXECUTIONS_DATA_PRUNE",
)
LOOK_S = 0.1
_OWNER = {
    "email": "bench@example.org",
    "firstName": "Bench",
    "lastName": "Mark",
    "password": "Benchmark1",
}


class N8n:
    """One server; its runner of Code nodes is a process it starts."""

    durability = "less than kill-safe"
    most_starts = 1_000
    parts = frozenset(("w1", "w2", "w3", "w4", "w5", "w6"))

    def __init__(self, *, legacy: bool = False) -> None:
        self._legacy = legacy
        how = "older evaluator of expressions" if legacy else "as shipped"
        self.name = f"n8n {N8N}, {how}"
        self.settings = (
            "SQLite, one process and its task runner; telemetry, version checks, templates, "
            "pruning and community packages off; W2 and W3 are Code nodes in JavaScript, W4 one "
            "Code node run for each of 100 items, of which it records nothing by itself"
        )

    def missing(self) -> str | None:
        """Of its installation."""
        return missing("n8n")

    async def start(self) -> None:
        """The server, an owner, and every workload as an active workflow."""
        self.processes = Processes("n8n")
        self.port = free_port()
        self._broker = free_port()
        await self.restart()
        published = await asyncio.to_thread(self._publish)
        # An activation is answered before the webhook is there.
        async with asyncio.timeout(60):
            while await self._webhooks() < published:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(LOOK_S)

    async def restart(self) -> None:
        """The server, which makes its active workflows ready again."""
        env = {
            **dict.fromkeys(_OFF, "false"),
            "N8N_USER_FOLDER": str(self.processes.data),
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_HOST": "127.0.0.1",
            "N8N_PORT": str(self.port),
            "N8N_RUNNERS_BROKER_PORT": str(self._broker),
            "N8N_LOG_LEVEL": "error",
            "N8N_DISABLED_MODULES": "mcp-registry",
            "NODE_ENV": "production",
        }
        if self._legacy:
            env["N8N_EXPRESSION_ENGINE"] = "legacy"
        node = binary_of("n8n", "node")
        self.processes.start([node, PROGRAM, "start"], env, self.processes.data)
        await self.processes.ready(f"http://127.0.0.1:{self.port}/healthz/readiness")

    async def kill(self) -> None:
        """The server and its runner."""
        await self.processes.kill()

    async def stop(self) -> None:
        """Both, and the data."""
        await self.processes.end()
        self.processes.forget()

    def call(self, part: str, given: Any) -> bytes:
        """A webhook that is answered by the last node."""
        return load.request("POST", f"/webhook/{part}", given, {})

    def send(self, part: str, given: Any) -> bytes:
        """A webhook that is answered at once."""
        return load.request("POST", f"/webhook/{part}-send", given, {})

    def output(self, body: bytes) -> Any:
        """Always an object; a sum is wrapped."""
        answer = json.loads(body)
        return answer.get("sum", answer)

    async def ended(self) -> Ended:
        """What its table of executions says."""
        statement = "select status, count(*) from execution_entity group by status"
        counts = dict(await asyncio.to_thread(self._rows, statement))
        return Ended(counts.get("success", 0), counts.get("error", 0) + counts.get("crashed", 0))

    async def outcomes(self) -> list[Any]:
        """What the last node of each execution made."""
        rows = await asyncio.to_thread(self._rows, "select data from execution_data")
        return [made_by_last_node(data) for (data,) in rows]

    async def stored_bytes(self) -> int:
        """Its database, with what is not yet moved from its own log."""
        files = self._database.parent.glob(f"{self._database.name}*")
        return sum(file.stat().st_size for file in files)

    @property
    def _database(self) -> Path:
        return self.processes.data / ".n8n" / "database.sqlite"

    def _rows(self, statement: str) -> list[Any]:
        connection = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=60)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    async def _webhooks(self) -> int:
        rows = await asyncio.to_thread(self._rows, "select count(*) from webhook_entity")
        return int(rows[0][0])

    def _publish(self) -> int:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        opener = urllib.request.build_opener(cookies)

        def ask(path: str, body: Any) -> Any:
            asked = urllib.request.Request(
                f"http://127.0.0.1:{self.port}/rest{path}",
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json", "browser-id": "bench"},
            )
            with opener.open(asked, timeout=60) as answer:
                return json.load(answer)["data"]

        ask("/owner/setup", _OWNER)
        wanted = list(workflows())
        for workflow in wanted:
            made = ask("/workflows", workflow)
            ask(f"/workflows/{made['id']}/activate", {"versionId": made["versionId"]})
        return len(wanted)


def made_by_last_node(data: str) -> Any:
    """The output of the last node of an execution, out of its record.

    The record is a list of all values; where one holds another, it holds its place
    in the list, as a string.
    """
    parts = json.loads(data)

    def at(value: Any, *keys: str | int) -> Any:
        for key in keys:
            held = value[key]
            value = parts[int(held)] if isinstance(held, str) else held
        return value

    result = at(parts[0], "resultData")
    last = at(result, "lastNodeExecuted")
    made = at(result, "runData", last, 0, "data", "main", 0, 0, "json")
    return {key: at(made, key) for key in made}
