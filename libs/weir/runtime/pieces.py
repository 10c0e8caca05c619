"""Histories in pieces, so that who folds a long one holds up nobody else on the loop.

A turn of a loop is one message with hundreds of steps in it, and a run may have
a hundred thousand events: folded in one go they would stop every other request
for seconds. Whoever folds takes a piece, and the others have their turn before
the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

from weir.ports.log import Stored

MESSAGES = 50
BYTES = 32 * 1024


def pieces(messages: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    """All of them in order, in parts of so many messages or bytes, and of one message at least."""
    start = size = 0
    for place, message in enumerate(messages):
        full = place - start == MESSAGES or size + len(message.data) > BYTES
        if place > start and full:
            yield messages[start:place]
            start, size = place, 0
        size += len(message.data)
    if messages:
        yield messages[start:]


async def in_turns(messages: Sequence[Stored]) -> AsyncIterator[Sequence[Stored]]:
    """The same pieces, with a turn of the others on the loop behind each."""
    for piece in pieces(messages):
        yield piece
        await asyncio.sleep(0)
