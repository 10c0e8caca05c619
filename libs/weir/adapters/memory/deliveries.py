"""Deliveries from dictionaries, as Postgres would answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from weir.ports.deliveries import COUNTED, DeliveryQuery, DeliveryRow, started
from weir.ports.views import RunRow


def page(
    rows: Iterable[DeliveryRow], runs: Iterable[RunRow], query: DeliveryQuery
) -> list[DeliveryRow]:
    """A page of a list, of all rows and runs of the tenant."""
    found = [
        row._replace(record=None)
        for row in _wanted(rows, runs, query)
        if query.after is None or _place(row) < query.after
    ]
    return sorted(found, key=_place, reverse=True)[: query.limit]


def counts(
    rows: Iterable[DeliveryRow], runs: Iterable[RunRow], query: DeliveryQuery
) -> dict[str, int]:
    """How many there are of each verdict."""
    found = Counter(row.verdict for row in _wanted(rows, runs, query))
    return {verdict: min(count, COUNTED) for verdict, count in found.items()}


def _place(row: DeliveryRow) -> tuple[int, str]:
    return row.at_ms, row.record_id


def _wanted(
    rows: Iterable[DeliveryRow], runs: Iterable[RunRow], query: DeliveryQuery
) -> Iterator[DeliveryRow]:
    for row in rows:
        if (
            _in_time(row, query)
            and (not query.verdicts or row.verdict in query.verdicts)
            and (not query.codes or row.code in query.codes)
            and (not query.kinds or (row.kind or "delivery") in query.kinds)
            and query.delivery_id in {"", row.delivery_id}
            and query.replay_of in {"", row.replay_of}
        ):
            yield row
    for run in runs if query.of_runs else ():
        if run.trigger_kind != "webhook":
            continue
        size = None if run.input is None else len(run.input.encode())
        at_ms, version = run.started_ms, run.version
        row = started(
            *(run.tenant, run.run_id, run.started_by, at_ms, version, run.trigger, size, run.seq)
        )
        if _in_time(row, query) and (not query.delivery_id or run.run_id == query.run_id):
            yield row


def _in_time(row: DeliveryRow, query: DeliveryQuery) -> bool:
    return (
        row.webhook_id == query.webhook_id
        and row.at_ms >= query.earliest_ms
        and (query.before_ms is None or row.at_ms < query.before_ms)
    )
