"""Measures Weir beside the limit of its broker: `python -m benchmarks --seconds 20`.

Everything of one call runs one after the other on the same machine, and each
figure is set against what was made in the same call: the bare JetStream step
(append task → other process → append result → first process) and the skeleton of
W1, on bare nats-py clients and on Weir's own connection. Ratios are what counts;
absolute figures are this machine's of this hour. Every answer is checked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvloop

from benchmarks import load, workloads
from benchmarks.house import House, free_port
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.streams import ensure_streams
from weir.runtime.servers.nats import binary

CONNECTIONS = (1, 16, 64)
MODES = ("separate", "embedded")
SYNCS = ("kill-safe", "power-safe")
SKELETONS = {
    "bare skeleton": "benchmarks.bare_skeleton",
    "skeleton on our connection": "benchmarks.skeleton",
}


@dataclass
class Cell:
    """One measurement of W1."""

    what: str
    sync: str
    windows: list[load.Window]
    cpu_ms: float = 0.0
    memory_mb: float = 0.0
    bytes_per_run: float = 0.0
    w2_code_ms: float = 0.0
    w2_pure_ms: float = 0.0


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
            [str(binary()), "-c", str(config)], stderr=subprocess.DEVNULL
        )

    def close(self) -> None:
        """Stop it and remove its data."""
        self._process.terminate()
        self._process.wait()
        self._directory.cleanup()


async def skeleton(what: str, sync: str, options: argparse.Namespace) -> Cell:
    """A skeleton of W1 on a broker of its own."""
    broker = Broker(sync)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        link = await connect(broker.url)
        await ensure_streams(link)
        await link.close()
        port = free_port()
        commit = "atomic" if sync == "power-safe" else "plain"
        for role, extra in (("scheduler", commit), ("trigger", str(port))):
            command = [sys.executable, "-m", SKELETONS[what], role, broker.url, extra]
            processes.append(subprocess.Popen(command))  # noqa: S603, ASYNC220
        await _listening(port)
        await asyncio.sleep(1)
        windows = [await _w1(port, "/", n, options) for n in CONNECTIONS]
        return Cell(what, sync, windows)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        broker.close()


async def weir(mode: str, sync: str, options: argparse.Namespace) -> Cell:
    """The platform."""
    async with House(mode, sync) as house:
        hook = _publish(house, workloads.w1())["webhooks"][0]["id"]
        cell = Cell(f"Weir, {mode}", sync, [])
        before = house.stored_bytes()
        runs = 0
        for connections in CONNECTIONS:
            cpu = house.cpu_seconds()
            path = f"/hooks/{hook}"
            window = await _w1(house.ports["trigger"], path, connections, options)
            share = options.seconds / (options.seconds + options.warmup)
            cell.cpu_ms = (house.cpu_seconds() - cpu) * share * 1000 / max(1, len(window.times))
            cell.windows.append(window)
            runs += int(len(window.times) / share)
        cell.memory_mb = house.memory_mb()
        cell.bytes_per_run = (house.stored_bytes() - before) / max(1, runs)
        house.worker("benchmarks.workloads:worker")
        cell.w2_pure_ms = _w2(house, "pure", options.rounds)
        cell.w2_code_ms = _w2(house, "code", options.rounds)
        return cell


def _publish(house: House, definition: dict[str, Any]) -> Any:
    made = house.call("registry", "POST", "/workflows", definition)
    return house.call("registry", "POST", f"/workflows/{made['id']}/versions", {})


def _w2(house: House, kind: str, rounds: int) -> float:
    workflow = _publish(house, workloads.w2(kind))["workflow_id"]
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        answer = house.call(
            "trigger", "POST", f"/workflows/{workflow}/runs?wait=60s", {"input": {}}
        )
        times.append((time.perf_counter() - began) * 1000)
        if answer.get("output") != 2200:
            raise load.WrongAnswerError(f"W2 {kind}: {answer}")
    return statistics.median(times[1:])


async def _w1(port: int, path: str, connections: int, options: argparse.Namespace) -> load.Window:
    def make(number: int) -> tuple[bytes, Callable[[int, bytes], None]]:
        def check(status: int, body: bytes) -> None:
            answer = orjson.loads(body)
            if status != 200:
                raise load.WrongAnswerError(f"{status}: {body[:300]!r}")
            workloads.check_w1(number, answer.get("output", answer))

        return load.request("POST", path, workloads.w1_input(number), {}), check

    return await load.closed_loop(
        port, connections, make, seconds=options.seconds, warmup=options.warmup
    )


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


def bare_step(sync: str, options: argparse.Namespace) -> dict[str, Any]:
    """The broker's own limit, by benchmarks/bare_jetstream.py."""
    command = [sys.executable, "benchmarks/bare_jetstream.py", "--seconds", str(options.seconds)]
    if sync == "power-safe":
        command.append("--sync-always")
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603
    return dict(json.loads(done.stdout))


def table(cells: Sequence[Cell], bare: dict[str, dict[str, Any]]) -> str:
    """The result as Markdown."""
    limits = {(c.what, c.sync): c.windows[-1].rate for c in cells if c.what in SKELETONS}
    names = (
        "what",
        "durability",
        "W1 runs/s at 1 / 16 / 64",
        "of the two skeletons at 64",
        "p50 ms at 1",
        "p99 ms at 64",
        "CPU ms per run at 64",
        "memory MB",
        "bytes per run",
        "W2 code ms",
        "W2 pure ms",
    )
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for cell in cells:
        rates = " / ".join(f"{window.rate:,.0f}" for window in cell.windows)
        share = " / ".join(
            f"{cell.windows[-1].rate / limits[what, cell.sync]:.0%}"
            for what in SKELETONS
            if (what, cell.sync) in limits
        )
        engine = cell.what not in SKELETONS
        rest = (
            (
                f"{cell.cpu_ms:.2f} | {cell.memory_mb:,.0f} | {cell.bytes_per_run:,.0f} |"
                f" {cell.w2_code_ms:,.0f} | {cell.w2_pure_ms:,.0f}"
            )
            if engine
            else "- | - | - | - | -"
        )
        lines.append(
            f"| {cell.what} | {cell.sync} | {rates} | {share} |"
            f" {cell.windows[0].quantile(0.5):.2f} | {cell.windows[-1].quantile(0.99):.0f} |"
            f" {rest} |"
        )
    lines += ["", "Bare JetStream step, both processes on this machine:", "", "```json"]
    lines += [json.dumps({sync: figures}) for sync, figures in bare.items()]
    lines += ["```"]
    return "\n".join(lines)


async def measure(options: argparse.Namespace) -> None:
    """Everything asked for, one after the other."""
    cells: list[Cell] = []
    bare: dict[str, dict[str, Any]] = {}
    for sync in options.sync:
        bare[sync] = bare_step(sync, options)
        cells += [await skeleton(what, sync, options) for what in SKELETONS]
        for mode in options.mode:
            cells.append(await weir(mode, sync, options))
            sys.stderr.write(table(cells, bare) + "\n\n")
    sys.stdout.write(table(cells, bare) + "\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warmup", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=10, help="runs of W2")
    parser.add_argument("--mode", nargs="*", default=MODES, choices=MODES)
    parser.add_argument("--sync", nargs="*", default=SYNCS, choices=SYNCS)
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
