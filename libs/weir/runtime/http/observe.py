"""What is told of a request: one line and one observation.

Answers are told at level `debug`, refusals at `info`, failures of ours at
`error` with their cause; so the usual level is quiet under load and never
hides a fault.
"""

from __future__ import annotations

import logging
from functools import cache
from http import HTTPStatus

import structlog

from weir.runtime.http.edge import Answered
from weir.runtime.metrics import HTTP_SECONDS


@cache
def _log() -> structlog.typing.FilteringBoundLogger:
    """The logger as the process's main configured it, looked up once."""
    found: structlog.typing.FilteringBoundLogger = structlog.get_logger("weir.http").bind()
    return found


_REFUSED = HTTPStatus.BAD_REQUEST.value
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(answered: Answered) -> None:
    """The observer of every process."""
    method = answered.method if answered.method in _METHODS else "other"
    HTTP_SECONDS.labels(method, answered.pattern, str(answered.status)).observe(answered.seconds)
    log = _log()
    if answered.status < _REFUSED:
        if not log.is_enabled_for(logging.DEBUG):
            return
        tell = log.debug
    elif answered.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        tell = log.info
    else:
        tell = log.error
    who = answered.principal
    tell(
        "request",
        method=method,
        path=answered.path[:300],
        route=answered.pattern,
        status=answered.status,
        ms=round(answered.seconds * 1000, 2),
        request_id=answered.request_id,
        principal=who.id if who else "",
        tenant=who.tenant if who else "",
        code=answered.code,
        exc_info=answered.error if answered.status == HTTPStatus.INTERNAL_SERVER_ERROR else None,
    )
