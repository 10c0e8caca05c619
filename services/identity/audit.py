"""Reading the audit: lists for people, lines for programs, and whether it is whole.

Lists come from the copy in the database; verifying and exporting read the
chains themselves, so they need nothing else and leave nothing out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
import structlog
from aiohttp import web

from services.identity.audit_chain import Broken, Verifier
from services.identity.audit_persons import Persons
from services.identity.audit_projector import asked_words, moment_of, words_of
from weir.contract import subjects
from weir.contract.errors import (
    ForbiddenError,
    InvalidParameterError,
    UnavailableError,
    WeirError,
)
from weir.contract.messages import AuditEntry, AuditRecord
from weir.ports.audit_views import AuditQuery, AuditViews, holds
from weir.ports.log import Log, Stored
from weir.runtime.audit_entry import ALLOWED, DENIED, FAILED
from weir.runtime.http.asked import flag, moment, place_of, readable, scope
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.cursor import write

OUTCOMES = (ALLOWED, DENIED, FAILED)
_ANCHOR = re.compile(r"([1-9][0-9]{0,15}):([0-9a-f]{64})")
_ANCHORS = 100
_TEXT = 200

_log = structlog.get_logger()


class Audits:
    """The handlers."""

    def __init__(self, audit: Log, views: AuditViews | None, persons: Persons) -> None:
        self._audit = audit
        self._views = views
        self._persons = persons

    async def listed(self, call: Call) -> Reply:
        """GET /audit."""
        tenant, query = _tenant(call), query_of(call)
        if self._views is None:
            raise UnavailableError(
                "No database is connected here, so the audit cannot be searched: set "
                "WEIR_POSTGRES_DSN, or read /audit/export."
            )
        wanted = query.limit
        found = await self._views.find(tenant, query._replace(limit=wanted + 1))
        entries = [
            (number, AuditEntry.model_validate_json(text)) for number, text in found[:wanted]
        ]
        items = [await self._shown(entry, number) for number, entry in entries]
        cursor = None
        if len(found) > wanted:
            last = entries[-1][1]
            cursor = write(scope(call), [moment_of(last), last.id])
        return Reply({"items": items, "next_cursor": cursor})

    async def verify(self, call: Call) -> Reply:
        """GET /audit/verify."""
        tenant = _tenant(call)
        verifier = Verifier(tenant, _anchors(call))
        broken: Broken | None = None
        async for batch in self._audit.read(subjects.audit_chain(tenant)):
            # Links are large, and others wait for this loop.
            broken = await asyncio.to_thread(_check, verifier, batch)
            if broken:
                break
        broken = broken or verifier.missing()
        return Reply(
            {
                "whole": broken is None,
                "links": verifier.number,
                "entries": verifier.entries,
                "anchor": f"{verifier.number}:{verifier.digest}" if verifier.number else "",
                "broken": {**broken._asdict(), "sequence": str(broken.sequence)}
                if broken
                else None,
            }
        )

    async def export(self, call: Call) -> web.StreamResponse:
        """GET /audit/export."""
        tenant, query = _tenant(call), query_of(call)
        response = await call.stream("application/x-ndjson")
        try:
            async for lines in self._lines(tenant, query):
                await response.write(lines)
            await response.write_eof()
        except ConnectionError:
            _log.info("the reader of an export went away", request_id=call.request_id)
        except (WeirError, ValueError):
            # The answer has begun: cut off it is not taken for a whole one.
            _log.exception("an export was cut off", request_id=call.request_id)
            if call.request.transport is not None:
                call.request.transport.abort()
        return response

    async def _lines(self, tenant: str, query: AuditQuery) -> AsyncIterator[bytes]:
        async for batch in self._audit.read(subjects.audit_chain(tenant)):
            for stored in batch:
                sealed = AuditRecord.model_validate_json(stored.data).audit_sealed
                if sealed is None:
                    continue
                lines = [
                    orjson.dumps(await self._shown(entry, sealed.number)) + b"\n"
                    for entry in sealed.entries
                    if fits(entry, query)
                ]
                if lines:
                    yield b"".join(lines)

    async def _shown(self, entry: AuditEntry, number: int) -> dict[str, Any]:
        return shown(await self._persons.opened(entry), number)


def shown(entry: AuditEntry, number: int) -> dict[str, Any]:
    """An entry as lists, lines and receivers outside have it."""
    return {
        "id": entry.id,
        "timestamp": entry.at,
        "event": entry.event,
        "outcome": entry.outcome,
        "tenant_id": entry.tenant,
        "user_id": entry.actor,
        "resource_id": entry.resource,
        "request_id": entry.request_id,
        "ip_address": entry.address,
        "user_agent": entry.agent,
        "changes": entry.changes or {},
        "reason": entry.reason,
        "count": entry.count or 1,
        "link": number,
    }


def query_of(call: Call) -> AuditQuery:
    """What the request asks for; InvalidParameterError."""
    readable(call)
    outcome = call.query("outcome")
    if outcome and outcome not in OUTCOMES:
        raise InvalidParameterError(
            f"outcome={outcome[:40]!r} is none: use {', '.join(OUTCOMES)}.",
            details={"parameter": "outcome"},
        )
    text = call.query("text")[:_TEXT]
    words = asked_words(text)
    if text.strip() and not words:
        raise InvalidParameterError(
            "text holds no word of two letters or digits.", details={"parameter": "text"}
        )
    return AuditQuery(
        actor=call.query("actor"),
        event=call.query("event"),
        resource=call.query("resource"),
        outcome=outcome,
        from_ms=moment(call, "from"),
        before_ms=moment(call, "to"),
        words=words,
        after=place_of(call, "aud"),
        limit=call.limit,
    )


def fits(entry: AuditEntry, query: AuditQuery) -> bool:
    """Whether an entry is one of those asked for, as the database would say."""
    at = moment_of(entry)
    return (
        query.actor in {"", entry.actor}
        and query.resource in {"", entry.resource}
        and query.outcome in {"", entry.outcome}
        and entry.event.startswith(query.event)
        and (query.from_ms is None or at >= query.from_ms)
        and (query.before_ms is None or at < query.before_ms)
        and (not query.words or holds(words_of(entry), query.words))
    )


def _tenant(call: Call) -> str:
    """Whose chain is read: the caller's, or the installation's if they manage that."""
    if not flag(call, "installation"):
        return call.tenant
    if not call.principal.platform:
        raise ForbiddenError("Only who manages the installation reads its own audit.")
    return subjects.INSTALLATION


def _anchors(call: Call) -> dict[int, str]:
    given = call.request.query.getall("anchor", [])[:_ANCHORS]
    found: dict[int, str] = {}
    for text in given:
        match = _ANCHOR.fullmatch(text)
        if match is None:
            raise InvalidParameterError(
                f"anchor={text[:90]!r} is none: it is a number, a colon and 64 hex digits.",
                details={"parameter": "anchor"},
            )
        found[int(match[1])] = match[2]
    return found


def _check(verifier: Verifier, batch: Sequence[Stored]) -> Broken | None:
    return next((broken for one in batch if (broken := verifier.check(one.data, one.seq))), None)
