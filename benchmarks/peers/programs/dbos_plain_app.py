"""The workloads as DBOS workflows of plain functions: DBOS runs them on threads, and faster.

No W6: its sleep would hold a thread for each run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from dbos import DBOS

from benchmarks.peers.programs.dbos_settings import JSON, THREADS, settings
from benchmarks.peers.programs.web import Start, application
from benchmarks.workloads import W2, W3, W4, Fibs, fib

DBOS(config=settings())
callers = ThreadPoolExecutor(THREADS)
steppers = ThreadPoolExecutor(THREADS)


@DBOS.step()
def parse(order: dict[str, Any]) -> int:
    """The total of an order."""
    return int(order["qty"] * order["price"])


@DBOS.step()
def big(total: int) -> int:
    """A tenth off."""
    return total - total // 10


@DBOS.step()
def small(total: int) -> int:
    """As it is."""
    return total


@DBOS.step()
def add(before: int, n: int) -> int:
    """One step of fib."""
    return before + fib(n)


def fresh(n: int) -> int:
    """The same, for a step whose place in the run is reserved beforehand."""
    return fib(n)


@DBOS.workflow(serialization_type=JSON)
def w1(order: dict[str, Any]) -> dict[str, Any]:
    """Parse, if/else, transform, finish; two steps are recorded."""
    total = parse(order)
    if total >= 500:
        return {"id": order["id"], "tier": "big", "net": big(total)}
    return {"id": order["id"], "tier": "small", "net": small(total)}


def _sequence(work: Fibs) -> int:
    total = 0
    for _ in range(work.steps):
        total = add(total, work.n)
    return total


@DBOS.workflow(serialization_type=JSON)
def w2(_given: Any) -> int:
    """Forty steps, one after the other."""
    return _sequence(W2)


@DBOS.workflow(serialization_type=JSON)
def w3(_given: Any) -> int:
    """Ten steps that compute."""
    return _sequence(W3)


@DBOS.workflow(serialization_type=JSON)
def w4(_given: Any) -> int:
    """A hundred steps side by side, and their sum."""
    places = [DBOS.reserve_step() for _ in range(W4.steps)]
    done = [steppers.submit(copy_context().run, place.run, None, fresh, W4.n) for place in places]
    return sum(each.result() for each in done)


def _called(workflow: Callable[[Any], Any]) -> Start:
    async def call(given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(callers, workflow, given)

    return call


async def _send(given: Any) -> str:
    def start() -> str:
        return DBOS.start_workflow(w1, given).workflow_id

    return await asyncio.get_running_loop().run_in_executor(callers, start)


async def _launch() -> None:
    DBOS.launch()


app = application(
    {"w1": _called(w1), "w2": _called(w2), "w3": _called(w3), "w4": _called(w4)},
    {"w1": _send},
    _launch,
)
