"""The new facts of all shards that a process owns, by one reading of the log.

Promise (log-protocol P1): every owner gets the facts of its shard behind the
sequence it joined with, each once, in the order of the log and without holes.
A reading of its own for each shard would cost broker and process several times
as much: every consumer looks through what is the others', and brings a message
at a time. So one reading has the filters of all, and who owns half of the shards
or more reads every fact: to pass over the others' costs less than many filters
do. When a shard comes or goes the reading is begun anew, behind the earliest
sequence that any owner still needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.ports.log import Following, Log, Stored

GATHER_S = 0.02  # shards come and go in crowds


def _future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class _Owner:
    take: Callable[[Stored], None]
    position: int
    failed: asyncio.Future[None] = field(default_factory=_future)


class Facts:
    """The reading. `shards`: how many there are, of which this process may own some."""

    def __init__(self, log: Log, shards: int) -> None:
        self._log = log
        self._shards = shards
        self._owners: dict[int, _Owner] = {}
        self._read: dict[int, _Owner] = {}  # whom the reading under way is for
        self._reached = 0  # how far it has come
        self._reading: asyncio.Task[None] | None = None
        self._planned: asyncio.TimerHandle | None = None

    def join(self, shard: int, after: int, take: Callable[[Stored], None]) -> asyncio.Future[None]:
        """Give `take` every fact of a shard behind `after`, until `leave`.

        The future fails with what `take` raised, or with what ended the reading of the log.
        """
        owner = self._owners[shard] = _Owner(take, after)
        self._plan()
        return owner.failed

    def leave(self, shard: int, joined: asyncio.Future[None]) -> None:
        """No more facts for whom `join` gave this future."""
        owner = self._owners.get(shard)
        if owner is not None and owner.failed is joined:
            del self._owners[shard]
            self._plan()
        if not joined.cancel() and not joined.cancelled():
            joined.exception()  # whoever asks for it has it; nobody need

    def stop(self) -> None:
        """End the reading."""
        self._owners.clear()
        if self._planned is not None:
            self._planned.cancel()
        self._end()

    def _plan(self) -> None:
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_later(GATHER_S, self._begin)

    def _begin(self) -> None:
        self._planned = None
        self._end()
        for owner in self._read.values():
            owner.position = max(owner.position, self._reached)
        self._read = self._owners.copy()
        self._reached = min((owner.position for owner in self._read.values()), default=0)
        if self._read:
            self._reading = asyncio.create_task(self._follow(), name="facts")

    def _end(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def _follow(self) -> None:
        try:
            await self._bring(self._log.follow(self._filters(), after=self._reached))
        except Exception as error:  # noqa: BLE001 - each owner tells a defect from bad weather
            for owner in self._read.values():
                _fail(owner, error)

    async def _bring(self, following: Following) -> None:
        owners = self._read  # one that joined since then may have missed something of this
        try:
            async for batch in following:
                for message in batch:
                    owner = owners.get(subjects.shard_in(message.subject))
                    if owner is not None and message.seq > owner.position:
                        self._hand_on(owner, message)
                self._reached = batch[-1].seq
            raise UnavailableError("the reading of the log ended")
        finally:
            await following.close()

    def _hand_on(self, owner: _Owner, message: Stored) -> None:
        if owner.failed.done():
            return
        owner.position = message.seq
        try:
            owner.take(message)
        except Exception as error:  # noqa: BLE001 - one shard's trouble is its own
            _fail(owner, error)

    def _filters(self) -> str | tuple[str, ...]:
        if 2 * len(self._read) >= self._shards:
            return subjects.EVERY_FACT
        return tuple(
            filter_
            for shard in sorted(self._read)
            for filter_ in (
                subjects.shard_facts(shard),
                subjects.shard_limit_facts(shard),
                subjects.shard_schedule_facts(shard),
            )
        )


def _fail(owner: _Owner, error: Exception) -> None:
    if not owner.failed.done():
        owner.failed.set_exception(error)
