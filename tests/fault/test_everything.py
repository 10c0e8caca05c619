"""All processes die at once; and each of them now and then, for as long as runs come in."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import SERVICES, House, house
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark, wide
from tests.waiting import eventually
from weir.client import ApiError
from weir.contract.errors import PlatformUnreachableError
from weir.ports.log import Stored
from weir.runtime.archive import ArchivedRun
from weir.runtime.first_key import TENANT
from weir.runtime.replay import replay_state

RUNS = 200
STORM_S = float(os.environ.get("STORM_S", "60"))
SEED = int(os.environ.get("SEED", "1"))
SERVERS = ("nats", "postgres")
STARTS = 5

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400)]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["kill-safe", "power-safe"])
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A house that archives and purges runs at once; power-safe, appends go as atomic batches."""
    async with house(hot_period="1s", sync=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def sync(platform: House) -> str:
    """What an acknowledged message survives here."""
    return platform.given["sync"]


async def test_everything_is_killed_at_once(platform: House, sync: str, table: Table) -> None:
    """Started again, all runs finish, nothing committed is done again, views and archive agree."""
    workflow, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    leases = Leases(platform)
    runs = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS * 3 // 4)
    killed_ms = time.time_ns() // 1_000_000
    await platform.kill(*SERVERS, *SERVICES)
    await platform.start(*SERVERS)
    await platform.start(*SERVICES)
    sequence = await platform.ended(runs)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    told = await histories(platform, runs)
    table.row(f"kill -9 of every process at once, {sync}", runs, verdict, gaps(told, killed_ms))
    verdict.must_hold()
    await archive_agrees(platform, told)


async def archive_agrees(platform: House, told: Mapping[str, Sequence[Stored]]) -> None:
    """Every run is replayed from the archive alone to what its log said, which may be gone now."""
    kept: dict[str, ArchivedRun] = {}

    async def archived() -> bool:
        kept.update({one.run_id: one async for one in platform.archive.everything(TENANT)})
        return told.keys() <= kept.keys()

    await eventually(archived)
    for run_id, messages in told.items():
        state = replay_state(await platform.archive.get(kept[run_id]))
        assert state == replay_state(messages), run_id


async def test_views_are_made_again_the_same(
    platform: House, figures: Callable[[str], None]
) -> None:
    """Emptied, they are filled from archive and log with what they held before (F23)."""
    rows = await _rows(platform, "query")
    assert len(rows) >= RUNS
    await platform.kill("query")
    platform.add("query-2", WEIR_REBUILD_VIEWS="true")
    await platform.start("query-2")
    began = time.monotonic()

    async def the_same() -> bool:
        return await _rows(platform, "query-2") == rows

    await eventually(the_same)
    took = time.monotonic() - began
    figures(f"views rebuilt: {len(rows)} runs in {took:.1f} s")
    await platform.kill("query-2")
    del platform.processes["query-2"]
    await platform.start("query")


async def _rows(platform: House, name: str) -> list[Any]:
    """Every run as it is shown, with its steps."""
    return [
        (
            await platform.ask(name, "GET", f"/runs/{item['id']}"),
            await platform.items(name, f"/runs/{item['id']}/steps"),
        )
        for item in await platform.items(name, "/runs", sort="started_at")
    ]


async def test_runs_survive_a_storm(
    platform: House, sync: str, table: Table, figures: Callable[[str], None]
) -> None:
    """Processes are killed and paused at random while runs come in: every promise holds."""
    random = Random(SEED)
    workflows = [
        (await platform.publish(definition(platform.outside.url)))[0]
        for definition in (mark_wait_mark, wide)
    ]
    leases = Leases(platform)
    runs: list[str] = []
    storm = Storm(platform)
    over = asyncio.get_running_loop().time() + STORM_S
    blowing = [asyncio.create_task(storm.blow(Random(SEED + at), over)) for at in (1, 2)]
    while asyncio.get_running_loop().time() < over:
        try:
            runs += await platform.start_runs(
                random.choice(workflows), [{"n": n} for n in range(5)]
            )
        except (ApiError, PlatformUnreachableError, AssertionError):
            storm.faults["start refused"] += 1
        await asyncio.sleep(0.25)
    await asyncio.gather(*blowing)
    await platform.ready(*SERVICES)
    await _all_shown(platform, runs)
    verdict = await judge(platform, runs, leases=leases)
    await leases.close()
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(storm.faults.items()))
    table.row(
        f"kills and pauses at random for {STORM_S:g} s, {storm.faults.total()} in all, {sync}",
        runs,
        verdict,
    )
    figures(f"storm of {STORM_S:g} s, seed {SEED}: {kinds}")
    verdict.must_hold()


class Storm:
    """Faults one after the other in two places at once; whatever was hit is back soon."""

    def __init__(self, platform: House) -> None:
        self.faults: Counter[str] = Counter()
        self._platform = platform
        self._hit: set[str] = set()

    async def blow(self, random: Random, over: float) -> None:
        """One of the places."""
        loop = asyncio.get_running_loop()
        while loop.time() < over:
            await asyncio.sleep(random.uniform(0, 1))
            name = random.choice([n for n in (*SERVICES, *SERVERS) if n not in self._hit])
            kind = random.choice(("kill", "kill", "pause"))
            self.faults[f"{kind} {name}"] += 1
            self._hit.add(name)
            if kind == "kill":
                await self._platform.kill(name)
                await self._start(name)
            else:
                self._platform.pause(name)
                await asyncio.sleep(random.choice((0.5, 2, 6, 10)))
                self._platform.resume(name)
            self._hit.discard(name)

    async def _start(self, name: str) -> None:
        """As a supervisor does: a service that finds no server in time is started again."""
        for _ in range(STARTS):
            try:
                await self._platform.start(name)
            except AssertionError as ended:
                self.faults[f"start {name} again"] += 1
                last = ended
            else:
                return
        raise last


async def _all_shown(platform: House, runs: list[str], patience_s: float = 60.0) -> None:
    """Until the views show no run that goes on."""
    statuses = "queued,running,waiting,paused,cancelling"
    async with asyncio.timeout(patience_s):
        while (  # noqa: ASYNC110  # another process tells nobody
            await platform.ask("query", "GET", "/runs", status=statuses, limit=1)
        )["items"]:
            await asyncio.sleep(0.1)
