"""The statement of a list of runs: conditions in the order of the query, values as parameters."""

from __future__ import annotations

from typing import Any

from weir.adapters.postgres.projecting import ATTRIBUTE
from weir.contract import ids
from weir.ports.views import NOT_ENDED, RunQuery, RunSummary

_COLUMNS = ", ".join(
    "coalesce(w.name, '')" if column == "workflow_name" else f"r.{column}"
    for column in RunSummary._fields
)
_SORT = {"started_at": "r.started_ms", "ended_at": f"coalesce(r.ended_ms, {NOT_ENDED})"}


class _Where:
    """Conditions joined by `and`; `{}` in a condition stands for its value's parameter."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        places = []
        for value in values:
            self.values.append(value)
            places.append(f"${len(self.values)}")
        self.conditions.append(condition.format(*places))


def statement(tenant: str, query: RunQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of one page."""
    where = _Where()
    where.add("r.tenant = {}", tenant)
    _add_projects(where, query)
    for column in ("workflow_id", "parent_run_id", "origin_run_id"):
        if getattr(query, column) is not None:
            where.add(f"r.{column} = {{}}", getattr(query, column))
    if query.statuses:
        where.add("r.status = any({}::text[])", list(query.statuses))
        if "succeeded" not in query.statuses:
            where.add("r.status <> 'succeeded'")  # lets the partial index serve
    if query.triggers:
        where.add("r.trigger_kind = any({}::text[])", list(query.triggers))
    for sign, bound in ((">=", query.started_from_ms), ("<", query.started_before_ms)):
        if bound is not None:
            where.add(f"r.started_ms {sign} {{}}", bound)
    _add_labels(where, tenant, query)
    if query.text:
        _add_text(where, tenant, query.text)
    key = _SORT[query.sort]
    if query.after is not None:
        sign = "<" if query.descending else ">"
        where.add(f"({key}, r.run_id) {sign} ({{}}::bigint, {{}})", *query.after)
    order = "desc" if query.descending else "asc"
    where.values.append(query.limit)
    sql = (
        f"select {_COLUMNS} from weir.runs r left join weir.workflows w "  # noqa: S608 - our names
        "on w.tenant = r.tenant and w.workflow_id = r.workflow_id "
        f"where {' and '.join(where.conditions)} "
        f"order by {key} {order}, r.run_id {order} limit ${len(where.values)}"
    )
    return sql, where.values


def _add_projects(where: _Where, query: RunQuery) -> None:
    if query.projects is not None:
        where.add("r.project = any({}::text[])", list(query.projects))
        where.add("r.project <> ''")  # lets the partial index serve


def _add_labels(where: _Where, tenant: str, query: RunQuery) -> None:
    found = [("labels", "", one) for one in query.labels.items()]
    found += [("search", ATTRIBUTE, one) for one in query.search.items()]
    for column, mark, (name, value) in found:
        # Labels that a run had once are still in the table: what it has now is in its row.
        where.add(
            "r.first_seq in (select run from weir.labels "  # noqa: S608 - our names
            "where tenant = {} and name = {} "
            f"and value = {{}}) and r.{column}::jsonb ->> {{}} = {{}}",
            *(tenant, mark + name, value, name, value),
        )


def _add_text(where: _Where, tenant: str, text: str) -> None:
    if ids.is_id(text, "run"):
        where.add("r.run_id = {}", text)
        return
    literal = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    where.add(
        "(r.run_id like {} or r.workflow_id = {} or r.workflow_id in "
        "(select workflow_id from weir.workflows where tenant = {} and name ilike {}))",
        *(f"{literal}%", text, tenant, f"%{literal}%"),
    )
