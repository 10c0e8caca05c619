"""Tenants, people, groups, projects and keys, kept in memory by following IDENTITY.

About 1 kB each, so that 100,000 people are 100 MB. Lists are made of it, and
changes are held against it (`roster`); whoever must know what somebody may do
this second asks the records. It is up to date within milliseconds, and `reach`
waits for a sequence (read your writes). A record that cannot be read is left
out, and changes nothing of what was known before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from weir.contract import ids
from weir.contract.errors import RecordUnreadableError, ViewsBehindError
from weir.contract.messages import (
    ApiKeyCreated,
    ApiKeyRevoked,
    GroupDeleted,
    GroupSaved,
    IdentityRecord,
    KeyUsed,
    MemberRemoved,
    MemberSaved,
    Message,
    ProjectDeleted,
    ProjectSaved,
    TenantDeleted,
    TenantSaved,
    UserDeleted,
    UserSaved,
)
from weir.ports.log import Following, Log, Stored
from weir.runtime import records

EVERYTHING = "identity.>"
_SESSIONS = "identity.session."
PATIENCE_S = 2.0

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Held(Generic[M]):
    """What is known of one thing; `at` is when it was last changed."""

    kind: M
    revision: int
    at: str


class Roll:
    """What one tenant has, by id."""

    def __init__(self) -> None:
        self.projects: dict[str, Held[ProjectSaved]] = {}
        self.groups: dict[str, Held[GroupSaved]] = {}
        self.members: dict[str, Held[MemberSaved]] = {}
        self.keys: dict[str, Held[ApiKeyCreated]] = {}


class Index:
    """Follows the stream; `load` it, then let `run` go on for ever.

    `used` tells when a key was last used, `signed_in` when somebody last signed in. `on_sign_in`
    hears (user, when) of who signs in from now on.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self.on_sign_in: Callable[[str, str], None] = lambda _user, _at: None
        self.tenants: dict[str, Held[TenantSaved]] = {}
        self.users: dict[str, Held[UserSaved]] = {}
        self.used: dict[str, str] = {}
        self.signed_in: dict[str, str] = {}
        self._rolls: dict[str, Roll] = {}
        self._tenants_of: dict[str, set[str]] = {}
        self._revisions: dict[str, int] = {}
        self._position = 0
        self._moved = asyncio.Condition()
        self._following: Following | None = None
        self.loaded = False

    async def load(self) -> None:
        """Read what there is."""
        upto = await self._log.last_seq()
        async for batch in self._log.read(EVERYTHING, upto=upto):
            self._take_all(batch)
        self._position = max(self._position, upto)
        self.loaded = True

    async def run(self) -> None:
        """Follow, for ever."""
        self._following = self._log.follow(EVERYTHING, after=self._position)
        try:
            async for batch in self._following:
                self._take_all(batch)
                async with self._moved:
                    self._moved.notify_all()
        finally:
            await self._following.close()

    async def reach(self, sequence: int) -> None:
        """Wait until this sequence is in the lists; ViewsBehindError after two seconds."""
        if self._position >= sequence:
            return
        try:
            async with asyncio.timeout(PATIENCE_S), self._moved:
                await self._moved.wait_for(lambda: self._position >= sequence)
        except TimeoutError:
            raise ViewsBehindError(
                f"The list has not reached sequence {sequence} within {PATIENCE_S:g} s: "
                "ask again, or without min_sequence."
            ) from None

    def roll(self, tenant: str) -> Roll:
        """What a tenant has; not to be changed."""
        return self._rolls.get(tenant) or Roll()

    def tenants_of(self, user_id: str) -> frozenset[str]:
        """Whose member somebody is."""
        return frozenset(self._tenants_of.get(user_id, ()))

    def revision(self, subject: str) -> int:
        """The sequence of a subject's last record, also of one that says it is gone; 0: none."""
        return self._revisions.get(subject, 0)

    def forget(self, subject: str) -> None:
        """Nothing lies on a subject any more."""
        self._revisions.pop(subject, None)

    def take(self, stored: Stored) -> None:
        """Take in one message, unless what is known of its subject is as new."""
        if stored.seq <= self._revisions.get(stored.subject, 0):
            return
        self._revisions[stored.subject] = stored.seq
        with suppress(RecordUnreadableError):
            record = records.read(IdentityRecord, stored)
            self._saved(record.kind, stored.seq, record.at)
            self._gone(record.kind)

    def _take_all(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            if stored.subject.startswith(_SESSIONS):
                self._session(stored)
            else:
                self.take(stored)
            self._position = max(self._position, stored.seq)

    def _session(self, stored: Stored) -> None:
        """Of sessions nothing is kept but when somebody last began one."""
        with suppress(RecordUnreadableError):
            record = records.read(IdentityRecord, stored)
            if started := record.session_started:
                self.signed_in[started.user_id] = record.at
                if self.loaded:
                    self.on_sign_in(started.user_id, record.at)

    def _saved(self, kind: Message | None, seq: int, at: str) -> None:
        match kind:
            case TenantSaved():
                self.tenants[kind.tenant] = Held(kind, seq, at)
            case UserSaved():
                self.users[kind.user_id] = Held(kind, seq, at)
            case ProjectSaved():
                self._own(kind.tenant).projects[kind.project_id] = Held(kind, seq, at)
            case GroupSaved():
                self._own(kind.tenant).groups[kind.group_id] = Held(kind, seq, at)
            case MemberSaved():
                self._own(kind.tenant).members[kind.user_id] = Held(kind, seq, at)
                self._tenants_of.setdefault(kind.user_id, set()).add(kind.tenant)
            case ApiKeyCreated():
                self._own(kind.tenant).keys[kind.key_id] = Held(kind, seq, at)
            case KeyUsed():
                used = self.used if ids.is_id(kind.key_id, "key") else self.signed_in
                used[kind.key_id] = max(kind.used_at, used.get(kind.key_id, ""))
            case _:
                pass

    def _gone(self, kind: Message | None) -> None:
        match kind:
            case TenantDeleted():
                self.tenants.pop(kind.tenant, None)
                for user_id in self._rolls.pop(kind.tenant, Roll()).members:
                    self._tenants_of[user_id].discard(kind.tenant)
            case UserDeleted():
                self.users.pop(kind.user_id, None)
                self.signed_in.pop(kind.user_id, None)
            case ProjectDeleted():
                self._own(kind.tenant).projects.pop(kind.project_id, None)
            case GroupDeleted():
                self._own(kind.tenant).groups.pop(kind.group_id, None)
            case MemberRemoved():
                self._own(kind.tenant).members.pop(kind.user_id, None)
                self._tenants_of.get(kind.user_id, set()).discard(kind.tenant)
            case ApiKeyRevoked():
                self._own(kind.tenant).keys.pop(kind.key_id, None)
                self.used.pop(kind.key_id, None)
            case _:
                pass

    def _own(self, tenant: str) -> Roll:
        return self._rolls.setdefault(tenant, Roll())
