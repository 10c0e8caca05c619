"""Changing a shared record: on top of what the caller has seen, never over another's change.

What changed is told to the audit, field by field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from weir.contract import times
from weir.contract.errors import ConflictError, RevisionMismatchError, UnavailableError
from weir.contract.messages import Holder, Message, holding
from weir.ports.clock import Clock
from weir.runtime.access import Principal
from weir.runtime.audit_changes import changes
from weir.runtime.http.call import Call
from weir.runtime.records import Entry, Records

M = TypeVar("M", bound=Holder)

_TRIES = 5


class Writer(Generic[M]):
    """Writes records of one stream in the name of a principal."""

    def __init__(self, records: Records[M], clock: Clock) -> None:
        self.records = records
        self._clock = clock

    def now(self) -> str:
        """The time as records hold it."""
        return times.from_ms(self._clock.now_ms())

    def now_ms(self) -> int:
        """The time in ms."""
        return self._clock.now_ms()

    def record(self, kind: Message, by: Principal) -> M:
        """A record that holds this, made now."""
        made = self.records.kind
        told = {"tenant": by.tenant} if "tenant" in made.model_fields else {}
        told |= {"id": self._clock.new_id("rec"), "at": self.now(), "by": by.id}
        return holding(made, kind, told)

    async def create(
        self, subject: str, kind: Message, by: Principal, *, over: Entry[M] | None = None
    ) -> Entry[M]:
        """Store where nothing is, or nothing but `over` (a deletion); else ConflictError."""
        return await self._put(subject, kind, by, over.revision if over else 0)

    async def change(
        self, call: Call, subject: str, next_of: Callable[[Entry[M] | None], Message]
    ) -> Entry[M]:
        """Store what `next_of` makes of the record as it stands, if `If-Match` names it.

        `next_of` gets None where nothing is, and raises what the caller is to
        hear then. PreconditionRequiredError without the header,
        RevisionMismatchError if somebody else was faster.
        """
        return await self._replace(call, subject, next_of, call.if_match())

    async def overwrite(
        self, call: Call, subject: str, next_of: Callable[[Entry[M] | None], Message]
    ) -> Entry[M]:
        """The same for changes that leave others' work alone and so need no `If-Match`."""
        return await self._replace(call, subject, next_of, None)

    async def _replace(
        self,
        call: Call,
        subject: str,
        next_of: Callable[[Entry[M] | None], Message],
        expected: int | None,
    ) -> Entry[M]:
        for _ in range(_TRIES):
            entry = await self.records.fresh(subject)
            kind = next_of(entry)
            revision = entry.revision if entry else 0
            if expected is not None and revision != expected:
                raise mismatch(revision)
            try:
                stored = await self._put(subject, kind, call.principal, revision)
            except ConflictError as error:
                if expected is not None:
                    raise mismatch(error.current) from None
            else:
                told = changes(entry.record.__dict__["kind"] if entry else None, kind)
                call.audited(changes={**call.to_audit.get("changes", {}), **told})
                return stored
        raise UnavailableError("Others keep changing this at the same time: try again.")

    async def _put(self, subject: str, kind: Message, by: Principal, expect: int) -> Entry[M]:
        record = self.record(kind, by)
        revision = await self.records.put(subject, record, expect=expect)
        return Entry(revision, record, 0)


def mismatch(current: int) -> RevisionMismatchError:
    """The refusal of a change on top of something else than there is."""
    return RevisionMismatchError(
        "It was changed since you read it: read it again, merge, and send the new ETag.",
        details={"revision": str(current)},
    )
