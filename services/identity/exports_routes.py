"""The route of the export, and how it is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from services.identity.exports import Exports
from weir.contract.errors import WeirError
from weir.runtime.access import Permission
from weir.runtime.http.call import Call
from weir.runtime.http.route import API, Route

_TOGETHER = 64 * 1024

_log = structlog.get_logger()


class Exporting:
    """The handlers."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    async def tenant(self, call: Call) -> web.StreamResponse:
        """GET /export."""
        return await stream(call, self._exports.lines(call.tenant))


async def stream(call: Call, lines: AsyncIterator[bytes]) -> web.StreamResponse:
    """Answer lines as they are made; what fails on the way is cut off, not taken for whole."""
    response = await call.stream("application/x-ndjson")
    gathered = bytearray()
    try:
        async for line in lines:
            gathered += line
            if len(gathered) >= _TOGETHER:
                await response.write(bytes(gathered))
                gathered.clear()
        await response.write(bytes(gathered))
        await response.write_eof()
    except ConnectionError:
        _log.info("the reader of an export went away", request_id=call.request_id)
    except (WeirError, ValueError, KeyError):
        _log.exception("an export was cut off", request_id=call.request_id)
        if call.request.transport is not None:
            call.request.transport.abort()
    return response


def export_routes(exporting: Exporting) -> tuple[Route, ...]:
    """Everything a tenant has."""
    return (
        Route(
            "GET",
            f"{API}/export",
            exporting.tenant,
            Permission.TENANT_MANAGE,
            "Export everything the tenant has as JSON lines, without secrets",
            "tenants",
            timeout_s=0,
            audit="tenant.exported",
        ),
    )
