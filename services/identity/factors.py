"""What proves beside a password who somebody is, and who must have such a thing.

Sign-in asks `needed` once the password was right: somebody with a second factor
must show it, and somebody whom one of their tenants asks for one enrols it as a
part of signing in. A session that one factor opened counts for little in a
tenant that demands two (`Authenticator` looks at each request), so what is
decided here is how to come in, not whether a demand holds.

The challenge of a sign-in half done (`challenges.SECOND_FACTOR`) holds what `halfway`
makes, and is answered to who signs in together with `Needed`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from weir.contract import subjects
from weir.contract.errors import (
    ConflictError,
    ForbiddenError,
    UnauthorizedError,
    UnavailableError,
)
from weir.contract.identity_errors import PersonRequiredError, SecondFactorRequiredError
from weir.contract.messages import AccountRecord, IdentityRecord, LoginSaved, SessionStarted
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call
from weir.runtime.records import Records

TOTP, RECOVERY, PASSKEY = "totp", "recovery", "passkey"
REQUIRED = "required"
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Needed:
    """What is still to come: one of these, or where `enrol` says so, enrolling one."""

    factors: tuple[str, ...]
    enrol: bool


def halfway(methods: Sequence[str], tenant: str) -> dict[str, Any]:
    """What the challenge holds: how the first half was proved, and for which tenant."""
    return {"methods": list(methods), "tenant": tenant}


def held(login: LoginSaved) -> tuple[str, ...]:
    """The second factors somebody has."""
    found = [TOTP] if login.totp else []
    found += [PASSKEY] if login.passkeys else []
    return (*found, RECOVERY) if found and login.recovery else tuple(found)


class Logins:
    """How people sign in, changed on top of what was seen and never over another's change."""

    def __init__(self, accounts: Writer[AccountRecord]) -> None:
        self._accounts = accounts

    async def get(self, user_id: str) -> LoginSaved:
        """As it is now; of whoever has none, an empty one."""
        return (await self._now(user_id))[1]

    async def change(
        self,
        user_id: str,
        next_of: Callable[[LoginSaved], LoginSaved],
        by: Principal | None = None,
    ) -> LoginSaved:
        """Store what `next_of` makes of it as it stands; what it raises is passed on.

        It is asked again where somebody was faster, so what must count once counts once.
        Whoever says nothing else (`by`) does it to themselves.
        """
        subject = subjects.login(user_id)
        by = by or Principal(id=user_id, tenant="-", role="")
        for _ in range(_TRIES):
            revision, login = await self._now(user_id)
            changed = next_of(login)
            record = self._accounts.record(changed, by)
            try:
                await self._accounts.records.put(subject, record, expect=revision)
            except ConflictError:
                continue
            return changed
        raise UnavailableError("How you sign in keeps changing at the same time: try again.")

    async def _now(self, user_id: str) -> tuple[int, LoginSaved]:
        entry = await self._accounts.records.fresh(subjects.login(user_id))
        if entry is not None and entry.record.login_erased is not None:
            raise UnauthorizedError("This account is gone.")
        login = entry.record.login_saved if entry else None
        return (entry.revision if entry else 0), login or LoginSaved(user_id=user_id)


class Factors:
    """Knows who needs what."""

    def __init__(
        self,
        identity: Records[IdentityRecord],
        logins: Logins,
        tenants: Callable[[str], Awaitable[Sequence[str]]],
    ) -> None:
        self._identity = identity
        self._logins = logins
        self._tenants = tenants

    async def needed(self, user_id: str) -> Needed | None:
        """What must come after a right password; None: nothing."""
        have = held(await self._logins.get(user_id))
        if have:
            return Needed(have, enrol=False)
        return Needed((), enrol=True) if await self.demanded(user_id) else None

    async def demanded(self, user_id: str) -> bool:
        """Whether one of their tenants asks for a second factor."""
        for tenant in await self._tenants(user_id):
            entry = await self._identity.get(subjects.tenant(tenant))
            saved = entry.record.tenant_saved if entry else None
            if saved is not None and saved.second_factor == REQUIRED:
                return True
        return False

    async def owner(self, call: Call) -> tuple[str, SessionStarted, str]:
        """Who asks to see or change how they sign in, by which session, and when it began.

        PersonRequiredError for API keys, ForbiddenError for a session that a
        tenant's provider opened: whoever runs that provider is not the account's owner.
        """
        who = call.principal
        entry = None
        if who.session:
            entry = await self._identity.get(subjects.session(who.id, who.session))
        started = entry.record.session_started if entry else None
        if entry is None or started is None:
            raise PersonRequiredError(
                "This is about how a person signs in: sign in, and ask with that session."
            )
        if started.tenant_only:
            raise ForbiddenError(
                "This session was opened by a tenant's sign-in provider, and how the account "
                "signs in elsewhere is not its business: sign in by password or passkey."
            )
        return who.id, started, entry.record.at


def still_one(after: LoginSaved, *, demanded: bool) -> LoginSaved:
    """SecondFactorRequiredError if this would leave somebody without one who must have one."""
    if demanded and not held(after):
        raise SecondFactorRequiredError(
            "A tenant of yours demands a second factor: add another one before you remove the last."
        )
    return after
