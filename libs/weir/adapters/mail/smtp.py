"""Mail through an SMTP server: smtp://user:password@host:587, or smtps://… with TLS from the start.

With smtp:// the connection is encrypted where the server offers it; a password
is sent over an encrypted connection or not at all.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException

from weir.adapters.mail.composing import composed, sender_of
from weir.contract.errors import SettingsInvalidError
from weir.contract.identity_errors import MailFailedError
from weir.ports.mail import Mail

TIMEOUT_S = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


class SmtpMailer:
    """The port on one server. SettingsInvalidError if the address is none."""

    def __init__(self, url: str, sender: str) -> None:
        try:
            place = urlsplit(url)
            port = place.port
        except ValueError as error:
            raise SettingsInvalidError(f"smtp_url cannot be read: {error}.") from None
        if place.scheme not in _PORTS or not place.hostname:
            raise SettingsInvalidError(
                "smtp_url is written smtp://user:password@host:587 or smtps://user:password@host."
            )
        self._host = place.hostname
        self._port = port or _PORTS[place.scheme]
        self._user = unquote(place.username or "") or None
        self._password = unquote(place.password or "") or None
        self._tls = place.scheme == "smtps"
        self._sender = sender_of(sender)

    async def send(self, mail: Mail) -> None:
        """One connection per mail: there are few."""
        # With a password None would be enough for whoever takes the offer of TLS away.
        start_tls = False if self._tls else (True if self._user else None)
        client = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            start_tls=start_tls,
            timeout=TIMEOUT_S,
        )
        try:
            async with client:
                await client.send_message(composed(mail, self._sender))
        except (SMTPException, OSError, ValueError) as error:
            raise MailFailedError(
                f"The mail server {self._host}:{self._port} did not take a mail: "
                f"{type(error).__name__}."
            ) from error
