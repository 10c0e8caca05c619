"""The routes of schedules."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.registry import schedule_models as models
from services.registry.scheduled import OUTCOMES, Scheduled
from services.registry.schedules import Schedules
from weir.contract import errors
from weir.contract.schedule_errors import (
    ScheduleInvalidError,
    ScheduleNotFoundError,
    ScheduleOfNodeError,
)
from weir.runtime.access import Permission
from weir.runtime.http.asked import PROJECT
from weir.runtime.http.route import API, PAGED, Parameter, Route

READ = Permission.WORKFLOWS_READ
WRITE = Permission.WORKFLOWS_WRITE
OPERATE = Permission.RUNS_START

SCHEDULES = f"{API}/schedules"
SCHEDULE = f"{SCHEDULES}/{{schedule_id}}"

_SEQUENCE = {"type": "string", "pattern": "^[0-9]{1,18}$"}
_LISTED = (
    *PAGED,
    Parameter(
        "min_sequence",
        "`Weir-Sequence` of a write: the list waits up to 2 s to hold it.",
        _SEQUENCE,
    ),
    Parameter("workflow_id", "Schedules of this workflow alone."),
    Parameter(
        "paused",
        "Only those that are paused, or are not.",
        {"type": "string", "enum": ["true", "false"]},
    ),
    PROJECT,
)
_REVISION = Parameter(
    "min_revision", "`revision` of a write: what is read is not older.", _SEQUENCE
)
_COUNT = Parameter(
    "count", "How many.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}
)
_AFTER = Parameter("after", "Times after this one; without it, after now.")
_OUTCOME = Parameter("outcome", "Only these.", {"type": "string", "enum": list(OUTCOMES)})


def schedule_routes(schedules: Schedules, scheduled: Scheduled) -> tuple[Route, ...]:
    """Records, and how they go on."""
    route = partial(Route, tag="schedules", by_project=True)
    missing = (ScheduleNotFoundError,)
    return (
        route(
            "GET",
            SCHEDULES,
            schedules.listed,
            READ,
            "List schedules",
            answer=models.Schedules,
            parameters=_LISTED,
            errors=(errors.ViewsBehindError,),
        ),
        route(
            "POST",
            SCHEDULES,
            schedules.create,
            WRITE,
            "Make a schedule on a workflow",
            status=HTTPStatus.CREATED,
            answer=models.ScheduleInList,
            body=models.Create,
            errors=(errors.WorkflowNotFoundError, ScheduleInvalidError),
            creates=True,
            audit="schedule.created",
        ),
        route(
            "POST",
            f"{SCHEDULES}/preview",
            schedules.preview,
            READ,
            "The next times of what is written, without saving it",
            answer=models.NextTimes,
            body=models.Preview,
            errors=(ScheduleInvalidError,),
        ),
        route(
            "GET",
            SCHEDULE,
            scheduled.get,
            READ,
            "Read a schedule with its next ten times and how it goes on",
            answer=models.Schedule,
            parameters=(_REVISION,),
            errors=missing,
        ),
        route(
            "PUT",
            SCHEDULE,
            schedules.change,
            WRITE,
            "Change a schedule that is no trigger node's",
            answer=models.ScheduleInList,
            body=models.Change,
            errors=(*missing, ScheduleInvalidError, ScheduleOfNodeError),
            changes=True,
            audit="schedule.updated",
        ),
        route(
            "DELETE",
            SCHEDULE,
            schedules.delete,
            WRITE,
            "Delete a schedule that is no trigger node's; its runs go on",
            status=HTTPStatus.NO_CONTENT,
            errors=(*missing, ScheduleOfNodeError),
            changes=True,
            audit="schedule.deleted",
        ),
        route(
            "GET",
            f"{SCHEDULE}/next",
            scheduled.next,
            READ,
            "The next times, also of a schedule that is paused",
            answer=models.NextTimes,
            parameters=(_COUNT, _AFTER, _REVISION),
            errors=missing,
        ),
        route(
            "GET",
            f"{SCHEDULE}/fires",
            scheduled.fires,
            READ,
            "What became of the last 200 times, and why no run began where none did",
            answer=models.Fires,
            parameters=(*PAGED, _OUTCOME, _REVISION),
            errors=missing,
        ),
        *_steering(schedules, scheduled),
    )


def _steering(schedules: Schedules, scheduled: Scheduled) -> tuple[Route, ...]:
    route = partial(Route, tag="schedules", by_project=True)
    missing = (ScheduleNotFoundError,)
    return (
        route(
            "POST",
            f"{SCHEDULE}/pause",
            schedules.pause,
            OPERATE,
            "Pause it: no time of its calendar is answered",
            answer=models.ScheduleInList,
            body=models.Noted,
            errors=missing,
            audit="schedule.paused",
        ),
        route(
            "POST",
            f"{SCHEDULE}/resume",
            schedules.resume,
            OPERATE,
            "Let it go on; what lay in the pause is not made up for",
            answer=models.ScheduleInList,
            body=models.Noted,
            errors=missing,
            audit="schedule.resumed",
        ),
        route(
            "POST",
            f"{SCHEDULE}/trigger",
            scheduled.trigger,
            OPERATE,
            "Begin a run now, be it paused or not",
            status=HTTPStatus.ACCEPTED,
            answer=models.Taken,
            body=models.Trigger,
            errors=missing,
            creates=True,
            audit="schedule.triggered",
        ),
        route(
            "POST",
            f"{SCHEDULE}/backfill",
            scheduled.backfill,
            OPERATE,
            "Answer the times of a range that lies behind, whether they were answered or not",
            status=HTTPStatus.ACCEPTED,
            answer=models.Taken,
            body=models.Backfill,
            errors=(*missing, ScheduleInvalidError),
            creates=True,
            audit="schedule.backfilled",
        ),
    )
