"""The broker's disk is full: starts are refused, nothing acknowledged is lost (F13)."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import House, house
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark
from tests.places import directory_for
from tests.waiting import eventually
from weir.adapters.jetstream.log import JetStreamLog
from weir.client import ApiError
from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.ports.log import Append

RUNS = 100
REFUSALS = 8
MIB = 1024 * 1024
SIZE_MIB = 96
AGAIN_S = 5.0
LOW_MIB = 14

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0, reason="only root mounts a small disk"
    ),
]


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A disk of its own, of a few MiB."""
    directory = directory_for("weir-disk-")
    options = f"size={SIZE_MIB}m,mode=0711"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        directory.rmdir()
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)  # noqa: S603, S607
        directory.rmdir()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(disk: Path) -> AsyncIterator[House]:
    """A house whose NATS server has that disk to itself."""
    async with house(store=disk) as running:
        yield running


def fill(file: Path, leave: int = 0) -> None:
    """Leave so many bytes free beside this file."""
    with file.open("ab", buffering=0) as ballast:
        if leave:
            ballast.write(bytes(max(0, shutil.disk_usage(file.parent).free - leave)))
            return
        for size in (MIB, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise


async def _standing(platform: House, holds: Callable[[Any], bool]) -> Any:
    """What a scheduler says of itself, once that holds; it looks every few seconds."""
    async with asyncio.timeout(60):
        while True:
            async with platform.http.get(f"{platform.processes['scheduler-1'].url}/ready") as said:
                told = await said.json()
            if holds(told):
                return told
            await asyncio.sleep(0.2)


async def test_a_full_disk_refuses_and_loses_nothing(
    platform: House, disk: Path, table: Table
) -> None:
    """What is not stored is told as 503 with a code; with room again everything goes on.

    The broker closes a stream that met a full disk and answers no more: then it is started again.
    """
    workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    leases = Leases(platform)
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS * 3 // 4)
    ballast = disk / "ballast"
    fill(ballast, leave=LOW_MIB * MIB)
    warned = await _standing(platform, lambda told: bool(told["warnings"]))
    assert any("of its disk left" in warning for warning in warned["warnings"])
    assert warned["checks"]["nats_room"], "it is still ready"
    full_ms = time.time_ns() // 1_000_000
    fill(ballast)
    refused: Counter[str] = Counter()

    async def start() -> bool:
        try:
            told = await platform.ask(
                "trigger", "POST", f"/workflows/{workflow}/runs", {"input": {"n": 0}}
            )
        except ApiError as error:
            if error.status != 503:
                raise
            refused[error.code] += 1
            return False
        runs.append(told["run_id"])
        return True

    async with asyncio.timeout(60):
        while refused.total() < REFUSALS:
            await asyncio.gather(*(start() for _ in range(REFUSALS)))
    room_ms = time.time_ns() // 1_000_000
    ballast.unlink()
    restarted = False
    until = asyncio.get_running_loop().time() + AGAIN_S
    while not await start():
        if not restarted and asyncio.get_running_loop().time() > until:
            await platform.kill("nats")
            await platform.start("nats")
            restarted = True
        await asyncio.sleep(0.1)
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    again = "after NATS was started again" if restarted else "by itself"
    table.row(
        f"the disk of NATS full for {(room_ms - full_ms) / 1000:.1f} s, {refused.total()} starts "
        f"answered with 503; goes on {again}",
        runs,
        verdict,
        gaps(await histories(platform, runs), room_ms),
    )
    verdict.must_hold()


async def test_a_store_that_fills_its_disk_is_started_again(
    platform: House, disk: Path, figures: Callable[[str], None]
) -> None:
    """It takes more after that, refuses at once before the disk is full, and recovers by itself."""
    log = JetStreamLog(platform.link, subjects.LOGS)

    async def write() -> bool:
        try:
            await log.append(Append("logs.test.run.a", bytes(900_000)))
        except UnavailableError:
            return False
        return True

    while sum(file.stat().st_size for file in disk.rglob("*.blk")) < SIZE_MIB * MIB * 6 // 10:
        assert await write()
    await platform.kill("nats")
    await platform.start("nats")
    await eventually(write)
    more = 1
    while await write():
        more += 1
    left = shutil.disk_usage(disk).free // MIB
    assert left > 0, "it stops before the disk is full"
    refused = await _standing(platform, lambda told: not told["checks"]["nats_room"])
    figures(f"a store at its limit: {more} messages after the restart, {left} MiB left; {refused}")
    await log.purge("logs.test.>")
    assert await write(), "without another start"
    await _standing(platform, lambda told: not told["warnings"])
