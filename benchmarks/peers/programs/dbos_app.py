"""The workloads as DBOS workflows of `async` steps, served by granian in DBOS's own environment.

`dbos_plain_app.py` has the same as plain functions on threads.
"""

from __future__ import annotations

import asyncio
from typing import Any

from dbos import DBOS

from benchmarks.peers.programs.dbos_settings import JSON, settings
from benchmarks.peers.programs.marking import mark
from benchmarks.peers.programs.web import Start, application
from benchmarks.workloads import W2, W3, W4, W6_SLEEP_S, W6_STEPS, Fibs, fib

DBOS(config=settings())


@DBOS.step()
async def parse(order: dict[str, Any]) -> int:
    """The total of an order."""
    return int(order["qty"] * order["price"])


@DBOS.step()
async def big(total: int) -> int:
    """A tenth off."""
    return total - total // 10


@DBOS.step()
async def small(total: int) -> int:
    """As it is."""
    return total


@DBOS.step()
async def add(before: int, n: int) -> int:
    """One step of fib."""
    return before + fib(n)


@DBOS.step()
async def marked(url: str, run: str, step: str) -> str:
    """One mark outside."""
    return await mark(url, run, step)


@DBOS.workflow(serialization_type=JSON)
async def w1(order: dict[str, Any]) -> dict[str, Any]:
    """Parse, if/else, transform, finish; two steps are recorded."""
    total = await parse(order)
    if total >= 500:
        return {"id": order["id"], "tier": "big", "net": await big(total)}
    return {"id": order["id"], "tier": "small", "net": await small(total)}


async def _sequence(work: Fibs) -> int:
    total = 0
    for _ in range(work.steps):
        total = await add(total, work.n)
    return total


@DBOS.workflow(serialization_type=JSON)
async def w2(_given: Any) -> int:
    """Forty steps, one after the other."""
    return await _sequence(W2)


@DBOS.workflow(serialization_type=JSON)
async def w3(_given: Any) -> int:
    """Ten steps that compute."""
    return await _sequence(W3)


@DBOS.workflow(serialization_type=JSON)
async def w4(_given: Any) -> int:
    """A hundred steps side by side, and their sum."""
    return sum(await asyncio.gather(*(add(0, W4.n) for _ in range(W4.steps))))


@DBOS.workflow(serialization_type=JSON)
async def w6(given: dict[str, str]) -> None:
    """Mark A, sleep, mark B, mark C."""
    first, *others = W6_STEPS
    await marked(given["url"], given["run"], first)
    await DBOS.sleep_async(W6_SLEEP_S)
    for step in others:
        await marked(given["url"], given["run"], step)


def _started(workflow: Start) -> Start:
    async def start(given: Any) -> str:
        return (await DBOS.start_workflow_async(workflow, given)).workflow_id

    return start


async def _launch() -> None:
    DBOS.launch()


app = application(
    {"w1": w1, "w2": w2, "w3": w3, "w4": w4},
    {"w1": _started(w1), "w6": _started(w6)},
    _launch,
)
