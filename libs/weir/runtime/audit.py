"""Telling the audit what happened.

`note` returns when the note is stored and raises when it is not: for what must
not happen unseen, which is noted before it takes effect. `tell` is for what has
happened already: it waits a moment, and what could not be stored meanwhile is
tried again in the background, from a bounded queue; `/ready` warns of it as long
as anything waits there, and what had to be dropped is counted and logged. Notes
of one moment travel together.

What waits is lost with its process: a change whose note could not be stored
before the process died stands in the record it changed, and nowhere in the
audit.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

import structlog

from weir.contract import codec, subjects, times
from weir.contract.errors import OutcomeUnknownError, UnavailableError
from weir.contract.messages import AuditEntry, AuditNoted, AuditRecord
from weir.ports.clock import Clock
from weir.ports.log import Append, Log
from weir.runtime import metrics
from weir.runtime.audit_denials import Denials
from weir.runtime.audit_entry import Noted

TOGETHER = 30  # entries of a message: with the largest changes they still fit
WAITING = 10_000
PATIENCE_S = 2.0
_AGAIN_S = 1.0
_LOOK_S = 5.0

_log = structlog.get_logger()


class Audit:
    """Notes of one process, or of a part of it."""

    def __init__(self, notes: Log, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock
        self._denials = Denials()
        self._begun: list[tuple[AuditEntry, asyncio.Future[None]]] = []
        self._waiting: deque[AuditEntry] = deque()
        self._lost = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._trying: asyncio.Task[None] | None = None
        self._counting: asyncio.Task[None] | None = None

    def warnings(self) -> list[str]:
        """What an operator should know; the process does its work all the same."""
        told = [f"{len(self._waiting)} audit notes wait to be stored"] if self._waiting else []
        return [*told, *(["audit notes were dropped: see the log"] if self._lost else [])]

    async def note(self, *noted: Noted) -> None:
        """Store these, and return when they are.

        UnavailableError where they are not; whoever repeats it then may tell it twice.
        """
        if noted:
            await self._stored([self._entry(one) for one in noted])

    async def tell(self, *noted: Noted) -> None:
        """Store these now, or else soon: what they tell of has happened. Never raises."""
        if noted:
            await self._store_or_keep([self._entry(one) for one in noted])

    async def refused(self, noted: Noted) -> None:
        """Tell a refusal, or count it where its caller was refused of late. Never raises."""
        now = asyncio.get_running_loop().time()
        await self.tell(*self._denials.told(noted, now))
        if self._counting is None or self._counting.done():
            self._counting = self._spawn(self._count(), "count refusals for the audit")

    async def stop(self) -> None:
        """Store what still waits, if that can be done in a moment, and end."""
        for task in (self._counting, self._trying):
            if task is not None:
                task.cancel()
        await self.tell(*self._denials.rest())
        waiting, self._waiting = list(self._waiting), deque()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._stored(waiting)
        except (UnavailableError, TimeoutError):
            self._drop(len(waiting))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _entry(self, noted: Noted) -> AuditEntry:
        return noted.entry(self._clock.new_id("aud"), self._clock.now_ms())

    async def _store_or_keep(self, entries: Sequence[AuditEntry]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._stored(entries)
        except (UnavailableError, TimeoutError):
            room = max(0, WAITING - len(self._waiting))
            self._waiting.extend(entries[:room])
            if len(entries) > room:
                self._drop(len(entries) - room)
            if self._trying is None or self._trying.done():
                _log.error("audit notes wait to be stored", waiting=len(self._waiting))
                self._trying = self._spawn(self._try_again(), "store audit notes")

    def _drop(self, count: int) -> None:
        if count:
            self._lost = True
            metrics.AUDIT_DROPPED.inc(count)
            _log.error("audit notes were dropped", count=count)

    async def _try_again(self) -> None:
        while self._waiting:
            some = [self._waiting[at] for at in range(min(TOGETHER * 10, len(self._waiting)))]
            try:
                await self._stored(some)
            except UnavailableError:
                await asyncio.sleep(_AGAIN_S)
                continue
            for _ in some:
                self._waiting.popleft()
        _log.info("audit notes are stored again")

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            await self.tell(*self._denials.due(asyncio.get_running_loop().time()))

    async def _stored(self, entries: Sequence[AuditEntry]) -> None:
        """Store them with whatever else is told in this turn of the loop."""
        loop = asyncio.get_running_loop()
        if not self._begun:
            loop.call_soon(self._send)
        stored = [loop.create_future() for _ in entries]
        self._begun += zip(entries, stored, strict=True)
        await asyncio.gather(*stored)

    def _send(self) -> None:
        begun, self._begun = self._begun, []
        if begun:
            self._spawn(self._append(begun), "append audit notes")

    async def _append(self, begun: Iterable[tuple[AuditEntry, asyncio.Future[None]]]) -> None:
        by_tenant: dict[str, list[tuple[AuditEntry, asyncio.Future[None]]]] = {}
        for one in begun:
            by_tenant.setdefault(one[0].tenant, []).append(one)
        parts = [
            told[at : at + TOGETHER]
            for told in by_tenant.values()
            for at in range(0, len(told), TOGETHER)
        ]
        try:
            appends = [self._message([entry for entry, _ in part]) for part in parts]
            results: Sequence[int | Exception] = await self._appended(appends)
        except Exception as error:  # noqa: BLE001 - whoever waits hears it
            results = [error] * len(parts)
        for part, result in zip(parts, results, strict=True):
            for _, stored in part:
                if stored.done():
                    continue
                if isinstance(result, int):
                    stored.set_result(None)
                else:
                    stored.set_exception(_not_stored(result))

    async def _appended(self, appends: Sequence[Append]) -> list[int | Exception]:
        results = await self._notes.append_all(appends)
        unknown = [at for at, one in enumerate(results) if isinstance(one, OutcomeUnknownError)]
        if unknown:
            # The message's id makes the second one of two the first.
            again = await self._notes.append_all([appends[at] for at in unknown])
            for at, result in zip(unknown, again, strict=True):
                results[at] = result
        return results

    def _message(self, entries: Sequence[AuditEntry]) -> Append:
        record_id = self._clock.new_id("aur")
        at = times.from_ms(self._clock.now_ms())
        record = AuditRecord.of(AuditNoted(entries=tuple(entries)), id=record_id, at=at)
        subject = subjects.audit_note(entries[0].tenant)
        return Append(subject, codec.encode(record), msg_id=record_id)

    def _spawn(self, work: object, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _not_stored(error: Exception) -> UnavailableError:
    """A new one for each who waits: an exception that several raise carries the way of all."""
    return UnavailableError(
        f"What happened could not be noted for the audit ({type(error).__name__}): try again."
    )
