"""Invitations: whose an address is, and the mail that tells them.

Who is invited has an account from that moment on, which nobody can sign in to
until its link was followed. An address belongs to one account, claimed before
anything else is stored; what breaks off after that is taken up by the next
invitation of the same address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.identity import addresses
from weir.contract import subjects
from weir.contract.errors import ConflictError, UnavailableError
from weir.contract.messages import AccountRecord, EmailClaimed, UserSaved
from weir.ports.clock import Clock
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.http.call import wrong

Send = Callable[[UserSaved, str, str], Awaitable[None]]
"""Tells somebody that they are a member now (account, tenant, the tenant's name)."""

_TRIES = 3


class Invitations:
    """Finds accounts by address, and tells them."""

    def __init__(self, accounts: Writer[AccountRecord], clock: Clock, send: Send) -> None:
        self._accounts = accounts
        self._clock = clock
        self.send = send

    def address(self, given: str) -> str:
        """The normal form of an address; InvalidRequestError if it is none."""
        address = addresses.normal(given)
        if address is None:
            raise wrong("email", "this is no mail address", "Write it like name@host.example.")
        return address

    async def user(self, by: Principal, address: str) -> str:
        """The account an address belongs to: the one that has it, or a new one's id."""
        subject = subjects.email(addresses.hashed(address))
        for _ in range(_TRIES):
            entry = await self._accounts.records.fresh(subject)
            claimed = entry.record.email_claimed if entry else None
            if claimed is not None:
                return claimed.user_id
            user_id = self._clock.new_id("usr")
            try:
                claim = EmailClaimed(user_id=user_id)
                await self._accounts.create(subject, claim, by, over=entry)
            except ConflictError:
                continue
            return user_id
        raise UnavailableError("Others keep claiming this address at the same time: try again.")
