"""Forgetting is impossible: what changes something is noted, or stands here with the reason."""

from __future__ import annotations

import re
from pathlib import Path

from services.embedded.audit_reference import ELSEWHERE, reference
from services.embedded.routes import routes

_READS = "it changes nothing"
_RUN_LOG = "starts are told by the run log, from which the audit takes them"
_BEGINS = "it begins what is noted when it is done"

UNTOLD = {
    "POST /api/v1/workflows/validate": _READS,
    "POST /api/v1/policies/explain": _READS,
    "POST /api/v1/webhooks/{webhook_id}/simulate": _READS,
    "POST /api/v1/workflows/{workflow_id}/runs": _RUN_LOG,
    "POST /api/v1/workflows/{workflow_id}/runs:batch": _RUN_LOG,
    "* /hooks/{webhook_id}": _RUN_LOG,
    "POST /api/v1/events": _RUN_LOG,
    "POST /api/v1/providers/{provider_id}/test": _READS,
    "POST /api/v1/push/devices/{device_id}/test": "it sends its own person a notice, and no more",
    "POST /api/v1/expressions/evaluate": _READS,
    "POST /api/v1/schedules/preview": _READS,
    "POST /api/v1/auth/password/forgot": _BEGINS,
    "POST /api/v1/auth/register": _BEGINS,
    "POST /api/v1/auth/email": _BEGINS,
    "POST /api/v1/auth/totp": _BEGINS,
    "POST /api/v1/auth/passkey-registration": _BEGINS,
    "POST /api/v1/auth/passkey/options": _BEGINS,
    "POST /api/v1/auth/second-factor/enrol/totp": _BEGINS,
    "POST /api/v1/auth/second-factor/enrol/passkey/options": _BEGINS,
    "POST /api/v1/auth/second-factor/passkey/options": _BEGINS,
}


def test_every_route_that_changes_something_is_noted() -> None:
    """By the name of an event, or it is in the short list above; the list names no other."""
    every = [route for owned in routes().values() for route in owned]
    changing = {
        f"{route.method} {route.pattern}": route.audit
        for route in every
        if route.method not in {"GET", "HEAD"}
    }
    forgotten = {name for name, event in changing.items() if not event} - UNTOLD.keys()
    assert not forgotten, f"give these an audit name (Route.audit): {sorted(forgotten)}"
    assert {name for name, event in changing.items() if event}.isdisjoint(UNTOLD)
    assert UNTOLD.keys() <= changing.keys()


def test_events_are_named_alike() -> None:
    """Which kind of thing, and what was done to it."""
    every = [route.audit for owned in routes().values() for route in owned if route.audit]
    assert [name for name in every if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)] == []


def test_every_event_is_on_the_page() -> None:
    """Those that code names by itself stand in a table beside those of the routes."""
    page = set(re.findall(r"^\| `([a-z_.]+)` \|", reference(), re.MULTILINE))
    root = Path(__file__).resolve().parents[3]
    used = {
        event
        for folder in ("libs", "services")
        for file in (root / folder).rglob("*.py")
        for event in re.findall(r"\b(?:event|audit)=\"([a-z_]+\.[a-z_]+)\"", file.read_text())
    }
    assert used - page == set()
    told = {event for owned in routes().values() for event in (route.audit for route in owned)}
    assert not told & ELSEWHERE.keys() - {"user.password_proved"}
