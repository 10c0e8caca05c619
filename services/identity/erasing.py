"""What is left of a tenant or a person when they are to be forgotten: nothing that names them.

A person: their record says only that they are gone, and so do their memberships
and keys; how they signed in, their addresses and sessions go, and the key under
which the audit knows where they came from. What they made stays, under an id
that leads nowhere. A tenant: every record of it, and people who are left
without any tenant. Messages that held something go from the streams, not only
out of use. The audit's chain stays, without what its destroyed keys sealed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog

from services.identity.audit_persons import Persons
from weir.contract import codec, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import (
    AccountRecord,
    ApiKeyRevoked,
    IdentityRecord,
    MemberRemoved,
    Message,
    RegistryRecord,
    UserDeleted,
)
from weir.ports.clock import Clock
from weir.ports.log import Append, Log, Stored
from weir.runtime.deletions import running, some
from weir.runtime.platform import Platform

BY = "system"
_AGAIN_S = 5.0

_log = structlog.get_logger()


class Erasing:
    """Removes from IDENTITY, ACCOUNTS and NOTES; every step may be done again."""

    def __init__(self, platform: Platform, persons: Persons) -> None:
        self._identity: Log = platform.identity
        self._accounts: Log = platform.accounts
        self._approvals: Log = platform.approvals
        self._notes: Log = platform.notes
        self._rates: Log = platform.rates
        self._runs: Log = platform.runs
        self._registry: Log = platform.registry
        self._clock: Clock = platform.clock
        self._persons = persons

    # -- a person --

    async def person(self, user_id: str, by: str) -> None:
        """Forget somebody. First nobody is them any more, and last their audit key goes."""
        subject = subjects.user(user_id)
        gone = await self._say(subject, UserDeleted(user_id=user_id), by)
        await self._identity.purge(subject, below=gone)
        await self._identity.purge(subjects.session(user_id, "*"))
        async for stored, record in _last(
            self._identity, subjects.member("*", user_id), IdentityRecord
        ):
            member = record.member_saved
            if member is not None:
                left = MemberRemoved(tenant=member.tenant, user_id=user_id)
                await self._instead(stored.subject, left, by)
        async for stored, record in _last(self._identity, subjects.api_key("*"), IdentityRecord):
            key = record.api_key_created
            if key is not None and key.owner == user_id:
                revoked = ApiKeyRevoked(key_id=key.key_id, tenant=key.tenant)
                await self._instead(stored.subject, revoked, by)
                await self._identity.purge(subjects.key_used(key.key_id))
                await self._persons.erase(key.key_id, by)
        await self._unprove(user_id)
        await self._persons.erase(user_id, by)

    async def finish(self) -> None:
        """Go on with what a process that died had begun; returns when nothing is left of it."""
        while True:
            try:
                for user_id in await self.unfinished():
                    await self.person(user_id, BY)
            except WeirError as error:
                _log.warning("people are not erased yet", why=error.message)
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def unfinished(self) -> list[str]:
        """People whose erasure was begun, and not ended by a process that died."""
        found = []
        async for _, record in _last(self._identity, subjects.user("*"), IdentityRecord):
            deleted = record.user_deleted
            if deleted is not None:
                last = await self._accounts.last(subjects.person(deleted.user_id))
                ended = last and AccountRecord.model_validate_json(last.data).person_erased
                if not ended:
                    found.append(deleted.user_id)
        return found

    async def left_of_person(self, user_id: str) -> dict[str, int]:
        """How much still tells of somebody, by store."""
        user = await self._identity.last(subjects.user(user_id))
        saved = user is not None and _read(user, IdentityRecord).user_saved is not None
        return {
            "user": int(saved),
            "sessions": await _count(self._identity, subjects.session(user_id, "*")),
            "memberships": await _count(
                self._identity,
                subjects.member("*", user_id),
                lambda one: _read(one, IdentityRecord).member_saved is not None,
            ),
            "keys": await _count(
                self._identity,
                subjects.api_key("*"),
                lambda one: _owner(_read(one, IdentityRecord)) == user_id,
            ),
            "accounts": await _count(
                self._accounts,
                "accounts.>",
                lambda one: _proves(one, user_id),
            ),
            # The approval service removes them once the memberships are gone.
            "devices": await _count(self._approvals, subjects.approval_devices("*", user_id)),
        }

    async def _unprove(self, user_id: str) -> None:
        """Remove all that proves, or ever proved, that somebody is this user."""
        theirs = set()
        async for batch in self._accounts.read("accounts.>"):
            theirs |= {one.subject for one in batch if _proves(one, user_id)}
        for subject in sorted(theirs):
            await self._accounts.purge(subject)

    # -- a tenant --

    async def tenant(self, tenant: str) -> bool:
        """One pass over a deleted tenant; see `deletions.Sweep`."""
        found = False
        async for _, record in _last(self._identity, subjects.member(tenant, "*"), IdentityRecord):
            member = record.member_saved
            if member is not None and not await self._elsewhere(tenant, member.user_id):
                found = True
                await self.person(member.user_id, BY)
        for subject in sorted(await self._under_no_tenant(tenant)):
            found = True
            last = await self._identity.last(subject)
            key = _read(last, IdentityRecord).api_key_created if last is not None else None
            if key is not None:
                await self._persons.erase(key.key_id, BY)
                await self._identity.purge(subjects.key_used(key.key_id))
            await self._identity.purge(subject)
        for each in self._of_tenant(tenant):
            found = await _purged(self._identity, each) or found
        found = await _purged(self._accounts, subjects.provider(tenant, "*")) or found
        found = await _purged(self._rates, subjects.rate(tenant, "*")) or found
        # What the tenant was called lies in messages before the last one.
        known = await self._identity.last(subjects.tenant(tenant))
        if known is not None:
            await self._identity.purge(known.subject, below=known.seq)
        if await running(self._runs, tenant):
            return True
        # Ending runs is noted too, so these go last.
        found = await _purged(self._notes, subjects.audit_note(tenant)) or found
        await self._shred(tenant)
        return found

    async def left_of_tenant(self, tenant: str) -> dict[str, int]:
        """How many messages and records of a tenant there are still, by kind."""
        counts = {
            subject.split(".")[1]: await _count(self._identity, subject)
            for subject in self._of_tenant(tenant)
        }
        return counts | {
            "keys_and_sessions": len(await self._under_no_tenant(tenant)),
            "providers": await _count(self._accounts, subjects.provider(tenant, "*")),
            "rates": await _count(self._rates, subjects.rate(tenant, "*")),
            "notes": await _count(self._notes, subjects.audit_note(tenant)),
        }

    async def left_in_registry(self, subject: str, tenant: str) -> int:
        """How many records of a tenant match that say whose they are only inside."""
        return await _count(
            self._registry, subject, lambda one: bool(_read(one, RegistryRecord).tenant == tenant)
        )

    def _of_tenant(self, tenant: str) -> tuple[str, ...]:
        return (
            subjects.member(tenant, "*"),
            subjects.group(tenant, "*"),
            subjects.project(tenant, "*"),
            subjects.policies(tenant),
            subjects.roster(tenant),
        )

    async def _under_no_tenant(self, tenant: str) -> set[str]:
        """Subjects of keys, service accounts and sessions that say whose they are only inside."""
        found: dict[str, list[str]] = {}
        for each in (subjects.api_key("*"), subjects.user("*"), subjects.session("*", "*")):
            async for batch in self._identity.read(each):
                for stored in batch:
                    named = getattr(_read(stored, IdentityRecord).kind, "tenant", "")
                    found.setdefault(stored.subject, []).append(named)
        # What is gone names nobody in its last record, but may have before.
        return {
            subject
            for subject, named in found.items()
            if tenant in named and named[-1] in {"", tenant}
        }

    async def _elsewhere(self, tenant: str, user_id: str) -> bool:
        """Whether somebody has a place beside this tenant: in another, or over all of them."""
        user = await self._identity.last(subjects.user(user_id))
        saved = _read(user, IdentityRecord).user_saved if user is not None else None
        if saved is not None and saved.platform:
            return True
        async for _, record in _last(self._identity, subjects.member("*", user_id), IdentityRecord):
            member = record.member_saved
            if member is not None and member.tenant != tenant:
                state = await self._identity.last(subjects.tenant(member.tenant))
                if state is None or _read(state, IdentityRecord).tenant_deleted is None:
                    return True
        return False

    async def _shred(self, tenant: str) -> None:
        """Destroy the key under which the tenant's chain sealed who was nobody's account."""
        last = await self._accounts.last(subjects.person(tenant))
        if last is None or _read(last, AccountRecord).person_erased is None:
            await self._persons.erase(tenant, BY)

    # -- writing --

    async def _instead(self, subject: str, kind: Message, by: str) -> None:
        revision = await self._say(subject, kind, by)
        await self._identity.purge(subject, below=revision)

    async def _say(self, subject: str, kind: Any, by: str) -> int:
        record = IdentityRecord.of(
            kind,
            id=self._clock.new_id("idr"),
            at=times.from_ms(self._clock.now_ms()),
            by=by,
        )
        return await self._identity.append(Append(subject, codec.encode(record)))


def _proves(stored: Stored, user_id: str) -> bool:
    """Whether an account record is about somebody; their audit key goes by another way."""
    if stored.subject == subjects.person(user_id):
        return False
    record = _read(stored, AccountRecord)
    return getattr(record.kind, "user_id", "") == user_id


async def _purged(log: Log, subject: str) -> bool:
    """Remove what matches; whether there was any."""
    there = await some(log, subject)
    if there:
        await log.purge(subject)
    return there


def _owner(record: IdentityRecord) -> str:
    return record.api_key_created.owner if record.api_key_created is not None else ""


def _read(stored: Stored, kind: type[Any]) -> Any:
    """The record; an empty one where it cannot be read, so that it is no one's."""
    try:
        return kind.model_validate_json(stored.data)
    except ValueError:
        return kind()


async def _last(log: Log, subject: str, kind: type[Any]) -> AsyncIterator[tuple[Stored, Any]]:
    """The last record of each subject that matches."""
    found: dict[str, Stored] = {}
    async for batch in log.read(subject):
        found |= {one.subject: one for one in batch}
    for stored in found.values():
        yield stored, _read(stored, kind)


async def _count(log: Log, subject: str, fits: Callable[[Stored], bool] = lambda _: True) -> int:
    """How many subjects that match have a last message that fits."""
    found: dict[str, bool] = {}
    async for batch in log.read(subject):
        found |= {one.subject: fits(one) for one in batch}
    return sum(found.values())
