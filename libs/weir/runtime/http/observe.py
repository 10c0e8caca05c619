"""What is told of a request: one line and one observation.

Answers are told at level `debug`, refusals at `info`, failures of ours at
`error` with their cause; so the usual level is quiet under load and never
hides a fault.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog

from weir.runtime.http.edge import Answered
from weir.runtime.metrics import HTTP_SECONDS

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger("weir.http")


def observe(answered: Answered) -> None:
    """The observer of every process."""
    HTTP_SECONDS.labels(answered.method[:10], answered.pattern, str(answered.status)).observe(
        answered.seconds
    )
    if answered.status < HTTPStatus.BAD_REQUEST:
        tell = _log.debug
    elif answered.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        tell = _log.info
    else:
        tell = _log.error
    who = answered.principal
    tell(
        "request",
        method=answered.method[:10],
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
