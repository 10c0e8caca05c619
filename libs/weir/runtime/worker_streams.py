"""What a step says while it works, on its way to whoever looks at its run right now.

It is live only (log-protocol P20): what nobody looks at is gone, and nothing of
it is in the run's log. What is said within 50 ms is one message of at most
64 kB, an attempt says at most 256 kB a second, and what is more is dropped and
counted. Messages of an attempt are numbered, so that who looks sees a hole.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Any

import orjson

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.ports.live import Live
from weir.runtime.worker_mask import Mask

TOGETHER_S = 0.05
MESSAGE_BYTES = 62 * 1024  # with the path of its step and the rest of a frame: below 64 kB
RATE = 256 * 1024  # bytes a second, and at once after silence


class Stream:
    """What one attempt says; of its worker's event loop."""

    __slots__ = (
        "_at",
        "_attempt",
        "_dropped",
        "_ended",
        "_flushing",
        "_live",
        "_mask",
        "_number",
        "_pieces",
        "_room",
        "_size",
        "_step",
        "_subject",
        "_told",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - the names of an attempt
        self, live: Live, mask: Mask, tenant: str, run_id: str, step: str, attempt: int
    ) -> None:
        self._live = live
        self._mask = mask
        self._subject = subjects.step_stream(tenant, run_id)
        self._step = step
        self._attempt = attempt
        self._pieces: list[tuple[str | None, bytes]] = []  # as text if it is one, and as JSON
        self._size = self._number = self._dropped = self._told = 0
        self._room, self._at = float(RATE), monotonic()
        self._ended = False
        self._flushing: asyncio.Task[None] | None = None

    def add(self, text: str | None, data: bytes) -> None:
        """Say this, soon; dropped if it is too much."""
        if self._ended:
            return
        now = monotonic()
        self._room = min(RATE, self._room + (now - self._at) * RATE)
        self._at = now
        if len(data) > self._room or self._size + len(data) > MESSAGE_BYTES:
            self._dropped += 1
        else:
            self._room -= len(data)
            self._size += len(data)
            self._pieces.append((text, data))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="stream")

    async def end(self) -> None:
        """Say what is left; nothing afterwards."""
        self._ended = True
        if self._flushing is not None:
            self._flushing.cancel()
            await self._tell()

    async def _flush(self) -> None:
        while self._pieces or self._dropped > self._told:
            await asyncio.sleep(TOGETHER_S)
            await self._tell()
        self._flushing = None

    async def _tell(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        if not pieces and self._dropped == self._told:
            return
        self._number += 1
        self._told = self._dropped
        told = {
            "step": self._step,
            "attempt": self._attempt,
            "number": self._number,
            "dropped": self._dropped,
            "chunks": self._chunks(pieces),
        }
        with suppress(WeirError):
            await self._live.publish(self._subject, orjson.dumps(told))

    def _chunks(self, pieces: list[tuple[str | None, bytes]]) -> list[Any]:
        """Texts that follow each other as one, without secrets."""
        chunks: list[Any] = []
        texts: list[str] = []
        for text, data in [*pieces, (None, b"")]:
            if text is not None:
                texts.append(text)
                continue
            if texts:
                chunks.append(self._mask.text("".join(texts)))
                texts = []
            if data:
                chunks.append(orjson.loads(self._mask.json(data)))
        return chunks
