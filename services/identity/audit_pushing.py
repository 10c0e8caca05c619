"""Tells a receiver outside what stands in the chains, in the order of the stream.

What it has taken is remembered after it has taken it: nothing is lost, and after
a fault the last entries may come twice, under the same ids. A stream that is
shorter than what was told already was cut, and that is said aloud.
"""

from __future__ import annotations

import asyncio

import structlog

from services.identity.audit import shown
from services.identity.audit_persons import Persons
from services.identity.audit_projector import moment_of
from services.identity.audit_turns import KEPT_S, Turn, batches
from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.contract.messages import AuditRecord, AuditSealed
from weir.ports.log import Log, Stored
from weir.ports.receivers import Pushed, Receiver
from weir.runtime import metrics

AGAIN_S = 2.0
TOGETHER = 500

_log = structlog.get_logger()


class Pushing:
    """The work of one process for one receiver."""

    def __init__(self, audit: Log, turn: Turn, receiver: Receiver, persons: Persons) -> None:
        self._audit = audit
        self._turn = turn
        self._receiver = receiver
        self._persons = persons
        self.failing = False

    async def run(self) -> None:
        """For ever; what fails is begun again from what the receiver has taken."""
        while True:
            try:
                if await self._turn.taken():
                    await self._push()
            except WeirError as error:
                if not self.failing:
                    _log.warning(
                        "audit is not told outside for now",
                        receiver=self._receiver.name,
                        problem=str(error),
                    )
                self.failing = True
            await asyncio.sleep(AGAIN_S)

    async def _push(self) -> None:
        last = await self._audit.last_seq()
        if last < self._turn.through:
            _log.error(
                "the audit is shorter than what was told outside: it was cut or made anew",
                receiver=self._receiver.name,
                told=self._turn.through,
                last=last,
            )
            await self._turn.move(last)
        following = self._audit.follow(subjects.EVERY_CHAIN, after=self._turn.through)
        async for batch in batches(following, KEPT_S):
            for stored in batch:
                await self._deliver(stored)
            if not batch:
                await self._turn.keep()

    async def _deliver(self, stored: Stored) -> None:
        """One link; it was made so that it fits a request."""
        sealed = _link(stored)
        if sealed is not None:
            told = [
                Pushed(
                    shown(await self._persons.opened(entry), sealed.number),
                    moment_of(entry),
                    sealed.digest,
                )
                for entry in sealed.entries
            ]
            await self._receiver.deliver(told)
            metrics.AUDIT_PUSHED.labels(self._receiver.name).inc(len(told))
        await self._turn.move(stored.seq)
        self.failing = False


def _link(stored: Stored) -> AuditSealed | None:
    """What lies there; of a damaged link a receiver hears nothing, whoever keeps the log does."""
    try:
        return AuditRecord.model_validate_json(stored.data).audit_sealed
    except ValueError:
        _log.error(
            "a damaged link of audit is told to nobody", subject=stored.subject, seq=stored.seq
        )
        return None
