"""What one socket shows at a time: a task per thing watched, ended with the socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    aclosing,
    asynccontextmanager,
    nullcontext,
    suppress,
)

import structlog
from aiohttp import WSCloseCode

from services.query.frames import Watched
from services.query.peer import GoneError, Peer
from services.query.streams import Stream
from weir.contract.errors import WeirError
from weir.runtime.http.socket import HEARTBEAT_S

_log = structlog.get_logger()

Watching = AsyncGenerator[Sequence[Watched], None]
Beside = AbstractAsyncContextManager[Stream]


class Feeds:
    """The feeds of a peer, by the run they show."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._tasks

    def begin(self, run_id: str, watching: Watching, beside: Beside | None = None) -> None:
        """Show this until it ends, and for as long what is said beside it."""
        showing = self._show(run_id, watching, beside or nullcontext())
        self._tasks[run_id] = asyncio.create_task(showing, name="feed")

    async def end(self, run_id: str) -> None:
        """Show it no more."""
        task = self._tasks.pop(run_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def attended(self) -> AsyncIterator[None]:
        """Greet the peer; when the block ends, so does everything that it was shown."""
        try:
            await self._peer.tell(
                "connection:established", {"heartbeat_ms": int(HEARTBEAT_S * 1000)}
            )
            yield
        except GoneError:
            return
        except asyncio.CancelledError:
            await self._peer.leave(WSCloseCode.GOING_AWAY, b"the server stops")
            raise
        finally:
            for run_id in list(self._tasks):
                await self.end(run_id)

    async def _show(
        self, run_id: str, watching: Watching, beside: AbstractAsyncContextManager[Stream | None]
    ) -> None:
        last = 0
        with suppress(GoneError):
            try:
                async with aclosing(watching), beside as stream:
                    async for watched in watching:
                        await self._peer.show(watched)
                        last = watched[-1].mark
                        if stream is not None:
                            stream.mark = last
                await self._peer.tell("connection:completed", {}, run_id=run_id, seq=last)
            except GoneError:
                raise
            except WeirError as error:
                await self._peer.refuse(error, run_id)
            except Exception as error:  # noqa: BLE001 - the peer learns that it ended, we why
                _log.exception("feed failed", run_id=run_id)
                await self._peer.refuse(
                    WeirError(f"The feed ended: {type(error).__name__}."), run_id
                )
        if self._tasks.get(run_id) is asyncio.current_task():
            del self._tasks[run_id]
