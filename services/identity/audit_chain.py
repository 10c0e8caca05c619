"""The chain of a tenant's audit: how a link is made, and how it is known that nothing was changed.

A link is stored as the canonical form of its record, so each of its bytes
counts. Its digest covers the tenant and everything in the record but the digest
itself, the digest of the link before among it: whoever changes, removes,
inserts or moves a link has to make anew all that follow, and the last digest is
then another one than was told outside. Nothing here does I/O.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from pydantic_core import from_json

from weir.contract import codec
from weir.contract.messages import AuditRecord, AuditSealed

_SEALED = "audit_sealed"


class Head(NamedTuple):
    """Where a chain stands, and since when.

    `incarnation` is that of the stream in which `through` lay.
    """

    number: int = 0
    digest: str = ""
    through: int = 0
    incarnation: str = ""
    entry_ids: frozenset[str] = frozenset()
    at: str = ""


class Broken(NamedTuple):
    """The first thing that is wrong with a chain. `number` is the link that should lie there."""

    number: int
    sequence: int
    reason: str


class BrokenLinkError(ValueError):
    """What is wrong with a link by itself."""


def link(
    tenant: str, head: Head, sealed: AuditSealed, *, record_id: str, at: str
) -> tuple[bytes, Head]:
    """The next link as it is stored, and where the chain stands then.

    Number and digests are put into `sealed` here.
    """
    placed = sealed.model_copy(update={"number": head.number + 1, "before": head.digest})
    written = codec.encode(AuditRecord.of(placed, id=record_id, at=at))
    # Not orjson: a note of another writer may hold NaN, which is null from here on.
    raw = orjson.loads(codec.canonical(from_json(written)))
    raw[_SEALED]["digest"] = digest(tenant, raw)
    ids = frozenset(entry.id for entry in sealed.entries)
    through = int(sealed.through)
    after = Head(placed.number, raw[_SEALED]["digest"], through, sealed.incarnation, ids, at)
    return _spelled(raw), after


def digest(tenant: str, raw: dict[str, Any]) -> str:
    """The digest of a record; the one that stands in it does not count."""
    rest = {key: value for key, value in raw[_SEALED].items() if key != "digest"}
    told = _spelled({**raw, _SEALED: rest})
    return hashlib.blake2b(f"{tenant}\n".encode() + told, digest_size=32).hexdigest()


def _spelled(raw: dict[str, Any]) -> bytes:
    """The canonical spelling of what was read from JSON; numbers stay as they were written."""
    return orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)


def read(tenant: str, data: bytes) -> AuditSealed:
    """A link that is right by itself; BrokenLinkError says what is not."""
    try:
        raw = orjson.loads(data)
        said, found, spelled = raw[_SEALED]["digest"], digest(tenant, raw), _spelled(raw)
        sealed = AuditRecord.model_validate(raw).audit_sealed
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BrokenLinkError("it cannot be read as a link") from None
    if spelled != data:
        raise BrokenLinkError("it is not stored in the form it was written in")
    if said != found or sealed is None:
        raise BrokenLinkError("its digest is not that of its content")
    return sealed


def head_of(tenant: str, data: bytes) -> Head:
    """Where a chain stands after this link; BrokenLinkError."""
    last = read(tenant, data)
    ids = frozenset(entry.id for entry in last.entries)
    at = str(orjson.loads(data)["at"])
    return Head(last.number, last.digest, int(last.through), last.incarnation, ids, at)


@dataclass(slots=True)
class Verifier:
    """Checks the links of one chain in the order in which they lie.

    `expected` names links by number whose digest is known from outside: what was told in an
    anchor. After the last link `missing` names one of them that the chain does not reach.
    """

    tenant: str
    expected: dict[int, str] = field(default_factory=dict)
    number: int = 0
    digest: str = ""
    entries: int = 0

    def check(self, data: bytes, sequence: int) -> Broken | None:
        """What is wrong with the next link; None if it is right."""
        due = self.number + 1
        try:
            sealed = read(self.tenant, data)
        except BrokenLinkError as error:
            return Broken(due, sequence, str(error))
        wrong = self._wrong(sealed, due)
        if wrong:
            return Broken(due, sequence, wrong)
        self.number, self.digest = sealed.number, sealed.digest
        self.entries += len(sealed.entries)
        return None

    def _wrong(self, sealed: AuditSealed, due: int) -> str:
        if sealed.number > due:
            return f"links are missing: number {sealed.number} follows {self.number}"
        if sealed.number < due:
            return f"number {sealed.number} comes again after {self.number}"
        if sealed.before != self.digest:
            return "it follows another link than the one before it"
        if any(entry.tenant != self.tenant for entry in sealed.entries):
            return "an entry belongs to another tenant"
        if self.expected.get(due, sealed.digest) != sealed.digest:
            return "its digest is another one than was told outside"
        return ""

    def missing(self) -> Broken | None:
        """A link that was told outside and lies behind the end of the chain."""
        beyond = [number for number in self.expected if number > self.number]
        if not beyond:
            return None
        reason = f"the chain ends at number {self.number}, and number {min(beyond)} was told"
        return Broken(self.number + 1, 0, reason)
