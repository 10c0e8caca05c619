"""What a named step of a run has come to, for who waits for it in the same request.

The live messages of the one run are hints: its step's own outcome is taken
from them at once. Whatever else a step can come to (a signal, a child's end,
a container that closes), and what was not heard, shows when the run's log is
read again, each second. The end of the run ends the waiting in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson

from services.trigger.results import ended
from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.contract.subjects import RunKey
from weir.core.state import ENDED, STEP_ENDED, Blob
from weir.ports.live import Live
from weir.runtime.states import States

LOOK_S = 1.0
LOOK_MAX_S = 5.0
_OUTCOMES = {
    "task_succeeded": "succeeded",
    "step_completed": "succeeded",
    "step_skipped": "skipped",
}


class Reaching:
    """Waits for steps."""

    def __init__(self, live: Live, states: States) -> None:
        self._live = live
        self._states = states

    @asynccontextmanager
    async def of(self, key: RunKey, node: str) -> AsyncIterator[Reached]:
        """Listen to a run; enter before it is started, or what comes first is not heard."""
        reached = Reached(self._states, key, node)
        listening = await self._live.listen(subjects.live_run(key.run_id), reached.heard)
        try:
            yield reached
        finally:
            await listening.close()


class Reached:
    """One waiting."""

    def __init__(self, states: States, key: RunKey, node: str) -> None:
        self._states = states
        self._key = key
        self._node = node
        self._named = f'"{node}"'.encode()
        self._known: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def within(self, wait_s: float, *, look: bool) -> dict[str, Any] | None:
        """What an answer adds about the step, or about the run's end; None when time is over.

        With `look` the log is read first: the run was there before.
        """
        looking = asyncio.create_task(self._look(at_once=look), name="look for a step")
        try:
            async with asyncio.timeout(wait_s):
                return await asyncio.shield(self._known)
        except TimeoutError:
            return None
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    def heard(self, subject: str, data: bytes) -> None:
        """A message of the run was stored."""
        if self._known.done():
            return
        found = ended(data) if subject.endswith(".ev") else None
        if self._named in data and (told := self._of_step(data)) is not None:
            self._tell(told)
        elif found is not None:
            self._tell(found.shown())

    def _of_step(self, data: bytes) -> dict[str, Any] | None:
        for event in orjson.loads(data).get("events", ()):
            if event.get("step") != self._node:
                continue
            for kind, status in _OUTCOMES.items():
                if kind in event:
                    return self._told(status, _output(event[kind]), None)
            if "step_failed" in event and event["step_failed"].get("handling") != "ask":
                return self._told("failed", None, event["step_failed"].get("error"))
        return None

    async def _look(self, *, at_once: bool) -> None:
        pause = 0.0 if at_once else LOOK_S
        while True:
            await asyncio.sleep(pause)
            pause = min(max(2 * pause, LOOK_S), LOOK_MAX_S)
            try:
                told = await self._stored()
            except WeirError:
                continue  # the broker is away: the next look may find it back
            if told is not None:
                self._tell(told)
                return

    async def _stored(self) -> dict[str, Any] | None:
        state = (await self._states.read(self._key)).tentative
        if state is None:
            return None
        step = state.steps.get(self._node)
        if step is not None and step.status in STEP_ENDED:
            error = None if step.error is None else step.error.model_dump(exclude_unset=True)
            output = step.output.show() if isinstance(step.output, Blob) else step.output
            return self._told(step.status, output, error)
        if state.status in ENDED:
            return {"status": state.status}
        return None

    def _told(self, status: str, output: Any, error: Mapping[str, Any] | None) -> dict[str, Any]:
        return {
            "status": "running",
            "step": self._node,
            "step_status": status,
            "output": output,
            "error": error,
        }

    def _tell(self, told: dict[str, Any]) -> None:
        if not self._known.done():
            self._known.set_result(told)


def _output(event: Mapping[str, Any]) -> Any:
    reference = event.get("output_ref")
    if reference is None:
        return event.get("output")
    return {"$blob": {**reference, "size": int(reference["size"])}}
