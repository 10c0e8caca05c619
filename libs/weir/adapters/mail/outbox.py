"""Mail as files, where no mail server is set: whoever runs this Weir reads and forwards them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from weir.adapters.mail.composing import composed, sender_of
from weir.contract.identity_errors import MailFailedError
from weir.ports.clock import Clock
from weir.ports.mail import Mail

_SENDER = "Weir <weir@localhost>"
_log = structlog.get_logger()


class FileOutbox:
    """Writes each mail to a file of its own, readable by its owner alone."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """Write it, and say in the log where."""
        file = self._directory / f"{self._clock.new_id('mail')}.eml"
        try:
            content = composed(mail, sender_of(_SENDER)).as_bytes()
            await asyncio.to_thread(_write, file, content)
        except (OSError, ValueError) as error:
            raise MailFailedError(f"A mail cannot be written to {file}: {error}.") from error
        _log.info("mail written to a file", file=str(file), hint="set smtp_url to send mails")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(content)
