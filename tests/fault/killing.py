"""Deaths at a strict pace: each on its second, whether who is to die was ready again or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count, cycle

from tests.fault.house import House


async def kill_until(
    over: asyncio.Event, platform: House, every_s: float, victims: Sequence[tuple[str, ...]]
) -> list[float]:
    """Kill one group of processes after the other, again and again, and start each at once.

    Returns when the deaths were, in seconds, once it is over and everybody is ready.
    """
    loop = asyncio.get_running_loop()
    began, kills = loop.time(), list[float]()
    back: dict[tuple[str, ...], asyncio.Task[None]] = {}
    try:
        for number, names in zip(count(1), cycle(victims), strict=False):
            try:
                async with asyncio.timeout_at(began + number * every_s):
                    await over.wait()
            except TimeoutError:
                for others, starting in back.items():
                    if set(others) & set(names):
                        starting.cancel()
                await platform.kill(*names)
                kills.append(loop.time() - began)
                back[names] = asyncio.create_task(platform.start(*names))
            else:
                break
        await platform.ready(*{name for names in victims for name in names})
    finally:
        for starting in back.values():
            starting.cancel()
    return kills


def told(kills: Sequence[float], took_s: float) -> str:
    """The same in words."""
    if not kills:
        return f"no kill in {took_s:.0f} s"
    return f"{len(kills)} kills from {kills[0]:.0f} s to {kills[-1]:.0f} s of {took_s:.0f} s"
