"""kill -9 while calls are bound by a rate or kept back by a breaker (F19, F26)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import House, house
from tests.fault.judging import Leases, judge
from tests.fault.outside import Outside
from tests.fault.table import Table
from tests.fault.workflows import chain, mark
from weir.contract import subjects, times
from weir.contract.messages import IntegrationStood, LimitMessage

HOST = "127.0.0.1"
LIMIT, PER_MS = 20, 2_000
GAP_MS = PER_MS // LIMIT
CALLS = 200
LATE_MS = 1_000  # a call may come so much after its permit's time: kills keep both cores busy
BREAKER = {"failures": 5, "within": "10s", "open": "2s"}
CALLERS = 40
DOWN_S = 15.0
CLOCKS_MS = 20  # what the broker's idea of the time and ours may differ by

DEATHS: Sequence[tuple[str, ...]] = (
    ("scheduler-1",),
    ("executor",),
    ("scheduler-2",),
    ("scheduler-1", "scheduler-2"),
    ("executor-2",),
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """A house with two executors."""
    async with house() as running:
        running.add("executor-2")
        await running.start("executor-2")
        yield running


class Standing:
    """Whatever is said of integrations while this listens."""

    def __init__(self, platform: House) -> None:
        self.said: list[tuple[int, IntegrationStood]] = []  # with the time of its message
        self._following = platform.log.follow(subjects.EVERY_LIMIT)
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Listen no more."""
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        await self._following.close()

    @property
    def now(self) -> str:
        """How it stands: closed, open, half_open."""
        return self.said[-1][1].state if self.said else "closed"

    def permits(self) -> list[float]:
        """When each call of a rate that was permitted was due, in ms and ascending."""
        blocks = {(one.worker, one.number): one for _, said in self.said for one in said.blocks}
        return sorted(
            times.to_ms(one.from_at) + place * one.spread_ms / one.count
            for one in blocks.values()
            for place in range(one.count)
        )

    def probes(self) -> list[int]:
        """How many calls each grant of a breaker that is half open let through."""
        blocks = {
            (one.worker, one.number): one.count
            for _, said in self.said
            if said.state == "half_open"
            for one in said.blocks
        }
        return list(blocks.values())

    async def _listen(self) -> None:
        async for batch in self._following:
            for message in batch:
                said = LimitMessage.model_validate_json(message.data).events[-1].integration_stood
                if said is not None:
                    self.said.append((message.at_ms, said))


def calling(url: str, name: str, bears: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A workflow of one call."""
    nodes = [{"id": "start", "type": "manual"}, mark(url, "a", **more)]
    return chain(name, nodes, settings={"integrations": {HOST: dict(bears)}})


async def test_a_rate_holds_through_kills(
    platform: House, table: Table, figures: Callable[[str], None]
) -> None:
    """No call comes before its permit, a repeated one has one of its own, and all runs end."""
    outside, leases, standing = platform.outside, Leases(platform), Standing(platform)
    bears = {"rate": {"limit": LIMIT, "per": f"{PER_MS}ms"}}
    workflow, _ = await platform.publish(calling(outside.url, "rate", bears))
    runs = await platform.start_runs(workflow, [{}] * CALLS)
    mine = set(runs)
    for number, names in enumerate(DEATHS, 1):
        await outside.until(partial(_have_come, outside, mine, number * CALLS // 10))
        await platform.kill(*names)
        await platform.start(*names)
    sequence = await platform.ended(runs, patience_s=120)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    await standing.close()
    came = sorted(one.at_ms for one in outside.marks if one.run_id in mine)
    permits = standing.permits()
    verdict.wrong.extend(_early(came, permits))
    most = max(bisect_left(came, at + PER_MS) - place for place, at in enumerate(came))
    table.row(
        f"kill -9 of schedulers and executors, {len(DEATHS)} times while calls wait for a rate of "
        f"{LIMIT} in {PER_MS} ms; at most {most} came in that",
        runs,
        verdict,
    )
    figures(f"a rate: {len(came)} calls, {len(permits)} permits, {_seconds(came):.1f} s")
    verdict.must_hold()
    assert most <= LIMIT + LATE_MS // GAP_MS


def _have_come(outside: Outside, runs: set[str], count: int) -> bool:
    return len(outside.of("a", runs)) >= count


def _early(came: Sequence[int], permits: Sequence[float]) -> Iterator[str]:
    """Permits nearer to each other than the rate says, and calls that no permit was due for."""
    for one, next_one in pairwise(permits):
        if next_one - one < GAP_MS - 1:  # times are told in whole ms
            yield f"permits {next_one - one} ms after each other"
    if len(permits) < len(came):
        yield f"{len(came)} calls with {len(permits)} permits"
    for place, (call, permit) in enumerate(zip(came, permits, strict=False)):
        if call < permit - CLOCKS_MS:
            yield f"call {place} came {permit - call:.0f} ms before so many were due"


def _seconds(came: Sequence[int]) -> float:
    return (came[-1] - came[0]) / 1000


async def test_work_waits_for_a_provider_that_is_down(
    platform: House, table: Table, figures: Callable[[str], None]
) -> None:
    """Few calls while it is down, the reason is shown, and all goes on by and by afterwards."""
    outside, leases, standing = platform.outside, Leases(platform), Standing(platform)
    retry = {"max_attempts": 6, "initial": "500ms", "factor": 1}
    bears = {"breaker": BREAKER}
    workflow, _ = await platform.publish(calling(outside.url, "breaker", bears, retry=retry))
    outside.down = True
    down_s = time.monotonic()
    runs = await platform.start_runs(workflow, [{}] * CALLERS)
    await _until(lambda: standing.now != "closed")
    first = len(outside.refused)
    await _waits(platform, runs)
    for names in (("scheduler-1",), ("scheduler-2",), ("scheduler-1", "scheduler-2")):
        await platform.kill(*names)
        await platform.start(*names)
        await _waits(platform, runs)
    await asyncio.sleep(max(0.0, DOWN_S - (time.monotonic() - down_s)))
    outside.down = False
    refused, back_ms = len(outside.refused), time.time_ns() // 1_000_000
    sequence = await platform.ended(runs, patience_s=120)
    verdict = await judge(platform, runs, sequence=sequence, leases=leases)
    await leases.close()
    await standing.close()
    closed_ms = next(at for at, said in standing.said if at > back_ms and said.state == "closed")
    before = [one for one in outside.marks if one.run_id in set(runs) and one.at_ms < closed_ms]
    probes = standing.probes()
    figures(
        f"a breaker: {first} calls until it was open, {refused - first} of {CALLERS} runs in the "
        f"{DOWN_S:g} s after; {len(before)} let through until it was closed, {sum(probes)} probes"
    )
    table.row(
        f"a provider down for {DOWN_S:g} s, schedulers killed 4 times; {refused} calls meanwhile",
        runs,
        verdict,
    )
    verdict.must_hold()
    assert refused <= first + CALLERS + sum(probes)
    assert len(before) <= sum(probes) < CALLERS


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110  # what is read from the log is not ours to signal
            await asyncio.sleep(0.01)


async def _waits(platform: House, runs: Sequence[str]) -> None:
    """Until a run shows that it waits for the breaker, and until when."""
    async with asyncio.timeout(60):
        while True:
            for run_id in runs:
                for wait in (await platform.ask("query", "GET", f"/runs/{run_id}"))["waits_for"]:
                    if f"breaker of {HOST} open until" in wait["text"] and wait["until"]:
                        return
            await asyncio.sleep(0.1)
