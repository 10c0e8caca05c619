"""What people are told by mail: a few plain sentences, and a link that counts once.

Mail goes to the address that the account has, never to one that somebody typed.
The token stands behind `#`: browsers send that part to nobody. Nothing waits for
a mail; one that is not taken is tried again, and then given up, which the log
tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from services.identity.challenges import INVITE, RESET, VERIFY, Challenges
from weir.contract.errors import WeirError
from weir.contract.identity_errors import MailFailedError
from weir.contract.messages import UserSaved
from weir.ports.mail import Mail, Mailer
from weir.runtime.background import Background
from weir.settings import Settings

INVITED_S = 7 * 86_400
RESET_S = 3_600
VERIFY_S = 86_400
WAITING = 100
_PAUSES_S = (1.0, 10.0, 60.0)

_log = structlog.get_logger()


class Post:
    """Writes and sends. All of it goes on by itself and raises nothing."""

    def __init__(
        self,
        challenges: Challenges,
        mailer: Mailer | None,
        settings: Settings,
        background: Background,
    ) -> None:
        self._challenges = challenges
        self._mailer = mailer
        self._background = background
        self._waiting = 0
        host = "127.0.0.1" if settings.http_host in {"0.0.0.0", "::"} else settings.http_host  # noqa: S104
        own = f"http://{host}:{settings.http_port}"
        self._site = (settings.public_url or own).rstrip("/")

    def link(self, page: str, token: str) -> str:
        """The address of a page that takes the token."""
        return f"{self._site}/{page}#{token}"

    async def invite(self, user: UserSaved, tenant: str, name: str) -> None:
        """Tell somebody that they are a member; who has no account yet gets one by the link."""
        if user.status != "invited":
            self._go(
                user.email,
                f"You are now a member of {_line(name)}",
                f"You can work in {_line(name)} from now on, with the account you have:\n\n"
                f"    {self._site}\n",
            )
            return
        token = await self._challenges.set(INVITE, {"tenant": tenant}, user.user_id, INVITED_S)
        self._go(
            user.email,
            f"You are invited to {_line(name)}",
            f"Somebody invited you to {_line(name)} on Weir. Set a password here; the link counts "
            f"once, within seven days:\n\n    {self.link('accept-invite', token)}\n\n"
            "If you expected nothing of the kind, leave it.\n",
        )

    async def begin(self, user: UserSaved) -> None:
        """Let somebody who asked for an account take it."""
        token = await self._challenges.set(INVITE, {"tenant": ""}, user.user_id, VERIFY_S)
        self._go(
            user.email,
            "Your account",
            "Somebody, probably you, asked for an account on Weir with this address. Set a "
            "password here; the link counts once, within a day:\n\n"
            f"    {self.link('accept-invite', token)}\n\n"
            "If it was not you, leave it: without the link nobody gets in.\n",
        )

    def known(self, user: UserSaved) -> None:
        """Tell somebody who asked for an account that they have one."""
        self._go(
            user.email,
            "You have an account already",
            "Somebody, probably you, asked for an account on Weir with this address. There is "
            f"one; sign in, or ask for a new password, here:\n\n    {self._site}\n",
        )

    async def reset(self, user: UserSaved, password_at: str) -> None:
        """Let somebody set a new password."""
        data = {"password_at": password_at}
        token = await self._challenges.set(RESET, data, user.user_id, RESET_S)
        self._go(
            user.email,
            "Set a new password",
            "Somebody, probably you, asked for a new password. Set it here; the link counts once, "
            f"within an hour, and signs out everywhere:\n\n    {self.link('reset-password', token)}"
            "\n\nIf it was not you, leave it: the password stays as it is.\n",
        )

    async def verify(self, user_id: str, address: str) -> None:
        """Ask whether a new address is theirs."""
        token = await self._challenges.set(VERIFY, {"email": address}, user_id, VERIFY_S)
        self._go(
            address,
            "Is this your address?",
            "Somebody, probably you, wants to sign in to Weir with this address from now on. Say "
            f"yes here; the link counts once, within a day:\n\n"
            f"    {self.link('verify-email', token)}\n\nIf it was not you, leave it.\n",
        )

    def moved(self, before: str, after: str) -> None:
        """Tell the address that was theirs that it is not any more."""
        self._go(
            before,
            "Your address was changed",
            f"Your account on Weir has the address {after} from now on. If that was not you, tell "
            "your administrator.\n",
        )

    def changed(self, user: UserSaved) -> None:
        """Tell somebody that their password was changed."""
        self._go(
            user.email,
            "Your password was changed",
            "Your password on Weir was changed, and every other session ended. If that was not "
            f"you, set a new one at once:\n\n    {self._site}\n",
        )

    def unfactored(self, user: UserSaved) -> None:
        """Tell somebody that their second factors were taken away."""
        self._go(
            user.email,
            "Your second factors were removed",
            "An administrator of this Weir removed the second factors and passkeys of your "
            "account, and ended its sessions. Sign in with your password and add new ones:\n\n"
            f"    {self._site}\n\nIf you did not ask for it, tell your administrator.\n",
        )

    def quietly(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Do this after the answer, so that the answer's time tells nothing."""
        if self._waiting >= WAITING:
            work.close()
            _log.warning("too much mail waits: dropped", what=what)
            return
        self._waiting += 1
        self._background.spawn(self._done(work, what), f"mail: {what}")

    async def _done(self, work: Coroutine[Any, Any, None], what: str) -> None:
        try:
            await work
        except WeirError as error:
            _log.warning("mail not sent", what=what, code=error.code, problem=error.message)
        finally:
            self._waiting -= 1

    def _go(self, to: str, subject: str, text: str) -> None:
        if to:
            self.quietly(self._send(Mail(to, subject, f"{text}\nWeir\n")), subject)

    async def _send(self, mail: Mail) -> None:
        if self._mailer is None:
            raise MailFailedError("This process sends no mail.")
        for pause_s in _PAUSES_S:
            try:
                await self._mailer.send(mail)
            except MailFailedError as error:
                _log.info("mail is tried again", problem=error.message, after_s=pause_s)
                await asyncio.sleep(pause_s)
            else:
                return
        await self._mailer.send(mail)


def _line(text: str) -> str:
    """A name as it may stand in a subject."""
    return " ".join(text.split())[:100]
