"""What the routes of audit answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class Entry(BaseModel):
    """Who did what, where from, and what came of it. `link` is its place in the chain.

    What was personal of somebody who was erased reads `erased`.
    """

    id: str
    timestamp: str
    event: str
    outcome: str
    tenant_id: str
    user_id: str
    resource_id: str
    request_id: str
    ip_address: str
    user_agent: str
    changes: dict[str, Any]
    reason: str
    count: int
    link: int


class Entries(BaseModel):
    """A page of entries, the newest first."""

    items: list[Entry]
    next_cursor: str | None


class BrokenLink(BaseModel):
    """The first link that is not as it was written. `number` should lie there."""

    number: int
    sequence: str
    reason: str


class Verdict(BaseModel):
    """Whether a chain is whole. `anchor` is its end: kept outside, it tells later of a cut."""

    whole: bool
    links: int
    entries: int
    anchor: str
    broken: BrokenLink | None
