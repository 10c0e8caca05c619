"""What there is to reach: the broker's own step, and W1 with the engine taken out."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.load import closed_loop
from benchmarks.parts.asking import Options, orders
from benchmarks.report import Row
from benchmarks.workloads import CONNECTIONS
from tests.fault.ports import free_port
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.streams import ensure_streams
from weir.runtime.servers.nats import binary, cores

SKELETONS = {
    "bare skeleton": "benchmarks.bare_skeleton",
    "skeleton on our connection": "benchmarks.skeleton",
}
BARE_STEP = "bare step"


class Broker:
    """A NATS server alone."""

    def __init__(self, sync: str) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="weir-bench-")
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        extra = 'sync_interval: "always"\n' if sync == "power-safe" else ""
        config = Path(self._directory.name) / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{self._directory.name}/js"\n{extra}}}\n'
        )
        self._process = subprocess.Popen(  # noqa: S603
            [str(binary()), "-c", str(config)],
            stderr=subprocess.DEVNULL,
            env={**cores(sync), **os.environ},  # as the platform starts it
        )

    def close(self) -> None:
        """Stop it and remove its data."""
        self._process.terminate()
        self._process.wait()
        self._directory.cleanup()


async def skeleton(row: Row, options: Options) -> None:
    """A skeleton of W1, named by its row, on a broker of its own."""
    broker = Broker(row.sync)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        link = await connect(broker.url)
        await ensure_streams(link)
        await link.close()
        port = free_port()
        commit = "atomic" if row.sync == "power-safe" else "plain"
        for role, extra in (("scheduler", commit), ("trigger", str(port))):
            command = [sys.executable, "-m", SKELETONS[row.what], role, broker.url, extra]
            processes.append(subprocess.Popen(command))  # noqa: S603, ASYNC220
        await _listening(port)
        await asyncio.sleep(1)
        windows = [
            await closed_loop(
                port, connections, orders("/"), seconds=options.seconds, warmup=options.warmup
            )
            for connections in CONNECTIONS
        ]
        row.put("w1_per_s", *(window.rate for window in windows))
        row.put("w1_p50_ms", windows[0].quantile(0.5))
        row.put("w1_p99_ms", windows[-1].quantile(0.99))
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        broker.close()


async def bare_step(row: Row, options: Options) -> None:
    """The broker's own limit, by benchmarks/bare_jetstream.py."""
    command = [sys.executable, "benchmarks/bare_jetstream.py", "--seconds", str(options.seconds)]
    if row.sync == "power-safe":
        command.append("--sync-always")
    done = subprocess.run(  # noqa: S603, ASYNC221 - nothing else is to be done meanwhile
        command, check=True, stdout=subprocess.PIPE
    )
    told: dict[str, Any] = json.loads(done.stdout)
    row.put("steps_per_s", told["step_500_in_flight"]["per_s"])
    row.put("step_ms", told["step_1_in_flight"]["p50_ms"])


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise TimeoutError("the skeleton did not start")


LIMITS: Mapping[str, Callable[..., Awaitable[None]]] = {
    BARE_STEP: bare_step,
    **dict.fromkeys(SKELETONS, skeleton),
}
