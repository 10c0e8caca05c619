"""Subjects of approvals; part of `subjects`, where all of them are found."""

from __future__ import annotations

__all__ = [
    "APPROVALS",
    "EVERY_APPROVAL",
    "EVERY_DEVICES",
    "approval",
    "approval_devices",
    "approval_devices_of",
    "approval_fact",
    "approval_links",
    "approval_position",
    "approval_push",
    "approvals_of",
]

APPROVALS = "APPROVALS"
EVERY_APPROVAL = "approval.*.*"
EVERY_DEVICES = "approval.devices.*.*"


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


def approval_push() -> str:
    """The key by which push services know this installation, sealed."""
    return "approval.push"


def approval_devices(tenant: str, user_id: str) -> str:
    """The browsers in which somebody gets push notices."""
    return f"approval.devices.{tenant}.{user_id}"


def approval_devices_of(tenant: str) -> str:
    """Those of everybody in a tenant."""
    return f"approval.devices.{tenant}.*"


def approval_fact(approval_id: str) -> str:
    """In a run's log: what people have decided."""
    return f"approval.{approval_id}"
