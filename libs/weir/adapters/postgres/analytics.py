"""The statements about figures. Each looks at a bounded number of rows, by an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from weir.ports.analytics import COUNTED, OPEN_COUNTED, WORKFLOWS, FigureQuery

_PARTS = (
    "count(*), count(*) filter (where status = 'succeeded'), "
    "count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled')"
)
_TOOK = "within group (order by ended_ms - started_ms) filter (where ended_ms is not null)"
_OPEN = "('queued', 'running', 'waiting', 'paused', 'cancelling', 'compensating')"
QUEUES = (
    "select queue, count(*), min(scheduled_ms) from (select queue, scheduled_ms from weir.steps "  # noqa: S608
    "where tenant = $1 and status in ('pending', 'queued', 'retrying', 'waiting') "
    f"and status = 'queued' and queue <> '' limit {OPEN_COUNTED}) as waiting group by queue"
)


def figures(tenant: str, query: FigureQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of a row for each stretch, and one for all."""
    seen, values = _seen(tenant, query)
    values.append(query.bucket_ms or query.before_ms - query.from_ms)
    sql = (
        f"with seen as materialized ({seen}) "  # noqa: S608
        f"select ((started_ms - $2) / ${len(values)})::int as bucket, {_PARTS}, "
        f"percentile_cont(array[0.5, 0.95, 0.99]) {_TOOK} "
        "from seen group by grouping sets ((bucket), ()) order by bucket nulls last"
    )
    return sql, values


def by_workflow(tenant: str, query: FigureQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of a row for each workflow, the one with the most runs first."""
    seen, values = _seen(tenant, query)
    sql = (
        f"with seen as materialized ({seen}), of as (select workflow_id, {_PARTS}, "  # noqa: S608
        f"percentile_cont(array[0.5, 0.95]) {_TOOK} as took from seen group by workflow_id "
        f"order by count(*) desc, workflow_id limit {WORKFLOWS}) "
        "select of.workflow_id, coalesce(w.name, ''), of.* from of left join weir.workflows w "
        "on w.tenant = $1 and w.workflow_id = of.workflow_id"
    )
    return sql, values


def open_runs(tenant: str, query: FigureQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of how many runs go on, by status."""
    values: list[Any] = [tenant]
    more = _where(query, values)
    sql = (
        f"select status, count(*) from (select status from weir.runs where tenant = $1 "  # noqa: S608
        f"and status <> 'succeeded' and status in {_OPEN}{more} limit {OPEN_COUNTED}) as going "
        "group by status"
    )
    return sql, values


def last_runs(
    tenant: str, workflows: Sequence[str], projects: Collection[str] | None
) -> tuple[str, list[Any]]:
    """(SQL, values) of the newest run of each of these workflows."""
    values: list[Any] = [tenant, list(workflows)]
    more = ""
    if projects is not None:
        values.append(list(projects))
        more = " and project = any($3::text[])"
    sql = (
        "select last.* from unnest($2::text[]) as wanted (id) cross join lateral ("  # noqa: S608
        "select workflow_id, run_id, status, started_ms, ended_ms from weir.runs "
        f"where tenant = $1 and workflow_id = wanted.id{more} "
        "order by started_ms desc, run_id desc limit 1) as last"
    )
    return sql, values


def _seen(tenant: str, query: FigureQuery) -> tuple[str, list[Any]]:
    values: list[Any] = [tenant, query.from_ms, query.before_ms]
    sql = (
        "select workflow_id, started_ms, ended_ms, status from weir.runs "  # noqa: S608
        f"where tenant = $1 and started_ms >= $2 and started_ms < $3{_where(query, values)} "
        f"order by started_ms desc limit {COUNTED}"
    )
    return sql, values


def _where(query: FigureQuery, values: list[Any]) -> str:
    more = ""
    if query.projects is not None:
        values.append(list(query.projects))
        more += f" and project = any(${len(values)}::text[]) and project <> ''"
    if query.workflow_id is not None:
        values.append(query.workflow_id)
        more += f" and workflow_id = ${len(values)}"
    return more
