"""What a run that goes on waits for, in words for people and in fields for programs.

Every run that has not ended waits for something: at the least for its
scheduler. A task is looked for in its queue, a run that another one waits for
in the views; if either cannot be asked the rest is told all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import orjson

from weir.contract import times
from weir.contract.errors import WeirError
from weir.ports.tasks import Standing, Tasks
from weir.ports.views import RunRow, RunSummary, StepRow, Views
from weir.runtime.access import Permission, Principal
from weir.runtime.http.call import Call

SHORT = 3  # things a list tells of each run
_LOOKED_UP = 5  # tasks and runs that are asked about for one answer
_PATIENCE_S = 1.0
_FIELDS = (
    *("step", "attempt", "since", "until", "queue", "position", "workers", "run_id"),
    *("signal", "approval_id"),
)

Wait = dict[str, Any]


class Waits:
    """Tells it."""

    def __init__(self, views: Views, tasks: Tasks) -> None:
        self._views = views
        self._tasks = tasks

    async def of(self, call: Call, row: RunRow, steps: Sequence[StepRow]) -> list[Wait]:
        """Everything a run waits for: `steps` are those that wait.

        Of a run of a project that is closed to the caller no more is told than its id.
        """
        if row.ended_ms is not None:
            return []
        told = [_step(step) for step in steps]
        async with asyncio.TaskGroup() as looking:
            asked = 0
            for wait, step in zip(told, steps, strict=True):
                if asked == _LOOKED_UP:
                    break
                if wait["kind"] == "task":
                    looking.create_task(self._standing(wait, step))
                elif wait["kind"] == "child":
                    looking.create_task(self._child(wait, call.principal))
                else:
                    continue
                asked += 1
        return [*_of_run(row.status, row.waits, row.error, row.started_ms), *told] or [_scheduler()]

    async def _standing(self, wait: Wait, step: StepRow) -> None:
        with suppress(WeirError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                found = await self._tasks.standing(step.queue, step.seq)
            wait |= {"position": found.position, "workers": found.workers}
            wait["text"] = _task(step, found)

    async def _child(self, wait: Wait, who: Principal) -> None:
        with suppress(WeirError):
            found = await self._views.run(who.tenant, wait["run_id"])
            if found is not None and who.may(Permission.RUNS_READ, found[0].project):
                child, name = found
                wait["text"] += f" of workflow {name or child.workflow_id}, {child.status}"


def short(run: RunSummary, steps: Sequence[StepRow]) -> list[Wait]:
    """The first things a run of a list waits for."""
    if run.ended_ms is not None:
        return []
    told = [*_of_run(run.status, run.waits, run.error, run.started_ms), *map(_step, steps)]
    return [
        {"kind": one["kind"], "step": one["step"], "text": one["text"], "until": one["until"]}
        for one in (told or [_scheduler()])[:SHORT]
    ]


def _wait(kind: str, text: str, **fields: Any) -> Wait:
    nothing = dict.fromkeys(_FIELDS)
    return {"kind": kind, "text": text, **nothing, **fields}


def _scheduler() -> Wait:
    return _wait("scheduler", "the next decision of its scheduler")


def _of_run(status: str, waits: str, error: str | None, since_ms: int) -> Iterator[Wait]:
    if status == "paused":
        why = orjson.loads(error).get("message", "") if error else ""
        yield _wait("paused", "somebody who resumes it" + (f": {why}" if why else ""))
    what, _, key = waits.partition(":")
    if what == "limit":
        text = f"a place under the concurrency key {key}"
        yield _wait("limit", text, since=times.from_ms(since_ms))
    elif what == "debounce":
        text = f"quiet on the debounce key {key}"
        yield _wait("limit", text, since=times.from_ms(since_ms))


def _step(step: StepRow) -> Wait:
    until = None if step.wake_ms is None else times.from_ms(step.wake_ms)
    since = step.scheduled_ms
    common: Wait = {
        "step": step.path,
        "attempt": step.attempt or None,
        "since": None if since is None else times.from_ms(since),
        "until": until,
    }
    if step.status == "queued":
        common["queue"] = step.queue
        if step.attempt:
            return _wait("task", _task(step, None), **common)
        text = f"room for {step.path} in the queue `{step.queue}`"
        return _wait("limit", text, **common)
    what, _, name = step.waits.partition(":")
    if what == "signal":
        text = f"signal {name}" + (f" until {until}" if until else "")
        return _wait("signal", text, **common, signal=name)
    if what == "child":
        return _wait("child", f"run {name}", **common, run_id=name)
    if what == "approval":
        told = f"what people decide about {step.path}"
        return _wait("person", told, **common, approval_id=name)
    if what == "ask":
        return _wait("person", f"a person's decision about {step.path}", **common)
    if what in {"breaker", "rate"}:
        error = orjson.loads(step.error) if step.error else {}
        return _wait("limit", error.get("message") or f"{what} of {name}", **common)
    if step.status == "retrying":
        return _retry(step, until, common)
    if step.status == "pending":
        return _wait("scheduler", f"the next decision about {step.path}", **common)
    return _wait("timer", f"timer until {until}", **common)


def _retry(step: StepRow, until: str | None, common: Wait) -> Wait:
    error = orjson.loads(step.error) if step.error else {}
    why = f" after {error['code']}" if error.get("code") else ""
    return _wait("timer", f"attempt {step.attempt + 1} of {step.path} at {until}{why}", **common)


def _task(step: StepRow, found: Standing | None) -> str:
    if found is None:
        return f"task {step.path} in `{step.queue}`"
    if found.position is None:
        return f"task {step.path} with a worker of `{step.queue}`"
    workers = "no worker" if not found.workers else "workers listen"
    return f"task {step.path} queued in `{step.queue}`, position ~{found.position}, {workers}"
