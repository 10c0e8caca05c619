"""What lists of approvals are made of: a row for each, brought up to date from their stream.

Only a copy: emptied, it is filled again. Every read is of one tenant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class InboxRow(NamedTuple):
    """An approval. `shown` is its JSON in lists; times in ms, None: it has not come to that.

    `names` are all by which assignees are named, `excluded` people who are named and do not
    decide, `voted` people who did.
    """

    tenant: str
    approval_id: str
    revision: int
    status: str
    kind: str
    project: str
    workflow_id: str
    run_id: str
    names: tuple[str, ...]
    excluded: tuple[str, ...]
    voted: tuple[str, ...]
    asked_ms: int
    due_ms: int | None
    ended_ms: int | None
    title: str
    shown: str


class InboxReader(NamedTuple):
    """Who looks: what assignees call them, and in which projects they see all; None: everywhere.

    Without an id it is nobody who could be asked.
    """

    id: str
    names: frozenset[str]
    projects: frozenset[str] | None


class InboxQuery(NamedTuple):
    """Which approvals; empty takes all. The newest come first, `after` is the last one's place.

    `mine`: those that wait for the reader; `voted`: those about which the reader has decided.
    """

    statuses: tuple[str, ...] = ()
    kind: str = ""
    workflow_id: str = ""
    run_id: str = ""
    text: str = ""
    mine: bool = False
    voted: bool = False
    after: tuple[int, str] | None = None
    limit: int = 50


class Inbox(Protocol):
    """The rows of all tenants. Everything raises UnavailableError where it is away."""

    async def place(self) -> int:
        """Sequence of the stream up to which the rows are."""
        ...

    async def store(self, rows: Sequence[InboxRow], place: int) -> None:
        """Put rows in their place, unless newer ones are there, and move on; together."""
        ...

    async def find(self, tenant: str, reader: InboxReader, query: InboxQuery) -> list[InboxRow]:
        """What the reader may see of these, the newest first."""
        ...

    async def counts(
        self, tenant: str, reader: InboxReader, query: InboxQuery, since_ms: int
    ) -> dict[str, int]:
        """How many by status, as far as the reader may see them, and `mine`: open and theirs.

        Of those that are over only what ended since then counts.
        """
        ...

    async def erase(self, tenant: str) -> int:
        """Remove what a tenant has, and say how much that was."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
