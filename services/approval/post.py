"""Mails to those who are asked: what it is about, and a link for each way to decide."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from services.approval.book import Key
from services.approval.links import DAYS, Links
from services.approval.shown import title_of
from weir.contract.identity_errors import MailFailedError
from weir.contract.messages import UserSaved
from weir.core.approvals.asked import Option
from weir.core.approvals.life import Life
from weir.ports.mail import Mail, Mailer
from weir.settings import Settings

MESSAGE = 4_000

_log = structlog.get_logger()


class Post:
    """Writes and sends."""

    def __init__(self, mailer: Mailer | None, links: Links, settings: Settings) -> None:
        self._mailer = mailer
        self._links = links
        self._site = site_of(settings)

    async def send(self, life: Life, notice: str, people: Sequence[UserSaved]) -> list[str]:
        """Write to these people, each with links of their own; returns what went wrong."""
        if self._mailer is None:
            return ["This process sends no mail."]
        problems = []
        for person in people:
            if not person.email:
                continue
            try:
                await self._mailer.send(await self._mail(life, notice, person))
            except MailFailedError as error:
                problems.append(error.message)
        return problems

    async def _mail(self, life: Life, notice: str, person: UserSaved) -> Mail:
        title = " ".join(title_of(life).split())[:150]
        said = life.asked.message[:MESSAGE]
        ways = [
            f"{one.label}:\n\n    {await self.link(life, person, one)}\n" for one in _ways(life)
        ]
        lines = [
            _INTRODUCTION[notice.partition(".")[0]].format(title=title),
            *([said] if said else []),
            *ways,
            f"To see all of it, sign in:\n\n    {self.page(life)}\n",
            (
                "A link opens a page that asks you once more; it is yours alone, counts once and "
                f"within {DAYS} days. Do not hand this mail on."
            ),
            "Weir",
        ]
        subject = {"asked": title, "reminder": f"Reminder: {title}"}.get(
            notice.partition(".")[0], f"Nobody has decided yet: {title}"
        )
        return Mail(person.email, subject, "\n\n".join(lines) + "\n")

    async def link(self, life: Life, person: UserSaved, option: Option) -> str:
        """The address of the page on which they decide so."""
        token = await self._links.make(
            Key(life.tenant, life.approval_id), person.user_id, option.value, life.due_ms
        )
        return f"{self._site}/api/v1/approval-links/{token}"

    def page(self, life: Life) -> str:
        """The address of its page for who is signed in."""
        return f"{self._site}/approvals?id={life.approval_id}"


def site_of(settings: Settings) -> str:
    """Where people reach this installation."""
    host = "127.0.0.1" if settings.http_host in {"0.0.0.0", "::"} else settings.http_host  # noqa: S104 - compared, not bound
    return (settings.public_url or f"http://{host}:{settings.http_port}").rstrip("/")


def _ways(life: Life) -> tuple[Option, ...]:
    return life.asked.options


_INTRODUCTION = {
    "asked": "You are asked to decide: {title}",
    "reminder": "You have been asked to decide, and nobody has yet: {title}",
    "escalation": "Nobody has decided yet, and you are told of it: {title}",
}
