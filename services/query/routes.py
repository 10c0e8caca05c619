"""The query's table of routes."""

from __future__ import annotations

from functools import partial

from aiohttp import hdrs
from aiohttp.web import StreamResponse

from services.query import models
from services.query.histories import Histories
from services.query.runs import Runs
from services.query.sockets import Sockets
from services.query.timelines import PAGE, Timelines
from weir.contract import errors
from weir.runtime.access import Permission
from weir.runtime.http.asked import FILTERS, LEVELS, WORKFLOW_ID, pattern_of
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import API, CURSOR, PAGED, Parameter, Route

RUNS = f"{API}/runs"
RUN = f"{RUNS}/{{run_id}}"

MIN_SEQUENCE = Parameter(
    "min_sequence",
    "`Weir-Sequence` of a write: the answer waits up to 2 s until it holds it.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
)
AFTER = Parameter(
    "after",
    "As a socket: only lines behind the one with this `id`.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
)
UNDER = Parameter("under", "Only what stands in this container or iteration, such as each[3].")
LEVELS_OF = Parameter(
    "levels",
    "How many levels deep at most: 1 gives what stands directly in `under`, or at the top.",
    {"type": "integer", "minimum": 0, "maximum": 64},
)
MANY = Parameter(
    "limit",
    "How many items at most.",
    {"type": "integer", "minimum": 1, "maximum": PAGE, "default": PAGE},
)
STEP = Parameter("step", "Only lines of this step.")
RAW = Parameter(
    "raw",
    "`true`: each `envelope` is the text that was stored, byte for byte, as the hash chain has it.",
    {"type": "string", "enum": ["true", "false"]},
)


BEHIND = (errors.ViewsBehindError,)
MISSING = (errors.RunNotFoundError, errors.RunPurgedError)


def run_routes(runs: Runs, histories: Histories, timelines: Timelines) -> tuple[Route, ...]:
    """Runs as they are shown."""
    route = partial(Route, "GET", tag="runs", permission=Permission.RUNS_READ, by_project=True)
    return (
        route(
            RUNS,
            runs.listed,
            summary="List runs; label.<name>=<value> and search.<name>=<value> filter",
            answer=models.Runs,
            parameters=(*PAGED, *FILTERS, WORKFLOW_ID, MIN_SEQUENCE),
            errors=BEHIND,
        ),
        route(
            f"{API}/workflows/{{workflow_id}}/runs",
            runs.of_workflow,
            summary="List the runs of a workflow",
            answer=models.Runs,
            parameters=(*PAGED, *FILTERS, MIN_SEQUENCE),
            errors=(errors.WorkflowNotFoundError, *BEHIND),
        ),
        route(
            RUN,
            runs.get,
            summary="Read a run, and what it waits for",
            answer=models.Run,
            parameters=(MIN_SEQUENCE,),
            errors=(*MISSING, *BEHIND),
        ),
        route(
            f"{RUN}/steps",
            runs.steps,
            summary="List the steps of a run with their attempts",
            answer=models.Steps,
            parameters=(*PAGED, UNDER, LEVELS_OF, MIN_SEQUENCE),
            errors=(*MISSING, *BEHIND),
        ),
        route(
            f"{RUN}/steps/{{step}}",
            timelines.step,
            summary="Read a step and what each attempt was given; `%2F` for its strokes",
            answer=models.StepInFull,
            parameters=(MIN_SEQUENCE,),
            errors=(
                *MISSING,
                *BEHIND,
                errors.StepNotReachedError,
                errors.ArchiveDamagedError,
            ),
        ),
        route(
            f"{RUN}/timeline",
            timelines.timeline,
            summary="Read all steps of a run without their values, as a picture of it needs them",
            answer=models.Timeline,
            parameters=(MANY, CURSOR, UNDER, LEVELS_OF, MIN_SEQUENCE),
            errors=(*MISSING, *BEHIND),
        ),
        route(
            f"{RUN}/state",
            histories.state,
            summary="Read the whole state of a run, made again from log and archive",
            errors=(*MISSING, errors.ArchiveDamagedError),
        ),
        route(
            f"{RUN}/events",
            histories.events,
            summary="Read the run's log, message by message, from log and archive",
            answer=models.Events,
            parameters=(*PAGED, RAW),
            errors=(*MISSING, errors.ArchiveDamagedError),
        ),
        route(
            f"{RUN}/blobs/{{name}}",
            histories.blob,
            summary="Read a value kept outside the log; `name` is the end of its `$blob` key",
            errors=(*MISSING, errors.ArchiveDamagedError, errors.BlobNotFoundError),
        ),
    )


def live_routes(runs: Runs, sockets: Sockets) -> tuple[Route, ...]:
    """What goes on while one looks."""
    route = partial(
        Route,
        "GET",
        tag="runs",
        permission=Permission.RUNS_READ,
        by_project=True,
        timeout_s=0,
    )

    async def lines(call: Call) -> Reply | StreamResponse:
        if call.request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
            return await sockets.lines(call)
        return await runs.lines(call)

    return (
        route(
            f"{RUN}/logs",
            lines,
            summary="List the lines of a run's steps; asked as a WebSocket, follow them live",
            answer=models.Lines,
            parameters=(
                *PAGED,
                pattern_of("level", "Only lines of these levels", LEVELS),
                STEP,
                AFTER,
            ),
            errors=(*MISSING, *BEHIND, errors.SocketLimitError),
        ),
        route(
            f"{API}/ws",
            sockets.events,
            summary="A WebSocket that shows runs as they go on: docs/reference/sockets.md",
            errors=(
                errors.BadRequestError,
                errors.OriginForbiddenError,
                errors.SocketLimitError,
            ),
        ),
    )
