"""Changes of a tenant's people, groups, projects and keys, held against all others of the tenant.

That a tenant keeps an administrator, that names are taken once, that nobody
has too many keys: such things cannot be seen on the record that is changed.
So each change is stored in one atomic batch with the tenant's record
`identity.roster.<tenant>`, which must still be as it was before everything
else was looked at. Of two changes that cross the second is thought over again
on top of the first; in particular two administrators cannot take the role from
each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from services.identity.index import Held, Index
from weir.contract import codec, subjects
from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.contract.identity_errors import LastAdminError
from weir.contract.messages import (
    GroupDeleted,
    GroupSaved,
    IdentityRecord,
    MemberRemoved,
    MemberSaved,
    Message,
    RosterChanged,
    UserDeleted,
    UserSaved,
)
from weir.ports.log import Append, Log, Stored
from weir.runtime.access import Principal
from weir.runtime.audit_changes import changes
from weir.runtime.changes import Writer, mismatch
from weir.runtime.http.call import Call

ADMIN = "admin"
_TRIES = 20
_WEIGHING = (GroupDeleted, GroupSaved, MemberRemoved, MemberSaved, UserDeleted, UserSaved)


class Put(NamedTuple):
    """What is to lie on a subject, and what lies there, where the audit is to tell the change."""

    subject: str
    kind: Message
    before: Message | None = None


class Roster:
    """Makes the changes."""

    def __init__(self, writer: Writer[IdentityRecord], log: Log, index: Index) -> None:
        self.index = index
        self.writer = writer
        self._log = log
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def change(
        self, call: Call, puts_of: Callable[[], Sequence[Put]], tenant: str = ""
    ) -> int:
        """`store` in the caller's name, and tenant if no other is named.

        The audit is told what the first put changes.
        """
        told: list[Put] = []

        def telling() -> Sequence[Put]:
            puts = puts_of()
            told[:] = puts[:1]
            return puts

        sequence = await self.store(call.principal, tenant or call.tenant, telling)
        for put in told:
            call.audited(changes=changes(put.before, put.kind))
        return sequence

    async def store(self, by: Principal, tenant: str, puts_of: Callable[[], Sequence[Put]]) -> int:
        """Store what `puts_of` makes of the index as it stands, all or nothing.

        It may be asked again, until nothing has crossed; what it raises is
        raised. Nothing to put is no change. Returns the sequence that has all
        of it; the index has it too by then. Raises LastAdminError if the
        tenant, or the installation, had an administrator and would have none.
        """
        turn = self._turns.get(tenant)
        if turn is None:
            turn = self._turns[tenant] = asyncio.Lock()
        async with turn:
            for _ in range(_TRIES):
                before = await self._log.last(subjects.roster(tenant))
                stands = before.seq if before else 0
                await self.index.reach(stands)
                puts = puts_of()
                if not puts:
                    return stands
                self._keeps_an_admin(tenant, puts)
                try:
                    return await self._store(by, [*puts, _mark(tenant)], stands)
                except ConflictError:
                    await self._look_again(puts)
        raise UnavailableError("Others keep changing this tenant at the same time: try again.")

    async def _store(self, by: Principal, puts: Sequence[Put], stands: int) -> int:
        expected = [*(self.index.revision(put.subject) for put in puts[:-1]), stands]
        appends = [
            Append(put.subject, codec.encode(self.writer.record(put.kind, by)), expect=revision)
            for put, revision in zip(puts, expected, strict=True)
        ]
        try:
            sequences = await self._log.append_atomic(appends)
        except OutcomeUnknownError:
            last = await self._log.last(appends[-1].subject)
            if last is None or last.data != appends[-1].data:
                raise
            sequences = [last.seq - back for back in reversed(range(len(appends)))]
        finally:
            for put in puts:
                self.writer.records.forget(put.subject)
        for sequence, append in zip(sequences, appends, strict=True):
            self.index.take(Stored(sequence, append.subject, append.data, 0))
        return sequences[-1]

    async def _look_again(self, puts: Sequence[Put]) -> None:
        """Something else was stored, past the roster too: see what, before it is followed."""
        for put in puts:
            stored = await self._log.last(put.subject)
            if stored is None:
                self.index.forget(put.subject)
            else:
                self.index.take(stored)

    def _keeps_an_admin(self, tenant: str, puts: Sequence[Put]) -> None:
        if not any(isinstance(put.kind, _WEIGHING) for put in puts):
            return
        after = {put.subject: put.kind for put in puts}
        if not self._has_admin(tenant, after) and self._has_admin(tenant, {}):
            raise LastAdminError(
                "Nobody would be left who may administer the tenant: make somebody else an "
                "administrator first.",
                details={"tenant": tenant},
            )
        if not self._has_platform_admin(after) and self._has_platform_admin({}):
            raise LastAdminError(
                "Nobody would be left who may run the installation: make somebody else its "
                "administrator first."
            )

    def _has_platform_admin(self, instead: Mapping[str, Message]) -> bool:
        """Whether an active person runs the installation, with these records instead of others."""
        return any(
            isinstance(user, UserSaved) and user.platform and user.status == "active"
            for user_id, held in self.index.users.items()
            for user in (instead.get(subjects.user(user_id), held.kind),)
        )

    def _has_admin(self, tenant: str, instead: Mapping[str, Message]) -> bool:
        """Whether an active person administers the tenant, with these records instead of others."""
        roll = self.index.roll(tenant)

        def groups(member: MemberSaved) -> list[Message | None]:
            return [
                instead.get(subjects.group(tenant, one)) or _kind(roll.groups.get(one))
                for one in member.groups
            ]

        for user_id, held in roll.members.items():
            member = instead.get(subjects.member(tenant, user_id), held.kind)
            if not isinstance(member, MemberSaved):
                continue
            if member.role != ADMIN and not any(
                isinstance(one, GroupSaved) and one.role == ADMIN for one in groups(member)
            ):
                continue
            user = instead.get(subjects.user(user_id)) or _kind(self.index.users.get(user_id))
            if isinstance(user, UserSaved) and user.status == "active" and not user.tenant:
                return True
        return False


def unchanged(held: Held[Any], expected: int | None) -> None:
    """RevisionMismatchError unless a thing is still what `If-Match` named; None: whatever it is."""
    if expected is not None and expected != held.revision:
        raise mismatch(held.revision)


def _kind(held: Held[GroupSaved] | Held[UserSaved] | None) -> Message | None:
    return held.kind if held else None


def _mark(tenant: str) -> Put:
    return Put(subjects.roster(tenant), RosterChanged(tenant=tenant))
