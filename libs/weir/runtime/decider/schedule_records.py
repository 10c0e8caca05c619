"""The schedules of the registry, followed once for all shards of a process.

Each owner of a shard is handed every record of a schedule that lives on it, the
last one at least, and what comes afterwards. An owner waits for `loaded`: it
knows then what the registry held when this process began to read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from weir.contract import subjects, times
from weir.contract.errors import RecordUnreadableError, WeirError
from weir.contract.messages import RegistryRecord
from weir.contract.subjects import ScheduleKey
from weir.core.schedules.standing import Record
from weir.ports.log import Log, Stored
from weir.runtime.policy import Guard
from weir.runtime.quotas import DailyRuns
from weir.runtime.records import read

logger = structlog.get_logger(__name__)

AGAIN_S = 1.0

Take = Callable[[ScheduleKey, Record], None]


class ScheduleRecords:
    """`run` it for as long as the process lives."""

    def __init__(self, registry: Log, shards: int) -> None:
        self._registry = registry
        self._shards = shards
        self._last: dict[int, dict[str, Stored]] = {}  # by shard and subject, unread
        self._takers: dict[int, Take] = {}
        self._position = 0
        self.loaded = asyncio.Event()

    async def run(self) -> None:
        """Follow, for ever."""
        while True:
            try:
                if not self.loaded.is_set():
                    upto = await self._registry.last_seq()
                    async for batch in self._registry.read(subjects.EVERY_SCHEDULE, upto=upto):
                        self._feed(batch)
                    self._position = max(self._position, upto)
                    self.loaded.set()
                await self._follow()
            except WeirError as gone:
                logger.warning("schedules are not followed now", reason=gone.message)
            await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        following = self._registry.follow(subjects.EVERY_SCHEDULE, after=self._position)
        try:
            async for batch in following:
                self._feed(batch)
        finally:
            await following.close()

    def join(self, shard: int, take: Take) -> None:
        """Hand over what is known of a shard's schedules, and whatever comes, until `leave`."""
        self._takers[shard] = take
        for stored in list(self._last.get(shard, {}).values()):
            self._hand_on(shard, stored)

    def leave(self, shard: int, take: Take) -> None:
        """No more for this taker."""
        if self._takers.get(shard) == take:
            del self._takers[shard]

    def _feed(self, batch: Sequence[Stored]) -> None:
        for stored in batch:
            if stored.seq > self._position:
                self._position = stored.seq
                schedule_id = stored.subject.rpartition(".")[2]
                shard = subjects.shard_of(schedule_id, self._shards)
                self._last.setdefault(shard, {})[stored.subject] = stored
                self._hand_on(shard, stored)

    def _hand_on(self, shard: int, stored: Stored) -> None:
        take = self._takers.get(shard)
        if take is None:
            return
        with suppress(RecordUnreadableError):
            record = read(RegistryRecord, stored)
            kind = record.schedule_saved or record.schedule_deleted
            if kind is not None:
                key = ScheduleKey(shard, record.tenant, kind.schedule_id)
                written_ms = times.to_ms(record.at)
                take(key, Record(stored.seq, kind, stored.at_ms, written_ms))


@dataclass(frozen=True, slots=True)
class Scheduling:
    """What the schedules of all shards of a process share. Without `guard` nobody is asked."""

    records: ScheduleRecords
    guard: Guard | None = None
    daily: DailyRuns | None = None
    env: Mapping[str, str] = field(default_factory=dict)
