"""What the run log says of steps that wait for people: that they began to, and wait no longer.

One message of a run's owner says that a step asks; none of them is looked into
unless it does, or is of a run that asks already. How far the log was read is
kept, so that a process that was away makes up for it; of what it had open it
looks at the runs themselves, for their messages may be gone by then. Containers
that close are told by hints as well, which may be lost: the end of the run is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog

from services.approval.book import Book, Key, Said
from services.approval.lives import Lives
from services.approval.roster import Roster
from weir.contract import codec, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import (
    ApprovalAsked,
    ApprovalRecord,
    ApprovalsReadTo,
    ApprovalWithdrawn,
    CompensationStarted,
    Envelope,
    Event,
    IterationCompleted,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    SectionEntered,
    StepCompleted,
    StepFailed,
    WaitStarted,
)
from weir.core.approvals.life import OPEN, SYSTEM, Life
from weir.ports.clock import Clock
from weir.ports.live import Listening, Live
from weir.ports.log import Append, Following, Log, Stored

EVENTS = "run.*.*.*.ev"
AGAIN_S = 1.0
KEEP_S = 5.0
ABOVE = 50  # runs above a run whose starters are looked for
_ASKS = b'"approval:'
_ENDS = (RunSucceeded, RunFailed, RunCancelled)
_CLOSES = (StepCompleted, StepFailed, SectionEntered)

_log = structlog.get_logger()


class Watch:
    """The work of one process; several do it at once, and the first counts."""

    def __init__(  # noqa: PLR0913, PLR0917 - the run log, its hints, and what comes of both
        self, runs: Log, live: Live, book: Book, lives: Lives, roster: Roster, shards: int
    ) -> None:
        self._runs = runs
        self._live = live
        self._book = book
        self._lives = lives
        self._roster = roster
        self._shards = shards
        self._clock: Clock = book.clock
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._listening: dict[str, Listening] = {}
        self._through = 0
        self._kept = 0

    async def run(self) -> None:
        """For ever; what fails is begun again."""
        while True:
            try:
                await self._begin()
                await self._follow()
            except WeirError as error:
                _log.warning("the run log is not read for approvals", problem=str(error))
            await asyncio.sleep(AGAIN_S)

    async def hints(self) -> None:
        """Look at what rides along with the tasks of runs that ask, for ever."""
        try:
            while True:
                data = await self._heard.get()
                try:
                    await self._closed(codec.decode(data))
                except (ValueError, WeirError) as error:
                    _log.info("a hint about approvals was not followed", problem=str(error))
        finally:
            for listening in self._listening.values():
                await listening.close()

    async def _listen(self, run_id: str) -> None:
        """Hear of the tasks of a run from now on, and no more of runs that do not ask."""

        def hear(_: str, data: bytes) -> None:
            self._heard.put_nowait(data)

        if run_id not in self._listening:
            about = f"live.*.*.{run_id}.task.>"
            self._listening[run_id] = await self._live.listen(about, hear)
        asking = {name for _, name in self._lives.by_run}
        if len(self._listening) > 2 * len(asking) + 10:
            for gone in self._listening.keys() - asking:
                await self._listening.pop(gone).close()

    async def _begin(self) -> None:
        incarnation = await self._runs.incarnation()
        last = await self._book.log.last(subjects.approval_position())
        read = ApprovalRecord.model_validate_json(last.data).approvals_read_to if last else None
        if read is not None and read.incarnation == incarnation:
            self._through = max(self._through, int(read.through))
        self._through = min(self._through, await self._runs.last_seq())
        self._kept = self._through
        for life in self._lives.all():
            if life.status == OPEN:
                await self._look(life)
                await self._listen(life.run_id)

    async def _look(self, life: Life) -> None:
        """Whether a run is there at all, and goes on."""
        key = subjects.run_key(life.tenant, life.run_id, self._shards)
        start = await self._started(life.tenant, life.run_id)
        if start is None:
            await self._withdraw(Key(life.tenant, life.approval_id), "the run is gone")
            return
        last = await self._runs.last(key.events)
        if last is not None:
            await self._closed(codec.decode(last.data))

    async def _follow(self) -> None:
        following = self._runs.follow(EVENTS, after=self._through)
        try:
            async for batch in self._batches(following):
                await self._read(batch)
                if batch:
                    self._through = batch[-1].seq
                else:
                    await self._keep()
        finally:
            await following.close()

    async def _batches(self, following: Following) -> AsyncIterator[Sequence[Stored]]:
        """The batches, and an empty one when none has come for a while."""
        reading = aiter(following)
        waiting = asyncio.ensure_future(anext(reading))
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=self._quiet_s())
                if not done:
                    yield ()
                    continue
                yield waiting.result()
                waiting = asyncio.ensure_future(anext(reading))
        finally:
            waiting.cancel()

    def _quiet_s(self) -> float | None:
        """After how long without a message the place is to be kept."""
        return KEEP_S if self._through != self._kept else None

    async def _keep(self) -> None:
        """Remember how far it was read."""
        if self._through == self._kept:
            return
        read = ApprovalsReadTo(
            through=str(self._through), incarnation=await self._runs.incarnation()
        )
        record = ApprovalRecord.of(
            read,
            id=self._clock.new_id("apv"),
            at=times.from_ms(self._clock.now_ms()),
            by=SYSTEM,
        )
        subject = subjects.approval_position()
        await self._book.log.append(Append(subject, codec.encode(record), rollup=True))
        self._kept = self._through

    async def _read(self, batch: Sequence[Stored]) -> None:
        asked = False
        for stored in batch:
            asks = _ASKS in stored.data
            if not asks:
                _, _, tenant, run_id, _ = stored.subject.split(".", 4)
                if (tenant, run_id) not in self._lives.by_run:
                    continue
            try:
                envelope = codec.decode(stored.data)
            except ValueError:
                continue  # its owner tells of it
            for event in envelope.events if asks else ():
                if isinstance(event.kind, WaitStarted) and event.kind.approval is not None:
                    await self._asked(envelope, event, event.kind)
                    asked = True
            await self._closed(envelope)
        if asked:
            self._through = batch[-1].seq
            await self._keep()

    async def _asked(self, envelope: Envelope, event: Event, kind: WaitStarted) -> None:
        started = await self._started(envelope.tenant, envelope.run_id)
        if started is None:
            return
        asked = ApprovalAsked(
            approval_id=kind.what.partition(":")[2],
            run_id=envelope.run_id,
            step=event.step,
            workflow_id=envelope.workflow_id,
            version=envelope.version,
            project=started.project,
            started_by=tuple(await self._starters(envelope.tenant, started)),
            asked_at=envelope.at,
            asked=kind.approval,
        )
        await self._lives.followed(await self._book.begin(envelope.tenant, asked, SYSTEM))
        await self._listen(envelope.run_id)

    async def _started(self, tenant: str, run_id: str) -> RunStarted | None:
        key = subjects.run_key(tenant, run_id, self._shards)
        stored = await self._runs.last(key.fact(subjects.start_fact()))
        try:
            envelope = codec.decode(stored.data) if stored is not None else None
        except ValueError:
            return None
        kind = envelope.events[0].kind if envelope is not None and envelope.events else None
        return kind if isinstance(kind, RunStarted) else None

    async def _starters(self, tenant: str, started: RunStarted) -> list[str]:
        """Who started a run, those above it and those it was forked from: keys and their owners."""
        found: dict[str, None] = {}
        ahead, seen = [started], 0
        while ahead and seen < ABOVE:
            run = ahead.pop()
            seen += 1
            if not run.started_by.startswith("run_"):
                found[run.started_by] = None
                if whose := self._roster.person(run.started_by):
                    found[whose] = None
            above = [run.parent.run_id] if run.parent else []
            above += [run.origin.run_id] if run.origin else []
            ahead += [one for name in above if (one := await self._started(tenant, name))]
        return [one for one in found if one]

    async def _closed(self, envelope: Envelope) -> None:
        """Withdraw what waits no longer."""
        for key in list(self._lives.by_run.get((envelope.tenant, envelope.run_id), ())):
            life = self._lives.get(key)
            if life is None or life.status != OPEN:
                continue
            for event in envelope.events:
                if why := closes(event, life.step, life.asked_ms, times.to_ms(envelope.at)):
                    await self._withdraw(key, why)
                    break

    async def _withdraw(self, key: Key, why: str) -> None:
        def next_of(life: Life) -> list[Said]:
            if life.status != OPEN:
                return []
            return [Said(SYSTEM, ApprovalWithdrawn(cause="run", reason=why))]

        await self._book.change(key, next_of)


def closes(event: Event, path: str, asked_ms: int, at_ms: int) -> str:
    """Why a step at this path waits no longer after this; empty if it may still."""
    if at_ms < asked_ms:
        return ""
    kind, step = event.kind, event.step
    if isinstance(kind, _ENDS):
        word = type(kind).__name__.removeprefix("Run").lower()
        return f"the run has {word}" if word != "cancelled" else "the run was cancelled"
    inside = path.startswith((f"{step}/", f"{step}[")) or not step
    if isinstance(kind, CompensationStarted) and inside:
        return "what was done is being undone"
    if isinstance(kind, IterationCompleted):
        return "its loop went on" if path.startswith(f"{step}[{kind.index}]/") else ""
    if isinstance(kind, _CLOSES) and (inside or step == path) and step:
        return "the step waits no longer"
    return ""
