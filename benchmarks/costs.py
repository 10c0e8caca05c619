"""What a run, an inline step and a task cost each process: `python -m benchmarks.costs`.

Three workloads, each at 64 connections on a fresh house of separate processes,
tell three unknowns apart: W1 (a run with three inline steps), W2 of 40 inline
steps, and W2 of 40 tasks on one worker. A fourth is W1 with a hot period that
is over at once: what it costs more is archiving. What is printed last is what
`weir.cli.need` calculates with.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping

import uvloop

from benchmarks import definitions, processes
from benchmarks.house import WORKER, House
from benchmarks.load import Make, closed_loop
from benchmarks.parts.asking import orders, starts, webhook
from benchmarks.report import table
from benchmarks.workloads import W1_STEPS, W2

CONNECTIONS = 64
ARCHIVED = "archived"
ARCHIVED_RUNS = "weir_runs_archived_total"
IDLE, RESTED_S = 0.05, 2  # seconds of processor time in a second of rest, and how many of them
PROGRAMS = ("trigger", "scheduler", "query", "executor", "NATS", "Postgres", WORKER)

Costs = Mapping[str, float]
"""Microseconds of one core by program, and bytes kept by place."""


async def _measure(house: House, make: Make, seconds: float, *, archived: bool = False) -> Costs:
    """What one run of this costs when the machine is as busy as it gets."""
    port = house.ports["trigger"]
    first = await closed_loop(port, CONNECTIONS, make, seconds=2, warmup=0)
    places = {"log": house.stored_bytes(), "views": house.view_bytes()}
    before = {name: processes.cpu_seconds(pids) for name, pids in house.pids().items()}
    window = await closed_loop(port, CONNECTIONS, make, seconds=seconds, warmup=0)
    await _settled(house, len(first.times) + len(window.times) if archived else 0)
    runs = len(window.times)
    house_runs = runs + len(first.times)
    spent = {
        name: (processes.cpu_seconds(pids) - before.get(name, 0.0)) / runs * 1e6
        for name, pids in house.pids().items()
    }
    grown = {
        "log bytes": (house.stored_bytes() - places["log"]) / runs,
        "view bytes": (house.view_bytes() - places["views"]) / runs,
        "archive bytes": house.archive_bytes() / house_runs,
    }
    return {**{name: spent.get(name, 0.0) for name in PROGRAMS}, **grown, "runs/s": window.rate}


async def _settled(house: House, archived: int) -> None:
    """Until what follows the runs is done too: they are archived, and the views stand still."""
    query = house.pids()["query"]
    spent, rested = processes.cpu_seconds(query), 0
    while rested < RESTED_S:
        await asyncio.sleep(1)
        now = processes.cpu_seconds(query)
        done = (await house.metrics("query")).get(ARCHIVED_RUNS, 0) >= archived
        rested = rested + 1 if done and now - spent < IDLE else 0
        spent = now


async def _costs(what: str, seconds: float) -> Costs:
    given = {"hot_period": "1s"} if what == ARCHIVED else {}
    async with House("separate", "kill-safe", **given) as house:
        if what in {"W1", ARCHIVED}:
            make = orders(webhook(house))
            return await _measure(house, make, seconds, archived=what == ARCHIVED)
        if what == "inline":
            definition = definitions.pure()
        else:
            await house.worker()
            definition = definitions.sequential(W2)
        workflow = house.publish(definition)["workflow_id"]
        return await _measure(house, starts(house, workflow, lambda _: {}), seconds)


async def main(seconds: float) -> None:
    """Measure and print."""
    found = {what: await _costs(what, seconds) for what in ("W1", "inline", "tasks", ARCHIVED)}
    names = list(found["W1"])
    rows = [[name, *(f"{found[what][name]:,.0f}" for what in found)] for name in names]
    print(table(["", *found], rows))
    one = {
        name: (found["inline"][name] - found["W1"][name]) / (W2.steps - W1_STEPS) for name in names
    }
    run = {name: found["W1"][name] - W1_STEPS * one[name] for name in names}
    task = {name: (found["tasks"][name] - run[name]) / W2.steps for name in names}
    rows = [
        [name, *(f"{max(0.0, each[name]):,.1f}" for each in (run, one, task))]
        for name in names[:-1]
    ]
    print(table(["us or bytes of", "a run", "an inline step", "a task"], rows))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8)
    uvloop.run(main(arguments.parse_args().seconds))
