"""Pages of long lists, at hand for deciding.

A page is content under its own hash, so it does not matter which process reads
it, or when. As many bytes are kept as `BYTES` says; what is dropped is read
again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

import orjson
import structlog

from weir.contract.errors import WeirError
from weir.ports.blobs import Blobs

logger = structlog.get_logger(__name__)

RETRY_S = 1.0
BYTES = 32 * 1024 * 1024


class Pages:
    """The pages of one process."""

    def __init__(self, blobs: Blobs, most: int = BYTES) -> None:
        self._blobs = blobs
        self._most = most
        self._held = 0
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def at_hand(self, key: str) -> Any:
        """The values of a page, None if it must be fetched."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    async def have(self, key: str) -> None:
        """Have a page at hand, as soon as the store gives it; KeyError if it is gone."""
        while True:
            try:
                data = await self._blobs.get(key)
                break
            except (WeirError, OSError) as error:
                logger.info("page postponed", page=key, reason=str(error))
                await asyncio.sleep(RETRY_S)
        if key not in self._kept:
            self._kept[key] = orjson.loads(data), len(data)
            self._held += len(data)
        while self._held > self._most and len(self._kept) > 1:
            _, (_, size) = self._kept.popitem(last=False)
            self._held -= size
