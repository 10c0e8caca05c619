"""Ports that note who writes what where, and what everybody reads."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tests.http_house import memory_platform
from weir.adapters.memory.broker import Broker
from weir.contract import subjects
from weir.ports.live import Handler, Listening
from weir.ports.log import Append, Following, Stored
from weir.runtime.platform import Platform


class Spied:
    """What services did: their appends in order, and the filters that they read by."""

    def __init__(self) -> None:
        self.appends: list[tuple[str, Append]] = []
        self.reads: defaultdict[str, set[str]] = defaultdict(set)

    def platform(self, service: str, broker: Broker, shared: Platform, **other: Any) -> Platform:
        """The ports of one service on a link of its own; objects, secrets and views are shared."""
        own = memory_platform(broker.connect())
        logs = {
            name: SpiedLog(getattr(own, name), service, self)
            for name in (
                *("runs", "registry", "identity", "logs"),
                *("deliveries", "bus", "cursors"),
            )
        }
        return dataclasses.replace(
            own,
            **logs,
            settings=shared.settings,
            clock=shared.clock,
            blobs=shared.blobs,
            secrets=shared.secrets,
            views=shared.views,
            live=SpiedLive(own.live, service, self),
            tasks=SpiedTasks(own.tasks, service, self),
            **other,
        )


class SpiedLog:
    """A log of one service."""

    def __init__(self, log: Any, service: str, spied: Spied) -> None:
        self._log = log
        self._service = service
        self._spied = spied

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def _wrote(self, append: Append) -> None:
        self._spied.appends.append((self._service, append))

    async def append(self, append: Append) -> int:
        """Note it once it is stored."""
        seq: int = await self._log.append(append)
        self._wrote(append)
        return seq

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Note what is stored."""
        results: list[int | Exception] = await self._log.append_all(appends)
        for append, result in zip(appends, results, strict=True):
            if isinstance(result, int):
                self._wrote(append)
        return results

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Note all."""
        seqs: list[int] = await self._log.append_atomic(appends)
        for append in appends:
            self._wrote(append)
        return seqs

    async def last(self, subject: str) -> Stored | None:
        """Note the subject."""
        self._spied.reads[self._service].add(subject)
        found: Stored | None = await self._log.last(subject)
        return found

    def read(self, subject: str, **bounds: Any) -> AsyncIterator[Sequence[Stored]]:
        """Note the filter."""
        self._spied.reads[self._service].add(subject)
        reading: AsyncIterator[Sequence[Stored]] = self._log.read(subject, **bounds)
        return reading

    def follow(
        self, filters: str | Sequence[str], *, after: int = 0, rest_s: float = 0.0
    ) -> Following:
        """Note the filters."""
        given = (filters,) if isinstance(filters, str) else filters
        self._spied.reads[self._service].update(given)
        following: Following = self._log.follow(filters, after=after, rest_s=rest_s)
        return following


class SpiedLive:
    """The core subjects of one service."""

    def __init__(self, live: Any, service: str, spied: Spied) -> None:
        self._live = live
        self._service = service
        self._spied = spied

    def __getattr__(self, name: str) -> Any:
        return getattr(self._live, name)

    async def listen(self, subject: str, handler: Handler) -> Listening:
        """Note the filter."""
        self._spied.reads[self._service].add(subject)
        listening: Listening = await self._live.listen(subject, handler)
        return listening


class SpiedTasks:
    """The queues of one service."""

    def __init__(self, tasks: Any, service: str, spied: Spied) -> None:
        self._tasks = tasks
        self._service = service
        self._spied = spied

    async def work(self, queue: str, **rest: Any) -> Any:
        """Note the queue's filter."""
        self._spied.reads[self._service].add(subjects.queue_filter(queue))
        return await self._tasks.work(queue, **rest)
