"""The workloads as Restate services, served by granian in Restate's own environment.

Steps are `async` functions: the SDK hands any other to a thread, which costs more
than they do. `bench` records each step of W1; `lean` computes the same in the
handler, with nothing of it recorded but its input and its outcome.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import restate

from benchmarks.peers.programs.marking import mark
from benchmarks.workloads import W2, W3, W4, W6_SLEEP_S, W6_STEPS, Fibs, fib

bench = restate.Service("bench")
lean = restate.Service("lean")


async def parse(order: dict[str, Any]) -> int:
    """The total of an order."""
    return int(order["qty"] * order["price"])


async def big(total: int) -> int:
    """A tenth off."""
    return total - total // 10


async def small(total: int) -> int:
    """As it is."""
    return total


async def add(before: int, n: int) -> int:
    """One step of fib."""
    return before + fib(n)


@bench.handler()
async def w1(ctx: restate.Context, order: dict[str, Any]) -> dict[str, Any]:
    """Parse, if/else, transform, finish; two steps are recorded."""
    total = await ctx.run_typed("parse", parse, restate.RunOptions(), order)
    if total >= 500:
        net = await ctx.run_typed("big", big, restate.RunOptions(), total)
        return {"id": order["id"], "tier": "big", "net": net}
    net = await ctx.run_typed("small", small, restate.RunOptions(), total)
    return {"id": order["id"], "tier": "small", "net": net}


@lean.handler("w1")
async def w1_lean(_ctx: restate.Context, order: dict[str, Any]) -> dict[str, Any]:
    """The same with no step recorded."""
    total = await parse(order)
    if total >= 500:
        return {"id": order["id"], "tier": "big", "net": await big(total)}
    return {"id": order["id"], "tier": "small", "net": await small(total)}


async def _sequence(ctx: restate.Context, work: Fibs) -> int:
    total = 0
    for number in range(work.steps):
        total = await ctx.run_typed(f"s{number}", add, restate.RunOptions(), total, work.n)
    return total


@bench.handler()
async def w2(ctx: restate.Context, _given: Any) -> int:
    """Forty steps, one after the other."""
    return await _sequence(ctx, W2)


@bench.handler()
async def w3(ctx: restate.Context, _given: Any) -> int:
    """Ten steps that compute."""
    return await _sequence(ctx, W3)


@bench.handler()
async def w4(ctx: restate.Context, _given: Any) -> int:
    """A hundred steps side by side, and their sum."""
    steps = [
        ctx.run_typed(f"s{number}", add, restate.RunOptions(), 0, W4.n)
        for number in range(W4.steps)
    ]
    done = await restate.gather(*steps)
    return sum([await step for step in done])


@bench.handler()
async def w6(ctx: restate.Context, given: dict[str, str]) -> None:
    """Mark A, sleep, mark B, mark C."""
    url, run = given["url"], given["run"]
    first, *others = W6_STEPS
    await ctx.run_typed(first, mark, restate.RunOptions(), url, run, first)
    await ctx.sleep(timedelta(seconds=W6_SLEEP_S))
    for step in others:
        await ctx.run_typed(step, mark, restate.RunOptions(), url, run, step)


app = restate.app([bench, lean], protocol="bidi")
