"""Passkeys of accounts: registered, proved, renamed, removed.

A ceremony's challenge counts once and for the one thing and person it was set
for. A passkey is looked for among those of the person the challenge or the
passkey itself names, so nobody is signed in as the owner of another's. The new
counter is stored on top of the passkey as it was read, before anything comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import structlog

from services.identity import passkeys_ceremony as ceremony
from services.identity.challenges import Challenges
from services.identity.factors import Logins, still_one
from services.identity.passkeys_ceremony import PasskeyRefused, Site
from services.identity.totp import bare, first_recovery
from weir.contract import ids
from weir.contract.identity_errors import (
    FactorExistsError,
    FactorNotFoundError,
    SecondFactorWrongError,
    SignInStaleError,
)
from weir.contract.messages import LoginSaved, Passkey

CEREMONY = "passkey"
CEREMONY_S = 300
MOST = 20
# What a ceremony's answer may be for; a challenge set for one of them counts for no other.
_REGISTER, _SECOND, _ALONE = "register", "second", "alone"

_log = structlog.get_logger()


class Made(NamedTuple):
    """A new passkey, and the recovery codes that were made with it, if any."""

    passkey: Passkey
    recovery: tuple[str, ...]


class Passkeys:
    """Passkeys of all accounts."""

    def __init__(self, logins: Logins, challenges: Challenges, now: Callable[[], str]) -> None:
        self._logins = logins
        self._challenges = challenges
        self._now = now

    async def ask_to_register(self, site: Site, user_id: str, shown: str) -> dict[str, Any]:
        """The options of a registration; FactorExistsError if there are as many as there may be."""
        login = await self._logins.get(user_id)
        _room(login)
        token = await self._challenges.set(CEREMONY, _REGISTER, user_id, CEREMONY_S)
        options = ceremony.ask_to_register(site, token, user_id, shown, login.passkeys)
        return {"options": options, "expires_in": CEREMONY_S}

    async def register(
        self, site: Site, user_id: str, name: str, credential: Mapping[str, Any]
    ) -> Made:
        """Add the passkey that the browser made."""
        token, _ = await self._spend(_REGISTER, user_id, credential)
        try:
            new = ceremony.registered(site, token, credential)
        except PasskeyRefused as error:
            raise _refused(user_id, error) from None
        passkey = Passkey(
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            name=name,
            created_at=self._now(),
            transports=new.transports,
        )
        made: list[tuple[str, ...]] = []

        def added(login: LoginSaved) -> LoginSaved:
            _room(login)
            if any(one.credential_id == passkey.credential_id for one in login.passkeys):
                raise FactorExistsError("This passkey is one of yours already.")
            after, codes = first_recovery(login)
            made.append(codes)
            return after.model_copy(update={"passkeys": (*login.passkeys, passkey)})

        await self._logins.change(user_id, added)
        return Made(passkey, made[-1])

    async def ask_second(self, site: Site, user_id: str) -> dict[str, Any]:
        """The options of a second factor: one of this person's passkeys."""
        login = await self._logins.get(user_id)
        if not login.passkeys:
            raise FactorNotFoundError("This account has no passkey.")
        token = await self._challenges.set(CEREMONY, _SECOND, user_id, CEREMONY_S)
        options = ceremony.ask_to_prove(site, token, login.passkeys, alone=False)
        return {"options": options, "expires_in": CEREMONY_S}

    async def ask_alone(self, site: Site) -> dict[str, Any]:
        """The options of signing in by a passkey and nothing else, whoever has one here."""
        token = await self._challenges.set(CEREMONY, _ALONE, "", CEREMONY_S)
        options = ceremony.ask_to_prove(site, token, (), alone=True)
        return {"options": options, "expires_in": CEREMONY_S}

    async def prove_second(self, site: Site, user_id: str, credential: Mapping[str, Any]) -> None:
        """That this person's passkey is there; else SecondFactorWrongError."""
        token, _ = await self._spend(_SECOND, user_id, credential)
        await self._prove(site, token, user_id, credential, alone=False)

    async def prove_alone(self, site: Site, credential: Mapping[str, Any]) -> str:
        """The user whose passkey is there, with its holder verified by it."""
        token, _ = await self._spend(_ALONE, "", credential)
        user_id = ceremony.user_in(credential)
        if not ids.is_id(user_id, "usr"):
            raise _refused("", PasskeyRefused("it names nobody"))
        await self._prove(site, token, user_id, credential, alone=True)
        return user_id

    async def rename(self, user_id: str, credential_id: str, name: str) -> Passkey:
        """Call one of them otherwise."""
        found: list[Passkey] = []

        def renamed(login: LoginSaved) -> LoginSaved:
            passkey = _mine(login, credential_id).model_copy(update={"name": name})
            found.append(passkey)
            return _with(login, passkey)

        await self._logins.change(user_id, renamed)
        return found[-1]

    async def delete(self, user_id: str, credential_id: str, *, demanded: bool) -> None:
        """Remove one of them."""

        def removed(login: LoginSaved) -> LoginSaved:
            gone = _mine(login, credential_id)
            left = tuple(one for one in login.passkeys if one is not gone)
            return still_one(bare(login.model_copy(update={"passkeys": left})), demanded=demanded)

        await self._logins.change(user_id, removed)

    async def _prove(
        self, site: Site, token: str, user_id: str, credential: Mapping[str, Any], *, alone: bool
    ) -> None:
        def used(login: LoginSaved) -> LoginSaved:
            passkey = next(
                (one for one in login.passkeys if one.credential_id == credential.get("id")), None
            )
            if passkey is None:
                raise PasskeyRefused("it is none of this person's")
            count = ceremony.proved(site, token, credential, passkey, alone=alone)
            return _with(
                login,
                passkey.model_copy(update={"sign_count": count, "used_at": self._now()}),
            )

        try:
            await self._logins.change(user_id, used)
        except PasskeyRefused as error:
            raise _refused(user_id, error) from None

    async def _spend(
        self, aim: str, user_id: str, credential: Mapping[str, Any]
    ) -> tuple[str, str]:
        token = ceremony.token_in(credential)
        found = await self._challenges.look(CEREMONY, token)
        if found is None or found.data != aim or found.user_id != user_id:
            raise _stale()
        if await self._challenges.spend(CEREMONY, token) is None:
            raise _stale()
        return token, found.user_id


def _mine(login: LoginSaved, credential_id: str) -> Passkey:
    for one in login.passkeys:
        if one.credential_id == credential_id:
            return one
    raise FactorNotFoundError("You have no such passkey: list them at /api/v1/auth/factors.")


def _with(login: LoginSaved, passkey: Passkey) -> LoginSaved:
    changed = (
        passkey if one.credential_id == passkey.credential_id else one for one in login.passkeys
    )
    return login.model_copy(update={"passkeys": tuple(changed)})


def _room(login: LoginSaved) -> None:
    if len(login.passkeys) >= MOST:
        raise FactorExistsError(f"There are {MOST} passkeys already: delete one that is not used.")


def _stale() -> SignInStaleError:
    return SignInStaleError("This passkey answers what was not asked, or too late: begin again.")


def _refused(user_id: str, error: PasskeyRefused) -> SecondFactorWrongError:
    _log.warning("passkey refused", user_id=user_id, problem=str(error)[:200])
    return SecondFactorWrongError("That passkey does not prove it: use one of this account, here.")
