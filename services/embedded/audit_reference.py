"""The page docs/reference/audit.md: every event of the audit, from the table of routes."""

from __future__ import annotations

from collections.abc import Mapping

from services.embedded.routes import routes
from weir.runtime.http.route import Route

# What no route names: who tells it, and when.
ELSEWHERE: Mapping[str, str] = {
    "access.denied": "Somebody was refused (401 or 403) on a route that names no event of its own.",
    "approval.seen": "What a person was shown who voted, as the approval held it.",
    "credential.read": "A run's step read a credential on a worker; once per run and credential.",
    "run.started": "A run was started; the actor is who did, the trigger stands in the changes.",
    "run.succeeded": "A run ended well; told when the archive has it.",
    "run.failed": "A run failed; told when the archive has it.",
    "run.cancelled": "A run was cancelled; told when the archive has it.",
    "session.reused": "A refresh token came a second time: the session was ended.",
    "user.password_proved": "The password was right, and a second factor is asked for.",
}

_HEAD = """# Events of the audit

Printed from the code by `make docs`: do not edit.

An entry's `event` says what was done to which kind of thing; its `outcome` is `allowed`, `denied`
(somebody was refused for who they are) or `failed`. How to read, check and export them:
[audit](../howto/audit.md).
"""


def reference() -> str:
    """The page."""
    named: dict[str, list[Route]] = {}
    for owned in routes().values():
        for route in owned:
            if route.audit:
                named.setdefault(route.audit, []).append(route)
    rows = [
        f"| `{event}` | {ELSEWHERE.get(event) or _told(named[event])} |"
        for event in sorted(named.keys() | ELSEWHERE)
    ]
    return "\n".join([_HEAD, "| event | when |", "|---|---|", *rows, ""])


def _told(found: list[Route]) -> str:
    return "; ".join(
        f"{route.summary.replace('<', '&lt;').replace('|', '/')} (`{route.method} {route.pattern}`)"
        for route in sorted(found, key=lambda route: (route.pattern, route.method))
    )
