"""Three NATS servers that hold every message: one dies, all die, one is cut off (F5, F8, F15)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from tests.fault.cluster import NODES, Cluster, leader, leader_elsewhere
from tests.fault.house import NATS, House, house
from tests.fault.judging import Leases, gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark
from weir.client import ApiError

RUNS = 200
# Beyond the 10 s after which a leader that hears nobody gives up.
LASTS_S = 20.0
LATE_S = 1.0
PATIENCE_S = 60.0

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """A house on a cluster, every stream on three nodes."""
    async with house(replicas="3") as running:
        yield running


@pytest.fixture(scope="module")
def nats_cluster(platform: House) -> Cluster:
    """The three servers."""
    assert platform.cluster is not None
    return platform.cluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    return workflow_id


async def started(platform: House, workflow: str, count: int) -> list[str]:
    """Runs; while the nodes elect their leaders, starts are refused and tried again."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                first = await platform.start_runs(workflow, [{"n": 0}])
            except (ApiError, AssertionError):
                await asyncio.sleep(0.2)
            else:
                return first + await platform.start_runs(workflow, [{"n": 1}] * (count - 1))


async def half_way(platform: House, workflow: str) -> list[str]:
    """Runs that wait."""
    runs = await started(platform, workflow, RUNS)
    mine = set(runs)
    await platform.outside.until(lambda: len(platform.outside.of("a", mine)) >= RUNS * 3 // 4)
    return runs


class Watch:
    """What a row needs of a fault: the leases since its beginning, and when it came."""

    def __init__(self, platform: House, table: Table) -> None:
        self._platform = platform
        self._table = table
        self._leases = Leases(platform)
        self._at_ms = 0

    def begins(self) -> None:
        """Now."""
        self._at_ms = time.time_ns() // 1_000_000

    async def ends(self, fault: str, runs: Sequence[str]) -> None:
        """Judge when all runs have ended, and keep the row."""
        platform = self._platform
        sequence = await platform.ended(runs)
        verdict = await judge(platform, runs, sequence=sequence, leases=self._leases)
        await self._leases.close()
        after = gaps(await histories(platform, runs), self._at_ms)
        self._table.row(f"three NATS nodes: {fault}", runs, verdict, after)
        verdict.must_hold()


async def test_the_leader_dies(
    platform: House, nats_cluster: Cluster, workflow: str, table: Table
) -> None:
    """Two nodes go on without it; it comes back and catches up."""
    watch = Watch(platform, table)
    runs = await half_way(platform, workflow)
    victim = await leader(platform.link)
    watch.begins()
    await platform.kill(victim)
    await platform.ended(runs)
    await platform.start(victim)
    await watch.ends("kill -9 of the stream's leader", runs)


async def test_every_node_is_started_again_in_turn(
    platform: House, nats_cluster: Cluster, workflow: str, table: Table
) -> None:
    """A rolling restart stops nothing for long."""
    watch = Watch(platform, table)
    runs = await half_way(platform, workflow)
    watch.begins()
    for name in NODES:
        await platform.kill(name)
        await platform.start(name)
    runs += await started(platform, workflow, RUNS // 4)
    await watch.ends("kill -9 of each in turn", runs)


async def test_all_nodes_die_at_once(
    platform: House, nats_cluster: Cluster, workflow: str, table: Table
) -> None:
    """Started again, everything goes on."""
    watch = Watch(platform, table)
    runs = await half_way(platform, workflow)
    watch.begins()
    await platform.kill(NATS)
    await platform.start(NATS)
    await watch.ends("kill -9 of all at once", runs)


@pytest.mark.parametrize(
    ("speaks", "hears", "told"),
    [
        (False, False, "cut off"),
        (True, False, "hears nothing of the others"),
        (False, True, "is not heard by the others"),
    ],
    ids=["cut off", "deaf", "mute"],
)
async def test_the_leader_is_cut_off(  # noqa: PLR0913  # fixtures and cases
    platform: House,
    nats_cluster: Cluster,
    workflow: str,
    table: Table,
    *,
    speaks: bool,
    hears: bool,
    told: str,
) -> None:
    """The others elect another; what it still said is not kept, and its clients lose nothing."""
    await platform.ready(*platform.processes)
    watch = Watch(platform, table)
    victim = await leader_elsewhere(platform.link)
    runs = await half_way(platform, workflow)
    watch.begins()
    nats_cluster.isolate(victim, speaks=speaks, hears=hears)
    await asyncio.sleep(LASTS_S - LATE_S)
    late = asyncio.create_task(started(platform, workflow, RUNS // 4))  # they see the healing
    await asyncio.sleep(LATE_S)
    nats_cluster.heal()
    runs += await late
    await nats_cluster.healthy()
    await platform.ready(*platform.processes)
    runs += await started(platform, workflow, RUNS // 4)
    await watch.ends(f"the stream's leader {told} for {LASTS_S:g} s", runs)
