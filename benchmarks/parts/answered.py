"""W1 to W4, start latency and steps a second: runs whose answer is waited for."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import definitions, workloads
from benchmarks.house import House
from benchmarks.load import Make, Window, burst, closed_loop, open_loop
from benchmarks.parts.asking import Options, one_by_one, orders, starts, webhook
from benchmarks.report import Row
from benchmarks.workloads import W2, W3, W4, WrongAnswerError
from weir.contract import times

HALF_LOAD_CONNECTIONS = 256
IN_FLIGHT = 500
REMOTE_RUNS = 1_000


async def w1(house: House, row: Row, options: Options) -> None:
    """Closed loops at 1, 16 and 64 connections, then an open one at half of what 64 made."""
    make, port = orders(webhook(house)), house.ports["trigger"]
    stored, views = house.stored_bytes(), house.view_bytes()
    windows, runs = await loops(port, make, house.cpu_seconds, row, options)
    row.put("w1_memory_mb", house.memory_mb())
    row.put("w1_bytes", (house.stored_bytes() - stored) / max(1, runs))
    row.put("w1_view_bytes", (house.view_bytes() - views) / max(1, runs))
    half = Window(HALF_LOAD_CONNECTIONS, options.seconds)
    await open_loop(
        port,
        HALF_LOAD_CONNECTIONS,
        make,
        rate=windows[-1].rate / 2,
        seconds=options.seconds,
        window=half,
    )
    row.put("w1_half_p99_ms", half.quantile(0.99))


async def loops(
    port: int, make: Make, cpu_seconds: Callable[[], float], row: Row, options: Options
) -> tuple[list[Window], int]:
    """W1's closed loops into the row, of any engine; their windows, and how many runs they made."""
    share = options.seconds / (options.seconds + options.warmup)
    windows, runs, cpu_ms = [], 0, 0.0
    for connections in workloads.CONNECTIONS:
        cpu = cpu_seconds()
        window = await closed_loop(
            port, connections, make, seconds=options.seconds, warmup=options.warmup
        )
        cpu_ms = (cpu_seconds() - cpu) * share * 1000 / max(1, len(window.times))
        runs += int(len(window.times) / share)
        windows.append(window)
    row.put("w1_per_s", *(window.rate for window in windows))
    row.put("w1_p50_ms", windows[0].quantile(0.5))
    row.put("w1_p99_ms", windows[-1].quantile(0.99))
    row.put("w1_cpu_ms", cpu_ms)
    row.put("w1_cpu_s_per_1000_steps", cpu_ms / workloads.W1_STEPS)
    return windows, runs


async def w2(house: House, row: Row, options: Options) -> None:
    """Forty steps one after the other, once as code and once as pure steps."""
    await house.worker()
    for figure, definition in (
        ("w2_pure_ms", definitions.pure()),
        ("w2_code_ms", definitions.sequential(W2)),
    ):
        row.put(figure, statistics.median(await _fibs(house, W2, definition, options.rounds)))


async def w3(house: House, row: Row, options: Options) -> None:
    """Ten heavy steps one after the other; the bare computation before and after."""
    await house.worker()
    bare = [_bare_ms()]
    taken = await _fibs(house, W3, definitions.sequential(W3), options.rounds)
    bare.append(_bare_ms())
    row.put("w3_ms", statistics.median(taken))
    row.put("w3_bare_ms", min(bare))


async def w4(house: House, row: Row, options: Options) -> None:
    """A hundred steps side by side and a join: as steps of the definition, and as a loop."""
    await house.worker()
    for figure, definition in (
        ("w4_ms", definitions.parallel(W4)),
        ("w4_loop_ms", definitions.loop(W4)),
    ):
        row.put(figure, statistics.median(await _fibs(house, W4, definition, options.rounds)))


async def latency(house: House, row: Row, options: Options) -> None:
    """From a run's acceptance, by the broker, to the begin of its first step, at half load."""
    await house.worker()
    workflow = house.publish(definitions.begin())["workflow_id"]
    waited: list[float] = []

    def look(_number: int, output: Any) -> None:
        ms = output["began_ms"] - times.to_ms(output["accepted"])
        if ms < 0:
            raise WrongAnswerError(f"a step began {-ms} ms before its run was accepted")
        waited.append(ms)

    make, port = starts(house, workflow, lambda _number: {}, look), house.ports["trigger"]
    full = await closed_loop(port, 64, make, seconds=options.seconds, warmup=options.warmup)
    waited.clear()
    window = Window(HALF_LOAD_CONNECTIONS, options.seconds)
    await open_loop(
        port,
        HALF_LOAD_CONNECTIONS,
        make,
        rate=full.rate / 2,
        seconds=options.seconds,
        window=window,
    )
    ordered = Window(0, 0, waited)
    row.put("start_per_s", full.rate / 2)
    row.put("start_p95_ms", ordered.quantile(0.95))
    row.put("start_p99_ms", ordered.quantile(0.99))


async def remote(house: House, row: Row, options: Options) -> None:
    """W2's code steps in 500 runs at once: steps a second and what 1,000 of them cost."""
    await house.worker()
    workflow = house.publish(definitions.sequential(W2))["workflow_id"]
    make = starts(house, workflow, lambda _number: {}, lambda _number, sum_: W2.check(sum_))
    await burst(house.ports["trigger"], 20, make, count=20)
    count = options.of(REMOTE_RUNS, least=20)
    cpu = house.cpu_seconds()
    window = await burst(house.ports["trigger"], min(IN_FLIGHT, count), make, count=count)
    steps = count * W2.steps
    row.put("steps_per_s", steps / window.seconds)
    row.put("steps_cpu_s_per_1000", (house.cpu_seconds() - cpu) / steps * 1000)


async def _fibs(
    house: House, work: workloads.Fibs, definition: dict[str, Any], rounds: int
) -> list[float]:
    workflow = house.publish(definition)["workflow_id"]
    make = starts(house, workflow, lambda _number: {}, lambda _number, sum_: work.check(sum_))
    return await one_by_one(house, make, rounds)


def _bare_ms() -> float:
    began = time.perf_counter()
    W3.check(W3.bare())
    return (time.perf_counter() - began) * 1000
