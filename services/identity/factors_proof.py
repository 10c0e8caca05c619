"""Proving anew who one is, before one changes how one signs in.

By password or by a code. Who has neither must have signed in within the last
ten minutes: that is how people come in who have passkeys alone.
"""

from __future__ import annotations

from services.identity.factors import Factors, Logins
from services.identity.guessing import Guesses
from services.identity.passwords import Passwords
from services.identity.totp import Codes
from services.identity.totp_models import Proof
from weir.contract import times
from weir.contract.identity_errors import ProofRequiredError
from weir.runtime.http.call import Call

FRESH_MS = 600_000
_RECOVERY_LENGTH = 12  # time-based codes are shorter, recovery codes longer


class Proofs:
    """Asks for them."""

    def __init__(
        self,
        factors: Factors,
        logins: Logins,
        codes: Codes,
        passwords: Passwords,
        guesses: Guesses,
    ) -> None:
        self._factors = factors
        self._logins = logins
        self._codes = codes
        self._passwords = passwords
        self._guesses = guesses

    async def owner(self, call: Call, proof: Proof, now_ms: int) -> str:
        """The user who asks and has proved it again.

        ProofRequiredError without a proof or with a wrong password,
        SecondFactorWrongError with a wrong code; PersonRequiredError, ForbiddenError
        and TooManyGuessesError as elsewhere.
        """
        user_id, _, began = await self._factors.owner(call)
        login = await self._logins.get(user_id)
        if proof.code and login.totp and len(proof.code) < _RECOVERY_LENGTH:
            await self._codes.spend(user_id, proof.code)
        elif proof.code:
            await self._codes.spend_recovery(user_id, proof.code)
        elif proof.password:
            async with self._guesses.guarded(f"proof {user_id}"):
                if not await self._passwords.fits(login.password_hash, proof.password):
                    raise ProofRequiredError("That is not the password: nothing was changed.")
        elif login.password_hash or login.totp or now_ms - times.to_ms(began) > FRESH_MS:
            raise ProofRequiredError(
                "Prove anew that it is you: send `password`, or `code`. Without either, sign in "
                "again and ask within ten minutes."
            )
        return user_id
