"""Subjects of approvals; part of `subjects`, where all of them are found."""

from __future__ import annotations

__all__ = [
    "APPROVALS",
    "EVERY_APPROVAL",
    "approval",
    "approval_fact",
    "approval_links",
    "approval_position",
    "approvals_of",
]

APPROVALS = "APPROVALS"
EVERY_APPROVAL = "approval.*.*"


def approval(tenant: str, approval_id: str) -> str:
    """The life of one approval."""
    return f"approval.{tenant}.{approval_id}"


def approvals_of(tenant: str) -> str:
    """The approvals of a tenant."""
    return f"approval.{tenant}.*"


def approval_position() -> str:
    """How far the run log was read for steps that wait for people."""
    return "approval.position"


def approval_links() -> str:
    """The key that signs links, sealed."""
    return "approval.links"


def approval_fact(approval_id: str) -> str:
    """In a run's log: what people have decided."""
    return f"approval.{approval_id}"
