"""DBOS: a library on Postgres, with our workflows and a web server in one process.

Every step is a commit that Postgres syncs to disk: power-safe. Two rows, as
its workflows can be written in two ways.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks import load
from benchmarks.peers.install import DBOS, REPOSITORY, missing
from benchmarks.peers.postgres import Postgres
from benchmarks.peers.processes import Processes
from benchmarks.peers.protocol import Ended
from benchmarks.peers.serving import SETTINGS, served
from tests.fault.ports import free_port


class Dbos:
    """One process of workflows beside one Postgres."""

    durability = "power-safe"
    most_starts = 2_000
    settings = (
        "Postgres 18 as embedded by Weir (synced commits), one process, 64 connections and "
        f"threads, on {SETTINGS}, tracing off"
    )

    def __init__(self, *, plain: bool = False) -> None:
        self._app = "dbos_plain_app" if plain else "dbos_app"
        self.name = f"DBOS {DBOS}, {'plain' if plain else 'async'} functions"
        parts = ("w1", "w2", "w3", "w4", "w5")
        self.parts = frozenset(parts if plain else (*parts, "w6"))

    def missing(self) -> str | None:
        """Of its installation."""
        return missing("dbos")

    async def start(self) -> None:
        """Postgres, then the process, which makes its tables."""
        self.processes = Processes("dbos")
        self._postgres = Postgres(self.processes)
        self.port = free_port()
        await self.restart()

    async def restart(self) -> None:
        """Both; the library takes up what was under way when it is launched."""
        await self._postgres.start()
        dsn = self._postgres.dsn.replace("postgresql://", "postgresql+psycopg://")
        program = served("dbos", self._app, self.port)
        self.processes.start(program, {"BENCH_DSN": dsn}, REPOSITORY)
        await self.processes.ready(f"http://127.0.0.1:{self.port}/ready")

    async def kill(self) -> None:
        """The process and Postgres."""
        await self.processes.kill()

    async def stop(self) -> None:
        """Both, and the data."""
        await self.processes.end()
        await self._postgres.stop()
        self.processes.forget()

    def call(self, part: str, given: Any) -> bytes:
        """The workflow as a function that is awaited."""
        return load.request("POST", f"/call/{part}", given, {})

    def send(self, part: str, given: Any) -> bytes:
        """The workflow started in the background: its start is committed."""
        return load.request("POST", f"/send/{part}", given, {})

    def output(self, body: bytes) -> Any:
        """The workflow's own answer."""
        return json.loads(body)

    async def ended(self) -> Ended:
        """What its table of workflows says."""
        rows = await self._postgres.rows(
            "select status, count(*) as n from dbos.workflow_status group by status"
        )
        counts = {row["status"]: row["n"] for row in rows}
        failed = sum(counts.get(status, 0) for status in _FAILED)
        return Ended(counts.get("SUCCESS", 0), failed)

    async def outcomes(self) -> list[Any]:
        """Its table of outputs; W1 asks for them to be written as JSON."""
        rows = await self._postgres.rows("select output from dbos.workflow_output")
        return [json.loads(row["output"]) for row in rows]

    async def stored_bytes(self) -> int:
        """Its tables and their indexes."""
        return await self._postgres.size()


_FAILED = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
