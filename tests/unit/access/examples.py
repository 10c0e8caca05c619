"""One good request for every route: what it sends, and what it is answered where it is allowed.

A route that is in neither table fails the test of the matrix: write down how it
is asked, and the rule says for everybody what must come of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.access.world import Things
from weir.contract import ids

DEFINITION = {"name": "made", "nodes": [{"id": "go", "type": "manual"}], "edges": []}
_UNKNOWN = ids.derived("x", "unknown").partition("_")[2]


@dataclass(frozen=True)
class Example:
    """A request. `ok` are the answers where it is allowed; `segments` go before a place's own.

    Without `ok` the route has rules of its own beyond permission and tenant (what is about
    oneself, what one may grant): where it is allowed by these, anything but a fault may come.

    `named` says whether the path names something that lies in a place (None: if it has
    segments).
    """

    body: Any = None  # or what makes it of the place's things
    ok: tuple[int, ...] = (200, 201, 202, 204)
    query: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    named: bool | None = None
    failed: bool = False  # asks about the run that has failed
    into: bool = False  # makes something in the project that the query names
    lists: bool = False  # shows everything that lies where the caller may look, and nothing else
    upgrade: bool = False  # is a socket

    def path(self, pattern: str, things: Things | None) -> str:
        """The path towards what lies in a place; None: towards what lies nowhere."""
        values = dict(_nowhere()) if things is None else dict(things.ids)
        if things is not None and self.failed:
            values["run_id"] = things.failed_run
        return pattern.format(**{**values, **self.segments})

    def sent(self, things: Things | None) -> Any:
        """The body."""
        return self.body(things) if callable(self.body) else self.body


def at_first(*routes: str) -> dict[str, Example]:
    """Routes of which the matrix asks only whether one gets in at all."""
    return {route: Example({}, ()) for route in routes}


def _nowhere() -> Mapping[str, str]:
    kinds = {
        "workflow_id": "wf",
        "version": "ver",
        "webhook_id": "hook",
        "delivery_id": "dlv",
        "schedule_id": "sch",
        "run_id": "run",
        "letter_id": "dead",
        "approval_id": "apr",
        "user_id": "usr",
        "account_id": "svc",
        "group_id": "grp",
        "project_id": "prj",
        "key_id": "key",
        "subscription_id": "sub",
        "device_id": "psh",
    }
    made = {name: f"{prefix}_{_UNKNOWN}" for name, prefix in kinds.items()}
    return made | {"name": "nowhere", "step": "go", "type": "set", "tenant": "nowhere"}


def one(prefix: str) -> str:
    """An id of something that is not there."""
    return f"{prefix}_{_UNKNOWN}"


def _stay(things: Things | None) -> Any:
    return {"project": things.place.project or None if things else None}


_WAITS = (202, 409)  # 409: it is theirs, and no step of it waits
_DEAD = (200, 202, 409)
_DRY = Example({"dry_run": True, "limit": 1000})

_APPROVAL = "/api/v1/approvals/{approval_id}"
_DECIDED = {"option": "approved"}

WORK: Mapping[str, Example] = {
    # -- push notices: of people, about themselves --
    "GET /api/v1/push/key": Example(ok=()),
    "GET /api/v1/push/devices": Example(ok=()),
    "POST /api/v1/push/devices": Example({}, ok=()),
    "DELETE /api/v1/push/devices/{device_id}": Example(ok=(), segments={"device_id": one("psh")}),
    "POST /api/v1/push/devices/{device_id}/test": Example(
        ok=(), segments={"device_id": one("psh")}
    ),
    # -- approvals: who is not asked is refused in words of their own --
    "GET /api/v1/approvals": Example(lists=True),
    "GET /api/v1/approvals/counts": Example(),
    "GET /api/v1/approval-events": Example(ok=(101,), upgrade=True),
    f"GET {_APPROVAL}": Example(),
    f"POST {_APPROVAL}/decision": Example(_DECIDED, ok=(403,)),
    f"POST {_APPROVAL}/comments": Example({"text": "why?"}),
    f"POST {_APPROVAL}/delegation": Example({"to": one("usr")}, ok=(403, 404)),
    f"POST {_APPROVAL}/assignees": Example({"assignees": ["role:admin"]}, ok=(200, 403)),
    f"POST {_APPROVAL}/withdrawal": Example({}, ok=(200, 403)),
    # -- the registry --
    "GET /api/v1/workflows": Example(lists=True),
    "POST /api/v1/workflows": Example(DEFINITION, into=True),
    "POST /api/v1/workflows/validate": Example(DEFINITION),
    "GET /api/v1/workflows/{workflow_id}": Example(),
    "PUT /api/v1/workflows/{workflow_id}": Example(DEFINITION),
    "DELETE /api/v1/workflows/{workflow_id}": Example(),
    "POST /api/v1/workflows/{workflow_id}/clone": Example({}),
    "PUT /api/v1/workflows/{workflow_id}/project": Example(_stay),
    "GET /api/v1/workflows/{workflow_id}/versions": Example(),
    "POST /api/v1/workflows/{workflow_id}/versions": Example({"note": "again"}),
    "GET /api/v1/workflows/{workflow_id}/versions/{version}": Example(),
    "GET /api/v1/workflows/{workflow_id}/diff": Example(query={"from": "draft"}),
    "POST /api/v1/workflows/{workflow_id}/versions/{version}/restore": Example(),
    "GET /api/v1/workflows/{workflow_id}/document": Example(),
    "GET /api/v1/workflows/{workflow_id}/collab": Example(ok=(101,), upgrade=True),
    "POST /api/v1/workflows/{workflow_id}/versions/{version}/current": Example(),
    "POST /api/v1/workflows/{workflow_id}/trials": Example({}),
    "GET /api/v1/expressions": Example(),
    "POST /api/v1/expressions/evaluate": Example({"value": "{{ 1 + 1 }}"}),
    "GET /api/v1/webhooks": Example(lists=True),
    "GET /api/v1/webhooks/{webhook_id}": Example(),
    "PUT /api/v1/webhooks/{webhook_id}": Example({"enabled": False}),
    "POST /api/v1/webhooks/{webhook_id}/rotate": Example({}),
    "POST /api/v1/webhooks/{webhook_id}/test": Example({}),
    "POST /api/v1/webhooks/{webhook_id}/simulate": Example({}),
    "GET /api/v1/webhooks/{webhook_id}/deliveries": Example(),
    "GET /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}": Example(),
    "POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": Example({}),
    "POST /api/v1/webhooks/{webhook_id}/deliveries:replay": _DRY,
    "GET /api/v1/schedules": Example(lists=True),
    "POST /api/v1/schedules": Example(
        lambda things: {
            "workflow_id": things.ids["workflow_id"] if things else one("wf"),
            "name": "again",
            "cron": "@daily",
        },
        ok=(201, 404),
    ),
    "POST /api/v1/schedules/preview": Example({"cron": "@daily"}),
    "GET /api/v1/schedules/{schedule_id}": Example(),
    "PUT /api/v1/schedules/{schedule_id}": Example({"name": "other", "every": "1d"}),
    "DELETE /api/v1/schedules/{schedule_id}": Example(),
    "GET /api/v1/schedules/{schedule_id}/next": Example(),
    "GET /api/v1/schedules/{schedule_id}/fires": Example(),
    "POST /api/v1/schedules/{schedule_id}/pause": Example({"note": "for now"}),
    "POST /api/v1/schedules/{schedule_id}/resume": Example({}),
    "POST /api/v1/schedules/{schedule_id}/trigger": Example({}),
    "POST /api/v1/schedules/{schedule_id}/backfill": Example(
        {"after": "2026-01-01T00:00:00Z", "upto": "2026-01-02T00:00:00Z"}
    ),
    "GET /api/v1/nodes": Example(),
    "GET /api/v1/nodes/{type}": Example(named=False),
    "GET /api/v1/schemas/definition": Example(),
    "GET /api/v1/subscriptions": Example(lists=True),
    "GET /api/v1/subscriptions/{subscription_id}": Example(),
    "POST /api/v1/subscriptions/{subscription_id}/pause": Example({"reason": "for now"}),
    "POST /api/v1/subscriptions/{subscription_id}/resume": Example(),
    "POST /api/v1/subscriptions/{subscription_id}/replay": Example({"sequence": 1}),
    "POST /api/v1/events": Example({"amount": 1}, query={"subject": "nobody.listens"}),
    # -- runs --
    "GET /api/v1/runs": Example(lists=True),
    "GET /api/v1/workflows/{workflow_id}/runs": Example(named=False),
    "GET /api/v1/runs/{run_id}": Example(),
    "GET /api/v1/runs/{run_id}/steps": Example(),
    "GET /api/v1/runs/{run_id}/steps/{step}": Example(segments={"step": "go"}),
    "GET /api/v1/runs/{run_id}/timeline": Example(),
    "GET /api/v1/runs/{run_id}/state": Example(),
    "GET /api/v1/runs/{run_id}/events": Example(),
    # 404 with words of its own: the run is theirs, and refers to no such value
    "GET /api/v1/runs/{run_id}/blobs/{name}": Example(ok=(404,), segments={"name": "0" * 64}),
    "GET /api/v1/runs/{run_id}/logs": Example(),
    "GET /api/v1/runs/{run_id}/callbacks": Example(),
    "GET /api/v1/analytics/runs": Example(),
    "GET /api/v1/analytics/workflows": Example(lists=True),
    "GET /api/v1/analytics/last-runs": Example(query={"workflow_ids": one("wf")}),
    "GET /api/v1/analytics/queues": Example(),
    "GET /api/v1/ws": Example(ok=(101,), upgrade=True),
    "POST /api/v1/workflows/{workflow_id}/runs": Example({}),
    "POST /api/v1/workflows/{workflow_id}/runs:batch": Example({"items": [{}, {}]}),
    "POST /api/v1/runs/{run_id}/signals": Example({"name": "go"}),
    "POST /api/v1/runs/{run_id}/pause": Example({}),
    "POST /api/v1/runs/{run_id}/resume": Example({}),
    "POST /api/v1/runs/{run_id}/cancel": Example({}),
    "POST /api/v1/runs/{run_id}/steps/{step}/decision": Example({"decision": "skip"}, _WAITS),
    "POST /api/v1/runs/{run_id}/steps/{step}/deadline": Example(
        {"due_at": "2026-01-01T00:00:00Z"}, _WAITS
    ),
    "POST /api/v1/runs/{run_id}/retry": Example({}, failed=True),
    "POST /api/v1/runs/{run_id}/fork": Example({"step": "bad"}, failed=True),
    "POST /api/v1/runs:cancel": _DRY,
    "POST /api/v1/runs:pause": _DRY,
    "POST /api/v1/runs:resume": _DRY,
    "POST /api/v1/runs:retry": _DRY,
    # -- dead letters --
    "GET /api/v1/dead-letters": Example(lists=True),
    "GET /api/v1/dead-letters/{letter_id}": Example(),
    "POST /api/v1/dead-letters/{letter_id}/retry": Example({}, _DEAD),
    "POST /api/v1/dead-letters/{letter_id}/discard": Example({"reason": "enough"}, _DEAD),
    "POST /api/v1/dead-letters:retry": _DRY,
    "POST /api/v1/dead-letters:discard": Example({"dry_run": True, "reason": "enough"}),
}
