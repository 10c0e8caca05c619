"""What the audit knows about people beyond what they did, sealed so that it can be forgotten.

Each person has a key of their own, which lies sealed in ACCOUNTS. Address,
agent and personal values of entries are sealed under it before they get into a
chain; erasing somebody destroys the key, and the chain stays as it is. Whoever
reads sees that something was erased. A key that somebody still has in memory
goes within a second.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from collections import OrderedDict
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from weir.contract import subjects, times
from weir.contract.errors import ConflictError
from weir.contract.messages import (
    AccountRecord,
    AuditEntry,
    PersonErased,
    PersonKeyed,
)
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.ports.secrets import Place, Sealed, Secrets
from weir.runtime.audit_entry import person
from weir.runtime.records import Records

ERASED = "erased"
UNREADABLE = "unreadable"
KEYS = 10_000
_BY = "system"
_OWNER = "-"  # of what belongs to no tenant
_WHOSE = re.compile(r"[A-Za-z0-9_-]{1,80}")  # what can stand in a subject
_KEY_BYTES, _NONCE_BYTES = 32, 12


class Persons:
    """The keys of people, and what they seal."""

    def __init__(self, accounts: Log, secrets: Secrets, clock: Clock) -> None:
        self._accounts = accounts
        self._records = Records(accounts, AccountRecord)
        self._secrets = secrets
        self._clock = clock
        self._opened: OrderedDict[tuple[str, int], AESGCM] = OrderedDict()

    async def sealed(self, entry: AuditEntry) -> AuditEntry:
        """The entry as it stands in a chain: nothing personal can be read in it."""
        told: dict[str, Any] = {}
        whose = person(entry.actor, entry.tenant)
        for name in ("address", "agent"):
            if value := getattr(entry, name):
                told[name] = await self._seal(whose, value, f"{entry.id}.{name}")
        if entry.changes:
            told["changes"] = await self._changes(entry.id, entry.changes, sealing=True)
        return entry.model_copy(update=told)

    async def opened(self, entry: AuditEntry) -> AuditEntry:
        """The entry as readers see it; what was erased says so."""
        told: dict[str, Any] = {}
        for name in ("address", "agent"):
            if value := getattr(entry, name):
                told[name] = await self._open(value, f"{entry.id}.{name}")
        if entry.changes:
            told["changes"] = await self._changes(entry.id, entry.changes, sealing=False)
        return entry.model_copy(update=told)

    async def erase(self, person_id: str, by: str) -> None:
        """Destroy somebody's key for good; also of one who never had any. Twice is the same."""
        record = AccountRecord.of(
            PersonErased(person=person_id), id=self._clock.new_id("acr"), at=self._now(), by=by
        )
        subject = subjects.person(person_id)
        revision = await self._records.put(subject, record)
        for known in [one for one in self._opened if one[0] == person_id]:
            del self._opened[known]
        # The key itself goes too: an earlier message of the subject held it.
        await self._accounts.purge(subject, below=revision)

    async def _changes(self, entry_id: str, told: Any, *, sealing: bool) -> Any:
        if not isinstance(told, dict):
            return told
        made: dict[str, Any] = {}
        for field, sides in told.items():
            made[field] = sides
            if not isinstance(sides, dict):
                continue
            made[field] = {}
            for side, value in sides.items():
                place = f"{entry_id}.{field}.{side}"
                if sealing and isinstance(value, dict) and value.keys() == {"personal", "value"}:
                    text = await self._seal(value["personal"], value["value"], place)
                    made[field][side] = {"sealed": text}
                elif not sealing and isinstance(value, dict) and value.keys() == {"sealed"}:
                    made[field][side] = await self._open(value["sealed"], place)
                else:
                    made[field][side] = value
        return made

    async def _seal(self, whose: str, value: Any, place: str) -> str:
        cipher = await self._cipher(whose, make=True) if _WHOSE.fullmatch(whose) else None
        if cipher is None:
            return f"{whose}/"
        nonce = os.urandom(_NONCE_BYTES)
        text = value if isinstance(value, str) else str(value)
        data = nonce + cipher.encrypt(nonce, text.encode(), place.encode())
        return f"{whose}/{b64encode(data).decode()}"

    async def _open(self, text: str, place: str) -> str:
        whose, _, data = text.partition("/")
        known = data and _WHOSE.fullmatch(whose)
        cipher = await self._cipher(whose, make=False) if known else None
        if cipher is None:
            return ERASED
        try:
            raw = b64decode(data)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            return UNREADABLE

    async def _cipher(self, whose: str, *, make: bool) -> AESGCM | None:
        """Somebody's key; None where it was destroyed, or there is none and none is made."""
        subject = subjects.person(whose)
        entry = await self._records.get(subject)
        if entry is None and make:
            await self._make(whose)
            entry = await self._records.fresh(subject)
        keyed = entry.record.person_keyed if entry is not None else None
        if entry is None or keyed is None:
            return None
        known = self._opened.get((whose, entry.revision))
        if known is None:
            key = await self._secrets.open(Sealed.parse(keyed.key), _place(whose))
            known = self._opened[whose, entry.revision] = AESGCM(key)
            if len(self._opened) > KEYS:
                self._opened.popitem(last=False)
        return known

    async def _make(self, whose: str) -> None:
        sealed = await self._secrets.seal(os.urandom(_KEY_BYTES), _place(whose))
        kind = PersonKeyed(person=whose, key=sealed.text)
        record = AccountRecord.of(kind, id=self._clock.new_id("acr"), at=self._now(), by=_BY)
        try:
            await self._records.put(subjects.person(whose), record, expect=0)
        except ConflictError:
            return  # another process was first: its key is read next

    def _now(self) -> str:
        return times.from_ms(self._clock.now_ms())


def _place(whose: str) -> Place:
    return Place(_OWNER, whose, "audit")
