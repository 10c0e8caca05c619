"""A document in memory, and those who edit it: stored first, then told, then acknowledged.

Two copies are held. `ahead` takes every change at once and shows what it does,
so that what no document may have is refused before anybody has it; `doc` is
what the log has, and all that anybody is told. Changes gather while an append
is under way and go out as one. What a peer sent is acknowledged to it once it
is stored; when the fence shows that another process writes, the room ends and
everybody comes back, to whoever has it now.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from pycrdt import Doc, merge_updates

from services.collab import protocol
from services.collab.peers import AGAIN, MOVED, REFUSED, TOO_LARGE, Peer
from services.collab.presence import Presence
from services.collab.store import Kept, Store
from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError, WeirError
from weir.core.drafts import checking
from weir.core.drafts.shape import ROOTS, root
from weir.runtime import metrics

FRAME_LIMIT = 1024 * 1024
STATE_LIMIT = 4 * 1024 * 1024
WAITING_LIMIT = 4 * 1024 * 1024  # bytes of changes that are not stored yet
PEERS = 100
EDITS = 500  # messages after which the document is written down whole
EDIT_BYTES = 1024 * 1024
_AGAIN_S = 0.25
_PATIENCE_S = 20.0  # how long a broker may be away before everybody is sent to come back

_log = structlog.get_logger()
Change = Callable[[Doc[Any]], None]


@dataclass(slots=True)
class _Waiting:
    """A change that is not stored yet."""

    update: bytes
    by: str
    places: frozenset[str]
    at: float
    peer: Peer | None = None
    merged: int = 0
    stored: asyncio.Future[None] | None = None


@dataclass(slots=True)
class _Seen:
    """What the last change did to `ahead`."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    update: bytes = b""


def fresh() -> Doc[Any]:
    """An empty document whose id other libraries can hold: some have 32 bits for it."""
    return Doc(client_id=secrets.randbits(31) + 1)


def filled(updates: list[bytes]) -> Doc[Any]:
    """A document of updates."""
    doc = fresh()
    for name in ROOTS:
        root(doc, name)
    for update in updates:
        doc.apply_update(update)
    return doc


class Room:
    """One document. Of one process at a time; everything here happens on one loop."""

    def __init__(self, tenant: str, workflow_id: str, kept: Kept, store: Store) -> None:
        self.tenant = tenant
        self.workflow_id = workflow_id
        self.kept = kept
        self.peers: set[Peer] = set()
        self.presence = Presence()
        self.changed = asyncio.Event()  # replaced at each change that was stored
        self.ended = asyncio.Event()
        self.last_by = ""
        self.project: str | None = None
        self._version: str | None = None
        self.idle_since = monotonic()
        self._store = store
        self.doc = filled(kept.updates)
        kept.updates.clear()
        self._waiting: list[_Waiting] = []
        self._under_way: list[_Waiting] = []
        self._waiting_bytes = 0
        self._more = asyncio.Event()
        self._seen = _Seen()
        self._look_ahead()

    @property
    def epoch(self) -> str:
        """The document's name in time."""
        return self.kept.epoch

    @property
    def settled(self) -> bool:
        """Whether everything is stored."""
        return not self._waiting and not self._under_way

    # -- those who edit --

    def join(self, peer: Peer) -> None:
        """Let somebody in, and tell them how to begin."""
        self.peers.add(peer)
        metrics.COLLAB_PEERS.inc()
        if peer.notices:
            peer.send(
                protocol.notice(
                    "opened", epoch=self.epoch, read_only=peer.read_only, user=dict(peer.user)
                )
            )
        peer.send(protocol.asking(self.doc.get_state()))
        self._tell(self.presence.everybody(), (peer,))

    def leave(self, peer: Peer) -> None:
        """Somebody is gone; what they sent is stored all the same."""
        if peer not in self.peers:
            return
        self.peers.discard(peer)
        metrics.COLLAB_PEERS.dec()
        self._tell(self.presence.leave(peer))
        if not self.peers:
            self.idle_since = monotonic()

    def take(self, peer: Peer, data: bytes) -> None:
        """A frame of somebody in the room; what cannot be understood does nothing."""
        if peer not in self.peers:
            return
        metrics.COLLAB_BYTES.labels("in").inc(len(data))
        if len(data) > FRAME_LIMIT:
            self._turn_away(peer, TOO_LARGE, "a frame has at most 1 MB")
            return
        match protocol.read(data):
            case protocol.Changed(update):
                if not peer.read_only:
                    self._change(peer, update)
            case protocol.Asked(state):
                self._answer(peer, state)
            case protocol.Told(states):
                self._tell(self.presence.take(peer, states))
            case protocol.Who():
                self._tell(self.presence.everybody(), (peer,))
            case None:
                metrics.COLLAB_TURNED_AWAY.labels("garbage").inc()

    def tell(self, kind: str, **told: Any) -> None:
        """Tell those who want to know such things."""
        frame = protocol.notice(kind, **told)
        for peer in self.peers:
            if peer.notices:
                peer.send(frame)

    def seen_version(self, version: str, number: int, by: str) -> None:
        """The workflow's current version, told to all when it is another."""
        before, self._version = self._version, version
        if before is not None and before != version:
            self.tell("published", version=version, number=number, by=by)

    def close(self, code: int, reason: str) -> None:
        """Send everybody away; what waits is not stored any more, nor acknowledged."""
        self.ended.set()
        self._more.set()
        for peer in list(self.peers):
            self.leave(peer)
            peer.close(code, reason)

    # -- changes --

    async def edit(self, change: Change, by: str, merged: int = 0) -> None:
        """A change of our own; returns when it is stored. UnavailableError if it cannot be."""
        self._seen = _Seen()
        with self.ahead.transaction():
            change(self.ahead)
        places = checking.look(self.ahead, self._seen.events).places
        stored = asyncio.get_running_loop().create_future()
        self._queue(
            _Waiting(
                self._seen.update or protocol.EMPTY, by, places, monotonic(), None, merged, stored
            )
        )
        await stored

    async def run(self) -> None:
        """Store what comes, until the room ends."""
        try:
            while not self.ended.is_set():
                await self._more.wait()
                self._more.clear()
                await self.settle()
        finally:
            self._give_up(MOVED, "the room ended")

    async def settle(self) -> None:
        """Store what waits. Ends the room when it is not ours, or cannot be stored for long."""
        while self._waiting:
            self._under_way, self._waiting = self._waiting, []
            self._waiting_bytes = 0
            try:
                await self._store_under_way()
            except ConflictError:
                _log.info("a room is another's", workflow=self.workflow_id)
                self._give_up(MOVED, "moved")
            except OutcomeUnknownError:
                self._give_up(MOVED, "come back")
            except WeirError as error:
                _log.warning("a room cannot be stored", why=error.message)
                self._give_up(AGAIN, "nothing can be stored for now")

    async def compact(self) -> None:
        """Write the document down whole; nothing may wait. Raises as `settle` does not."""
        await self._store.whole(self.tenant, self.workflow_id, self.kept, self.doc.get_update())

    def _change(self, peer: Peer, update: bytes) -> None:
        now = monotonic()
        if update == protocol.EMPTY:
            self._queue(_Waiting(update, peer.by, frozenset(), now, peer))
            return
        self._seen = _Seen()
        try:
            self.ahead.apply_update(update)
        except Exception:  # noqa: BLE001 - whatever a hostile update does to the library
            self._look_ahead()
            self._turn_away(peer, REFUSED, "this is no update")
            return
        told = checking.look(self.ahead, self._seen.events)
        refusal = told.refusal
        if not refusal and self._too_large(len(update)):
            refusal = "the document would be larger than 4 MB"
        if refusal:
            self._look_ahead()
            self._turn_away(peer, REFUSED, refusal)
            return
        self._queue(_Waiting(update, peer.by, told.places, now, peer))

    def _too_large(self, more: int) -> bool:
        if self.kept.size + self._waiting_bytes + more <= STATE_LIMIT:
            return False
        return len(self.ahead.get_update()) > STATE_LIMIT

    def _queue(self, waiting: _Waiting) -> None:
        if self.ended.is_set():
            if waiting.stored:
                waiting.stored.set_exception(_gone())
            return
        self._waiting.append(waiting)
        self._waiting_bytes += len(waiting.update)
        if self._waiting_bytes > WAITING_LIMIT:
            self._give_up(AGAIN, "too much waits to be stored")
        self._more.set()

    async def _store_under_way(self) -> None:
        batch = self._under_way
        updates = [one.update for one in batch if one.update != protocol.EMPTY]
        merged = max((one.merged for one in batch), default=0)
        if updates or merged:
            update = (
                merge_updates(*updates) if len(updates) > 1 else (updates or [protocol.EMPTY])[0]
            )
            touches: dict[str, set[str]] = {}
            for one in batch:
                touches.setdefault(one.by, set()).update(one.places)
            said = {by: sorted(places) for by, places in touches.items()}
            await self._stored(update, said, merged)
            if updates:
                self.doc.apply_update(update)
                self._tell(protocol.changing(update))
            self.last_by = next((one.by for one in reversed(batch) if one.places), self.last_by)
        self._under_way = []
        done: dict[Peer, int] = {}
        now = monotonic()
        for one in batch:
            metrics.COLLAB_PROPAGATION.observe(now - one.at)
            if one.peer is not None:
                done[one.peer] = done.get(one.peer, 0) + 1
            if one.stored is not None and not one.stored.done():
                one.stored.set_result(None)
        for peer, count in done.items():
            peer.acknowledged += count
            if peer.notices and peer in self.peers:
                peer.send(protocol.saved(peer.acknowledged))
        if updates:
            before, self.changed = self.changed, asyncio.Event()
            before.set()
        await self._compact_if_due()

    async def _stored(self, update: bytes, touches: dict[str, list[str]], merged: int) -> None:
        until = monotonic() + _PATIENCE_S
        while True:
            try:
                await self._store.add(
                    self.tenant, self.workflow_id, self.kept, update, touches, merged
                )
            except UnavailableError:
                if monotonic() > until or self.ended.is_set():
                    raise
                await asyncio.sleep(_AGAIN_S)
            else:
                return

    async def _compact_if_due(self) -> None:
        kept = self.kept
        if kept.edits < EDITS and kept.size - kept.base < max(EDIT_BYTES, kept.base):
            return
        try:
            await self.compact()
        except (UnavailableError, OutcomeUnknownError) as error:
            _log.warning("a document was not written down whole", why=error.message)
            if isinstance(error, OutcomeUnknownError):
                raise

    def _give_up(self, code: int, reason: str) -> None:
        for one in (*self._under_way, *self._waiting):
            if one.stored is not None and not one.stored.done():
                one.stored.set_exception(_gone())
        self._under_way, self._waiting = [], []
        self.close(code, reason)

    # -- the two documents --

    def _look_ahead(self) -> None:
        """Have `ahead` be what is stored and what waits, and show what happens to it."""
        self.ahead = filled([self.doc.get_update()])
        for one in (*self._under_way, *self._waiting):
            self.ahead.apply_update(one.update)
        self._watches = [self._watched(name) for name in ROOTS]
        self._watches.append(self.ahead.observe(self._saw))

    def _watched(self, name: str) -> Any:
        return root(self.ahead, name).observe_deep(
            lambda events, *_: self._seen.events.extend((name, one) for one in events)
        )

    def _saw(self, event: Any) -> None:
        self._seen.update = event.update

    def _answer(self, peer: Peer, state: bytes) -> None:
        try:
            update = self.doc.get_update(state)
        except Exception:  # noqa: BLE001 - no state vector
            metrics.COLLAB_TURNED_AWAY.labels("garbage").inc()
            return
        peer.send(protocol.answering(update))

    def _turn_away(self, peer: Peer, code: int, reason: str) -> None:
        metrics.COLLAB_TURNED_AWAY.labels("refused").inc()
        self.leave(peer)
        peer.close(code, reason)

    def _tell(self, frame: bytes | None, peers: Iterable[Peer] | None = None) -> None:
        if frame is not None:
            for peer in self.peers if peers is None else peers:
                peer.send(frame)


def _gone() -> UnavailableError:
    return UnavailableError("The document is being moved to another process: try again.")
