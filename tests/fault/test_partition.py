"""Processes cut off from the broker while they go on: late words are refused, work goes on (F8)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark
from tests.tcp_proxy import Proxy, proxied

RUNS = 150
# Longer than the others wait for a silent owner (3.5 s), than a queue waits for a worker (8 s) and
# than a connection is held on to (9 s).
LASTS_S = 12.0
LOST = {
    "requests": "its words do not arrive",
    "answers": "it hears nothing",
    "both": "nothing passes",
}

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxy(platform: House) -> AsyncIterator[Proxy]:
    """A way to NATS that can be held up."""
    port = urlsplit(platform.nats.url).port
    assert port is not None
    async with proxied(port) as made:
        yield made


@pytest.mark.parametrize("held", LOST)
@pytest.mark.parametrize("name", ["scheduler-3", "executor-3"])
async def test_who_is_cut_off_does_no_harm(
    platform: House, proxy: Proxy, name: str, held: str, table: Table
) -> None:
    """Others do its work; what arrives of it when the way is free again changes nothing."""
    workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    platform.add(name, WEIR_NATS_URL=f"nats://127.0.0.1:{proxy.port}")
    await platform.start(name)
    leases = Leases(platform)
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS // 2)
    cut_ms = time.time_ns() // 1_000_000
    proxy.hold(requests=held != "answers", answers=held != "requests")
    lasts = asyncio.create_task(asyncio.sleep(LASTS_S))
    await platform.ended(runs)
    await lasts
    proxy.let_through()
    after = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS // 3)])
    sequence = await platform.ended(after)
    await platform.ready("scheduler-1", "scheduler-2", name)
    verdict = await judge(platform, [*runs, *after], sequence=sequence, leases=leases)
    await leases.close()
    table.row(
        f"{name} cut off from NATS for {LASTS_S:g} s: {LOST[held]}",
        [*runs, *after],
        verdict,
        gaps(await histories(platform, runs), cut_ms),
    )
    await platform.kill(name)
    del platform.processes[name]
    verdict.must_hold()
