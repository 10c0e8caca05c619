"""The log port on JetStream: one stream."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from weir.adapters.jetstream.api import call, call_all, first_seqs
from weir.adapters.jetstream.counting import count
from weir.adapters.jetstream.delivered import Headers, milliseconds
from weir.adapters.jetstream.following import JetStreamFollowing
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.publishing import publish, publish_batch, publish_one
from weir.adapters.jetstream.refusals import NO_MESSAGE, NOT_DELETED, ApiError
from weir.contract.errors import UnavailableError
from weir.ports.log import Append, Stored

_STILL_S = 1.0
_STILL_TIMES = 15
_FEW = 16
_GONE = frozenset({NO_MESSAGE, NOT_DELETED})


class JetStreamLog:
    """A stream, seen through one connection. All single reads go to the stream's leader."""

    def __init__(self, link: Link, stream: str) -> None:
        self._link = link
        self._stream = stream

    async def append(self, append: Append) -> int:
        """Store one message."""
        return await publish_one(self._link, append)

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Store each that can be stored."""
        results = await publish(self._link, appends)
        await self._link.drained()
        return results

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Store all or none; a batch of one is a plain append."""
        if len(appends) > 1:
            return await publish_batch(self._link, appends)
        return [await self.append(append) for append in appends]

    async def last(self, subject: str) -> Stored | None:
        """The last message of a subject."""
        return await self._one({"last_by_subj": subject})

    async def get(self, seq: int) -> Stored | None:
        """One message."""
        return await self._one({"seq": seq}) if seq > 0 else None

    async def read(
        self, subject: str, *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """History in batches; UnavailableError if the broker stops delivering it.

        The leader says where it ends: a consumer on another node may lag behind.
        """
        end = await self._end(subject, after, upto)
        if not end:
            return
        reading = JetStreamFollowing(self._link, self._stream, [subject], after, 0.0)
        still = 0
        try:
            while after < end:
                batch = await self._next(reading)
                if batch is None:
                    # The message it was to end with may have been purged meanwhile.
                    end = min(end, await self._end(subject, after, upto))
                    still += 1
                    if still > _STILL_TIMES:
                        raise UnavailableError(f"the broker delivers no more of {subject}")
                    continue
                still = 0
                after = batch[-1].seq
                if after > end:
                    batch = [message for message in batch if message.seq <= end]
                if batch:
                    yield batch
        finally:
            await reading.close()

    def follow(
        self, subjects: str | Sequence[str], *, after: int = 0, rest_s: float = 0.0
    ) -> JetStreamFollowing:
        """An endless reading; several filters must not overlap."""
        filters = [subjects] if isinstance(subjects, str) else list(subjects)
        return JetStreamFollowing(self._link, self._stream, filters, after, rest_s)

    async def count(self, subject: str, *, after: int = 0) -> int:
        """What a consumer would have before it, which is thrown away unread."""
        return await count(self._link, self._stream, subject, after + 1)

    async def before(self, at_ms: int) -> int:
        """Halving what lies between the first and the last message, some twenty questions."""
        state = (await self._info())["state"]
        low, high = int(state["first_seq"]) - 1, int(state["last_seq"])
        while low < high:
            # The message found is the first at or behind the middle: some may be gone.
            found = await self._one({"seq": (low + high) // 2 + 1, "next_by_subj": ">"})
            if found is None or found.seq > high or found.at_ms >= at_ms:
                high = (low + high) // 2
            else:
                low = found.seq
        return low

    async def purge(
        self, subject: str, *, below: int | None = None, keep: int | None = None
    ) -> None:
        """Remove what matches."""
        body: dict[str, Any] = {"filter": subject}
        if below is not None:
            body["seq"] = below
        if keep is not None:
            body["keep"] = keep
        await call(self._link, f"STREAM.PURGE.{self._stream}", body)

    async def discard(self, below: Mapping[str, int]) -> None:
        """Remove the first few of each one by one, and what is left then by a purge.

        Where much was appended since, a purge makes the broker count anew, over all subjects it
        has, what lies before each consumer: milliseconds in which it does nothing else. To look
        for the first message from the beginning and to delete it costs hundredths of that.
        """
        left, stream = dict(below), self._stream
        for _ in range(_FEW):
            found = await first_seqs(self._link, stream, list(left))
            first = {one: seq for one, seq in zip(left, found, strict=True) if seq is not None}
            left = {one: left[one] for one, seq in first.items() if seq < left[one]}
            if not left:
                return
            # Nothing is written over what may be large.
            gone = [{"seq": first[one], "no_erase": True} for one in left]
            await call_all(self._link, f"STREAM.MSG.DELETE.{stream}", gone, but=_GONE)
        for one, seq in left.items():
            await self.purge(one, below=seq)

    async def last_seq(self) -> int:
        """The newest sequence ever given."""
        return int((await self._info())["state"]["last_seq"])

    async def incarnation(self) -> str:
        """The server's start on one node; the stream's creation where several nodes hold it.

        One node can lose acknowledged messages with the power and give their
        sequences out again, so each of its starts counts. Several nodes are run
        with `sync_interval: always` and lose nothing they have acknowledged, so
        only a stream made anew begins again.
        """
        info = await self._info()
        if info["config"]["num_replicas"] > 1:
            return "s" + "".join(mark for mark in info["created"] if mark.isalnum())
        return self._link.server_id

    async def _info(self) -> Any:
        return await call(self._link, f"STREAM.INFO.{self._stream}")

    async def _one(self, request: dict[str, Any]) -> Stored | None:
        try:
            answer = await call(self._link, f"STREAM.MSG.GET.{self._stream}", request)
        except ApiError as missing:
            if missing.err_code == NO_MESSAGE:
                return None
            raise
        message = answer["message"]
        return Stored(
            message["seq"],
            message["subject"],
            b64decode(message.get("data", "")),
            milliseconds(message["time"]),
            Headers(b64decode(message.get("hdrs", ""))),
        )

    async def _end(self, subject: str, after: int, upto: int | None) -> int:
        """Where a reading ends, 0 if there is nothing to read."""
        last = await self.last(subject)
        if last is None or last.seq <= after:
            return 0
        return last.seq if upto is None else min(last.seq, upto)

    @staticmethod
    async def _next(reading: JetStreamFollowing) -> Sequence[Stored] | None:
        try:
            async with asyncio.timeout(_STILL_S):
                return await anext(reading)
        except TimeoutError:
            return None
