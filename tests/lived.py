"""The owner of one run in the hand of a test, on a log that services read at the same time.

It decides with the core alone and stores what it decided; what workers would
answer, the test says. So what a service writes (starts, wishes) is judged by
the very code that owners run.
"""

from __future__ import annotations

from typing import Any

from weir.contract import codec, subjects, times
from weir.contract.messages import (
    Envelope,
    Error,
    Event,
    Message,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
)
from weir.core.decide import decide
from weir.core.graph import Graph
from weir.core.runlog import RunLog
from weir.core.state import RunState
from weir.ports.log import Append, Log, Stored
from weir.runtime.replay import replay


class Owner:
    """A run, read from the log and decided on demand."""

    def __init__(self, log: Log, run_id: str, graph: Graph, *, tenant: str = "acme") -> None:
        self.log = log
        self.key = subjects.run_key(tenant, run_id)
        self.graph = graph
        self.now_ms = times.to_ms("2026-03-01T12:00:00.000Z")
        self.seq = 0

    async def read(self) -> RunLog:
        """The run as the log tells it."""
        messages: list[Stored] = [
            one async for batch in self.log.read(self.key.everything) for one in batch
        ]
        return replay(messages, lambda _: self.graph)

    async def state(self) -> RunState:
        """Its state, facts that nobody decided on included."""
        state = (await self.read()).tentative
        assert state is not None
        return state

    async def settle(self) -> RunState:
        """Decide until nothing is missing."""
        for _ in range(1_000):
            log = await self.read()
            state = log.tentative
            assert state is not None
            assert not log.broken
            decision = decide(state, self.now_ms)
            if not decision.drafts:
                return state
            seen, turn, chain = log.next_turn()
            for number, draft in enumerate(decision.drafts):
                envelope = Envelope(
                    **self._head(f"{turn}.{number}", state),
                    seen=str(seen),
                    turn=turn,
                    chain=chain.hex(),
                    events=draft.events,
                )
                subject = self.key.task(draft.queue) if draft.queue else self.key.events
                self.seq = await self.log.append(Append(subject, codec.encode(envelope)))
        raise AssertionError("the owner does not come to rest")

    async def sent(self) -> list[str]:
        """The steps of every task, in order."""
        found = []
        async for batch in self.log.read(self.key.everything):
            for one in batch:
                events = codec.decode(one.data).events
                found += [e.step for e in events if isinstance(e.kind, TaskScheduled)]
        return found

    async def succeed(self, step: str, output: Any = None) -> RunState:
        """A worker did its last attempt, and the owner heard of it."""
        return await self._result(step, TaskSucceeded(output=output, worker="w"))

    async def fail(self, step: str, code: str = "BROKEN") -> RunState:
        """It failed at it."""
        error = Error(code=code, message="it broke")
        return await self._result(step, TaskFailed(error=error, retryable=False, worker="w"))

    async def _result(self, step: str, kind: Message) -> RunState:
        state = await self.state()
        attempt = state.steps[step].attempt
        await self.fact(subjects.result_fact(step, attempt), kind, step=step, attempt=attempt)
        return await self.settle()

    async def fact(self, name: str, kind: Message, **where: Any) -> int:
        """Something was appended by somebody."""
        self.now_ms += 1
        event = Event.of(kind, **where)  # type: ignore[arg-type]
        envelope = Envelope(**self._head(name, await self.state()), events=(event,))
        self.seq = await self.log.append(Append(self.key.fact(name), codec.encode(envelope)))
        return self.seq

    def _head(self, name: str, state: RunState) -> dict[str, Any]:
        return {
            "id": f"{self.key.run_id}/{name}",
            "tenant": self.key.tenant,
            "run_id": self.key.run_id,
            "workflow_id": state.start.workflow_id,
            "version": state.start.version,
            "at": times.from_ms(self.now_ms),
        }
