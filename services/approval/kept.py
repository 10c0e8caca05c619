"""Secrets of the installation that lie sealed in the approvals' stream.

The first who needs one makes it; of several at once one is stored, and all use that one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from services.approval.book import Book
from weir.contract import codec, times
from weir.contract.errors import ConflictError
from weir.contract.messages import ApprovalLinksKeyed, ApprovalPushKeyed, ApprovalRecord
from weir.core.approvals.life import SYSTEM
from weir.ports.log import Append
from weir.ports.secrets import Place, Sealed, Secrets

Keyed = type[ApprovalLinksKeyed] | type[ApprovalPushKeyed]


class Kept:
    """One of them: `made` gives a fresh one, `kind` is the message that holds it at `subject`."""

    def __init__(  # noqa: PLR0913, PLR0917 - where it lies, and what it is
        self,
        book: Book,
        secrets: Secrets,
        subject: str,
        place: Place,
        kind: Keyed,
        made: Callable[[], bytes],
    ) -> None:
        self._book = book
        self._secrets = secrets
        self._subject = subject
        self._place = place
        self._kind = kind
        self._made = made
        self._known = b""

    async def get(self) -> bytes:
        """It; UnavailableError where the log cannot be asked."""
        if not self._known:
            self._known = await self._read()
        return self._known

    async def _read(self) -> bytes:
        log, clock = self._book.log, self._book.clock
        last = await log.last(self._subject)
        if last is None:
            sealed = await self._secrets.seal(self._made(), self._place)
            record = ApprovalRecord.of(
                self._kind(sealed=sealed.text),
                id=clock.new_id("apv"),
                at=times.from_ms(clock.now_ms()),
                by=SYSTEM,
            )
            with suppress(ConflictError):
                await log.append(Append(self._subject, codec.encode(record), expect=0))
            last = await log.last(self._subject)
        kind = ApprovalRecord.model_validate_json(last.data).kind if last else None
        return await self._secrets.open(Sealed.parse(getattr(kind, "sealed", "")), self._place)
