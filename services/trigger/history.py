"""The history of webhooks: what is written down of deliveries that started no run.

One that started a run is in the log already, so the path of an accepted
delivery writes nothing here. The others wait in a bounded queue and go out in
batches, after their answer; a process that is killed loses the last tenth of a
second of them. What comes too fast for one webhook is counted instead of
written, and the next that is written says how many those were: nobody fills
the disk by being refused.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections import OrderedDict, deque
from collections.abc import Mapping
from math import inf
from time import monotonic
from typing import Literal, NamedTuple

import structlog

from services.trigger.arriving import Arrived, kept_headers, kept_query
from weir.contract import codec, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import BlobRef, DeliveryRecord, WebhookSaved
from weir.ports.blobs import Blobs
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime import metrics
from weir.runtime.deliveries import masked

INLINE = 48 * 1024  # bytes of a body that lie in the record itself
ROOM = 5_000
HELD = 32 * 1024 * 1024  # bytes of bodies that wait
BATCH = 200
GATHER_S = 0.05
PAUSE_S = 1.0
WEBHOOKS = 10_000

Trust = Literal["none", "open", "proved"]
"""Of a webhook that asks for no proof everything is `open`."""


class _Bound(NamedTuple):
    """What one webhook may have written down."""

    rate: float  # a second
    most: int  # at once
    body: float  # bytes kept of a body


BOUNDS: Mapping[Trust, _Bound] = {
    "none": _Bound(1, 100, 4 * 1024),
    "open": _Bound(10, 500, INLINE),
    "proved": _Bound(50, 1_000, inf),
}

_log = structlog.get_logger()


class Told(NamedTuple):
    """What became of a delivery."""

    verdict: str
    status: int
    code: str = ""
    reason: str = ""
    run_id: str = ""
    version: str = ""
    delivery: str = ""
    trust: Trust = "none"
    kind: str = ""
    replay_of: str = ""
    by: str = ""
    bodiless: bool = False  # the run that it found has the body


class _Bucket:
    """How many of one webhook may be written down now."""

    __slots__ = ("at", "left", "untold")

    def __init__(self, bound: _Bound) -> None:
        self.left, self.at, self.untold = float(bound.most), monotonic(), 0

    def take(self, bound: _Bound) -> bool:
        now = monotonic()
        self.left = min(bound.most, self.left + (now - self.at) * bound.rate)
        self.at = now
        if self.left < 1:
            self.untold += 1
            return False
        self.left -= 1
        return True


class _Waiting(NamedTuple):
    record: DeliveryRecord
    body: bytes


class History:
    """Writes deliveries down."""

    def __init__(self, deliveries: Log, blobs: Blobs, clock: Clock) -> None:
        self._deliveries = deliveries
        self._blobs = blobs
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, Trust], _Bucket] = OrderedDict()
        self._waiting: deque[_Waiting] = deque()
        self._held = 0
        self._flushing: asyncio.Task[None] | None = None
        self._closed = False

    def note(
        self, tenant: str, saved: WebhookSaved, arrived: Arrived, address: str, told: Told
    ) -> None:
        """Write it down in a moment, unless there are too many of its kind."""
        bucket = self._bucket(saved.webhook_id, told.trust)
        if not bucket.take(BOUNDS[told.trust]):
            metrics.DELIVERIES_UNTOLD.inc()
            return
        waiting = self._made(tenant, saved, arrived, address, told, bucket.untold)
        bucket.untold = 0
        if len(self._waiting) >= ROOM:
            self._held -= len(self._waiting.popleft().body)
            metrics.DELIVERIES_UNTOLD.inc()
        if self._held + len(waiting.body) > HELD:
            cut = waiting.record.model_copy(update={"truncated": True})
            waiting = _Waiting(cut, b"")
        self._held += len(waiting.body)
        self._waiting.append(waiting)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="write deliveries down")

    async def write(
        self, tenant: str, saved: WebhookSaved, arrived: Arrived, address: str, told: Told
    ) -> str:
        """Write it down at once, and return its id: of what a person sent. WeirError."""
        waiting = self._made(tenant, saved, arrived, address, told, 0)
        await self._deliveries.append(await self._append(waiting))
        return waiting.record.id

    async def close(self) -> None:
        """Wait until what was noted is written, or cannot be."""
        self._closed = True
        if self._flushing is not None:
            await asyncio.wait([self._flushing])

    def _bucket(self, webhook: str, trust: Trust) -> _Bucket:
        found = self._buckets.get((webhook, trust))
        if found is None:
            found = self._buckets[webhook, trust] = _Bucket(BOUNDS[trust])
            if len(self._buckets) > WEBHOOKS:
                self._buckets.popitem(last=False)
        return found

    def _made(  # noqa: PLR0913, PLR0917 - what is known of a delivery
        self,
        tenant: str,
        saved: WebhookSaved,
        arrived: Arrived,
        address: str,
        told: Told,
        untold: int,
    ) -> _Waiting:
        size = len(arrived.body)
        body = b"" if told.bodiless else arrived.body
        # What is only said to be the sender's must not take much room.
        most = BOUNDS[told.trust].body
        cut = len(body) > most
        if cut:
            body = body[: int(most)]
        record = DeliveryRecord(
            id=self._clock.new_id("dlv"),
            at=times.from_ms(self._clock.now_ms()),
            tenant=tenant,
            webhook_id=saved.webhook_id,
            workflow_id=saved.workflow_id,
            version=told.version,
            verdict=told.verdict,
            code=told.code,
            reason=told.reason[:1_000],
            run_id=told.run_id,
            delivery_id=told.delivery[:500],
            method=arrived.method,
            headers=masked(kept_headers(arrived.headers)),
            query=masked(kept_query(arrived.query)),
            size=float(size),
            truncated=cut,
            verified=told.trust == "proved",
            address=address,
            status=told.status,
            source=told.kind,
            replay_of=told.replay_of,
            by=told.by,
            untold=untold,
        )
        return _Waiting(record, body)

    async def _flush(self) -> None:
        try:
            while self._waiting:
                if not self._closed:
                    await asyncio.sleep(GATHER_S)
                size = min(BATCH, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(size)]
                self._held -= sum(len(one.body) for one in batch)
                await self._store(batch)
        finally:
            self._flushing = None

    async def _store(self, batch: list[_Waiting]) -> None:
        try:
            appends = [await self._append(one) for one in batch]
            results = await self._deliveries.append_all(appends)
        except (WeirError, OSError) as error:
            results = [error] * len(batch)
        lost = [result for result in results if isinstance(result, Exception)]
        if lost:
            # Starts come first: who cannot write these does not hold on to them.
            metrics.DELIVERIES_UNTOLD.inc(len(lost))
            _log.warning("deliveries not written down", count=len(lost), why=str(lost[0]))
            await asyncio.sleep(0 if self._closed else PAUSE_S)

    async def _append(self, waiting: _Waiting) -> Append:
        record, body = waiting
        if len(body) > INLINE:
            key = await self._blobs.put(record.tenant, body)
            media_type = record.headers.get("content-type", "application/octet-stream")
            reference = BlobRef(key=key, size=float(len(body)), media_type=media_type[:200])
            record = record.model_copy(update={"body_ref": reference})
        elif body:
            record = record.model_copy(update={"body": b64encode(body).decode()})
        subject = subjects.delivery(record.tenant, record.webhook_id)
        return Append(subject, codec.encode(record))
