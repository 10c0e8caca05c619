"""Every refusal in one form: `{"error": {code, message, details, request_id}}`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from weir.contract.errors import (
    BadRequestError,
    BodyTooLargeError,
    InvalidParameterError,
    MethodNotAllowedError,
    RouteNotFoundError,
    WeirError,
)
from weir.contract.identity_errors import RateLimitedError
from weir.runtime.http.call import Reply


def reply(error: WeirError, request_id: str) -> Reply:
    """The answer that carries this refusal."""
    return Reply(shown(error, request_id), status=error.status, headers=_headers(error))


def shown(error: WeirError, request_id: str) -> dict[str, Any]:
    """The refusal as a value."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "details": _plain(error.details),
            "request_id": request_id,
        }
    }


def internal(request_id: str) -> Reply:
    """The answer to what nobody foresaw; the log knows more under the request's id."""
    return reply(
        WeirError(
            "Something went wrong on our side. Try again; if it stays, give the request id to "
            "whoever runs this Weir."
        ),
        request_id,
    )


def from_router(error: web.HTTPException, path: str, method: str) -> WeirError:
    """The router's own refusals in our words."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = sorted(error.allowed_methods)
        return MethodNotAllowedError(
            f"{method[:20]} is not answered here; {', '.join(allowed)} is.",
            details={"allow": allowed},
        )
    if error.status == HTTPStatus.NOT_FOUND:
        return RouteNotFoundError(
            f"There is no route {path[:200]!r}: see /api/v1/openapi.json for what there is.",
        )
    if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BodyTooLargeError("The body is larger than this route takes.")
    return BadRequestError(f"The request cannot be read: {error.reason}.")


def unreadable(error: Exception) -> WeirError:
    """For what aiohttp and yarl raise while a header or the query is taken apart."""
    return InvalidParameterError(f"The request cannot be read: {str(error)[:200]}.")


def _headers(error: WeirError) -> Mapping[str, str]:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="weir"'}
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED and isinstance(error.details, dict):
        return {"Allow": ", ".join(error.details.get("allow", ()))}
    if isinstance(error, RateLimitedError):
        return {"Retry-After": str(error.retry_s)}
    if error.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return {"Retry-After": "1"}
    return {}


def _plain(details: Any) -> Any:
    """Details as an object: what cannot be JSON is left to the log."""
    try:
        orjson.dumps(details)
    except TypeError:
        return {}
    return {} if details is None else details
