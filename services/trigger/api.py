"""Starting runs through the API: one or many, at once or waiting for the end."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import orjson

from services.trigger.models import StartCallback, StartMany, StartOne, StartRun
from services.trigger.results import Ended, Results
from services.trigger.starts import Start, Started, Starts
from weir.contract import codec, ids, times
from weir.contract.errors import (
    InvalidParameterError,
    VersionNotFoundError,
    WeirError,
    WorkflowNotFoundError,
)
from weir.core.callback import callable_url
from weir.ports.clock import Clock
from weir.runtime.access import Permission
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.http.problems import shown
from weir.runtime.http.route import API
from weir.runtime.plans import Admit, Plan, Plans, no_workflow

MAX_WAIT_S = 300.0
SAMPLE_LIMIT = codec.INLINE_LIMIT


class Runs:
    """The handlers."""

    def __init__(self, plans: Plans, starts: Starts, results: Results, clock: Clock) -> None:
        self._plans = plans
        self._starts = starts
        self._results = results
        self._clock = clock

    async def start(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/runs."""
        workflow = call.id("workflow_id", "wf", WorkflowNotFoundError, "workflow")
        wait_s = _wait(call)
        asked = await call.model(StartRun, optional=True)
        plan = await self._plan(call, workflow, asked.version)
        start = self._prepare(call, plan, asked, call.idempotency_key() or "")
        if not wait_s:
            started = await self._starts.start(start, self._starts.key(start))
            return _accepted(started, plan, await self._known(call, started))
        return await self._start_and_wait(call, start, wait_s)

    async def start_many(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/runs:batch."""
        workflow = call.id("workflow_id", "wf", WorkflowNotFoundError, "workflow")
        asked = await call.model(StartMany)
        plan = await self._plan(call, workflow, None)

        common = call.idempotency_key()

        async def one(place: int, item: StartOne) -> dict[str, Any]:
            # A space is in no key of a caller's, so these cannot meet one.
            key = item.idempotency_key or (f"{common} {place}" if common else "")
            try:
                its = (
                    plan if item.version is None else await self._plan(call, workflow, item.version)
                )
                start = self._prepare(call, its, item, key)
                started = await self._starts.start(start, self._starts.key(start))
                known = await self._known(call, started)
            except WeirError as error:
                return shown(error, call.request_id)
            return shown_start(started, its, known)

        items = await asyncio.gather(*(one(*item) for item in enumerate(asked.items)))
        return Reply({"items": items}, status=HTTPStatus.ACCEPTED)

    async def _plan(self, call: Call, workflow: str, version: str | None) -> Plan:
        admit = startable(call, workflow)
        if version is None:
            return await self._plans.current(
                call.tenant, workflow, min_revision=call.min_revision, admit=admit
            )
        return await self._plans.get(call.tenant, workflow, version_asked(version), admit=admit)

    def _prepare(self, call: Call, plan: Plan, asked: StartRun, key: str) -> Start:
        node = plan.trigger(asked.trigger)
        plan.check(asked.input)
        callback = _callback(asked.callback)
        sample = _sample(asked.trigger_data, plan)
        request_hash = ""
        if key:
            request_hash = codec.digest(
                orjson.dumps(
                    [
                        *(asked.input, asked.version, asked.trigger, asked.labels),
                        *([] if callback is None else [callback]),
                        *([sample] if sample else []),
                    ],
                    option=orjson.OPT_SORT_KEYS,
                )
            )
        return Start(
            tenant=call.tenant,
            plan=plan,
            trigger_node=node,
            trigger_kind="manual" if plan.triggers.get(node) == "manual" else "api",
            input=asked.input,
            trigger={"fired_at": times.from_ms(self._clock.now_ms()), **sample},
            started_by=call.principal.id,
            source=plan.workflow_id,
            key=key,
            request_hash=request_hash,
            labels=asked.labels,
            priority=asked.priority or "",
            trace_parent=call.trace_parent,
            callback=callback,
            who=call.principal,
        )

    async def _known(self, call: Call, started: Started) -> dict[str, Any]:
        if not started.duplicate or started.purged or not _is_theirs(call, started):
            return {}
        return await self._results.known(started.key)

    async def _start_and_wait(self, call: Call, start: Start, wait_s: float) -> Reply:
        started, end = await finish(self._starts, self._results, start, wait_s)
        if end is None or not _is_theirs(call, started):
            return _accepted(started, start.plan, {})
        value = shown_start(started, start.plan, end)
        return Reply(value, sequence=started.sequence)


def startable(call: Call, workflow: str) -> Admit:
    """Admits those who may start the workflow; for others it is not there."""

    def admit(project: str) -> None:
        call.require(Permission.RUNS_START, project, lambda: no_workflow(workflow))

    return admit


def _is_theirs(call: Call, started: Started) -> bool:
    """Whether they may know how the run ends: one from before the workflow moved is not theirs."""
    return not started.duplicate or call.principal.may(Permission.RUNS_START, started.project)


async def finish(
    starts: Starts, results: Results, start: Start, wait_s: float
) -> tuple[Started, dict[str, Any] | None]:
    """Start, and wait for the end at most so long: None if the run goes on."""
    key = starts.key(start)
    async with results.expecting(key) as ending:
        started = await starts.start(start, key)
        if started.purged:
            return started, {"status": started.purged}
        if started.duplicate:
            known = await results.look(key)
            if known is not None:
                return started, known.shown()
        patience = ending.get_loop().call_later(wait_s, _give_up, ending)
        try:
            return started, (await ending).shown()
        except TimeoutError:
            return started, None
        finally:
            patience.cancel()


def _give_up(ending: asyncio.Future[Ended]) -> None:
    if not ending.done():
        ending.set_exception(TimeoutError())


def _sample(data: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """What a trial reads of a trigger that never fired; InvalidRequestError for other versions."""
    if data and not plan.trial:
        raise wrong(
            "trigger_data",
            "what a trigger saw is sampled by trials alone",
            "Make one at /api/v1/workflows/{workflow_id}/trials and start its version.",
        )
    if len(orjson.dumps(data)) > SAMPLE_LIMIT:
        raise wrong(
            "trigger_data",
            f"it has more than {SAMPLE_LIMIT} bytes as JSON",
            "Leave out what no step reads; the payload is the input.",
        )
    return data


def _callback(asked: StartCallback | None) -> dict[str, Any] | None:
    """Who is told of the end, as the start fact has it; InvalidRequestError for no address."""
    if asked is None:
        return None
    if not callable_url(asked.url):
        raise wrong("callback.url", "this is no address that could be called", "Write it whole.")
    name = asked.secret.strip().strip("{}").strip().removeprefix("credentials.")
    return {"url": asked.url, "credential": name, "events": sorted(set(asked.events))}


def version_asked(version: str) -> str:
    """The id of a version; VersionNotFoundError if it cannot be one."""
    if not ids.is_id(version, "ver"):
        raise VersionNotFoundError(
            f"There is no version {version[:60]!r}: an id looks like ver_… (26 characters).",
            details={"version": version[:60]},
        )
    return version


def _accepted(started: Started, plan: Plan, end: dict[str, Any]) -> Reply:
    return Reply(
        shown_start(started, plan, end),
        status=HTTPStatus.OK if started.purged or end else HTTPStatus.ACCEPTED,
        headers={"Location": f"{API}/runs/{started.key.run_id}"},
        sequence=started.sequence,
    )


def shown_start(started: Started, plan: Plan, end: dict[str, Any]) -> dict[str, Any]:
    """A run that was started, as answers hold it; `end` is what is known of its end."""
    return {
        "run_id": started.key.run_id,
        "workflow_id": plan.workflow_id,
        "version": started.version,
        "status": started.purged or "queued",
        "started_at": started.at,
        "duplicate": started.duplicate,
        **end,
    }


def _wait(call: Call) -> float:
    given = call.query("wait")
    if not given:
        return 0.0
    try:
        seconds = times.duration_ms(given) / 1000
    except ValueError as error:
        raise InvalidParameterError(f"wait: {error}.", details={"parameter": "wait"}) from None
    if seconds > MAX_WAIT_S:
        raise InvalidParameterError(
            f"wait is at most {MAX_WAIT_S:g} s: start without it and look at the run.",
            details={"parameter": "wait"},
        )
    return seconds
