"""The workloads as Prefect flows and tasks, run in the process that is asked, beside its server.

Nothing takes up a flow that was killed in such a process; the ways in which
Prefect would start it again need a new process for each run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from prefect import flow, task

from benchmarks.peers.programs.marking import mark
from benchmarks.peers.programs.web import Start, application
from benchmarks.workloads import W2, W3, W4, W6_SLEEP_S, W6_STEPS, Fibs, fib


@task
async def parse(order: dict[str, Any]) -> int:
    """The total of an order."""
    return int(order["qty"] * order["price"])


@task
async def big(total: int) -> int:
    """A tenth off."""
    return total - total // 10


@task
async def small(total: int) -> int:
    """As it is."""
    return total


@task
async def add(before: int, n: int) -> int:
    """One step of fib."""
    return before + fib(n)


@task
async def marked(url: str, run: str, step: str) -> str:
    """One mark outside."""
    return await mark(url, run, step)


@flow(validate_parameters=False)
async def w1(order: dict[str, Any]) -> dict[str, Any]:
    """Parse, if/else, transform, finish; two tasks are tracked."""
    total = await parse(order)
    if total >= 500:
        return {"id": order["id"], "tier": "big", "net": await big(total)}
    return {"id": order["id"], "tier": "small", "net": await small(total)}


async def _sequence(work: Fibs) -> int:
    total = 0
    for _ in range(work.steps):
        total = await add(total, work.n)
    return total


@flow(validate_parameters=False)
async def w2(given: Any) -> int:  # noqa: ARG001 - names with an underscore are refused
    """Forty steps, one after the other."""
    return await _sequence(W2)


@flow(validate_parameters=False)
async def w3(given: Any) -> int:  # noqa: ARG001 - names with an underscore are refused
    """Ten steps that compute."""
    return await _sequence(W3)


@flow(validate_parameters=False)
async def w4(given: Any) -> int:  # noqa: ARG001 - names with an underscore are refused
    """A hundred steps side by side, and their sum."""
    return sum(await asyncio.gather(*(add(0, W4.n) for _ in range(W4.steps))))


@flow(validate_parameters=False)
async def w6(given: dict[str, str]) -> None:
    """Mark A, sleep, mark B, mark C."""
    first, *others = W6_STEPS
    await marked(given["url"], given["run"], first)
    await asyncio.sleep(W6_SLEEP_S)
    for step in others:
        await marked(given["url"], given["run"], step)


AT_ONCE = 16
"""Flows under way; with more the server's SQLite is locked for too long, and it answers 503."""

gate = asyncio.Semaphore(AT_ONCE)
under_way: set[asyncio.Task[Any]] = set()


def _called(run: Callable[[Any], Awaitable[Any]]) -> Start:
    async def call(given: Any) -> Any:
        async with gate:
            return await run(given)

    return call


def _started(run: Callable[[Any], Awaitable[Any]]) -> Start:
    call = _called(run)

    async def start(given: Any) -> str:
        going = asyncio.ensure_future(call(given))
        under_way.add(going)
        going.add_done_callback(under_way.discard)
        return uuid4().hex

    return start


async def _launch() -> None:
    pass


app = application(
    {"w1": _called(w1), "w2": _called(w2), "w3": _called(w3), "w4": _called(w4)},
    {"w1": _started(w1), "w6": _started(w6)},
    _launch,
)
