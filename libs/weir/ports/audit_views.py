"""What the audit is searched in: entries as they stand in chains, by time.

Only a copy: emptied, it is filled again from the AUDIT stream. Personal fields
are as sealed here as there. Every read is of one tenant.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol


class AuditRow(NamedTuple):
    """An entry. `entry` is its JSON as it stands in the link with this number.

    `words` is what a text is looked for in: lower-case words that are nobody's secret.
    """

    tenant: str
    at_ms: int
    entry_id: str
    number: int
    event: str
    actor: str
    resource: str
    outcome: str
    words: tuple[str, ...]
    entry: str


class AuditQuery(NamedTuple):
    """Which entries; empty takes all. `event` is a beginning.

    All `words` are to be in it; one that ends with `*` is the beginning of a word. `after` is
    (time, id) of the last one of the page before: the newest come first.
    """

    actor: str = ""
    event: str = ""
    resource: str = ""
    outcome: str = ""
    from_ms: int | None = None
    before_ms: int | None = None
    words: tuple[str, ...] = ()
    after: tuple[int, str] | None = None
    limit: int = 50


def holds(words: Collection[str], asked: Collection[str]) -> bool:
    """Whether all that is asked for is among these words."""
    return all(
        any(one.startswith(word[:-1]) for one in words) if word.endswith("*") else word in words
        for word in asked
    )


class AuditPlace(NamedTuple):
    """How far the stream is in: the last message's sequence, and what it held."""

    seq: int = 0
    digest: str = ""


class AuditViews(Protocol):
    """The entries of all tenants. Everything raises UnavailableError where it is away."""

    async def place(self) -> AuditPlace:
        """How far it has come."""
        ...

    async def store(self, rows: Sequence[AuditRow], place: AuditPlace) -> None:
        """Add rows and move on, together; a row that is there stays as it is."""
        ...

    async def clear(self) -> None:
        """Begin anew."""
        ...

    async def find(self, tenant: str, query: AuditQuery) -> list[tuple[int, str]]:
        """(number of the link, entry), the newest first."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
