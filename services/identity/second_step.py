"""The second step of signing in: the password was right, and a factor is still to come.

The challenge that the first step answered stands for the half that is done. It
may be looked at as often as somebody mistypes, and is spent by the session that
comes of it. Where a tenant demands a factor of somebody who has none, enrolling
one is this step.
"""

from __future__ import annotations

from typing import Any

from services.identity.challenges import SECOND_FACTOR, Challenges
from services.identity.factors import RECOVERY, TOTP, Logins, held
from services.identity.sessions import Sessions
from services.identity.sign_in import HALFWAY_S
from services.identity.totp import Codes
from services.identity.totp_models import Halfway, HalfwayCode, HalfwayConfirm
from weir.contract import subjects, times
from weir.contract.identity_errors import FactorExistsError, SignInStaleError
from weir.contract.messages import ChallengeSet, IdentityRecord
from weir.runtime.http.browser import is_browser
from weir.runtime.http.call import Call, Reply
from weir.runtime.records import Records


class SecondStep:
    """The handlers, and what passkeys need of them."""

    def __init__(
        self,
        identity: Records[IdentityRecord],
        logins: Logins,
        challenges: Challenges,
        codes: Codes,
        sessions: Sessions,
    ) -> None:
        self._identity = identity
        self._logins = logins
        self._challenges = challenges
        self._codes = codes
        self._sessions = sessions

    async def totp(self, call: Call) -> Reply:
        """POST /auth/second-factor/totp."""
        asked = await call.model(HalfwayCode)
        half = await self.look(call, asked.challenge)
        await self._codes.spend(half.user_id, asked.code)
        return await self.complete(call, asked.challenge, TOTP)

    async def recovery(self, call: Call) -> Reply:
        """POST /auth/second-factor/recovery."""
        asked = await call.model(HalfwayCode)
        half = await self.look(call, asked.challenge)
        await self._codes.spend_recovery(half.user_id, asked.code)
        return await self.complete(call, asked.challenge, RECOVERY)

    async def enrol(self, call: Call) -> Reply:
        """POST /auth/second-factor/enrol/totp."""
        asked = await call.model(Halfway)
        user_id = await self.enrolling(call, asked.challenge)
        return Reply(await self._codes.enrol(user_id, await self.shown(user_id)))

    async def confirm(self, call: Call) -> Reply:
        """POST /auth/second-factor/enrol/totp/confirm."""
        asked = await call.model(HalfwayConfirm)
        user_id = await self.enrolling(call, asked.challenge)
        made = await self._codes.confirm(user_id, asked.enrolment, asked.code)
        return await self.complete(call, asked.challenge, TOTP, made)

    async def look(self, call: Call, token: str) -> ChallengeSet:
        """The half that is done; SignInStaleError if there is none."""
        self._from_us(call)
        half = self._known(call, await self._challenges.look(SECOND_FACTOR, token))
        if await self._outdated(half):
            raise _stale()
        return half

    async def enrolling(self, call: Call, token: str) -> str:
        """Who is to enrol a factor now; FactorExistsError if they have one, which counts then."""
        half = await self.look(call, token)
        if held(await self._logins.get(half.user_id)):
            raise FactorExistsError("There is a second factor already: show that one.")
        return half.user_id

    async def complete(
        self, call: Call, token: str, method: str, recovery: tuple[str, ...] = ()
    ) -> Reply:
        """The session; `recovery` codes are shown with it."""
        half = self._known(call, await self._challenges.spend(SECOND_FACTOR, token))
        data: dict[str, Any] = half.data
        methods = (*data["methods"], method)
        reply = await self._sessions.open(call, half.user_id, methods, data["tenant"])
        return (
            reply._replace(value=reply.value | {"recovery_codes": recovery}) if recovery else reply
        )

    async def shown(self, user_id: str) -> str:
        """How an authenticator shows the account: its address, or its name."""
        entry = await self._identity.get(subjects.user(user_id))
        saved = entry.record.user_saved if entry else None
        return (saved.email or saved.name) if saved else user_id

    async def _outdated(self, half: ChallengeSet) -> bool:
        """Whether the password was changed since, or all sessions that began before are over."""
        began = times.to_ms(half.expires_at) - HALFWAY_S * 1000
        login = await self._logins.get(half.user_id)
        entry = await self._identity.fresh(subjects.user(half.user_id))
        user = entry.record.user_saved if entry else None
        later = (login.password_at, user.sessions_after if user else None)
        return any(at is not None and times.to_ms(at) > began for at in later)

    def _from_us(self, call: Call) -> None:
        if is_browser(call.request):
            self._sessions.own_page(call.request)

    def _known(self, call: Call, half: ChallengeSet | None) -> ChallengeSet:
        if half is None:
            raise _stale()
        tenant = half.data["tenant"]
        call.audited(actor=half.user_id, **({"tenant": tenant} if tenant else {}))
        return half


def _stale() -> SignInStaleError:
    return SignInStaleError("This sign-in is too old or was completed: begin it again.")
