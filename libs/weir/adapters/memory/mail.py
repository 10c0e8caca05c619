"""Mail that goes nowhere: it is kept for whoever looks."""

from __future__ import annotations

from collections import deque

from weir.ports.mail import Mail

KEPT = 1_000


class MemoryMailer:
    """Keeps the last mails in `sent`."""

    def __init__(self) -> None:
        self.sent: deque[Mail] = deque(maxlen=KEPT)

    async def send(self, mail: Mail) -> None:
        """Keep it."""
        self.sent.append(mail)
