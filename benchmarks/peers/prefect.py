"""Prefect: its server on SQLite, and our flows in a process of their own that reports to it.

It keeps track of states; it does not bring back what was under way, nor what a
task has answered. Less than kill-safe.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

from benchmarks import load
from benchmarks.peers.install import PREFECT, REPOSITORY, binary_of, missing
from benchmarks.peers.processes import Processes
from benchmarks.peers.protocol import Ended
from benchmarks.peers.serving import SETTINGS, served
from tests.fault.ports import free_port


class Prefect:
    """One server, one process of flows."""

    name = f"Prefect {PREFECT}"
    durability = "less than kill-safe"
    most_starts = 100
    parts = frozenset(("w1", "w2", "w3", "w4", "w5", "w6"))
    settings = (
        f"SQLite; flows run where they are asked for, on {SETTINGS}, at most 16 at once as its "
        "SQLite refuses more, tasks as async functions; "
        "telemetry, its log shipping and the checks of parameters off; it records no outputs, so "
        "that W5 is checked by its states alone; a start of W5 and W6 is accepted before it is "
        "written down"
    )

    def missing(self) -> str | None:
        """Of its installation."""
        return missing("prefect")

    async def start(self) -> None:
        """Server, then flows."""
        self.processes = Processes("prefect")
        self.port = free_port()
        self._server = free_port()
        await self.restart()

    async def restart(self) -> None:
        """Both."""
        url = f"http://127.0.0.1:{self._server}/api"
        env = {
            "PREFECT_HOME": str(self.processes.data),
            "PREFECT_API_URL": url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_LOGGING_TO_API_ENABLED": "false",
            "PREFECT_LOGGING_LEVEL": "ERROR",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        program = binary_of("prefect", "prefect")
        place = ("--host", "127.0.0.1", "--port", str(self._server))
        self.processes.start([program, "server", "start", *place], env, self.processes.data)
        await self.processes.ready(f"{url}/health")
        self.processes.start(served("prefect", "prefect_app", self.port), env, REPOSITORY)
        await self.processes.ready(f"http://127.0.0.1:{self.port}/ready")

    async def kill(self) -> None:
        """Both."""
        await self.processes.kill()

    async def stop(self) -> None:
        """Both, and the data."""
        await self.processes.end()
        self.processes.forget()

    def call(self, part: str, given: Any) -> bytes:
        """The flow as a function that is awaited."""
        return load.request("POST", f"/call/{part}", given, {})

    def send(self, part: str, given: Any) -> bytes:
        """The flow as a task of the loop."""
        return load.request("POST", f"/send/{part}", given, {})

    def output(self, body: bytes) -> Any:
        """The flow's own answer."""
        return json.loads(body)

    async def ended(self) -> Ended:
        """What its server counts."""
        finished = await asyncio.to_thread(self._count, ["COMPLETED"])
        return Ended(finished, await asyncio.to_thread(self._count, ["FAILED", "CRASHED"]))

    async def outcomes(self) -> None:
        """It records none."""

    async def stored_bytes(self) -> int:
        """Its database, with what is not yet moved from its own log."""
        files = self.processes.data.glob("prefect.db*")
        return sum(file.stat().st_size for file in files)

    def _count(self, states: list[str]) -> int:
        wanted = {"flow_runs": {"state": {"type": {"any_": states}}}}
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self._server}/api/flow_runs/count",
            data=json.dumps(wanted).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - loopback, ours
            return int(json.load(answer))
