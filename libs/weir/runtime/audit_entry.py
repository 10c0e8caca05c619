"""One thing that somebody did, as services tell the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from weir.contract import codec, subjects, times
from weir.contract.messages import AuditEntry
from weir.runtime.audit_changes import bounded

ALLOWED, DENIED, FAILED = "allowed", "denied", "failed"

_LONGEST = {
    "event": 100,
    "actor": 100,
    "resource": 200,
    "request_id": 100,
    "address": 60,
    "agent": 300,
    "reason": 200,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Who did what, where from, and what came of it.

    `event` is what was done to which kind of thing ("workflow.updated"), `tenant` whose chain it
    goes into: empty is the installation's own. `changes` holds old and new by field and never a
    secret; a personal value in it is {"personal": <user id>, "value": …}. `count` says how often,
    where it was several times.
    """

    event: str
    tenant: str = ""
    actor: str = ""
    outcome: str = ALLOWED
    resource: str = ""
    request_id: str = ""
    address: str = ""
    agent: str = ""
    changes: Mapping[str, Any] | None = None
    reason: str = ""
    count: int = 0

    def entry(self, entry_id: str, now_ms: int) -> AuditEntry:
        """As it is stored; what callers can make long is cut."""
        told: dict[str, Any] = {
            name: _clean(getattr(self, name)[:longest])
            for name, longest in _LONGEST.items()
            if getattr(self, name)
        }
        if self.count:
            told["count"] = self.count
        if self.changes:
            told["changes"] = _changes(self.changes)
        return AuditEntry(
            id=entry_id,
            at=times.from_ms(now_ms),
            tenant=self.tenant or subjects.INSTALLATION,
            outcome=self.outcome,
            **told,
        )


def _changes(told: Mapping[str, Any]) -> dict[str, Any]:
    """What can be stored; that something happened is told even if what changed cannot be."""
    try:
        plain: dict[str, Any] = orjson.loads(codec.canonical(bounded(dict(told))))
    except (TypeError, ValueError):
        return {"untold": {"new": "it is no JSON"}}
    return plain


def _clean(text: str) -> str:
    """What every reader can take: headers and paths may hold bytes that are no text."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def person(actor: str, tenant: str) -> str:
    """Under whose key address and agent are sealed: who acted, or the tenant for whom nobody is."""
    known = actor.startswith(("usr_", "svc_", "key_"))
    return actor if known else tenant or subjects.INSTALLATION
