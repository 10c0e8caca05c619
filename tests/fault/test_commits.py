"""Connections that are lost in the middle of commits, and commits that come again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from random import Random
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.fault.house import SERVICES, House
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark
from tests.tcp_proxy import Proxy, proxied
from weir.contract.errors import ConflictError
from weir.contract.subjects import parse_run, run_key, start_fact
from weir.ports.log import Append
from weir.runtime.first_key import TENANT

RUNS = 200
LASTS_S = 15.0
SEED = 1

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    return workflow_id


async def test_the_executor_dies_between_effect_and_result(
    platform: House, workflow: str, table: Table
) -> None:
    """What was called, and not stored as done, is called again under the same key (F2)."""
    outside = platform.outside
    outside.open_door.clear()
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS // 8)])
    await outside.until(lambda: len(outside.of("a", set(runs))) == len(runs))
    killed_ms = time.time_ns() // 1_000_000
    await platform.kill("executor")
    outside.open_door.set()
    await platform.start("executor")
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence)
    after = gaps(await histories(platform, runs), killed_ms)
    table.row("kill -9 of the executor after every call, before any result", runs, verdict, after)
    verdict.must_hold()
    assert verdict.repeated == len(runs), "a call came again for no reason, or not at all"
    assert verdict.most == 1


async def test_stored_facts_that_come_again_change_nothing(
    platform: House, workflow: str, table: Table
) -> None:
    """Every fact of waiting and of ended runs is stored twice more, long after the first (F10)."""
    leases = Leases(platform)
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS // 2)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) == len(runs))
    first = await _again(platform, runs)
    await platform.ended(runs)
    second = await _again(platform, runs)
    fresh = await platform.start_runs(workflow, [{}] * 5)
    sequence = await platform.ended(fresh)  # the owners have read all copies before these
    verdict = await judge(platform, runs, sequence=sequence, leases=leases, copied=True)
    await leases.close()
    table.row(f"{first + second} facts of these runs stored again", runs, verdict)
    verdict.must_hold()
    assert verdict.repeated == 0


async def _again(platform: House, runs: list[str]) -> int:
    """Store all facts of these runs once more; how many.

    A start is sent as its sender would, expecting that there is none; all else expects nothing.
    """
    again = 0
    for run_id, messages in (await histories(platform, runs)).items():
        start = run_key(TENANT, run_id).fact(start_fact())
        for message in messages:
            if message.subject == start:
                with pytest.raises(ConflictError):
                    await platform.log.append(Append(start, message.data, expect=0))
            elif parse_run(message.subject)[1] == "in":
                await platform.log.append(Append(message.subject, message.data))
                again += 1
    return again


@pytest_asyncio.fixture(loop_scope="module")
async def proxy(platform: House) -> AsyncIterator[Proxy]:
    """The way of every service to NATS."""
    port = urlsplit(platform.nats.url).port
    assert port is not None
    async with proxied(port) as made:
        await platform.kill(*SERVICES)
        for name in SERVICES:
            platform.add(name, WEIR_NATS_URL=f"nats://127.0.0.1:{made.port}")
        await platform.start(*SERVICES)
        yield made
        await platform.kill(*SERVICES)
    for name in SERVICES:
        platform.add(name)
    await platform.start(*SERVICES)


async def test_answers_are_lost_in_the_middle_of_commits(
    platform: House, workflow: str, proxy: Proxy, table: Table
) -> None:
    """What was stored and not acknowledged is neither lost nor stored twice (F16)."""
    random = Random(SEED)
    leases = Leases(platform)
    runs: list[str] = []
    lost = 0
    over = asyncio.get_running_loop().time() + LASTS_S
    began_ms = time.time_ns() // 1_000_000
    while asyncio.get_running_loop().time() < over:
        runs += await platform.start_runs(workflow, [{"n": n} for n in range(10)])
        await asyncio.sleep(random.uniform(0, 0.2))
        proxy.hold(answers=True)
        await asyncio.sleep(random.uniform(0, 0.1))
        proxy.cut()
        proxy.let_through()
        lost += 1
        await platform.ready(*SERVICES)
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    table.row(
        f"all connections to NATS lost with what is on its way back, {lost} times",
        runs,
        verdict,
        gaps(await histories(platform, runs), began_ms),
    )
    verdict.must_hold()
