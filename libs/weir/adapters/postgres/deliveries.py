"""The statements about deliveries: rows of their own, and those that are the row of a run."""

from __future__ import annotations

from typing import Any

from weir.ports.deliveries import COUNTED, VERDICTS, DeliveryQuery, DeliveryRow, run_of, started

_COLUMNS = ", ".join(DeliveryRow._fields)
_LISTED = _COLUMNS.replace(" record,", " null::text as record,")
_OWN = "from weir.webhook_deliveries where tenant = $1 and webhook_id = $2"
_RUNS = "from weir.runs where tenant = $1 and started_by = $2 and trigger_kind = 'webhook'"
# The columns of `DeliveryRow`; what only the trigger knows is read from it afterwards.
_AS_DELIVERY = (
    "select tenant, run_id as record_id, started_by as webhook_id, started_ms as at_ms, "
    "'accepted' as verdict, '' as code, '' as reason, run_id, version, '' as delivery_id, "
    "'' as method, 202 as status, octet_length(input) as size, '' as kind, '' as replay_of, "
    "'' as by, 0 as untold, trigger as record, seq"
)
ONE = f"select {_COLUMNS} from weir.webhook_deliveries where tenant = $1 and record_id = $2"  # noqa: S608
PRUNE = (
    "delete from weir.webhook_deliveries where ctid = any(array("
    "select ctid from weir.webhook_deliveries where at_ms < $1 limit $2))"
)


def page(tenant: str, query: DeliveryQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of a list."""
    values: list[Any] = [tenant, query.webhook_id]
    own, runs = _conditions(query, values)
    if query.after is not None:
        values += query.after
        at, record = len(values) - 1, len(values)
        own += f" and (at_ms, record_id) < (${at}::bigint, ${record})"
        if query.of_runs:
            values.append(run_of(query.after[1]))
            runs += f" and (started_ms, run_id) < (${at}::bigint, ${len(values)})"
    values.append(query.limit)
    limit = f"limit ${len(values)}"
    newest = f"order by at_ms desc, record_id desc {limit}"
    parts = [f"(select {_LISTED}, record_id as place {_OWN}{own} {newest})"]
    if query.of_runs:
        parts.append(
            f"({_AS_DELIVERY}, 'dlv_' || substr(run_id, 5) as place {_RUNS}{runs} "
            f"order by started_ms desc, run_id desc {limit})"
        )
    joined = " union all ".join(parts)
    order = f'order by at_ms desc, place collate "C" desc {limit}'
    return f"select {_COLUMNS} from ({joined}) as every {order}", values  # noqa: S608 - our names


def counts(tenant: str, query: DeliveryQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of how many there are of each verdict."""
    values: list[Any] = [tenant, query.webhook_id]
    own, runs = _conditions(query, values)
    counted = [(verdict, f"{_OWN}{own} and verdict = '{verdict}'") for verdict in VERDICTS]
    if query.of_runs:
        counted.append(("accepted", f"{_RUNS}{runs}"))
    parts = " union all ".join(
        f"select '{verdict}', (select count(*) from (select 1 {which} limit {COUNTED}) as few)"  # noqa: S608
        for verdict, which in counted
    )
    return (
        f"select verdict, least(sum(found), {COUNTED})::bigint from ({parts}) "  # noqa: S608, ISC004
        "as every (verdict, found) group by verdict",
        values,
    )


def read(row: Any) -> DeliveryRow:
    """A delivery from a row of a list."""
    found = DeliveryRow(*row)
    if not found.record_id.startswith("run_"):
        return found
    return started(
        found.tenant,
        found.run_id,
        found.webhook_id,
        found.at_ms,
        found.version,
        found.record,
        found.size,
        found.seq,
    )


def _conditions(query: DeliveryQuery, values: list[Any]) -> tuple[str, str]:
    """What rows of their own must fulfil, and what runs must; every value is used by the first."""
    values.append(query.earliest_ms)
    own, runs = f" and at_ms >= ${len(values)}", f" and started_ms >= ${len(values)}"
    if query.before_ms is not None:
        values.append(query.before_ms)
        own += f" and at_ms < ${len(values)}"
        runs += f" and started_ms < ${len(values)}"
    if query.delivery_id:
        values.append(query.delivery_id)
        own += f" and delivery_id = ${len(values)}"
        if query.of_runs:
            values.append(query.run_id)
            runs += f" and run_id = ${len(values)}"
    kinds = ["" if kind == "delivery" else kind for kind in query.kinds]
    for column, wanted in (("verdict", query.verdicts), ("code", query.codes), ("kind", kinds)):
        if wanted:
            values.append(list(wanted))
            own += f" and {column} = any(${len(values)}::text[])"
    if query.replay_of:
        values.append(query.replay_of)
        own += f" and replay_of = ${len(values)}"
    return own, runs
