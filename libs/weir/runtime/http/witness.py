"""What the edge tells the audit of a request, once its handler has ended and before the answer.

A route that names an event is told when it succeeded, and when it failed in a
way that may have changed something; that somebody was refused for who they are
is told of every route that asks for a permission, at a bounded rate.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web

from weir.contract.errors import WeirError
from weir.runtime.access import Permission
from weir.runtime.audit import Audit
from weir.runtime.audit_entry import ALLOWED, DENIED, FAILED, Noted
from weir.runtime.http.call import Call, Reply

REFUSED = "access.denied"
_KEY = re.compile(r"(?i:bearer) +weir_(key_[a-z2-7]{26})_")
_DENIALS = frozenset({HTTPStatus.UNAUTHORIZED.value, HTTPStatus.FORBIDDEN.value})


class Witness:
    """Turns what a route did into notes."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def saw(
        self, call: Call, answer: Reply | web.StreamResponse, refusal: BaseException | None
    ) -> None:
        """Tell it if it is to be told. Never raises."""
        route = call.route
        if answer.status in _DENIALS:
            if route.audit or route.permission is not Permission.PUBLIC:
                await self._audit.refused(_noted(call, answer, refusal, DENIED))
        elif route.audit and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            await self._audit.refused(_noted(call, answer, refusal, FAILED))
        elif route.audit and answer.status < HTTPStatus.BAD_REQUEST:
            await self._audit.tell(_noted(call, answer, None, ALLOWED))


def _noted(
    call: Call,
    answer: Reply | web.StreamResponse,
    refusal: BaseException | None,
    outcome: str,
) -> Noted:
    who = call.known_principal
    told: dict[str, Any] = {
        "event": call.route.audit or REFUSED,
        "tenant": who.tenant if who else "",
        "actor": who.id if who else "",
        "outcome": outcome,
        "resource": _resource(call, answer),
        "request_id": call.request_id,
        "address": call.address,
        "agent": call.request.headers.get(hdrs.USER_AGENT, ""),
    }
    shown = _KEY.match(call.request.headers.get(hdrs.AUTHORIZATION, "")) if who is None else None
    if shown is not None:
        # Nobody has proved to hold it: it is what was shown, not who did it.
        told["changes"] = {"shown": {"new": shown[1]}}
    if refusal is not None:
        told["reason"] = refusal.code if isinstance(refusal, WeirError) else WeirError.code
    return Noted(**{**told, **call.to_audit})


def _resource(call: Call, answer: Reply | web.StreamResponse) -> str:
    """What the path names last; of something new, the id in the answer."""
    if call.segments:
        return next(reversed(list(call.segments.values())))
    made = answer.value if isinstance(answer, Reply) else None
    if isinstance(made, dict):
        named = made.get("id") or next(
            (value for key, value in made.items() if key.endswith("_id")), ""
        )
        return named if isinstance(named, str) else ""
    return ""
