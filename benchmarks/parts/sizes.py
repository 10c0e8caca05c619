"""W7: what grows with size — payloads, timers due together, signals to one run, a long past."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import definitions, processes
from benchmarks.ends import ends_of
from benchmarks.house import House
from benchmarks.load import Check, burst, closed_loop, expect, request
from benchmarks.parts.asking import Options, one_by_one, starts
from benchmarks.report import Row
from benchmarks.workloads import WrongAnswerError, same
from weir.contract import times

PAYLOADS_KB = (1, 10, 160)
COUNTS = (1_000, 3_000, 10_000)
EVENTS = (1_000, 10_000, 100_000)
EVENTS_PER_ITEM = 2
_BATCH = 500
_CONNECTIONS = 64
_ILL = frozenset({"failed", "cancelled"})
_LEAST_PER_S = 200
"""Runs a second that surely start; timers are due when all of them have."""


async def payloads(house: House, row: Row, options: Options) -> None:
    """A value from the start through two tasks into the answer's hash; alone, and 16 at once."""
    await house.worker()
    workflow = house.publish(definitions.payload())["workflow_id"]
    port = house.ports["trigger"]
    for kilobytes in PAYLOADS_KB:
        data = ("Weir " * (kilobytes * 200 + 1))[: kilobytes * 1000]
        wanted = definitions.digest(data)

        def look(_number: int, output: Any, wanted: Any = wanted) -> None:
            same(wanted, output, "the payload")

        make = starts(house, workflow, lambda _, data=data: {"data": data}, look)
        alone = await one_by_one(house, make, options.rounds)
        stored = house.stored_bytes()
        window = await closed_loop(port, 16, make, seconds=options.seconds, warmup=0.5)
        row.point(
            "payload, kB",
            kilobytes,
            p50_ms_alone=statistics.median(alone),
            ms_each_16_at_once=1000 / window.rate,
            log_kB_each=(house.stored_bytes() - stored) / 1000 / max(1, len(window.times)),
            MB_of_all_processes=house.memory_mb(),
        )


async def timers(house: House, row: Row, options: Options) -> None:
    """Runs that all wait for the same millisecond."""
    workflow = house.publish(definitions.timers())["workflow_id"]
    async with house.log() as log:
        for count in _scaled(COUNTS, options):
            due_ms = time.time_ns() // 1_000_000 + 5_000 + count * 1000 // _LEAST_PER_S
            runs = await start_many(house, workflow, count, at=times.from_ms(due_ms))
            left_s = due_ms / 1000 - time.time()
            if left_s <= 0:
                raise WrongAnswerError(f"{count} runs were not started before they were due")
            memory = house.memory_mb()
            ends = await ends_of(log, runs, left_s + 120)
            late = sorted(at_ms - due_ms for at_ms in ends.values())
            if late[0] < 0:
                raise WrongAnswerError(f"a timer was {-late[0]} ms early")
            row.point(
                "timers due together",
                count,
                first_late_s=late[0] / 1000,
                last_late_s=late[-1] / 1000,
                MB_of_all_processes=memory,
            )


async def signals(house: House, row: Row, options: Options) -> None:
    """One run that takes them all, one after the other, and adds up what they carry."""
    workflow = house.publish(definitions.signals())["workflow_id"]
    for count in _scaled(COUNTS, options):
        (run_id,) = await start_many(house, workflow, 1, n=count)
        sent = await send_signals(house, run_id, count)
        output = (await ended(house, run_id))["output"]
        lasted_s = time.perf_counter() - sent.began
        same(count * (count - 1) // 2, output, f"{count} signals")
        row.point(
            "signals to one run",
            count,
            accepted_s=sent.seconds,
            ended_s=lasted_s,
            MB_peak_of_scheduler=processes.peak_mb(house.scheduler),
        )


async def rebuild(house: House, row: Row, options: Options) -> None:
    """Runs with a long past that wait: everything is killed and started, and they go on."""
    workflow = house.publish(definitions.long_past())["workflow_id"]
    for events in _scaled(EVENTS, options):
        items = events // EVENTS_PER_ITEM
        (run_id,) = await start_many(house, workflow, 1, items=list(range(items)))
        await _waits(house, run_id)
        began = time.perf_counter()
        state = await house.ask("query", "GET", f"/runs/{run_id}/state")
        replayed_s = time.perf_counter() - began
        same(run_id, state["start"]["run_id"], "the state made again from the log")
        house.kill()
        began = time.perf_counter()
        await house.restart()
        ready_s = time.perf_counter() - began
        await _tell(house, run_id)
        output = (await ended(house, run_id))["output"]
        same({"n": items}, output, f"a run of {events} events")
        row.point(
            "events of a run, killed and started again",
            events,
            ready_s=ready_s,
            ended_s=time.perf_counter() - began,
            replayed_from_log_s=replayed_s,
            MB_peak_of_scheduler=processes.peak_mb(house.scheduler),
        )


class Sent:
    """When the first of many was sent, and how long it took until the last was accepted."""

    def __init__(self, began: float, seconds: float) -> None:
        self.began = began
        self.seconds = seconds


async def send_signals(house: House, run_id: str, count: int) -> Sent:
    """So many, each with its own number, over 64 connections."""
    headers = house.authorised

    def make(number: int) -> tuple[bytes, Check]:
        body = {"name": "go", "payload": {"v": number - 1}, "id": f"s{number}"}
        return request("POST", f"/api/v1/runs/{run_id}/signals", body, headers), expect(202)

    began = time.perf_counter()
    window = await burst(house.ports["trigger"], _CONNECTIONS, make, count=count)
    return Sent(began, window.seconds)


async def start_many(house: House, workflow: str, count: int, **given: Any) -> list[str]:
    """Start so many runs; `n` is their number where it is not given."""
    runs: list[str] = []
    for first in range(0, count, _BATCH):
        numbers: Sequence[int] = range(first, min(first + _BATCH, count))
        body = {"items": [{"input": {"n": number, **given}} for number in numbers]}
        told = await house.ask("trigger", "POST", f"/workflows/{workflow}/runs:batch", body)
        runs += [item["run_id"] for item in told["items"]]
    return runs


async def ended(house: House, run_id: str) -> Any:
    """The run as the views have it, once it has succeeded."""
    return await _shown(house, run_id, lambda run: run["status"] == "succeeded")


async def _waits(house: House, run_id: str) -> None:
    await _shown(house, run_id, lambda run: any(w["kind"] == "signal" for w in run["waits_for"]))


async def _shown(house: House, run_id: str, holds: Any) -> Any:
    async with asyncio.timeout(600):
        while True:
            run = await house.ask("query", "GET", f"/runs/{run_id}")
            if run["status"] in _ILL:
                raise WrongAnswerError(f"{run_id} is {run['status']}: {run['error']}")
            if holds(run):
                return run
            await asyncio.sleep(0.02)


async def _tell(house: House, run_id: str) -> None:
    await house.ask("trigger", "POST", f"/runs/{run_id}/signals", {"name": "go"})


def _scaled(sizes: Sequence[int], options: Options) -> list[int]:
    return [options.of(size, least=10) for size in sizes]


PARTS = (payloads, timers, signals, rebuild)
