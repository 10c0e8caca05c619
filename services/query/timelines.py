"""What a picture of a run needs: all of its steps without their values, and one step with them.

A timeline is read at once, thousands of steps to a page, and says up to which
mark it tells the run: a socket that is subscribed behind it goes on without a
gap. Each step bears the mark of its own, since a page may be younger than what
it says of itself, and frames up to there tell nothing new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from services.query import shown
from services.query.frames import output_of
from services.query.known import KnownRuns
from services.query.runs import page
from weir.contract import codec
from weir.contract.errors import StepNotReachedError
from weir.contract.marks import LAST_PLACE, mark
from weir.contract.messages import ChildStarted, TaskScheduled
from weir.contract.subjects import RunKey, parse_run
from weir.ports.log import Log, Stored
from weir.ports.views import AttemptRow, StepRow, Views
from weir.runtime.archive import Archive, read_parts
from weir.runtime.http.asked import after_number, readable
from weir.runtime.http.call import Call, Reply
from weir.runtime.projector.progress import Progress

PAGE = 5_000
_MESSAGE = 300  # characters of an error that a timeline tells
_LONGEST = 1_000  # characters of a path
_MAY_GIVE = frozenset({"task", "ev"})


class Timelines:
    """The handlers."""

    def __init__(
        self, views: Views, known: KnownRuns, progress: Progress, runs: Log, archive: Archive
    ) -> None:
        self._views = views
        self._known = known
        self._progress = progress
        self._runs = runs
        self._archive = archive

    async def timeline(self, call: Call) -> Reply:
        """GET /runs/{run_id}/timeline."""
        readable(call)
        key, limit = self._known.key(call), call.number("limit", PAGE, 1, PAGE)
        after, under = after_number(call) - 1, call.query("under")
        levels = call.number("levels", 0, 0, 64) or None
        await self._reached(call)
        row, _ = await self._known.row(call, key)
        steps = await self._views.steps(
            *(call.tenant, row.first_seq),
            after=after,
            limit=limit + 1,
            under=under,
            levels=levels,
            outputs=False,
        )
        attempts = await self._attempts(call.tenant, row.first_seq, steps[:limit])
        items = [_bar(step, attempts[step.path]) for step in steps[:limit]]
        more = [steps[limit].place] if len(steps) > limit else None
        head = {
            "status": row.status,
            "started_at": shown.when(row.started_ms),
            "ended_at": shown.when(row.ended_ms),
            "seq": _mark(row.seq),
        }
        return Reply(head | page(call, items, more), sequence=self._progress.reached)

    async def step(self, call: Call) -> Reply:
        """GET /runs/{run_id}/steps/{step}."""
        readable(call)
        key, path = self._known.key(call), call.segment("step")
        await self._reached(call)
        row, _ = await self._known.row(call, key)
        usable = len(path) <= _LONGEST and path.isprintable()
        step = await self._views.step(call.tenant, row.first_seq, path) if usable else None
        if step is None:
            raise StepNotReachedError(
                f"The run {key.run_id} has not reached the step {path[:80]!r}: its timeline "
                "names those it has.",
                details={"step": path[:80]},
            )
        attempts = await self._attempts(call.tenant, row.first_seq, [step])
        given = await self._given(key, path)
        told = shown.step(step, attempts[path]) | {"seq": _mark(step.seq)} | given
        return Reply(told, sequence=self._progress.reached)

    async def _attempts(
        self, tenant: str, run: int, steps: Sequence[StepRow]
    ) -> dict[str, list[AttemptRow]]:
        tried = [step.path for step in steps if step.attempt]
        found: dict[str, list[AttemptRow]] = defaultdict(list)
        if tried:
            for one in await self._views.attempts(tenant, run, tried):
                found[one.path].append(one)
        return found

    async def _given(self, key: RunKey, path: str) -> dict[str, Any]:
        """What a step was given, each time that it was: its log alone knows it."""
        inputs: list[dict[str, Any]] = []
        child: str | None = None
        async for part in read_parts(self._runs, self._archive, key):
            for attempt, kind in _handed_over(part, path):
                if isinstance(kind, ChildStarted):
                    child, value, evaluated = kind.run_id, _input(kind), True
                else:
                    value, evaluated = kind.config, kind.scope is None
                inputs.append({"attempt": attempt, "value": value, "evaluated": evaluated})
        return {"inputs": inputs, "child_run_id": child}

    async def _reached(self, call: Call) -> None:
        sequence = call.number("min_sequence", 0, 0, 2**62)
        if sequence:
            await self._progress.wait(sequence)


def _handed_over(
    messages: Sequence[Stored], path: str
) -> Iterator[tuple[int, TaskScheduled | ChildStarted]]:
    """What handed a step to somebody: the attempt, and the event."""
    wanted = path.encode()
    for message in messages:
        if wanted not in message.data or parse_run(message.subject)[1] not in _MAY_GIVE:
            continue
        try:
            envelope = codec.decode(message.data)
        except ValueError:
            continue
        for event in envelope.events:
            if event.step == path and isinstance(event.kind, TaskScheduled | ChildStarted):
                yield event.attempt or 1, event.kind


def _input(child: ChildStarted) -> Any:
    return child.input if child.input_ref is None else output_of(None, child.input_ref)


def _mark(seq: int) -> str:
    """Everything up to a message, as a mark."""
    return str(mark(seq, LAST_PLACE))


def _bar(step: StepRow, attempts: Sequence[AttemptRow]) -> dict[str, Any]:
    """A step of a timeline."""
    told = shown.step(step, attempts)
    del told["output"]
    told["error"] = _short(step.error)
    for one, row in zip(told["attempts"], attempts, strict=True):
        one["error"] = _short(row.error)
    return told | {"seq": _mark(step.seq)}


def _short(error: str | None) -> dict[str, str] | None:
    if error is None:
        return None
    told = orjson.loads(error)
    return {"code": told.get("code", ""), "message": told.get("message", "")[:_MESSAGE]}
