"""The statements about dead letters."""

from __future__ import annotations

from typing import Any

from weir.ports.letters import DeadRow, HandledRow, Letter, LetterQuery

_DEAD = ", ".join(f"d.{column}" for column in DeadRow._fields)
_HANDLED = ", ".join(f"h.{column}" for column in HandledRow._fields)
# What was made of a letter counts only up to the failure that was seen then.
_FROM = (
    f"select {_DEAD}, coalesce(w.name, ''), {_HANDLED} from weir.dead_letters d "  # noqa: S608 - our names
    "left join weir.workflows w on w.tenant = d.tenant and w.workflow_id = d.workflow_id "
    "left join weir.letters_handled h on h.tenant = d.tenant and h.letter_id = d.letter_id "
    "and h.through >= d.failed_seq where d.tenant = $1"
)
_STATUS = (
    "coalesce(h.action, case when d.settled_ms is null then 'open' else 'settled' end)"
    ' collate "C"'
)
ONE = f"{_FROM} and d.letter_id = $2"


def page(tenant: str, query: LetterQuery) -> tuple[str, list[Any]]:
    """(SQL, values) of a list."""
    within = None if query.projects is None else list(query.projects)
    wanted: list[tuple[str, Any]] = [
        # The second half lets the partial index serve.
        ("d.project = any({}::text[]) and d.project <> ''", within),
        (f"{_STATUS} = any({{}}::text[])", list(query.statuses) or None),
        ("d.reason = any({}::text[])", list(query.reasons) or None),
        ("d.workflow_id = {}", query.workflow_id),
        ("d.run_id = {}", query.run_id),
        ("d.error::jsonb ->> 'code' = any({}::text[])", list(query.codes) or None),
        ("d.last_ms >= {}", query.from_ms),
        ("d.last_ms < {}", query.before_ms),
    ]
    values: list[Any] = [tenant]
    where = ""
    for condition, value in wanted:
        if value is not None:
            values.append(value)
            where += f" and {condition.format(f'${len(values)}')}"
    if query.after is not None:
        values += query.after
        where += f" and (d.last_ms, d.letter_id) < (${len(values) - 1}::bigint, ${len(values)})"
    values.append(query.limit)
    return f"{_FROM}{where} order by d.last_ms desc, d.letter_id desc limit ${len(values)}", values


def read(row: Any) -> Letter:
    """A letter from a row of these statements."""
    values = list(row)
    cut = len(DeadRow._fields)
    handled = values[cut + 1 :]
    return Letter(
        DeadRow(*values[:cut]),
        values[cut],
        None if handled[0] is None else HandledRow(*handled),
    )
