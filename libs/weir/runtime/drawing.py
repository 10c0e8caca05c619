"""Asking the process that has a document, and what it answers.

Whoever reads or publishes a draft asks first, so that the draft says what
people have drawn. Where no process of collab lives, or it has nothing beyond
the draft, the draft is what is stored.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson

from weir.contract import subjects
from weir.contract.errors import (
    BodyTooLargeError,
    OverloadedError,
    UnavailableError,
    WeirError,
    WorkflowNotFoundError,
)
from weir.ports.clock import Clock
from weir.ports.live import Listening, Live

SYNC_S = 2.0
ANSWER_S = 4.0
_SILENT_S = 3.5


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `drawn` is the sequence that the draft was made of."""

    id: str
    reply: str
    kind: str
    tenant: str
    workflow_id: str
    drawn: int = 0
    state: bytes | None = None
    touches: bool = False

    def told(self) -> bytes:
        """As a message."""
        state = None if self.state is None else base64.b64encode(self.state).decode()
        return orjson.dumps({**asdict(self), "state": state})

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """From a message; None if it is none."""
        try:
            told = orjson.loads(data)
            if told.get("state") is not None:
                told["state"] = base64.b64decode(told["state"])
            return cls(**told)
        except (ValueError, TypeError, AttributeError, binascii.Error):
            return None


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer. Not `open`: the draft as it is stored says all there is."""

    open: bool = False
    synced: bool = True
    revision: int = 0
    epoch: str = ""
    dropped: list[dict[str, str]] = field(default_factory=list)
    peers: list[dict[str, Any]] = field(default_factory=list)
    touches: dict[str, list[str]] = field(default_factory=dict)
    error: tuple[str, str] | None = None  # code and message

    def told(self, ask_id: str) -> bytes:
        """As a message."""
        return orjson.dumps({"ask": ask_id, **asdict(self)})


NOT_OPEN = Drawn()


_REFUSALS: dict[str, type[WeirError]] = {
    kind.code: kind for kind in (BodyTooLargeError, OverloadedError, WorkflowNotFoundError)
}


class Drawing:
    """Asks, in the name of one process."""

    def __init__(self, live: Live, clock: Clock) -> None:
        self._live = live
        self._me = clock.new_id("ask")
        self._waiting: dict[str, asyncio.Future[Drawn]] = {}
        self._count = 0
        self._heard: dict[str, float] = {}
        self._listening: list[Listening] = []

    async def start(self) -> None:
        """Hear who lives, and answers."""
        answers = subjects.draft_answer(self._me)
        self._listening = [
            await self._live.listen(subjects.beat("collab"), self._beat),
            await self._live.listen(answers, self._hear),
        ]

    async def stop(self) -> None:
        """Hear no more."""
        for each in self._listening:
            await each.close()

    async def write(
        self,
        tenant: str,
        workflow_id: str,
        *,
        drawn: str = "",
        state: bytes | None = None,
        touches: bool = False,
    ) -> Drawn:
        """Have the draft say what the document says, up to a state vector.

        `NOT_OPEN` where there is nothing to be done; a process that does not answer has it not
        `synced`. Raises what it refused with: BodyTooLargeError where no draft can hold the
        document, OverloadedError, WorkflowNotFoundError, UnavailableError.
        """
        now = asyncio.get_running_loop().time()
        if not any(now - heard < _SILENT_S for heard in self._heard.values()):
            return NOT_OPEN
        found = await self._ask(
            "write", tenant, workflow_id, drawn=int(drawn or 0), state=state, touches=touches
        )
        return found or Drawn(synced=False)

    async def look(self, tenant: str, workflow_id: str) -> Drawn | None:
        """What an editor must know; None if nobody answers."""
        return await self._ask("look", tenant, workflow_id)

    async def _ask(self, kind: str, tenant: str, workflow_id: str, **more: Any) -> Drawn | None:
        self._count += 1
        ask = Ask(str(self._count), self._me, kind, tenant, workflow_id, **more)
        waiting: asyncio.Future[Drawn] = asyncio.get_running_loop().create_future()
        self._waiting[ask.id] = waiting
        try:
            await self._live.publish(subjects.draft_asked(), ask.told())
            async with asyncio.timeout(ANSWER_S):
                answer = await waiting
        except (TimeoutError, WeirError):
            return None
        finally:
            del self._waiting[ask.id]
        if answer.error is not None:
            code, message = answer.error
            raise _REFUSALS.get(code, UnavailableError)(message)
        return answer

    def _beat(self, subject: str, data: bytes) -> None:
        del subject
        with suppress(ValueError, KeyError, TypeError):
            beat = orjson.loads(data)
            if beat["leaving"]:
                self._heard.pop(beat["id"], None)
            else:
                self._heard[beat["id"]] = asyncio.get_running_loop().time()

    def _hear(self, subject: str, data: bytes) -> None:
        del subject
        with suppress(ValueError, KeyError, TypeError):
            told = orjson.loads(data)
            waiting = self._waiting.get(told.pop("ask"))
            if waiting is not None and not waiting.done():
                error = told.pop("error")
                waiting.set_result(Drawn(**told, error=tuple(error) if error else None))
