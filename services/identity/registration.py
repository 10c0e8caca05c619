"""How people get an account, and change its address.

Every way leads over a link that was mailed to the address: nobody holds an
account with an address that they cannot read, and no password is stored before
that is shown. Only the very first person comes without: the link that
`weir up` shows makes an administrator of the installation.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from services.identity.accounts import Accounts, themselves
from services.identity.accounts_models import Accept, ChangeEmail, Register, Verify
from services.identity.challenges import INVITE, VERIFY, Challenges
from services.identity.factors import Logins
from services.identity.factors_proof import Proofs
from services.identity.guessing import Guesses
from services.identity.invitations import Invitations
from services.identity.mail import Post
from services.identity.passwords import Passwords, acceptable
from services.identity.recovery import MAILS_OF_CALLER, MAILS_TO_ADDRESS, link_spent
from services.identity.roster import Put, Roster
from services.identity.sessions import Sessions
from services.identity.sign_in import SignIn
from services.identity.totp_models import Proof
from weir.contract import ids, subjects
from weir.contract.errors import ConflictError
from weir.contract.identity_errors import (
    AccountExistsError,
    RegistrationClosedError,
    TooManyGuessesError,
)
from weir.contract.messages import (
    ChallengeSet,
    IdentityRecord,
    LoginSaved,
    MemberSaved,
    UserSaved,
)
from weir.ports.log import Log
from weir.runtime.http.browser import is_browser
from weir.runtime.http.call import Call, Reply
from weir.runtime.platform import Platform
from weir.runtime.records import read

FIRST = "first"


async def is_without_people(identity: Log) -> bool:
    """Whether nobody has, or ever took up, an account."""
    async for batch in identity.read(subjects.user("*")):
        for stored in batch:
            user = read(IdentityRecord, stored).user_saved
            if user is not None and user.status != "invited" and ids.is_id(user.user_id, "usr"):
                return False
    return True


class Registration:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it brings together
        self,
        platform: Platform,
        accounts: Accounts,
        passwords: Passwords,
        guesses: Guesses,
        logins: Logins,
        challenges: Challenges,
        sessions: Sessions,
        post: Post,
        proofs: Proofs,
        sign_in: SignIn,
        invitations: Invitations,
        roster: Roster,
    ) -> None:
        self._identity = platform.identity
        self._registration = platform.settings.registration
        self._accounts = accounts
        self._passwords = passwords
        self._guesses = guesses
        self._logins = logins
        self._challenges = challenges
        self._sessions = sessions
        self._post = post
        self._proofs = proofs
        self._sign_in = sign_in
        self._invitations = invitations
        self._roster = roster

    async def register(self, call: Call) -> Reply:
        """POST /auth/register."""
        asked = await call.model(Register)
        if self._registration != "open":
            raise RegistrationClosedError(
                "Nobody registers here by themselves: ask an administrator for an invitation."
            )
        address = self._invitations.address(asked.email)
        await self._guesses.ask(f"mails by {call.address}", MAILS_OF_CALLER)
        self._post.quietly(self._begin(address, asked.name or ""), "register")
        return Reply(status=HTTPStatus.ACCEPTED)

    async def _begin(self, address: str, name: str) -> None:
        try:
            await self._guesses.ask(f"mails to {address}", MAILS_TO_ADDRESS)
        except TooManyGuessesError:
            return
        user_id = await self._invitations.user(themselves("installation"), address)
        user = await self._accounts.user(user_id)
        if user is None:
            user = UserSaved(
                user_id=user_id,
                name=name or address.partition("@")[0],
                email=address,
                status="invited",
                created_at=self._sessions.now(),
            )
            try:
                await self._accounts.make(themselves(user_id), user)
            except ConflictError:
                return  # the same was asked twice at the same time: one mail is enough
        if user.status == "invited":
            await self._post.begin(user)
        elif user.status == "active":
            self._post.known(user)

    async def accept(self, call: Call) -> Reply:
        """POST /auth/invitations/accept."""
        if is_browser(call.request):
            self._sessions.own_page(call.request)
        asked = await call.model(Accept)
        challenge = await self._challenges.look(INVITE, asked.token)
        if challenge is None:
            raise link_spent()
        if challenge.data.get(FIRST):
            return await self._accept_first(call, asked)
        if self._registration == "closed":
            raise RegistrationClosedError("This installation takes no new accounts at present.")
        user = await self._accounts.user(challenge.user_id)
        if user is None or user.status != "invited":
            raise link_spent()
        anew = await self._passwords.hash(acceptable(asked.password, user.email, asked.name or ""))
        spent = await self._spend(asked.token)
        await self._activate(call, user.user_id, asked.name or user.name, anew)
        return await self._sign_in.proved(
            call, user.user_id, ("password",), spent.data.get("tenant", "")
        )

    async def _accept_first(self, call: Call, asked: Accept) -> Reply:
        if not await is_without_people(self._identity):
            raise link_spent()
        address = self._invitations.address(asked.email)
        anew = await self._passwords.hash(acceptable(asked.password, address, asked.name or ""))
        user_id = await self._invitations.user(themselves("installation"), address)
        if await self._accounts.user(user_id) is not None:
            raise AccountExistsError("There is an account with this address: take another one.")
        tenant = str((await self._spend(asked.token)).data["tenant"])
        now = self._sessions.now()
        user = UserSaved(
            user_id=user_id,
            name=asked.name or address.partition("@")[0],
            email=address,
            status="invited",
            platform=True,
            created_at=now,
        )
        member = MemberSaved(tenant=tenant, user_id=user_id, role="admin", created_at=now)

        def puts() -> Sequence[Put]:
            return (
                Put(subjects.member(tenant, user_id), member),
                Put(subjects.user(user_id), user),
            )

        await self._roster.store(themselves(user_id, tenant), tenant, puts)
        await self._activate(call, user_id, user.name, anew)
        return await self._sign_in.proved(call, user_id, ("password",), tenant)

    async def _spend(self, token: str) -> ChallengeSet:
        spent = await self._challenges.spend(INVITE, token)
        if spent is None:
            raise link_spent()
        return spent

    async def _activate(self, call: Call, user_id: str, name: str, password_hash: str) -> None:
        """The password first: an account that is active can be signed in to."""
        now = self._sessions.now()

        def first(login: LoginSaved) -> LoginSaved:
            return login.model_copy(update={"password_hash": password_hash, "password_at": now})

        def active(user: UserSaved) -> UserSaved:
            if user.status != "invited":
                raise link_spent()  # somebody disabled the account in this moment
            return user.model_copy(update={"name": name, "status": "active"})

        call.audited(actor=user_id, resource=user_id)
        await self._logins.change(user_id, first)
        if await self._accounts.change(themselves(user_id), user_id, active) is None:
            raise link_spent()

    async def change_email(self, call: Call) -> Reply:
        """POST /auth/email."""
        asked = await call.model(ChangeEmail)
        proof = Proof(password=asked.password, code=asked.code)
        user_id = await self._proofs.owner(call, proof, self._sessions.now_ms())
        address = self._invitations.address(asked.email)
        await self._guesses.ask(f"mails by {user_id}", MAILS_TO_ADDRESS)
        self._post.quietly(self._post.verify(user_id, address), "verify an address")
        return Reply(status=HTTPStatus.ACCEPTED)

    async def verify_email(self, call: Call) -> Reply:
        """POST /auth/email/verify."""
        asked = await call.model(Verify)
        challenge = await self._challenges.spend(VERIFY, asked.token)
        user = await self._accounts.user(challenge.user_id) if challenge else None
        if challenge is None or user is None or user.status != "active":
            raise link_spent()
        data: dict[str, Any] = challenge.data
        address, by = str(data["email"]), themselves(user.user_id)
        call.audited(actor=user.user_id, resource=user.user_id)
        await self._accounts.claim(by, address, user.user_id)
        before = user.email
        await self._accounts.change(
            by, user.user_id, lambda one: one.model_copy(update={"email": address})
        )
        if before != address:
            await self._accounts.free(by, before, user.user_id)
            self._post.moved(before, address)
        return Reply(status=HTTPStatus.NO_CONTENT)
