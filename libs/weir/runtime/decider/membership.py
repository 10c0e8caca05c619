"""Which processes of a service live, and which of them should own which shard.

Each process beats on a core subject and hears the others. Shards go to members
by rendezvous hashing, so a member that comes or goes moves only its own share.
This is about balance and speed alone: nothing here keeps two owners apart,
the lease does. A beat that is lost, late or forged costs a takeover, no data.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from weir.contract import subjects
from weir.ports.live import Listening, Live

BEAT_S = 1.0
SILENT_S = 3.5
HELLO_S = 0.25
PATIENCE_S = 5.0  # how long a living member may keep a shard that is no longer its own


@dataclass(slots=True)
class _Peer:
    heard: float
    owned: frozenset[int]


class Membership:
    """The living members as this process hears them."""

    def __init__(self, live: Live, name: str, shards: int, service: str = "scheduler") -> None:
        self.name = name
        self._live = live
        self._shards = shards
        self._beat = subjects.beat(service)
        self._peers: dict[str, _Peer] = {}
        self._wanted_since: dict[int, float] = {}
        self._listening: Listening | None = None
        self._changed = asyncio.Event()
        self.owned: Callable[[], frozenset[int]] = frozenset

    async def join(self) -> None:
        """Listen, say hello, and wait a moment for the others to answer, if there are any.

        Whether there are is asked before this one listens itself.
        """
        others = await self._live.reaches(self._beat, self._told())
        self._listening = await self._live.listen(self._beat, self._hear)
        await self.beat(hello=True)
        if others:
            await asyncio.sleep(HELLO_S)

    async def leave(self) -> None:
        """Tell the others that this member's shards are free."""
        if self._listening is not None:
            await self._listening.close()
        await self.beat(leaving=True)

    async def beat(self, *, hello: bool = False, leaving: bool = False) -> None:
        """Tell the others."""
        await self._live.publish(self._beat, self._told(hello=hello, leaving=leaving))

    def _told(self, *, hello: bool = False, leaving: bool = False) -> bytes:
        owned = sorted(self.owned())
        return orjson.dumps({"id": self.name, "owned": owned, "hello": hello, "leaving": leaving})

    async def changed(self, timeout_s: float) -> None:
        """Wait until the members or their shards changed, or the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        self._changed.clear()

    def forgive(self) -> None:
        """After this process was cut off: the silence of the others proves nothing."""
        now = self._now()
        for peer in self._peers.values():
            peer.heard = now

    def mine(self) -> set[int]:
        """The shards this member should own."""
        members = [self.name, *self._living()]
        return {s for s in range(self._shards) if self.name == _chosen(s, members)}

    def owner(self, shard: int) -> str:
        """The member that should own a shard."""
        return _chosen(shard, [self.name, *self._living()])

    def lives(self, name: str) -> bool:
        """Whether this is a living member."""
        return name == self.name or name in self._living()

    def count(self) -> int:
        """How many members there are, this one among them."""
        return 1 + len(self._peers)

    def free(self, shard: int) -> bool:
        """Whether nobody alive holds a shard of ours, or held it for too long."""
        holders = [p for p in self._living() if shard in self._peers[p].owned]
        if not holders:
            self._wanted_since.pop(shard, None)
            return True
        return self._now() - self._wanted_since.setdefault(shard, self._now()) > PATIENCE_S

    def _living(self) -> list[str]:
        now = self._now()
        gone = [name for name, peer in self._peers.items() if now - peer.heard > SILENT_S]
        for name in gone:
            del self._peers[name]
        return sorted(self._peers)

    def _hear(self, subject: str, data: bytes) -> None:
        del subject
        beat = orjson.loads(data)
        name = beat["id"]
        if name == self.name:
            return
        owned = frozenset(beat["owned"])
        before = self._peers.get(name)
        if beat["leaving"]:
            self._peers.pop(name, None)
        else:
            self._peers[name] = _Peer(self._now(), owned)
        if beat["hello"] or beat["leaving"] or before is None or before.owned != owned:
            self._changed.set()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _chosen(shard: int, members: list[str]) -> str:
    return max(members, key=lambda name: hashlib.blake2b(f"{shard}/{name}".encode()).digest())
