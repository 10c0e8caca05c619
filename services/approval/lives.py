"""Open approvals in memory, and all of them in the inbox, by following their stream.

Whoever waits for something here is woken by what is stored, whichever process
stored it. The inbox may be away: what came meanwhile is made up for, and
deciding does not depend on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from services.approval.book import Key, taken
from services.approval.shown import row_of
from weir.contract import subjects
from weir.contract.errors import UnavailableError, ViewsBehindError
from weir.core.approvals.life import OPEN, Life
from weir.ports.inbox import Inbox
from weir.ports.log import Following, Log, Stored

PATIENCE_S = 2.0
AGAIN_S = 1.0
TOGETHER = 500
KEPT = 10_000  # that are over, of which somebody may still say something

_log = structlog.get_logger()

Changed = Callable[[Life], None]


class Lives:
    """`load` it, then let `run` and `copy` go on for ever. `on_change` hears of every change."""

    def __init__(self, log: Log, inbox: Inbox) -> None:
        self._log = log
        self._inbox = inbox
        self._open: dict[Key, Life] = {}
        self._over: dict[Key, Life] = {}
        self.by_run: dict[tuple[str, str], set[Key]] = {}
        self.on_change: list[Changed] = []
        self._position = 0
        self._copied = 0
        self._dirty: dict[Key, Life] = {}
        self._waiting = asyncio.Event()
        self._moved = asyncio.Condition()
        self._following: Following | None = None
        self.behind = False

    async def load(self) -> None:
        """Read what there is."""
        upto = await self._log.last_seq()
        async for batch in self._log.read(subjects.EVERY_APPROVAL, upto=upto):
            self._take(batch)
        self._position = upto

    async def run(self) -> None:
        """Follow, for ever."""
        self._following = self._log.follow(subjects.EVERY_APPROVAL, after=self._position)
        try:
            async for batch in self._following:
                self._take(batch)
                self._position = batch[-1].seq
                async with self._moved:
                    self._moved.notify_all()
        finally:
            await self._following.close()

    async def copy(self) -> None:
        """Bring the inbox up to date, for ever."""
        await self._begin()
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            while self._dirty:
                some = list(self._dirty.items())[:TOGETHER]
                try:
                    place = self._position if len(some) == len(self._dirty) else 0
                    await self._inbox.store([row_of(life) for _, life in some], place)
                except UnavailableError as error:
                    if not self.behind:
                        _log.warning("the inbox is not up to now", problem=str(error))
                    self.behind = True
                    await asyncio.sleep(AGAIN_S)
                    continue
                self.behind = False
                for key, life in some:
                    if self._dirty.get(key) is life:
                        del self._dirty[key]
                await self._tell(max(life.revision for _, life in some))

    async def _begin(self) -> None:
        """Leave out what the inbox has."""
        while True:
            try:
                place = await self._inbox.place()
                if place > await self._log.last_seq():
                    place = 0  # of another stream
                break
            except UnavailableError as error:
                if not self.behind:
                    _log.warning("the inbox is away", problem=str(error))
                self.behind = True
                await asyncio.sleep(AGAIN_S)
        self.behind = False
        self._dirty = {key: life for key, life in self._dirty.items() if life.revision > place}
        await self._tell(place)

    async def _tell(self, copied: int) -> None:
        async with self._moved:
            self._copied = max(self._copied, copied)
            self._moved.notify_all()

    async def followed(self, sequence: int) -> None:
        """Wait until this was seen here."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._position >= sequence)

    async def reach(self, sequence: int) -> None:
        """Wait until this is in the inbox; ViewsBehindError after two seconds."""
        if self._copied >= sequence:
            return
        # What is not ahead of the inbox here is in it, or of something else.
        try:
            async with asyncio.timeout(PATIENCE_S), self._moved:
                await self._moved.wait_for(lambda: self._copied >= sequence)
        except TimeoutError:
            raise ViewsBehindError(
                f"The list has not reached sequence {sequence} within {PATIENCE_S:g} s: "
                "ask again, or without min_sequence."
            ) from None

    def get(self, key: Key) -> Life | None:
        """One that is not dealt with yet, as it was seen last."""
        return self._open.get(key)

    def all(self) -> list[Life]:
        """All that are not dealt with yet."""
        return list(self._open.values())

    def forget(self, tenant: str) -> None:
        """A tenant is gone."""
        for key in [key for key in self._open if key.tenant == tenant]:
            self._drop(key)
        for key in [key for key in self._over if key.tenant == tenant]:
            del self._over[key]

    def _take(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            key = Key(*stored.subject.split(".", 2)[1:])
            before = self._open.get(key) or self._over.get(key)
            if before is not None and before.revision >= stored.seq:
                continue
            life = taken(before, stored)
            if life is None or life is before:
                continue
            self._keep(key, life)
            self._dirty[key] = life
            self._waiting.set()
            for hear in self.on_change:
                hear(life)

    def _keep(self, key: Key, life: Life) -> None:
        if life.status == OPEN or not life.told:
            self._over.pop(key, None)
            self._open[key] = life
            self.by_run.setdefault((key.tenant, life.run_id), set()).add(key)
            return
        self._drop(key)
        self._over[key] = life
        while len(self._over) > KEPT:
            del self._over[next(iter(self._over))]

    def _drop(self, key: Key) -> None:
        life = self._open.pop(key, None)
        if life is None:
            return
        of_run = self.by_run.get((key.tenant, life.run_id), set())
        of_run.discard(key)
        if not of_run:
            self.by_run.pop((key.tenant, life.run_id), None)


def warnings(lives: Lives) -> list[str]:
    """What an operator should know."""
    return ["the inbox of approvals is not up to now"] if lives.behind else []


def key_of(life: Life) -> Key:
    """Its name."""
    return Key(life.tenant, life.approval_id)
