"""Signing in by password.

Unknown address, wrong password, disabled account: the same steps, the same
answer. A second factor, where there is one or must be one, follows.
"""

from __future__ import annotations

from services.identity import addresses
from services.identity.accounts import Accounts
from services.identity.accounts_models import Login
from services.identity.challenges import SECOND_FACTOR, Challenges
from services.identity.factors import Factors, Logins, halfway
from services.identity.guessing import Guesses
from services.identity.passwords import Passwords
from services.identity.sessions import Sessions, wrong
from weir.contract import subjects
from weir.contract.errors import TenantForbiddenError
from weir.contract.messages import AccountRecord, LoginSaved
from weir.runtime.http.browser import is_browser
from weir.runtime.http.call import Call, Reply
from weir.runtime.records import Records

HALFWAY_S = 600


class SignIn:
    """The handler of login, and what follows a proof."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it brings together
        self,
        records: Records[AccountRecord],
        accounts: Accounts,
        passwords: Passwords,
        guesses: Guesses,
        logins: Logins,
        factors: Factors,
        challenges: Challenges,
        sessions: Sessions,
    ) -> None:
        self._records = records
        self._accounts = accounts
        self._passwords = passwords
        self._guesses = guesses
        self._logins = logins
        self._factors = factors
        self._challenges = challenges
        self._sessions = sessions

    async def login(self, call: Call) -> Reply:
        """POST /auth/login."""
        if is_browser(call.request):
            self._sessions.own_page(call.request)
        asked = await call.model(Login)
        address = addresses.normal(asked.email) or asked.email
        async with self._guesses.guarded(guessed(address), call.address):
            user_id = await self._accounts.id_of(address)
            entry = await self._records.fresh(subjects.login(user_id))
            login = entry.record.login_saved if entry else None
            stored = login.password_hash if login else ""
            fits = await self._passwords.fits(stored, asked.password)
            user = await self._accounts.user(user_id)
            if user is not None:
                call.audited(resource=user_id)
            if not fits or user is None or user.status != "active":
                raise wrong()
        call.audited(actor=user_id)
        if self._passwords.is_old(stored):
            await self._renew(user_id, stored, asked.password)
        if asked.tenant and asked.tenant not in await self._sessions.tenants(user_id):
            raise TenantForbiddenError(
                "You are no member of that tenant: leave `tenant` out, or name one of yours."
            )
        return await self.proved(call, user_id, ("password",), asked.tenant)

    async def proved(
        self, call: Call, user_id: str, methods: tuple[str, ...], tenant: str
    ) -> Reply:
        """A session, or what is still to come before it."""
        needed = await self._factors.needed(user_id)
        if needed is None:
            return await self._sessions.open(call, user_id, methods, tenant)
        half = halfway(methods, tenant)
        challenge = await self._challenges.set(SECOND_FACTOR, half, user_id, HALFWAY_S)
        call.audited(event="user.password_proved")
        return Reply(
            {
                "second_factor": list(needed.factors),
                "enrol": needed.enrol,
                "challenge": challenge,
                "expires_in": HALFWAY_S,
            }
        )

    async def _renew(self, user_id: str, stored: str, password: str) -> None:
        """A new hash of the same password, unless it was changed in this moment."""
        anew = await self._passwords.hash(password)

        def renewed(login: LoginSaved) -> LoginSaved:
            if login.password_hash != stored:
                return login
            return login.model_copy(update={"password_hash": anew})

        await self._logins.change(user_id, renewed)


def guessed(address: str) -> str:
    """What wrong passwords are counted by: the address, whether anybody has it or not."""
    return f"password {address}"
