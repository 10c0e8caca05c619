"""The rooms of this process: opened where they belong, written down, let go.

A document belongs to one of the living processes of collab, by its shard and
rendezvous hashing. When that changes, the process that has its room stores
what waits, writes the draft, sends everybody to come back and says that the
shard is free; the next one opens it. Two that do not know of each other are
kept apart by the fence of the log alone.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from zlib import crc32

import structlog

from services.collab.drafting import Drafting
from services.collab.peers import AGAIN, GONE, MOVED
from services.collab.room import Room
from weir.contract import subjects
from weir.contract.errors import (
    OverloadedError,
    RecordUnreadableError,
    UnavailableError,
    WeirError,
    WorkflowNotFoundError,
)
from weir.contract.messages import RegistryRecord, WorkflowDeleted, WorkflowSaved
from weir.ports.log import Log, Stored
from weir.runtime import metrics
from weir.runtime.background import Background
from weir.runtime.decider.membership import BEAT_S, Membership
from weir.runtime.records import read as read_record

SHARDS = 64
IDLE_S = 60.0
WRITE_AFTER_S = 2.0  # of quiet
WRITE_AT_LATEST_S = 15.0
_PATIENCE_S = 3.0
_TICK_S = 0.5
_AGAIN_S = 1.0

_log = structlog.get_logger()
Key = tuple[str, str]


class NotOursError(Exception):
    """The document belongs to another process."""


def shard_of(workflow_id: str) -> int:
    """The shard of a document."""
    return crc32(workflow_id.encode()) % SHARDS


class Rooms:
    """Opens, keeps and lets go of rooms."""

    def __init__(
        self,
        drafting: Drafting,
        membership: Membership,
        registry: Log,
        background: Background,
        *,
        most: int,
    ) -> None:
        self.membership = membership
        self._drafting = drafting
        self._registry = registry
        self._background = background
        self._most = most
        self._rooms: dict[Key, Room] = {}
        self._opening: dict[Key, asyncio.Task[Room]] = {}
        self._unwritten: dict[Key, tuple[float, float]] = {}  # since when, last touched
        self._writing: dict[Key, asyncio.Lock] = {}
        membership.owned = self._owned

    def owner(self, workflow_id: str) -> str:
        """The process a document belongs to."""
        return self.membership.owner(shard_of(workflow_id))

    def at_hand(self, tenant: str, workflow_id: str) -> Room | None:
        """The room, if it is open here."""
        return self._rooms.get((tenant, workflow_id))

    async def open(self, tenant: str, workflow_id: str) -> Room:
        """The room of a document that belongs to this process.

        NotOursError; UnavailableError while another process has not let it go,
        OverloadedError, WorkflowNotFoundError.
        """
        key = tenant, workflow_id
        room = self._rooms.get(key)
        if room is not None and not room.ended.is_set():
            return room
        opening = self._opening.get(key)
        if opening is None:
            opening = asyncio.create_task(self._open(key), name=f"open {workflow_id}")
            self._opening[key] = opening
            opening.add_done_callback(lambda _: self._opening.pop(key, None))
        return await asyncio.shield(opening)

    async def write(self, room: Room) -> tuple[int, list[dict[str, str]]]:
        """Store what waits and have the draft say it; its revision and what was left out."""
        key = room.tenant, room.workflow_id
        async with self._writing.setdefault(key, asyncio.Lock()):
            before = self._unwritten.pop(key, None)
            try:
                revision, dropped = await self._drafting.write(room)
            except WeirError:
                if before is not None:
                    self._unwritten.setdefault(key, before)
                raise
        return revision, [{"code": one.code, "id": one.id} for one in dropped]

    async def run(self) -> None:
        """Tell the others that we live and what we have, for ever."""
        while True:
            with suppress(WeirError):
                await self.membership.beat()
            await self.membership.changed(BEAT_S)

    async def hand_over(self) -> None:
        """Let go what belongs to others, for ever."""
        while True:
            await asyncio.sleep(_TICK_S)
            theirs = [
                self._let_go(room)
                for (_, workflow), room in list(self._rooms.items())
                if self.owner(workflow) != self.membership.name
            ]
            if theirs:
                await asyncio.gather(*theirs)
                with suppress(WeirError):
                    await self.membership.beat()

    async def tend(self) -> None:
        """Write drafts after a while and let idle rooms go, for ever."""
        while True:
            await asyncio.sleep(_TICK_S)
            now = monotonic()
            for key, room in list(self._rooms.items()):
                if room.ended.is_set():
                    continue
                since, last = self._unwritten.get(key, (now, now))
                if key in self._unwritten and (
                    now - last > WRITE_AFTER_S or now - since > WRITE_AT_LATEST_S
                ):
                    await self._try_to_write(room)
                if not room.peers and now - room.idle_since > IDLE_S:
                    await self._let_go(room)

    async def follow(self) -> None:
        """See what becomes of workflows whose rooms are open, for ever."""
        while True:
            try:
                following = self._registry.follow(
                    subjects.EVERY_WORKFLOW, after=await self._registry.last_seq()
                )
                try:
                    async for batch in following:
                        for stored in batch:
                            await self._saw(stored)
                finally:
                    await following.close()
            except WeirError as gone:
                _log.warning("workflows are not followed now", why=gone.message)
            await asyncio.sleep(_AGAIN_S)

    async def close(self) -> None:
        """Let all go, in order."""
        for room in list(self._rooms.values()):
            await self._let_go(room)
        with suppress(WeirError):
            await self.membership.leave()

    def drop(self, tenant: str) -> None:
        """Let a tenant's rooms go without a word: what they hold is to be forgotten."""
        for key, room in list(self._rooms.items()):
            if key[0] == tenant:
                room.close(GONE, "the tenant was deleted")
                self._forget(key, room)

    # -- one room --

    async def _open(self, key: Key) -> Room:
        shard = shard_of(key[1])
        until = monotonic() + _PATIENCE_S
        while True:
            if self.membership.owner(shard) != self.membership.name:
                raise NotOursError
            if self.membership.free(shard):
                break
            if monotonic() > until:
                raise UnavailableError("The document is still with another process: come back.")
            await asyncio.sleep(0.05)
        await self._make_room()
        room = await self._drafting.open(*key)
        self._rooms[key] = room
        metrics.COLLAB_ROOMS.set(len(self._rooms))
        self._background.spawn(self._life(key, room), f"room {key[1]}")
        try:
            await self._drafting.catch_up(room)
        except WeirError:
            room.close(AGAIN, "come back")
            raise
        return room

    async def _life(self, key: Key, room: Room) -> None:
        marking = asyncio.create_task(self._mark(key, room))
        try:
            await room.run()
        except Exception:  # noqa: BLE001 - one document must not end all others
            _log.exception("a room failed", workflow=key[1])
        finally:
            marking.cancel()
            self._forget(key, room)

    async def _mark(self, key: Key, room: Room) -> None:
        """Remember that there is something to write into the draft."""
        while True:
            await room.changed.wait()
            now = monotonic()
            self._unwritten[key] = self._unwritten.get(key, (now, now))[0], now

    def _forget(self, key: Key, room: Room) -> None:
        if self._rooms.get(key) is room:
            del self._rooms[key]
            self._unwritten.pop(key, None)
            self._writing.pop(key, None)
            metrics.COLLAB_ROOMS.set(len(self._rooms))

    async def _try_to_write(self, room: Room) -> None:
        key = room.tenant, room.workflow_id
        try:
            await self.write(room)
        except WorkflowNotFoundError:
            room.close(GONE, "the workflow was deleted")
        except WeirError as error:
            _log.warning("a draft is not written yet", workflow=key[1], why=error.message)
            now = monotonic()
            self._unwritten[key] = now, now
        except Exception:  # noqa: BLE001 - one document must not end all others
            _log.exception("a draft cannot be written", workflow=key[1])

    async def _let_go(self, room: Room, code: int = MOVED, reason: str = "moved") -> None:
        """Store what waits, write the draft, send everybody away."""
        for peer in list(room.peers):
            room.leave(peer)
            peer.close(code, reason)
        with suppress(WeirError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                while not room.settled and not room.ended.is_set():  # noqa: ASYNC110 - moments
                    await asyncio.sleep(0.01)
                if (room.tenant, room.workflow_id) in self._unwritten:
                    await self.write(room)
        if not room.peers:
            room.close(code, reason)
            self._forget((room.tenant, room.workflow_id), room)

    async def _make_room(self) -> None:
        """Have a place for another room: the one that is idle longest goes."""
        if len(self._rooms) < self._most:
            return
        idle = [room for room in self._rooms.values() if not room.peers]
        if not idle:
            raise OverloadedError(
                f"{self._most} documents are open here: come back, or run more processes of collab."
            )
        await self._let_go(min(idle, key=lambda room: room.idle_since))

    def _owned(self) -> frozenset[int]:
        return frozenset(shard_of(workflow) for _, workflow in self._rooms)

    async def _saw(self, stored: Stored) -> None:
        _, tenant, _, workflow = stored.subject.split(".")
        try:
            record = read_record(RegistryRecord, stored)
        except RecordUnreadableError:
            return
        room = self._rooms.get((tenant, workflow))
        if isinstance(record.kind, WorkflowDeleted):
            if room is not None:
                room.close(GONE, "the workflow was deleted")
            if self.owner(workflow) == self.membership.name:
                with suppress(WeirError):
                    await self._drafting.forget(tenant, workflow)
        elif (
            room is not None
            and stored.seq > room.kept.merged
            and isinstance(record.kind, WorkflowSaved)
        ):
            await self._saved(room, record.kind, record.by)

    async def _saved(self, room: Room, saved: WorkflowSaved, by: str) -> None:
        if saved.current_version:
            room.seen_version(saved.current_version, saved.current_number, by)
        if room.project is not None and room.project != saved.project:
            # Whose roles count is another question now: each is asked anew.
            room.close(MOVED, "the workflow belongs to another project")
        elif not saved.drawn:
            try:
                await self._drafting.catch_up(room)
            except WeirError as error:
                _log.warning("a saved draft is not in its document yet", why=error.message)
            except Exception:  # noqa: BLE001 - one document must not end all others
                _log.exception("a saved draft is in no document", workflow=room.workflow_id)
