"""Documents in the COLLAB log: read whole, added to under a fence, written down whole.

Every append expects the last message of the document's subject, literally: of
two processes that take a document for theirs, one is refused and lets it go.
An update that is too large for a message lies in several, stored all or none.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from pydantic import ValidationError

from weir.contract import codec, subjects, times
from weir.contract.messages import DraftCompacted, DraftEdited, DraftRecord, DraftTouch
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored

PART = 384 * 1024  # characters of base64 in a message
INFLATED = 64 * 1024 * 1024

_log = structlog.get_logger()


class Touch(NamedTuple):
    """Who touched an entry last, and when (RFC 3339)."""

    by: str
    at: str


@dataclass(slots=True)
class Kept:
    """A document as the log has it. `updates` together are the document."""

    epoch: str
    seq: int
    merged: int = 0
    updates: list[bytes] = field(default_factory=list)
    touches: dict[str, Touch] = field(default_factory=dict)
    edits: int = 0  # messages since it was written down whole
    size: int = 0  # bytes of the updates
    base: int = 0  # as many it had when it was written down whole
    at_ms: int = 0


class _Reading:
    """A document that is being put together; what cannot be read is told and passed over."""

    def __init__(self) -> None:
        self.kept: Kept | None = None
        self._parts: list[str] = []

    def take(self, stored: Stored) -> None:
        """The next message of the document."""
        try:
            held = DraftRecord.model_validate_json(stored.data).kind
        except ValidationError:
            held = None
        if held is None:
            _log.error("record unreadable", subject=stored.subject, seq=stored.seq)
            if self.kept is not None:
                self.kept.seq = stored.seq
            return
        if self.kept is None or (isinstance(held, DraftCompacted) and held.part == 1):
            self.kept = Kept(held.epoch, stored.seq)
        kept = self.kept
        kept.seq, kept.at_ms = stored.seq, stored.at_ms
        self._parts = [*self._parts, held.data] if held.part > 1 else [held.data]
        if held.part < held.parts:
            return
        update = _unpacked("".join(self._parts)) if len(self._parts) == held.parts else None
        self._parts = []
        if update is None or held.epoch != kept.epoch:
            _log.error("update unreadable", subject=stored.subject, seq=stored.seq)
        else:
            _count(kept, held, update)


def _count(kept: Kept, held: DraftEdited | DraftCompacted, update: bytes) -> None:
    whole = isinstance(held, DraftCompacted)
    kept.updates.append(update)
    kept.size += len(update)
    kept.edits += not whole
    kept.base = kept.size if whole else kept.base
    kept.merged = int(held.merged) if held.merged else kept.merged
    for touch in held.touches:
        kept.touches |= dict.fromkeys(touch.places, Touch(touch.by, touch.at))


class Store:
    """The documents."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def read(self, tenant: str, workflow_id: str) -> Kept | None:
        """A document; None if there is none."""
        reading = _Reading()
        async for batch in self._log.read(subjects.draft(tenant, workflow_id)):
            for stored in batch:
                reading.take(stored)
        return reading.kept

    async def last(self, tenant: str, workflow_id: str) -> int:
        """Sequence of a document's last message, 0 if there is none."""
        stored = await self._log.last(subjects.draft(tenant, workflow_id))
        return stored.seq if stored else 0

    async def add(  # noqa: PLR0913, PLR0917 - a message has these fields
        self,
        tenant: str,
        workflow_id: str,
        kept: Kept,
        update: bytes,
        touches: Mapping[str, Sequence[str]],
        merged: int,
    ) -> None:
        """Store a change on top of `kept` and count it there; raises as `Log.append_atomic`."""
        now = times.from_ms(self._clock.now_ms())
        said = tuple(
            DraftTouch(by=by, at=now, places=tuple(sorted(places)))
            for by, places in touches.items()
            if places
        )
        packed = _packed(update)
        kinds = [
            DraftEdited(
                workflow_id=workflow_id,
                epoch=kept.epoch,
                data=data,
                part=part,
                parts=len(packed),
                touches=said if part == len(packed) else (),
                merged=str(merged) if merged else "",
            )
            for part, data in enumerate(packed, 1)
        ]
        kept.seq = await self._append(tenant, workflow_id, kinds, kept.seq)
        kept.edits += 1
        kept.size += len(update)
        kept.merged = merged or kept.merged
        for by, places in touches.items():
            kept.touches |= dict.fromkeys(places, Touch(by, now))

    async def whole(self, tenant: str, workflow_id: str, kept: Kept, state: bytes) -> None:
        """Write the document down whole on top of `kept`; what lies before it is removed."""
        by: dict[Touch, list[str]] = {}
        for place, touch in kept.touches.items():
            by.setdefault(touch, []).append(place)
        said = tuple(
            DraftTouch(by=touch.by, at=touch.at, places=tuple(sorted(places)))
            for touch, places in by.items()
        )
        packed = _packed(state)
        kinds = [
            DraftCompacted(
                workflow_id=workflow_id,
                epoch=kept.epoch,
                data=data,
                part=part,
                parts=len(packed),
                touches=said if part == len(packed) else (),
                merged=str(kept.merged) if kept.merged else "",
            )
            for part, data in enumerate(packed, 1)
        ]
        last = await self._append(tenant, workflow_id, kinds, kept.seq)
        first = last - len(kinds) + 1
        kept.seq, kept.edits = last, 0
        kept.size = kept.base = len(state)
        await self._log.discard({subjects.draft(tenant, workflow_id): first})

    async def remove(self, tenant: str, workflow_id: str) -> None:
        """Remove a document."""
        await self._log.purge(subjects.draft(tenant, workflow_id))

    async def _append(
        self,
        tenant: str,
        workflow_id: str,
        kinds: Sequence[DraftEdited | DraftCompacted],
        expect: int,
    ) -> int:
        subject = subjects.draft(tenant, workflow_id)
        now = times.from_ms(self._clock.now_ms())
        appends = [
            Append(
                subject,
                codec.encode(
                    DraftRecord.of(kind, id=self._clock.new_id("drf"), tenant=tenant, at=now)
                ),
                expect=expect if at == 0 else None,
            )
            for at, kind in enumerate(kinds)
        ]
        return (await self._log.append_atomic(appends))[-1]


def _packed(update: bytes) -> list[str]:
    text = base64.b64encode(zlib.compress(update, 6)).decode()
    return [text[at : at + PART] for at in range(0, len(text), PART)]


def _unpacked(text: str) -> bytes | None:
    try:
        inflating = zlib.decompressobj()
        update = inflating.decompress(base64.b64decode(text, validate=True), INFLATED)
    except (binascii.Error, zlib.error):
        return None
    return update if inflating.eof else None
