"""Subjects of the tenants' own events; part of `subjects`, where all of them are found.

What a tenant publishes and subscribes to is written without `bus.<tenant>.`:
nobody can name another tenant's.
"""

from __future__ import annotations

import re

__all__ = [
    "BUS",
    "CURSORS",
    "EVENT_BYTES",
    "EVENT_NAME",
    "EVENT_PATTERN",
    "EVERY_CURSOR",
    "EVERY_REFUSED_EVENT",
    "EVERY_SUBSCRIPTION",
    "cursor",
    "event",
    "parse_event",
    "refused_event",
    "subscription",
]

BUS = "BUS"
CURSORS = "CURSORS"

EVENT_BYTES = 512 * 1024  # of one event, headers and all: as a dead letter it must fit a message

EVERY_SUBSCRIPTION = "registry.*.subscription.*"
EVERY_REFUSED_EVENT = "registry.*.refused.*"
EVERY_CURSOR = "cursor.>"

# What NATS takes, without what people would regret: blanks, quotes, what is not printed.
_WORD = r"[A-Za-z0-9_:/=+@~-]{1,128}"
EVENT_NAME = re.compile(rf"(?=.{{1,500}}$){_WORD}(?:\.{_WORD}){{0,31}}")
EVENT_PATTERN = re.compile(
    rf"(?=.{{1,500}}$)(?:>|(?:{_WORD}|\*)(?:\.(?:{_WORD}|\*)){{0,31}}(?:\.>)?)"
)


def event(tenant: str, name: str) -> str:
    """Where a tenant's event lies; a pattern gives the filter of all that match."""
    return f"bus.{tenant}.{name}"


def parse_event(subject: str) -> tuple[str, str]:
    """Whose event it is, and what the tenant calls it."""
    _, tenant, name = subject.split(".", 2)
    return tenant, name


def cursor(tenant: str, subscription_id: str) -> str:
    """How far a subscription has come."""
    return f"cursor.{tenant}.{subscription_id}"


def subscription(tenant: str, subscription_id: str) -> str:
    """What the trigger node of a workflow listens to."""
    return f"registry.{tenant}.subscription.{subscription_id}"


def refused_event(tenant: str, letter_id: str) -> str:
    """An event that could not start a run, as a dead letter."""
    return f"registry.{tenant}.refused.{letter_id}"
