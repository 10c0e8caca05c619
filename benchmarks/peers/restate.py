"""Restate: its server as the npm package ships it, and our services on its Python SDK.

Its log is synced to disk before anything is acknowledged (batched), so that what
it answers survives a power cut. Two rows: each step of W1 recorded, as Weir
records them, and W1 as plain code in the handler, which Restate allows and which
nobody can see the steps of afterwards.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

from benchmarks import load
from benchmarks.peers.install import PEERS, REPOSITORY, RESTATE_SERVER, missing
from benchmarks.peers.processes import Processes, size_of
from benchmarks.peers.protocol import Ended
from benchmarks.peers.serving import SETTINGS, served
from tests.fault.ports import free_port

SERVER = PEERS / "restate/node_modules/@restatedev/restate-server-linux-x64/bin/restate-server"
PARTITIONS = 2

_CONFIG = """
cluster-name = "bench"
node-name = "bench"
bind-address = "127.0.0.1:{fabric}"
advertised-address = "http://127.0.0.1:{fabric}/"
listen-mode = "tcp"
default-num-partitions = {partitions}
disable-telemetry = true
disable-prometheus = true
log-filter = "warn"
rocksdb-perf-level = "disable"

[ingress]
bind-address = "127.0.0.1:{ingress}"

[admin]
bind-address = "127.0.0.1:{admin}"
disable-web-ui = true
"""


class Restate:
    """One server, one process of services."""

    durability = "power-safe"
    most_starts = 10_000

    def __init__(self, *, recorded: bool = True) -> None:
        self._service = "bench" if recorded else "lean"
        what = "" if recorded else ", W1's steps not recorded"
        self.name = f"Restate {RESTATE_SERVER}, Python SDK{what}"
        parts = ("w1", "w2", "w3", "w4", "w5", "w6") if recorded else ("w1", "w5")
        self.parts = frozenset(parts)
        self.settings = (
            f"{PARTITIONS} partitions instead of 24, with which a run costs it least on two cores; "
            "telemetry, metrics and web page off; "
            f"services on {SETTINGS} over HTTP/2, streaming; steps as async functions"
        )

    def missing(self) -> str | None:
        """Of its installation."""
        return missing("restate")

    async def start(self) -> None:
        """Server and services, and the one told of the other."""
        self.processes = Processes("restate")
        ports = {name: free_port() for name in ("fabric", "ingress", "admin")}
        self.port = ports["ingress"]
        self._admin = ports["admin"]
        self._services = free_port()
        config = _CONFIG.format(**ports, partitions=PARTITIONS)
        (self.processes.data / "restate.toml").write_text(config)
        await self.restart()
        uri = f"http://127.0.0.1:{self._services}"
        await asyncio.to_thread(self._ask, "/deployments", {"uri": uri})

    async def restart(self) -> None:
        """Both processes; what is registered is in the server's data."""
        data = self.processes.data
        files = ("--config-file", data / "restate.toml", "--base-dir", data / "restate")
        self.processes.start([SERVER, "--no-logo", *files], {}, data)
        services = served("restate", "restate_app", self._services, http="2")
        self.processes.start(services, {}, REPOSITORY)
        await self.processes.ready(f"http://127.0.0.1:{self._admin}/health")
        await self.processes.ready(f"http://127.0.0.1:{self.port}/restate/health")

    async def kill(self) -> None:
        """Both."""
        await self.processes.kill()

    async def stop(self) -> None:
        """Both, and the data."""
        await self.processes.end()
        self.processes.forget()

    def call(self, part: str, given: Any) -> bytes:
        """A request and its response."""
        return load.request("POST", f"/{self._of(part)}/{part}", given, {})

    def send(self, part: str, given: Any) -> bytes:
        """A one-way call."""
        return load.request("POST", f"/{self._of(part)}/{part}/send", given, {})

    def output(self, body: bytes) -> Any:
        """The handler's own answer."""
        return json.loads(body)

    async def ended(self) -> Ended:
        """What its introspection says."""
        rows = await asyncio.to_thread(self._query, _ENDED)
        counts = {row["completion_result"]: row["n"] for row in rows}
        return Ended(counts.get("success", 0), counts.get("failure", 0))

    async def outcomes(self) -> list[Any]:
        """The last entry of each journal, which is kept for a day."""
        rows = await asyncio.to_thread(self._query, _OUTPUTS)
        entries = [json.loads(row["entry_json"]) for row in rows]
        return [json.loads(bytes(e["Command"]["Output"]["result"]["Success"])) for e in entries]

    async def stored_bytes(self) -> int:
        """Its log, from which everything else can be made again."""
        return size_of(self.processes.data / "restate" / "bench" / "log-store")

    def _of(self, part: str) -> str:
        return self._service if part == "w1" else "bench"

    def _query(self, statement: str) -> list[dict[str, Any]]:
        return list(self._ask("/query", {"query": statement})["rows"])

    def _ask(self, path: str, body: Any) -> Any:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self._admin}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - loopback, ours
            return json.load(answer)


_OUTPUTS = "select entry_json from sys_journal where entry_type = 'Command: Output'"
_ENDED = (
    "select completion_result, count(*) as n from sys_invocation"
    " where status = 'completed' group by completion_result"
)
