"""Writes the logs of runs as their owner would, without deciding anything.

A test says which facts come and what the owner answers; the scribe keeps
`seen`, `turn` and the hash chain right, so that every reader folds what it
writes.
"""

from __future__ import annotations

from typing import Any

from weir.contract import codec, ids, subjects, times
from weir.contract.messages import (
    Envelope,
    Error,
    Event,
    Message,
    RunArchived,
    RunPurged,
    RunStarted,
    RunSucceeded,
    StepCompleted,
    StepEntered,
    TaskFailed,
    TaskScheduled,
    TaskSucceeded,
)
from weir.core.runlog import RunLog, link
from weir.ports.log import Append, Log

EPOCH_MS = 1_700_000_000_000


class Scribe:
    """One run in a log. Its time moves by a second with each message."""

    def __init__(
        self, log: Log, name: str = "1", *, tenant: str = "acme", shards: int = 32
    ) -> None:
        self.log = log
        self.key = subjects.run_key(tenant, ids.derived("run", tenant, name), shards)
        self.read = RunLog()
        self.now_ms = EPOCH_MS
        self.seqs: list[int] = []

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.key.run_id

    async def start(self, **fields: Any) -> int:
        """The start fact."""
        given = {"trigger_node": "hook", "trigger_kind": "webhook", "input": {"n": 1}}
        started = RunStarted(**{**given, "started_by": "hook_1", **fields})
        return await self.fact("start", started)

    async def fact(self, name: str, kind: Message, step: str = "", attempt: int = 0) -> int:
        """A fact on its own subject."""
        event = Event.of(kind, **_where(step, attempt))  # type: ignore[arg-type]
        return await self._append(self.key.fact(name), Envelope(**self._head(), events=(event,)))

    async def succeed(self, step: str, attempt: int = 1, output: Any = None) -> int:
        """The result of a task."""
        started = times.from_ms(self.now_ms)
        kind = TaskSucceeded(output=output, started_at=started, worker="w1")
        return await self.fact(subjects.result_fact(step, attempt), kind, step, attempt)

    async def fail(self, step: str, attempt: int = 1, code: str = "BROKEN") -> int:
        """The failure of a task."""
        started = times.from_ms(self.now_ms)
        error = Error(code=code, message="it broke")
        kind = TaskFailed(error=error, retryable=True, started_at=started, worker="w1")
        return await self.fact(subjects.result_fact(step, attempt), kind, step, attempt)

    async def decide(self, *events: Event, seen: int | None = None, task: str = "") -> int:
        """One turn of the owner in one message; `seen` lets it have seen less than there is."""
        last, turn, _ = self.read.next_turn()
        seen = last if seen is None else seen
        counted = [fact.digest for fact in self.read.pending if fact.seq <= seen]
        chain = link(self.read.chain, *counted)
        envelope = Envelope(
            **self._head(), seen=str(seen), turn=turn, chain=chain.hex(), events=events
        )
        subject = self.key.task(task) if task else self.key.events
        return await self._append(subject, envelope)

    async def dispatch(self, step: str, attempt: int = 1, queue: str = "default") -> int:
        """The owner hands a task to a queue."""
        entered = [event_of(StepEntered(queue=queue), step)] if attempt == 1 else []
        scheduled = TaskScheduled(node_type="http_request", queue=queue, config={})
        return await self.decide(*entered, event_of(scheduled, step, attempt), task=queue)

    async def simple(self, **fields: Any) -> None:
        """A whole run of three inline steps: a start fact and one answer."""
        await self.start(**fields)
        await self.decide(
            event_of(StepCompleted(output={"total": 600}), "parse"),
            event_of(StepCompleted(output=True, port="true"), "check"),
            event_of(StepCompleted(output={"tier": "big", "net": 540}), "big"),
            event_of(RunSucceeded(output={"tier": "big", "net": 540})),
        )

    async def confirm(self, through: int) -> int:
        """The archive says that it holds the run."""
        return await self.fact(subjects.archived_fact(), RunArchived(through=str(through)))

    async def purge(self) -> int:
        """What the owner does with an archived run: a tombstone, and nothing below it."""
        purged = RunPurged(status="succeeded", ended_at=times.from_ms(self.now_ms))
        subject = self.key.fact(subjects.start_fact())
        envelope = Envelope(**self._head(), events=(event_of(purged),))
        seq = await self.log.append(Append(subject, codec.encode(envelope), rollup=True))
        await self.log.purge(self.key.everything, below=seq)
        return seq

    async def _append(self, subject: str, envelope: Envelope) -> int:
        data = codec.encode(envelope)
        seq = await self.log.append(Append(subject, data))
        self.read.feed(seq, data, envelope)
        self.seqs.append(seq)
        return seq

    def _head(self) -> dict[str, Any]:
        self.now_ms += 1_000
        return {
            "id": f"{self.run_id}/{len(self.seqs)}",
            "tenant": self.key.tenant,
            "run_id": self.run_id,
            "workflow_id": "wf_a",
            "version": "ver_a",
            "at": times.from_ms(self.now_ms),
        }


def event_of(kind: Message, step: str = "", attempt: int = 0) -> Event:
    """An event, leaving out what is empty as writers do."""
    return Event.of(kind, **_where(step, attempt))  # type: ignore[arg-type]


def _where(step: str, attempt: int) -> dict[str, Any]:
    return {**({"step": step} if step else {}), **({"attempt": attempt} if attempt else {})}
