"""How runs end, for who waits for them in the same request.

Live messages are hints (log-protocol P20): one subscription of the process
hears the owner messages of all runs and looks only at those somebody waits
for. A waiter that heard nothing for a second reads the run's last owner
message at the leader, and all do after a reconnect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from weir.contract import subjects
from weir.contract.ends import STATUS_BY_FIELD
from weir.contract.errors import WeirError
from weir.contract.subjects import RunKey
from weir.ports.live import Listening, Live
from weir.ports.log import Log

LOOK_S = 1.0
LOOK_MAX_S = 5.0

_SUCCEEDED, _FAILED, _CANCELLED = (f'"{name}"'.encode() for name in STATUS_BY_FIELD)


class Ended(NamedTuple):
    """How a run ended: its output, its error, or why it was cancelled."""

    status: str
    ended_at: str
    output: Any = None
    error: Mapping[str, Any] | None = None
    reason: str = ""

    def shown(self) -> dict[str, Any]:
        """The end as an answer holds it."""
        told: dict[str, Any] = {"status": self.status, "ended_at": self.ended_at}
        if self.status == "succeeded":
            return told | {"output": self.output}
        return told | {"error": self.error, "reason": self.reason}


class Expecting:
    """Somebody who waits for a run's end, for the time of an `async with`."""

    __slots__ = ("ended", "key", "look_at", "pause", "waiting")

    def __init__(self, waiting: dict[str, list[Expecting]], key: RunKey) -> None:
        loop = asyncio.get_running_loop()
        self.waiting = waiting
        self.key = key
        self.ended: asyncio.Future[Ended] = loop.create_future()
        self.look_at = loop.time() + LOOK_S
        self.pause = LOOK_S

    async def __aenter__(self) -> asyncio.Future[Ended]:
        """A future of the end."""
        self.waiting.setdefault(self.key.run_id, []).append(self)
        return self.ended

    async def __aexit__(self, *_: object) -> None:
        others = self.waiting[self.key.run_id]
        others.remove(self)
        if not others:
            del self.waiting[self.key.run_id]
        self.ended.cancel()


class Results:
    """Hears how runs end."""

    def __init__(self, live: Live, runs: Log) -> None:
        self._live = live
        self._runs = runs
        self._waiting: dict[str, list[Expecting]] = {}
        self._listening: Listening | None = None
        self._lost = asyncio.Event()

    async def start(self) -> None:
        """Listen."""
        self._listening = await self._live.listen(subjects.live_events(), self._heard)
        self._live.on_reconnect(self._reconnected)

    async def stop(self) -> None:
        """Hear no more; who waits goes on until its time is over."""
        if self._listening is not None:
            await self._listening.close()

    def expecting(self, key: RunKey) -> Expecting:
        """A future of the run's end. Enter before the run is started, or nothing is heard of it."""
        return Expecting(self._waiting, key)

    async def known(self, key: RunKey) -> dict[str, Any]:
        """What an answer adds about a run that was there before: how it ended, if it has."""
        found = await self.look(key)
        return found.shown() if found is not None else {}

    async def look(self, key: RunKey) -> Ended | None:
        """How the run has ended by now, read at the leader; None if it has not."""
        stored = await self._runs.last(key.events)
        return ended(stored.data) if stored is not None else None

    async def run(self) -> None:
        """Look for those who heard nothing, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(LOOK_S / 4):
                    await self._lost.wait()
            except TimeoutError:
                due_by = loop.time()
            else:
                self._lost.clear()
                due_by = float("inf")
            due = [
                waiting
                for others in self._waiting.values()
                for waiting in others
                if waiting.look_at <= due_by and not waiting.ended.done()
            ]
            for waiting in due:
                await self._look_for(waiting)

    async def _look_for(self, waiting: Expecting) -> None:
        waiting.pause = min(waiting.pause * 2, LOOK_MAX_S)
        waiting.look_at = asyncio.get_running_loop().time() + waiting.pause
        try:
            found = await self.look(waiting.key)
        except WeirError:
            return  # the broker is away: the next look may find it back
        if found is not None:
            _tell(waiting, found)

    async def _reconnected(self) -> None:
        self._lost.set()

    def _heard(self, subject: str, data: bytes) -> None:
        waiting = self._waiting.get(subject.split(".")[3])
        if waiting is None:
            return
        found = ended(data)
        if found is not None:
            for one in waiting:
                _tell(one, found)


def _tell(waiting: Expecting, found: Ended) -> None:
    if not waiting.ended.done():
        waiting.ended.set_result(found)


def ended(data: bytes) -> Ended | None:
    """How an owner message ends its run; None if it does not."""
    if _SUCCEEDED not in data and _FAILED not in data and _CANCELLED not in data:
        return None
    envelope = orjson.loads(data)
    for event in reversed(envelope.get("events", ())):
        for name, status in STATUS_BY_FIELD.items():
            if name in event:
                return _ended(status, envelope.get("at", ""), event[name])
    return None


def _ended(status: str, at: str, event: Mapping[str, Any]) -> Ended:
    if status == "succeeded":
        reference = event.get("output_ref")
        output = event.get("output") if reference is None else _shown(reference)
        return Ended(status, at, output=output)
    return Ended(status, at, error=event.get("error"), reason=event.get("reason", ""))


def _shown(reference: Mapping[str, Any]) -> dict[str, Any]:
    # Whole numbers are doubles on the wire.
    return {"$blob": {**reference, "size": int(reference["size"])}}
