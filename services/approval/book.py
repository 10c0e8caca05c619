"""The approvals' own stream: the messages of a subject are the life of one approval.

Each message expects the one before it. So of two who decide at the same moment
one is the first, and the other hears what has been decided; whoever died in
between has lost nothing that was stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from weir.contract import codec, subjects, times
from weir.contract.approval_errors import ApprovalNotFoundError
from weir.contract.errors import (
    ConflictError,
    OutcomeUnknownError,
    RecordUnreadableError,
    UnavailableError,
)
from weir.contract.messages import ApprovalAsked, ApprovalRecord, Message
from weir.core.approvals.life import Life
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime import records

_TRIES = 20

_log = structlog.get_logger()


class Key(NamedTuple):
    """Names an approval."""

    tenant: str
    approval_id: str

    @property
    def subject(self) -> str:
        """Where its messages lie."""
        return subjects.approval(self.tenant, self.approval_id)


class Said(NamedTuple):
    """A message to be: who says what."""

    by: str
    kind: Message


Next = Callable[[Life], Sequence[Said]]


class Book:
    """Reads and writes."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self.log = log
        self.clock = clock

    async def begin(self, tenant: str, asked: ApprovalAsked, by: str) -> int:
        """Store the first message, unless it is there; returns a sequence that has it."""
        subject = subjects.approval(tenant, asked.approval_id)
        record = self._record(tenant, Said(by, asked))
        try:
            return await self._append(Append(subject, codec.encode(record), expect=0))
        except ConflictError:
            last = await self.log.last(subject)
            return last.seq if last is not None else 0

    async def read(self, key: Key) -> Life:
        """The approval as it stands; ApprovalNotFoundError if there is none."""
        life = None
        async for batch in self.log.read(key.subject):
            for stored in batch:
                life = taken(life, stored)
        if life is None:
            raise missing(key.approval_id)
        return life

    async def change(self, key: Key, next_of: Next) -> Life:
        """Store what `next_of` makes of the approval as it stands; it may be asked again.

        Raises what `next_of` raises, and ApprovalNotFoundError. Nothing to say is no change.
        """
        for _ in range(_TRIES):
            life = await self.read(key)
            try:
                for said in next_of(life):
                    record = self._record(key.tenant, said)
                    append = Append(key.subject, codec.encode(record), expect=life.revision)
                    life = life.after(record, await self._append(append))
            except ConflictError:
                continue
            return life
        raise UnavailableError("Others keep changing this at the same time: try again.")

    async def _append(self, append: Append) -> int:
        try:
            return await self.log.append(append)
        except OutcomeUnknownError:
            last = await self.log.last(append.subject)
            if last is None or last.data != append.data:
                raise
            return last.seq

    def _record(self, tenant: str, said: Said) -> ApprovalRecord:
        return ApprovalRecord.of(
            said.kind,  # type: ignore[arg-type]
            id=self.clock.new_id("apv"),
            at=times.from_ms(self.clock.now_ms()),
            tenant=tenant,
            by=said.by,
        )


def missing(approval_id: str) -> ApprovalNotFoundError:
    """That there is none; said in the same words of one that is closed to who asks."""
    return ApprovalNotFoundError(
        "There is no such approval: list yours at /api/v1/approvals.",
        details={"approval_id": approval_id},
    )


def taken(life: Life | None, stored: Stored) -> Life | None:
    """What is known with one message more; what cannot be read is told once and left out."""
    try:
        record = records.read(ApprovalRecord, stored)
    except RecordUnreadableError:
        return life
    return Life.begun(record, stored.seq) if life is None else life.after(record, stored.seq)
