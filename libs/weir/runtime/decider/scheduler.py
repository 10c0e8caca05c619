"""A process's share of the shards: takes what is its own, gives back what is not.

Recovery: a member that falls silent is missed after 3.5 s, its shards are
taken at once; a broker that restarted makes every owner renew its leases (P8).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import structlog

from weir.contract.errors import ConflictError, WeirError
from weir.runtime import metrics
from weir.runtime.decider.capacity import Capacity
from weir.runtime.decider.commits import Commits
from weir.runtime.decider.facts import Facts
from weir.runtime.decider.fence import DoubtError, FencedError
from weir.runtime.decider.membership import BEAT_S, Membership
from weir.runtime.decider.shard import Shard
from weir.runtime.decider.turn import Decider

logger = structlog.get_logger(__name__)

RETRY_S = 0.2
RETRY_MAX_S = 2.0


class Scheduler:
    """Owns shards as long as it runs."""

    def __init__(self, decider: Decider, shards: int) -> None:
        self._decider = decider
        self._commits = Commits(decider.log, atomic_from=decider.atomic_from)
        self._facts = Facts(decider.log, shards)
        self._members = Membership(decider.live, decider.name, shards)
        self._capacity = Capacity(decider.live)
        decider.room.capacity = self._capacity.of
        decider.room.members = self._members.count
        self._members.owned = lambda: frozenset(self._owning)
        self._owning: dict[int, asyncio.Task[None]] = {}
        self._shards: dict[int, Shard] = {}
        self._stopping = False
        self._crashed: asyncio.Future[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether every shard that is this process's own is being decided."""
        return all(
            shard in self._shards and self._shards[shard].ready.is_set()
            for shard in self._members.mine()
        )

    async def run(self) -> None:
        """Join, own, hand over, until cancelled; raises what a shard did not expect."""
        self._crashed = asyncio.get_running_loop().create_future()
        self._decider.live.on_reconnect(self._reconnected)
        await self._capacity.join()
        await self._members.join()
        while True:
            await self._balance()
            with contextlib.suppress(WeirError):
                await self._members.beat()
            await self._members.changed(BEAT_S)
            if self._crashed.done():
                self._crashed.result()

    async def stop(self) -> None:
        """Store what is under way and tell the others that the shards are free."""
        self._stopping = True
        await asyncio.gather(*(self._release(shard) for shard in list(self._owning)))
        self._facts.stop()
        with contextlib.suppress(WeirError):
            await self._members.leave()
            await self._capacity.leave()

    async def _balance(self) -> None:
        mine = self._members.mine()
        self._measure()
        self._decider.room.look()
        for shard in [s for s in self._owning if s not in mine]:
            await self._release(shard)
        for shard in sorted(mine - self._owning.keys()):
            if not self._stopping and self._members.free(shard):
                self._owning[shard] = asyncio.create_task(self._own(shard), name=f"shard {shard}")

    def _measure(self) -> None:
        metrics.SHARDS_OWNED.set(len(self._owning))
        turns = [shard.turns for shard in self._shards.values() if shard.turns is not None]
        metrics.RUNS_OPEN.set(sum(len(each.memory.runs) for each in turns))
        held: Counter[str] = Counter()
        for each in turns:
            held.update(each.window.held())
        metrics.RUNS_HELD.clear()
        for queue, runs in held.items():
            metrics.RUNS_HELD.labels(queue).set(runs)

    async def _release(self, number: int) -> None:
        task = self._owning.get(number)
        shard = self._shards.get(number)
        if shard is not None:
            await shard.finish()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._owning.pop(number, None)
        self._shards.pop(number, None)

    async def _own(self, number: int) -> None:
        """Own the shard again and again, until it is another's."""
        pause, reason = RETRY_S, "free"
        while True:
            metrics.TAKEOVERS.labels(reason).inc()
            shard = self._shards[number] = Shard(number, self._decider, self._facts, self._commits)
            try:
                await shard.own()
            except FencedError as error:
                logger.info("shard lost", shard=number, reason=str(error))
                self._owning.pop(number, None)
                self._shards.pop(number, None)
                return
            except DoubtError as error:
                logger.warning("lease renewed after doubt", shard=number, reason=str(error))
                pause, reason = RETRY_S, "doubt"
                continue
            except ConflictError:
                logger.info("lease taken by another first", shard=number)
            except WeirError as error:
                logger.warning("shard cannot be owned now", shard=number, reason=str(error))
            except Exception as error:  # noqa: BLE001 - a defect: the process must not look alive
                if self._crashed is not None and not self._crashed.done():
                    self._crashed.set_exception(error)
                return
            reason = "again"
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_MAX_S)

    async def _reconnected(self) -> None:
        """The broker was away: hear the others out, and renew leases if it is a new one."""
        self._members.forgive()
        for shard in list(self._shards.values()):
            shard.check_incarnation()
