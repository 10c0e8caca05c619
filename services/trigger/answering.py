"""What a webhook answers: at once, when the run has ended, or when a step of it has.

The answer is ours, or what the webhook's `response` makes of it. A response
that cannot be made is never the sender's fault: it hears ours, with the reason,
and need not send again.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from services.trigger.api import finish
from services.trigger.reaching import Reaching
from services.trigger.results import Results
from services.trigger.starts import Start, Started, Starts
from weir.contract.errors import WeirError
from weir.contract.webhook_errors import ResponseFailedError
from weir.core.expressions import (
    INLINE_BUDGET,
    BudgetExceededError,
    EvaluationError,
    Scope,
    Template,
)
from weir.core.responses import response_problem
from weir.runtime.hooks import Hook
from weir.runtime.http.call import Reply
from weir.runtime.http.route import API

TEXT = "text/plain; charset=utf-8"
_OK, _ACCEPTED, _NO_CONTENT = (
    HTTPStatus.OK.value,
    HTTPStatus.ACCEPTED.value,
    HTTPStatus.NO_CONTENT.value,
)


class Answered(NamedTuple):
    """A run that is there, and what is said of it."""

    started: Started
    reply: Reply


class Answers:
    """Starts runs, and answers for them."""

    def __init__(self, starts: Starts, results: Results, reaching: Reaching) -> None:
        self._starts = starts
        self._results = results
        self._reaching = reaching

    async def give(self, start: Start, hook: Hook, scope: Mapping[str, Any]) -> Answered:
        """Start, and answer as the webhook does. Raises as `Starts.start`."""
        end: Mapping[str, Any] | None
        wait_s = hook.wait_ms / 1000
        if hook.answer == "finished":
            started, end = await finish(self._starts, self._results, start, wait_s)
        elif hook.answer == "node":
            key = self._starts.key(start)
            async with self._reaching.of(key, hook.answer_node) as reached:
                started = await self._starts.start(start, key)
                if started.purged:
                    end = {"status": started.purged}
                else:
                    end = await reached.within(wait_s, look=started.duplicate)
        else:
            started = await self._starts.start(start, self._starts.key(start))
            end = None
            if started.duplicate and not started.purged:
                # Who delivers again learns how the run ended; its output is for those who may
                # read runs.
                known = await self._results.known(started.key)
                end = {"status": known.get("status", "queued")}
        reply = _ours(started, end)
        template = start.plan.responses.get(hook.node)
        if template is not None:
            reply = _theirs(template, scope, started, end, reply)
        return Answered(started, reply)


def _ours(started: Started, end: Mapping[str, Any] | None) -> Reply:
    run_id = started.key.run_id
    value = {
        "run_id": run_id,
        "status": started.purged or "queued",
        "duplicate": started.duplicate,
        **(end or {}),
    }
    return Reply(
        value,
        status=_ACCEPTED if end is None and not started.duplicate else _OK,
        headers={"Location": f"{API}/runs/{run_id}"},
        sequence=started.sequence,
    )


def _theirs(
    template: Template,
    scope: Mapping[str, Any],
    started: Started,
    end: Mapping[str, Any] | None,
    ours: Reply,
) -> Reply:
    run = {"status": started.purged or "queued", "output": None, "error": None, **(end or {})}
    run |= {"id": started.key.run_id, "duplicate": started.duplicate}
    try:
        made = rendered(template, {**scope, "run": run}, started.key.run_id)
    except WeirError as error:
        told = {"code": error.code, "message": error.message}
        return ours._replace(value={**ours.value, "response_error": told})
    return made._replace(sequence=started.sequence)


def rendered(template: Template, roots: Mapping[str, Any], seed: str) -> Reply:
    """The answer that a `response` makes; WeirError if it makes none."""
    try:
        made = template.evaluate(Scope(roots, 0, seed), INLINE_BUDGET)
    except (EvaluationError, BudgetExceededError) as error:
        raise ResponseFailedError(error.message) from None
    problem = response_problem(made)
    if problem:
        raise ResponseFailedError(f"The webhook's response cannot be made: {problem}.")
    status = int(made.get("status") or _OK)
    headers = {str(name).lower(): str(value) for name, value in (made.get("headers") or {}).items()}
    if status == _NO_CONTENT:
        return Reply(None, status=status, headers=headers)
    body, media_type = made.get("body"), "application/json"
    if isinstance(body, str):
        body, media_type = body.encode(), TEXT
    else:
        body = orjson.dumps(body)
    return Reply(body, status, headers, media_type=headers.pop("content-type", media_type))
