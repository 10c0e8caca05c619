"""The broker's disk is full: starts are refused, nothing acknowledged is lost (F13)."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fault.house import House, house
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark
from weir.client import ApiError

RUNS = 100
REFUSALS = 8
MIB = 1024 * 1024
SIZE_MIB = 96
AGAIN_S = 5.0

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
    directory = Path(tempfile.mkdtemp(prefix="weir-disk-"))
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


def fill(file: Path) -> None:
    """Leave no byte free beside this file."""
    with file.open("ab", buffering=0) as ballast:
        for size in (MIB, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise


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
    full_ms = time.time_ns() // 1_000_000
    ballast = disk / "ballast"
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
