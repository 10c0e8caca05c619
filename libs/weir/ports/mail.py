"""Mail to people: a few plain words, with a link that counts once."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Mail(NamedTuple):
    """One mail to one address."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Takes mails on their way."""

    async def send(self, mail: Mail) -> None:
        """Hand it over. MailFailedError if nobody takes it; trying again later can help."""
        ...
