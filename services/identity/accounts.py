"""Accounts: whose an address is, and changes of who somebody is.

An address is claimed in ACCOUNTS before it stands anywhere else, so no two
accounts have one address, whoever asks at the same time.
"""

from __future__ import annotations

from collections.abc import Callable

from services.identity import addresses
from weir.contract import ids, subjects
from weir.contract.errors import ConflictError, UnavailableError
from weir.contract.identity_errors import AccountExistsError
from weir.contract.messages import (
    AccountRecord,
    EmailClaimed,
    EmailFreed,
    IdentityRecord,
    UserSaved,
)
from weir.runtime.access import Principal
from weir.runtime.changes import Writer

_TRIES = 8


class Accounts:
    """Finds and changes them."""

    def __init__(self, identity: Writer[IdentityRecord], accounts: Writer[AccountRecord]) -> None:
        self._identity = identity
        self._accounts = accounts

    async def id_of(self, address: str) -> str:
        """The account of a normal address; for one that nobody has an id that nobody has."""
        entry = await self._accounts.records.fresh(_subject(address))
        claimed = entry.record.email_claimed if entry else None
        return claimed.user_id if claimed else ids.derived("usr", "nobody", address)

    async def user(self, user_id: str) -> UserSaved | None:
        """Who that is now; None if the account was never made, or is gone."""
        entry = await self._identity.records.fresh(subjects.user(user_id))
        return entry.record.user_saved if entry else None

    async def make(self, by: Principal, user: UserSaved) -> None:
        """Store a new account; ConflictError if it is there."""
        await self._identity.create(subjects.user(user.user_id), user, by)

    async def change(
        self, by: Principal, user_id: str, next_of: Callable[[UserSaved], UserSaved]
    ) -> UserSaved | None:
        """Store what `next_of` makes of the account as it stands; None if it is gone."""
        subject = subjects.user(user_id)
        for _ in range(_TRIES):
            entry = await self._identity.records.fresh(subject)
            before = entry.record.user_saved if entry else None
            if entry is None or before is None:
                return None
            after = next_of(before)
            try:
                await self._identity.records.put(
                    subject, self._identity.record(after, by), expect=entry.revision
                )
            except ConflictError:
                continue
            return after
        raise UnavailableError("The account keeps changing at the same time: try again.")

    async def claim(self, by: Principal, address: str, user_id: str) -> None:
        """Let the address be theirs; AccountExistsError if it is somebody else's."""
        entry = await self._accounts.records.fresh(_subject(address))
        claimed = entry.record.email_claimed if entry else None
        if claimed is not None and claimed.user_id == user_id:
            return
        try:
            if claimed is not None:
                raise _exists()
            await self._accounts.create(
                _subject(address), EmailClaimed(user_id=user_id), by, over=entry
            )
        except ConflictError:
            raise _exists() from None

    async def free(self, by: Principal, address: str, user_id: str) -> None:
        """Let the address be nobody's, if it is theirs."""
        entry = await self._accounts.records.fresh(_subject(address))
        claimed = entry.record.email_claimed if entry else None
        if entry is None or claimed is None or claimed.user_id != user_id:
            return
        record = self._accounts.record(EmailFreed(user_id=user_id), by)
        await self._accounts.records.put(_subject(address), record, expect=entry.revision)


def themselves(user_id: str, tenant: str = "-") -> Principal:
    """Who changes what is their own."""
    return Principal(id=user_id, tenant=tenant, role="")


def _subject(address: str) -> str:
    return subjects.email(addresses.hashed(address))


def _exists() -> AccountExistsError:
    return AccountExistsError("There is an account with this address: sign in to it instead.")
