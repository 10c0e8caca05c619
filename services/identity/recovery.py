"""Passwords changed, forgotten and set anew.

A new password ends every session. Whoever asks for a link by mail hears the
same at the same time, whether there is such an account or not: what there is to
do is done after the answer.
"""

from __future__ import annotations

from http import HTTPStatus

from services.identity import addresses
from services.identity.accounts import Accounts, themselves
from services.identity.accounts_models import ChangePassword, Forgotten, Reset
from services.identity.challenges import RESET, Challenges
from services.identity.factors import Logins
from services.identity.factors_proof import Proofs
from services.identity.guessing import Guesses
from services.identity.mail import Post
from services.identity.passwords import Passwords, acceptable
from services.identity.sessions import Sessions
from services.identity.sign_in import guessed
from services.identity.totp_models import Proof
from weir.contract.identity_errors import LinkSpentError, TooManyGuessesError
from weir.contract.messages import ChallengeSet, LoginSaved, UserSaved
from weir.runtime.http.call import Call, Reply

MAILS_OF_CALLER = 30  # in an hour
MAILS_TO_ADDRESS = 3


class Recovery:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it brings together
        self,
        accounts: Accounts,
        passwords: Passwords,
        guesses: Guesses,
        logins: Logins,
        challenges: Challenges,
        sessions: Sessions,
        post: Post,
        proofs: Proofs,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._guesses = guesses
        self._logins = logins
        self._challenges = challenges
        self._sessions = sessions
        self._post = post
        self._proofs = proofs

    async def forgotten(self, call: Call) -> Reply:
        """POST /auth/password/forgot."""
        asked = await call.model(Forgotten)
        await self._guesses.ask(f"mails by {call.address}", MAILS_OF_CALLER)
        self._post.quietly(self._remind(asked.email), "forgotten password")
        return Reply(status=HTTPStatus.ACCEPTED)

    async def _remind(self, given: str) -> None:
        address = addresses.normal(given)
        if address is None:
            return
        try:
            await self._guesses.ask(f"mails to {address}", MAILS_TO_ADDRESS)
        except TooManyGuessesError:
            return
        user = await self._accounts.user(await self._accounts.id_of(address))
        if user is not None and user.status == "invited":
            await self._post.begin(user)
        elif user is not None and user.status == "active":
            login = await self._logins.get(user.user_id)
            await self._post.reset(user, login.password_at or "")

    async def reset(self, call: Call) -> Reply:
        """POST /auth/password/reset."""
        asked = await call.model(Reset)
        user = await self._of(await self._challenges.look(RESET, asked.token))
        anew = await self._passwords.hash(acceptable(asked.password, user.email, user.name))
        challenge = await self._challenges.spend(RESET, asked.token)
        if challenge is None:
            raise link_spent()
        expected = challenge.data["password_at"]

        def changed(login: LoginSaved) -> LoginSaved:
            if (login.password_at or "") != expected:
                raise link_spent()  # it was changed since the link was asked for
            return self._with(login, anew)

        call.audited(actor=user.user_id, resource=user.user_id)
        await self._logins.change(user.user_id, changed)
        await self._all_over(user.user_id)
        await self._guesses.forget(guessed(user.email))
        self._post.changed(user)
        return Reply(status=HTTPStatus.NO_CONTENT)

    async def change(self, call: Call) -> Reply:
        """PUT /auth/password."""
        asked = await call.model(ChangePassword)
        proof = Proof(password=asked.current, code=asked.code)
        user_id = await self._proofs.owner(call, proof, self._sessions.now_ms())
        user = await self._accounts.user(user_id)
        if user is None:
            raise link_spent()
        before = await self._logins.get(user_id)
        methods = await self._sessions.methods(call.principal.session)
        anew = await self._passwords.hash(acceptable(asked.new, user.email, user.name))

        def changed(login: LoginSaved) -> LoginSaved:
            if login.password_hash != before.password_hash:
                raise link_spent()
            return self._with(login, anew)

        call.audited(resource=user_id)
        await self._logins.change(user_id, changed)
        await self._all_over(user_id)
        self._post.changed(user)
        return await self._sessions.open(call, user_id, methods, call.principal.tenant)

    async def _of(self, challenge: ChallengeSet | None) -> UserSaved:
        user = await self._accounts.user(challenge.user_id) if challenge else None
        if user is None or user.status != "active":
            raise link_spent()
        return user

    def _with(self, login: LoginSaved, password_hash: str) -> LoginSaved:
        return login.model_copy(
            update={"password_hash": password_hash, "password_at": self._sessions.now()}
        )

    async def _all_over(self, user_id: str) -> None:
        """End every session, those that begin in this moment too."""
        by, now = themselves(user_id), self._sessions.now()
        await self._accounts.change(
            by, user_id, lambda user: user.model_copy(update={"sessions_after": now})
        )
        await self._sessions.end_all(by, user_id, "password_changed")


def link_spent() -> LinkSpentError:
    """The one answer to a link that does not count, whatever is wrong with it."""
    return LinkSpentError("This link was used already or is too old: ask for another one.")
