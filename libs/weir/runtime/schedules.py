"""A schedule's log, as everybody reads it who does not own it, and its owner what lies behind."""

from __future__ import annotations

from typing import NamedTuple

from weir.contract.messages import ScheduleMessage, ScheduleStood
from weir.contract.subjects import ScheduleKey
from weir.core.schedules.past import Past
from weir.core.schedules.standing import Standing, evolve, restore
from weir.ports.log import Log, Stored


class Told(NamedTuple):
    """How a schedule stands, and what became of its last times."""

    standing: Standing
    past: Past


async def read_schedule(log: Log, key: ScheduleKey) -> Told:
    """As its log has it now, facts that nobody has answered yet included."""
    messages = await _messages(log, key)
    standing, past = Standing(), Past()
    for message in messages:
        for event in message.events:
            kind = event.kind
            if isinstance(kind, ScheduleStood):
                standing = restore(kind.state)
            else:
                standing = evolve(standing, kind)
    for message in messages:
        _feed(past, message)
    return Told(standing, past)


async def read_past(log: Log, key: ScheduleKey, *, facts_upto: int) -> Past:
    """What became of the last times, without facts that its owner has not seen."""
    past = Past()
    for message in await _messages(log, key, facts_upto):
        _feed(past, message)
    return past


def _feed(past: Past, message: ScheduleMessage) -> None:
    for event in message.events:
        if isinstance(event.kind, ScheduleStood):
            past.restore(event.kind.past)
        else:
            past.feed(event.kind, message.at)


async def _messages(
    log: Log, key: ScheduleKey, facts_upto: int | None = None
) -> list[ScheduleMessage]:
    """From the last snapshot on, in the order in which they count."""
    stood = await log.last(key.snapshot)
    first = None if stood is None else ScheduleMessage.model_validate_json(stood.data)
    after = int(first.seen or 0) if first is not None else 0
    found: list[tuple[int, int, ScheduleMessage]] = []
    async for batch in log.read(key.everything, after=after):
        for one in batch:
            found += _placed(one, key, first, facts_upto)
    ordered = [message for _, _, message in sorted(found, key=lambda one: one[:2])]
    return [first, *ordered] if first is not None else ordered


def _placed(
    stored: Stored, key: ScheduleKey, first: ScheduleMessage | None, facts_upto: int | None
) -> list[tuple[int, int, ScheduleMessage]]:
    """A message with its place in the one order: facts up to `seen`, then what was decided."""
    if stored.subject == key.snapshot:
        return []
    message = ScheduleMessage.model_validate_json(stored.data)
    if not message.events:
        return []
    if message.turn:
        known = first is not None and message.turn <= first.turn
        return [] if known else [(int(message.seen or 0), stored.seq, message)]
    if facts_upto is not None and stored.seq > facts_upto:
        return []
    return [(stored.seq, 0, message)]
