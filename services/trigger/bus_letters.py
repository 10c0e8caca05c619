"""Events that can start no run, put down as dead letters; one each, however often it is tried."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress

from services.trigger.bus_events import Read, Subscription
from weir.contract import ids, subjects, times
from weir.contract.errors import ConflictError, TooLargeError, WeirError
from weir.contract.messages import Error, EventRefused, RegistryRecord
from weir.ports.clock import Clock
from weir.runtime.plans import Plan
from weir.runtime.records import Records

_MESSAGE = 2_000
_SHORT = 64 * 1024


class RefusedEvents:
    """Writes the letters."""

    def __init__(self, records: Records[RegistryRecord], clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def put(self, of: Subscription, plan: Plan, one: Read, why: WeirError) -> None:
        """Store the letter, if it is not there yet; raises as `Log.append`."""
        stored = one.stored
        letter = letter_id(of, stored.seq)
        text, is_base64 = _text(stored.data)
        refused = EventRefused(
            letter_id=letter,
            subscription_id=of.id,
            workflow_id=of.saved.workflow_id,
            node=of.saved.node,
            project=plan.project,
            generation=of.saved.generation,
            subject=subjects.parse_event(stored.subject)[1],
            sequence=str(stored.seq),
            stored_at=times.from_ms(stored.at_ms),
            headers={name: value[:_MESSAGE] for name, value in stored.headers.items()},
            data=text,
            base64=is_base64,
            error=Error(code=why.code, message=why.message[:_MESSAGE], details=why.details),
        )
        try:
            await self._put(of, refused)
        except TooLargeError:  # what was sent is mostly signs that JSON has to write out
            await self._put(of, refused.model_copy(update={"data": text[:_SHORT], "headers": {}}))

    async def _put(self, of: Subscription, refused: EventRefused) -> None:
        record = RegistryRecord(
            id=self._clock.new_id("rec"),
            tenant=of.tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=of.id,
            event_refused=refused,
        )
        subject = subjects.refused_event(of.tenant, refused.letter_id)
        with suppress(ConflictError):  # it was put down before
            await self._records.put(subject, record, expect=0)


def letter_id(of: Subscription, seq: int) -> str:
    """The letter of an event; anew in each generation."""
    return ids.derived("dead", of.id, str(of.saved.generation), str(seq))


def _text(data: bytes) -> tuple[str, bool]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return b64encode(data).decode(), True
    return text, False
