"""Waiting for the thing itself, never for a length of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from weir.ports.log import Stored

T = TypeVar("T")
PATIENCE_S = 20.0


async def within(awaitable: Awaitable[T], seconds: float = PATIENCE_S) -> T:
    """The result, or a failed test instead of a hanging one."""
    async with asyncio.timeout(seconds):
        return await awaitable


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Until it holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110  # what holds is not ours to signal
            await asyncio.sleep(0.01)


def at_last(find: Callable[[], T], fits: Callable[[T], bool] = bool) -> T:
    """What is found, once it fits: for a test that has no loop."""
    until = time.monotonic() + PATIENCE_S
    while not fits(found := find()):
        assert time.monotonic() < until, found
        time.sleep(0.01)
    return found


async def take(reading: AsyncIterator[Sequence[Stored]], count: int) -> list[Stored]:
    """The next messages of a reading, at least this many."""
    found: list[Stored] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(found) < count:
            found += await anext(reading)
    return found


async def everything(reading: AsyncIterator[Sequence[Stored]]) -> list[Stored]:
    """All messages of a reading that ends."""
    async with asyncio.timeout(PATIENCE_S):
        return [message async for batch in reading for message in batch]
