"""Whether the server at the other end serves: one that lost sight of the others is left.

A node of a cluster that was cut off keeps its clients and answers their pings,
but what they append is never acknowledged. If it led a stream, it still answers
questions, from its past, for ten to twenty seconds; a consumer on it still
sends heartbeats. So where several servers are known, the one at the other end
is asked every two seconds for the run log's state, which must come from a leader
that has heard of a majority lately. If it does not, every server is asked until
one serves, and that is turned to (log-protocol P14). While none does, an
election say, nobody goes round; afterwards the same server is connected anew,
since what was sent and asked meanwhile went nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.refusals import passes
from weir.contract import subjects
from weir.contract.errors import UnavailableError

_LOG = structlog.get_logger(__name__)
LOOK_S = 2.0
LOOK_AGAIN_S = 0.5
# A leader hears its followers every second. One that was cut off must not be taken for one that
# serves by whoever has just waited in vain elsewhere, so it is not believed for longer than that.
_ANSWER_S = 1.5
_HEARD_NS = int(_ANSWER_S * 1_000_000_000)

Serves = Callable[[str], Awaitable[bool]]
"""Whether the server at this address serves, found out on a connection of its own."""


class Served:
    """Watches a connection as long as it is not closed."""

    def __init__(self, link: Link, other: Serves) -> None:
        self._link = link
        self._other = other
        self._looks: set[asyncio.Task[str]] = set()
        self._watching = asyncio.ensure_future(self._watch())
        link.watch(self._lost)
        link.on_reconnect(self._back)

    async def _back(self) -> None:
        self._watching = asyncio.ensure_future(self._watch())

    def _lost(self) -> None:
        self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if len(self._link.addresses) > 1 and not await serves(self._link):
                await self._seek()

    async def _seek(self) -> None:
        """Return when the server serves after all, or turn to one that does."""
        missed = False
        while True:
            here = self._link.addresses[0]
            found = await self._first()
            if found == here and not missed:
                return
            if found:
                name = self._link.info.get("server_name")
                _LOG.warning("nats_did_not_serve", server=name, another=found != here)
                self._link.turn_to(found)
                return
            missed = True
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _first(self) -> str:
        """The server that is found first to serve, "" if none does."""
        looks = [asyncio.create_task(self._look(one)) for one in self._link.addresses]
        # They end by themselves: an attempt to connect that is cancelled can leave a socket behind.
        self._looks.update(looks)
        for look in looks:
            look.add_done_callback(self._looks.discard)
        for each in asyncio.as_completed(looks):
            if server := await each:
                return server
        return ""

    async def _look(self, server: str) -> str:
        here = server == self._link.addresses[0]
        found = await serves(self._link) if here else await self._other(server)
        return server if found else ""


async def serves(link: Link) -> bool:
    """Whether the server at the other end leads to a run log that a majority keeps."""
    try:
        info = await call(link, f"STREAM.INFO.{subjects.RUNS}", timeout_s=_ANSWER_S)
    except UnavailableError as missing:
        return not passes(missing)
    return _is_heard(info)


def _is_heard(info: dict[str, Any]) -> bool:
    """Whether the leader that tells this has heard of a majority, itself included."""
    others = info.get("cluster", {}).get("replicas", ())
    heard = 1 + sum(1 for other in others if other["active"] < _HEARD_NS)
    return 2 * heard > 1 + len(others)
