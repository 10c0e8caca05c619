"""Time-based codes and recovery codes of accounts: enrolled, spent once, made anew, removed.

A new secret counts after its first right code. A code's time step is stored
before anything comes of it, on top of the login as it was read: of any number
that send one code at the same time, one is right. Wrong codes of an account
are counted together, whatever they were sent for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.identity import totp_codes
from services.identity.challenges import Challenges
from services.identity.factors import Logins, held, still_one
from services.identity.guessing import Guesses
from weir.contract.identity_errors import (
    FactorExistsError,
    FactorNotFoundError,
    SecondFactorWrongError,
    SignInStaleError,
)
from weir.contract.messages import LoginSaved
from weir.ports.secrets import Place, Sealed, Secrets

ENROLMENT = "totp"
ENROLMENT_S = 600
ISSUER = "Weir"


class Codes:
    """Codes of all accounts."""

    def __init__(
        self,
        logins: Logins,
        challenges: Challenges,
        guesses: Guesses,
        secrets: Secrets,
        now_ms: Callable[[], int],
    ) -> None:
        self._logins = logins
        self._challenges = challenges
        self._guesses = guesses
        self._secrets = secrets
        self._now_ms = now_ms

    async def spend(self, user_id: str, code: str) -> None:
        """Take a time-based code; SecondFactorWrongError if it does not count (any more)."""
        sealed = (await self._logins.get(user_id)).totp
        secret = await self._open(user_id, sealed) if sealed else totp_codes.new_secret()

        def taken(login: LoginSaved) -> LoginSaved:
            step = totp_codes.step_of(secret, code, self._now_ms() / 1000, login.totp_step)
            if step is None or not login.totp or login.totp != sealed:
                raise wrong()
            return login.model_copy(update={"totp_step": float(step)})

        await self._guess(user_id, taken)

    async def spend_recovery(self, user_id: str, code: str) -> None:
        """Take a recovery code, for good; SecondFactorWrongError if it is none of theirs."""

        def taken(login: LoginSaved) -> LoginSaved:
            left = totp_codes.without(login.recovery, code)
            if left is None:
                raise wrong()
            return login.model_copy(update={"recovery": left})

        await self._guess(user_id, taken)

    async def enrol(self, user_id: str, account: str) -> dict[str, Any]:
        """A secret for an app, shown this once, that counts for nothing yet."""
        if (await self._logins.get(user_id)).totp:
            raise _exists()
        secret = totp_codes.new_secret()
        sealed = await self._secrets.seal(secret.encode(), _place(user_id))
        token = await self._challenges.set(ENROLMENT, sealed.text, user_id, ENROLMENT_S)
        return {
            "enrolment": token,
            "secret": secret,
            "uri": totp_codes.address(secret, account or user_id, ISSUER),
            "expires_in": ENROLMENT_S,
        }

    async def confirm(self, user_id: str, enrolment: str, code: str) -> tuple[str, ...]:
        """Let the secret count from now on, and make recovery codes; returns them.

        SignInStaleError if the enrolment is not theirs or too old,
        SecondFactorWrongError if the code is wrong, which leaves it as it is.
        """
        found = await self._challenges.look(ENROLMENT, enrolment)
        if found is None or found.user_id != user_id or not isinstance(found.data, str):
            raise SignInStaleError("This enrolment is too old or not yours: begin it again.")
        sealed = found.data
        secret = await self._open(user_id, sealed)
        codes = totp_codes.new_recovery()

        def counting(login: LoginSaved) -> LoginSaved:
            if login.totp:
                raise _exists()
            step = totp_codes.step_of(secret, code, self._now_ms() / 1000, 0)
            if step is None:
                raise wrong()
            return login.model_copy(
                update={"totp": sealed, "totp_step": float(step), "recovery": _hashed(codes)}
            )

        await self._guess(user_id, counting)
        await self._challenges.spend(ENROLMENT, enrolment)
        return codes

    async def disable(self, user_id: str, *, demanded: bool) -> None:
        """Remove the secret, and the recovery codes where nothing is left that they replace."""

        def without(login: LoginSaved) -> LoginSaved:
            if not login.totp:
                raise FactorNotFoundError("There are no time-based codes to disable.")
            after = login.model_copy(update={"totp": ""})
            return still_one(bare(after), demanded=demanded)

        await self._logins.change(user_id, without)

    async def renew(self, user_id: str) -> tuple[str, ...]:
        """Ten new recovery codes in the place of all before."""
        codes = totp_codes.new_recovery()

        def renewed(login: LoginSaved) -> LoginSaved:
            if not held(login):
                raise FactorNotFoundError("There is no second factor that codes could replace.")
            return login.model_copy(update={"recovery": _hashed(codes)})

        await self._logins.change(user_id, renewed)
        return codes

    async def _guess(self, user_id: str, next_of: Callable[[LoginSaved], LoginSaved]) -> None:
        async with self._guesses.guarded(f"second factor {user_id}"):
            await self._logins.change(user_id, next_of)

    async def _open(self, user_id: str, sealed: str) -> str:
        return (await self._secrets.open(Sealed.parse(sealed), _place(user_id))).decode()


def bare(login: LoginSaved) -> LoginSaved:
    """Without recovery codes if there is nothing left that they could stand in for."""
    return login if held(login) else login.model_copy(update={"recovery": ()})


def first_recovery(login: LoginSaved) -> tuple[LoginSaved, tuple[str, ...]]:
    """The login with recovery codes, and those codes if they had to be made."""
    if login.recovery:
        return login, ()
    codes = totp_codes.new_recovery()
    return login.model_copy(update={"recovery": _hashed(codes)}), codes


def wrong() -> SecondFactorWrongError:
    """The one answer to a code that does not count, whatever is wrong with it."""
    return SecondFactorWrongError(
        "That code does not count: take the one shown now, and none that was used before."
    )


def _hashed(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(totp_codes.hashed(code) for code in codes)


def _exists() -> FactorExistsError:
    return FactorExistsError("There are time-based codes already: disable them first.")


def _place(user_id: str) -> Place:
    return Place("-", user_id, ENROLMENT)
