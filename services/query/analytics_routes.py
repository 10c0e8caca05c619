"""The routes of figures."""

from __future__ import annotations

from functools import partial

from services.query import analytics_models as models
from services.query.analytics import ASKED_AT_ONCE, DEFAULT, WINDOWS, Analytics
from weir.runtime.access import Permission
from weir.runtime.http.asked import PROJECT, WORKFLOW_ID
from weir.runtime.http.route import API, Parameter, Route

WINDOW = Parameter(
    "window",
    "How far back.",
    {"type": "string", "enum": list(WINDOWS), "default": DEFAULT},
)
WORKFLOW_IDS = Parameter(
    "workflow_ids",
    f"At most {ASKED_AT_ONCE} ids of workflows, separated by commas.",
    {"type": "string", "maxLength": 8_000},
)


def analytics_routes(analytics: Analytics) -> tuple[Route, ...]:
    """What lists and dashboards are drawn from."""
    route = partial(Route, "GET", permission=Permission.RUNS_READ, by_project=True, tag="analytics")
    return (
        route(
            f"{API}/analytics/runs",
            analytics.runs,
            summary="Read how runs did lately: how many, how they ended, how long they took",
            answer=models.RunFigures,
            parameters=(WINDOW, PROJECT, WORKFLOW_ID),
        ),
        route(
            f"{API}/analytics/workflows",
            analytics.workflows,
            summary="Read how the runs of each workflow did lately",
            answer=models.WorkflowsFigures,
            parameters=(WINDOW, PROJECT),
        ),
        route(
            f"{API}/analytics/last-runs",
            analytics.last_runs,
            summary="Read the newest run of each of some workflows",
            answer=models.LastRuns,
            parameters=(WORKFLOW_IDS, PROJECT),
        ),
        Route(
            "GET",
            f"{API}/analytics/queues",
            analytics.queues,
            Permission.RUNS_READ,
            summary="Read how much waits in each queue, and how many workers wait there",
            answer=models.Queues,
            tag="analytics",
        ),
    )
