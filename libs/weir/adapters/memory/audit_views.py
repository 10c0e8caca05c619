"""The audit's views in memory: the same answers as Postgres gives."""

from __future__ import annotations

from collections.abc import Sequence

from weir.ports.audit_views import AuditPlace, AuditQuery, AuditRow, holds


class MemoryAuditViews:
    """See `ports.audit_views.AuditViews`."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int, str], AuditRow] = {}
        self._place = AuditPlace()

    async def close(self) -> None:
        """Nothing is held."""

    async def place(self) -> AuditPlace:
        """How far it has come."""
        return self._place

    async def store(self, rows: Sequence[AuditRow], place: AuditPlace) -> None:
        """Add rows and move on."""
        for row in rows:
            self._rows.setdefault((row.tenant, row.at_ms, row.entry_id), row)
        self._place = max(self._place, place)

    async def clear(self) -> None:
        """Begin anew."""
        self._rows.clear()
        self._place = AuditPlace()

    async def find(self, tenant: str, query: AuditQuery) -> list[tuple[int, str]]:
        """The newest first."""
        found = [row for row in self._rows.values() if row.tenant == tenant and _fits(row, query)]
        found.sort(key=lambda row: (row.at_ms, row.entry_id), reverse=True)
        return [(row.number, row.entry) for row in found[: query.limit]]


def _fits(row: AuditRow, query: AuditQuery) -> bool:
    return (
        query.actor in {"", row.actor}
        and query.resource in {"", row.resource}
        and query.outcome in {"", row.outcome}
        and row.event.startswith(query.event)
        and (query.from_ms is None or row.at_ms >= query.from_ms)
        and (query.before_ms is None or row.at_ms < query.before_ms)
        and (query.after is None or (row.at_ms, row.entry_id) < query.after)
        and holds(row.words, query.words)
    )
