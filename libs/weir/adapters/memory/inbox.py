"""The rows of approvals in memory: the same answers as Postgres gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from weir.ports.inbox import InboxQuery, InboxReader, InboxRow


class MemoryInbox:
    """See `ports.inbox.Inbox`."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], InboxRow] = {}
        self._place = 0

    async def close(self) -> None:
        """Nothing is held."""

    async def place(self) -> int:
        """How far it has come."""
        return self._place

    async def store(self, rows: Sequence[InboxRow], place: int) -> None:
        """Put rows in their place and move on."""
        for row in rows:
            there = self._rows.get((row.tenant, row.approval_id))
            if there is None or there.revision < row.revision:
                self._rows[row.tenant, row.approval_id] = row
        self._place = max(self._place, place)

    async def find(self, tenant: str, reader: InboxReader, query: InboxQuery) -> list[InboxRow]:
        """The newest first."""
        found = sorted(
            self._seen(tenant, reader, query),
            key=lambda row: (row.asked_ms, row.approval_id),
            reverse=True,
        )
        after = query.after
        later = (row for row in found if after is None or (row.asked_ms, row.approval_id) < after)
        return [row for _, row in zip(range(query.limit), later, strict=False)]

    async def counts(
        self, tenant: str, reader: InboxReader, query: InboxQuery, since_ms: int
    ) -> dict[str, int]:
        """How many by status."""
        counted: Counter[str] = Counter()
        for row in self._seen(tenant, reader, query):
            if row.ended_ms is None or row.ended_ms >= since_ms:
                counted[row.status] += 1
                counted["mine"] += row.status == "open" and _mine(row, reader)
        return dict(counted)

    async def erase(self, tenant: str) -> int:
        """Remove a tenant's."""
        gone = [key for key in self._rows if key[0] == tenant]
        for key in gone:
            del self._rows[key]
        return len(gone)

    def _seen(self, tenant: str, reader: InboxReader, query: InboxQuery) -> Iterator[InboxRow]:
        for row in self._rows.values():
            everything = reader.projects is None or row.project in reader.projects
            seen = row.tenant == tenant and (everything or bool(reader.names & set(row.names)))
            if seen and _fits(row, reader, query):
                yield row


def _mine(row: InboxRow, reader: InboxReader) -> bool:
    return bool(reader.names & set(row.names)) and reader.id not in row.excluded


def _fits(row: InboxRow, reader: InboxReader, query: InboxQuery) -> bool:
    return (
        (not query.statuses or row.status in query.statuses)
        and query.kind in {"", row.kind}
        and query.workflow_id in {"", row.workflow_id}
        and query.run_id in {"", row.run_id}
        and query.text.lower() in row.title.lower()
        and (not query.mine or _mine(row, reader))
        and (not query.voted or reader.id in row.voted)
    )
