"""Histories in pieces, so that who folds a long one holds up nobody else on the loop.

A turn of a loop is one message with hundreds of steps in it, and a run may have
a hundred thousand events: folded in one go they would stop every other request
for seconds. Whoever folds takes a piece and lets the others have their turn
(`asyncio.sleep(0)`) before the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
