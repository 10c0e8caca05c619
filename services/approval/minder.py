"""What happens by itself: reminders, escalations, the end of the time, telling the run, notices.

It looks at the approval alone (level-triggered): what the stream does not show
yet is done. So a process that died is made up for by any other, and what was
due while none was there happens in the order in which it was due.
"""

from __future__ import annotations

import asyncio
import heapq
from contextlib import suppress
from typing import Any

import orjson
import structlog

from services.approval.book import Book, Key, Said
from services.approval.lives import Lives, key_of
from services.approval.notices import Notices
from services.approval.shown import title_of
from weir.contract import codec, ids, subjects, times
from weir.contract.approval_errors import ApprovalNotFoundError
from weir.contract.errors import ConflictError, WeirError
from weir.contract.messages import (
    ApprovalDecided,
    ApprovalTold,
    Envelope,
    Event,
    Message,
    RunStarted,
)
from weir.core.approvals.life import DECIDED, OPEN, SYSTEM, Life
from weir.core.approvals.rules import next_due
from weir.ports.log import Append, Log
from weir.runtime import metrics
from weir.runtime.audit import Audit
from weir.runtime.audit_entry import Noted

AGAIN_MS = 1_000
LOOK_S = 60.0  # at most, before the clock is looked at again
PART = 8_000  # of what was seen, in an entry of the audit

_log = structlog.get_logger()


class Minder:
    """The work of one process; several do it at once, and the first counts."""

    def __init__(  # noqa: PLR0913, PLR0917 - whom it tells
        self, book: Book, lives: Lives, runs: Log, audit: Audit, notices: Notices, shards: int
    ) -> None:
        self._book = book
        self._lives = lives
        self._runs = runs
        self._audit = audit
        self._notices = notices
        self._shards = shards
        self._clock = book.clock
        self._changed: dict[Key, None] = {}
        self._wakes: list[tuple[int, Key]] = []
        self._wake = asyncio.Event()
        lives.on_change.append(self.changed)

    def changed(self, life: Life) -> None:
        """Look at this one."""
        self._changed[key_of(life)] = None
        self._wake.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            now = self._clock.now_ms()
            while self._wakes and self._wakes[0][0] <= now:
                self._changed[heapq.heappop(self._wakes)[1]] = None
            some, self._changed = self._changed, {}
            for key in some:
                await self._look(key)
            if self._changed:
                continue
            self._wake.clear()
            pause = LOOK_S
            if self._wakes:
                pause = min(pause, max(0.0, (self._wakes[0][0] - self._clock.now_ms()) / 1000))
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _look(self, key: Key) -> None:
        life = self._lives.get(key)
        if life is None:
            return
        try:
            await self._mind(key, life)
        except ApprovalNotFoundError:
            return  # its tenant is gone
        except WeirError as error:
            _log.warning("an approval waits", approval=key.approval_id, problem=error.message)
            heapq.heappush(self._wakes, (self._clock.now_ms() + AGAIN_MS, key))

    async def _mind(self, key: Key, life: Life) -> None:
        now = self._clock.now_ms()
        due = next_due(life, now)
        if due is not None and due.at_ms <= now:
            await self.settle(key)
            return  # what was stored comes back
        if life.status != OPEN and not life.told:
            await self._tell(key, life)
        self._notices.send(key, life)
        again = [one for one in (due.at_ms if due else 0, self._notices.again_ms(life)) if one]
        if again:
            heapq.heappush(self._wakes, (max(min(again), now + 1), key))

    async def settle(self, key: Key) -> None:
        """Record all that is due by now."""

        def next_of(life: Life) -> list[Said]:
            due = next_due(life, self._clock.now_ms())
            more = due is not None and due.at_ms <= self._clock.now_ms()
            return [Said(SYSTEM, due.kind)] if due is not None and more else []

        before = None
        life = await self._book.change(key, next_of)
        while life != before:
            before, life = life, await self._book.change(key, next_of)

    async def _tell(self, key: Key, life: Life) -> None:
        """Tell the audit and the run what came of it; then remember that both know."""
        await self._audit.note(*_noted(life))
        other = not await self._told(life)
        kind: Message = ApprovalTold(other=other)

        def next_of(now: Life) -> list[Said]:
            return [] if now.told else [Said(SYSTEM, kind)]

        await self._book.change(key, next_of)
        how = life.end.how if life.end else ""
        metrics.APPROVALS_ENDED.labels(life.status, how).inc()
        metrics.APPROVAL_TIME.observe((self._clock.now_ms() - life.asked_ms) / 1000)

    async def _told(self, life: Life) -> bool:
        """Whether the run has this decision; False if it has another, or is gone."""
        run = subjects.run_key(life.tenant, life.run_id, self._shards)
        start = await self._runs.last(run.fact(subjects.start_fact()))
        if start is None or not isinstance(_kind(start.data), RunStarted):
            return False
        end = life.end
        decided = ApprovalDecided(
            approval_id=life.approval_id,
            outcome=life.status,
            option=end.option if end else "",
            output=life.output() if life.status == DECIDED else None,
            decided_by=end.by if end else SYSTEM,
            reason=end.reason if end else "",
        )
        envelope = Envelope(
            id=ids.derived("evt", life.tenant, life.approval_id),
            tenant=life.tenant,
            run_id=life.run_id,
            workflow_id=life.workflow_id,
            version=life.version,
            at=times.from_ms(self._clock.now_ms()),
            events=(Event.of(decided, step=life.step),),
        )
        subject = run.fact(subjects.approval_fact(life.approval_id))
        try:
            await self._runs.append(Append(subject, codec.encode(envelope), expect=0))
        except ConflictError:
            stored = await self._runs.last(subject)
            there = _kind(stored.data) if stored is not None else None
            return isinstance(there, ApprovalDecided) and (there.outcome, there.option) == (
                decided.outcome,
                decided.option,
            )
        return True


def _kind(data: bytes) -> Message | None:
    try:
        envelope = codec.decode(data)
    except ValueError:
        return None
    return envelope.events[0].kind if envelope.events else None


def _noted(life: Life) -> list[Noted]:
    """What the audit keeps for ever: what came of it, how each voted, and what they had seen."""
    end = life.end
    by = end.by if end else SYSTEM
    told = {
        "outcome": {"new": life.status},
        "option": {"new": end.option if end else ""},
        "how": {"new": end.how if end else ""},
        "reason": {"new": end.reason if end else ""},
        "run": {"new": life.run_id},
        "step": {"new": life.step},
        "title": {"new": title_of(life)},
        "assignees": {"new": ", ".join(life.assignees)[:PART]},
    }
    seen = {
        "message": life.asked.message,
        "context": life.asked.context,
        "form": life.asked.form,
        "votes": life.output()["votes"],
    }
    text = orjson.dumps(seen).decode()
    parts = [text[at : at + PART] for at in range(0, len(text), PART)]
    common: dict[str, Any] = {"tenant": life.tenant, "actor": by, "resource": life.approval_id}
    return [
        Noted(event=f"approval.{life.status}", changes=told, **common),
        *(
            Noted(
                event="approval.seen",
                changes={"part": {"new": f"{number}/{len(parts)}"}, "text": {"new": part}},
                **common,
            )
            for number, part in enumerate(parts, 1)
        ),
    ]
