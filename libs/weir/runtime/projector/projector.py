"""The loop of every projection: follow a stream, fold, store rows and position together.

Promises: what is stored is always the fold of everything up to the stored
position and of nothing else; after any interruption it goes on from there; it
never goes on over a log that is not the one it was made from (log-protocol
P8), but halts until it is rebuilt. While a batch is being stored the next one
is folded; a batch is small when little happens and bounded when much does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from weir.contract.codec import digest
from weir.contract.errors import (
    ConflictError,
    ProjectionMismatchError,
    RolledBackError,
    UnavailableError,
)
from weir.ports.log import Following, Log, Stored
from weir.ports.views import Batch, Name, Position, Projecting, Views
from weir.runtime import metrics
from weir.runtime.pieces import pieces
from weir.runtime.projector.fold import Fold, Rows
from weir.runtime.projector.progress import Progress

BATCH = 1_000
_BATCH_BYTES = 1024 * 1024
_GATHER_S = 0.01
# While so many messages come in that time, some more is gathered: fewer and larger transactions,
# in which more runs both begin and end. A reader waits this much longer only then.
_MANY = 20
_GATHER_MANY_S = 0.1
_PAUSE_S = 0.1
_MAX_PAUSE_S = 2.0

_log = structlog.get_logger()


def name_of(message: Stored) -> str:
    """The digest by which a message is known again."""
    return digest(message.subject.encode() + b"\n" + message.data)


class Projector:
    """One projection being kept. `run` it for as long as the process lives."""

    def __init__(self, log: Log, views: Views, fold: Fold) -> None:
        self.fold = fold
        self.progress = Progress(views, fold.name)
        self.halted: ProjectionMismatchError | None = None
        self._log = log
        self._views = views
        self._rebuild = False
        self._resume = asyncio.Event()
        self._session: _Session | None = None

    async def run(self) -> None:
        """Project until cancelled; outages of broker and database are waited out."""
        pause_s = _PAUSE_S
        while True:
            try:
                await self._project()
            except (ProjectionMismatchError, RolledBackError) as mismatch:
                await self._halt(mismatch)
            except (UnavailableError, ConflictError) as gone:
                _log.warning("projection interrupted", name=self.fold.name, why=str(gone))
                await tell_lag(self._log, self.fold.name, self.progress.reached)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _MAX_PAUSE_S)
                continue
            pause_s = _PAUSE_S

    def rebuild(self) -> None:
        """Drop the rows of this projection and make them again from archive and log."""
        self._rebuild = True
        self._resume.set()
        if self._session is not None:
            self._session.end()

    async def _project(self) -> None:
        before = await self._views.position(self.fold.name)
        projecting = await self._views.project(self.fold.name)
        try:
            self.fold.clear()
            incarnation = await self._log.incarnation()
            if self._rebuild and projecting.position == before:
                await projecting.reset()
                self.progress.begin_again()
            # Otherwise another process was projecting while this one waited for its turn: it had
            # the same wish, or the views are in use and nothing is wrong with them.
            self._rebuild = False
            if projecting.position is None or projecting.position.sequence == 0:
                await self._restore(projecting, incarnation)
            await verify(self._log, self.fold, projecting.position)
            after = 0 if projecting.position is None else projecting.position.sequence
            self.progress.advance(after)
            session = _Session(self._log, self.fold, projecting, incarnation, self.progress.advance)
            self._session = session
            _log.info("projecting", name=self.fold.name, after=after)
            await session.run(after)
        finally:
            self._session = None
            await projecting.close()

    async def _halt(self, mismatch: ProjectionMismatchError | RolledBackError) -> None:
        self.halted = (
            mismatch
            if isinstance(mismatch, ProjectionMismatchError)
            else ProjectionMismatchError(mismatch.message)
        )
        _log.error("projection halted", name=self.fold.name, why=mismatch.message)
        self._resume.clear()
        if not self._rebuild:
            await self._resume.wait()
        self.halted = None

    async def _restore(self, projecting: Projecting, incarnation: str) -> None:
        """Begin with what the log no longer holds. Cut off, it begins again: position 0 says so."""
        start = Position(self.fold.stream, 0, "", incarnation)
        async for rows in self.fold.restored():
            await projecting.apply(batch_of(rows, start))
        self.fold.clear()


async def verify(log: Log, fold: Fold, position: Position | None) -> None:
    """ProjectionMismatchError if the log is not the one that the position was taken from."""
    if position is None or position.sequence == 0:
        return
    advice = "check that broker and database belong together, then rebuild the views"
    if position.stream != fold.stream:
        raise ProjectionMismatchError(
            f"The views of {fold.name} were made from {position.stream}, not from {fold.stream}: "
            f"{advice}."
        )
    last = await log.last_seq()
    if last < position.sequence:
        raise ProjectionMismatchError(
            f"{position.stream} ends at {last}, but the views of {fold.name} hold it up to "
            f"{position.sequence}: {advice}."
        )
    message = await log.get(position.sequence)
    if message is not None and name_of(message) != position.digest:
        raise ProjectionMismatchError(
            f"{position.stream} holds another message at {position.sequence} than the one in the "
            f"views of {fold.name}: {advice}."
        )


async def tell_lag(log: Log, name: Name, stored: int) -> None:
    """Tell the metric how much of the log lies beyond what is stored."""
    with suppress(UnavailableError):
        metrics.PROJECTION_LAG.labels(name).set(max(0, await log.last_seq() - stored))


def batch_of(rows: Rows, position: Position) -> Batch:
    """Rows with the position they belong to."""
    return Batch(
        position,
        runs=rows.runs,
        archived=rows.archived,
        steps=rows.steps,
        attempts=rows.attempts,
        logs=rows.logs,
        workflows=rows.workflows,
        dead=rows.dead,
        handled=rows.handled,
        deliveries=rows.deliveries,
    )


class _Session:
    """Following and storing, from one connection to the next."""

    def __init__(
        self,
        log: Log,
        fold: Fold,
        projecting: Projecting,
        incarnation: str,
        stored: Callable[[int], None],
    ) -> None:
        self._log = log
        self._fold = fold
        self._projecting = projecting
        self._incarnation = incarnation
        self._stored = stored
        self._last: Stored | None = None  # the last message folded
        self._waiting = 0  # messages folded and not taken for storing
        self._bytes = 0  # theirs
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Make `run` return."""
        self._ended.set()

    async def run(self, after: int) -> None:
        """Project until `end`, or until something fails."""
        following = self._log.follow(self._fold.subjects, after=after, rest_s=_GATHER_S)
        tasks = [
            asyncio.create_task(self._read(following), name=f"projection {self._fold.name}: read"),
            asyncio.create_task(self._store(), name=f"projection {self._fold.name}: store"),
            asyncio.create_task(self._ended.wait(), name=f"projection {self._fold.name}: end"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await following.close()

    async def _read(self, following: Following) -> None:
        async for messages in following:
            for part in pieces(messages):
                await self._fold.prepare(part)
                # From here to `_last` nothing waits: rows and position stay of one piece.
                self._fold.add(part)
                self._last = part[-1]
                self._waiting += len(part)
                self._bytes += sum(len(message.data) for message in part)
                self._some.set()
                if self._waiting >= BATCH or self._bytes >= _BATCH_BYTES:
                    self._full.set()
                    self._room.clear()
                    await self._room.wait()
                else:
                    await asyncio.sleep(0)
        raise UnavailableError("the reading of the log ended")

    async def _store(self) -> None:
        while True:
            if not self._some.is_set():
                metrics.PROJECTION_LAG.labels(self._fold.name).set(0)
                await self._some.wait()
            await self._gather()
            if await self._log.incarnation() != self._incarnation:
                # What was read may be gone from the broker; start from what is stored.
                raise UnavailableError("the broker was restarted")
            await self._store_batch()

    async def _gather(self) -> None:
        before = self._waiting
        await self._pause(_GATHER_S)
        if self._waiting >= before + _MANY:
            await self._pause(_GATHER_MANY_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._full.wait()

    async def _store_batch(self) -> None:
        if self._last is None:
            return
        rows, last, count = self._fold.take(), self._last, self._waiting
        behind = self._full.is_set()
        self._some.clear()
        self._full.clear()
        self._waiting = self._bytes = 0
        self._room.set()
        position = Position(self._fold.stream, last.seq, name_of(last), self._incarnation)
        await self._projecting.apply(batch_of(rows, position))
        self._stored(last.seq)
        if behind:
            await tell_lag(self._log, self._fold.name, last.seq)
        else:
            metrics.PROJECTION_LAG.labels(self._fold.name).set(self._waiting)
        metrics.PROJECTED.labels(self._fold.name).inc(count)
