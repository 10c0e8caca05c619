"""The routes every process has: health, readiness, metrics, the OpenAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import BaseModel

from weir.contract.errors import ForbiddenError
from weir.runtime.access import Permission
from weir.runtime.http.address import is_loopback
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.openapi import document
from weir.runtime.http.route import API, Route

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Health(BaseModel):
    """Whether the process lives and what it depends on is there.

    `warnings` tell what will be missing soon, in words; the process is still ready.
    """

    status: str
    checks: dict[str, bool]
    warnings: list[str]


def standing_routes(
    *,
    health: Callable[[], Mapping[str, bool]],
    warnings: Callable[[], list[str]],
    metrics: Callable[[], bytes],
    metrics_public: bool,
) -> tuple[Route, ...]:
    """Health, readiness and metrics of one process.

    `/health` says that the event loop turns, `/ready` that every check holds.
    Metrics are told to this machine alone unless `metrics_public`.
    """

    async def live(_: Call) -> Reply:
        return Reply({"status": "ok", "checks": {}, "warnings": warnings()})

    async def ready(_: Call) -> Reply:
        checks = dict(health())
        good = all(checks.values())
        return Reply(
            {
                "status": "ok" if good else "waiting",
                "checks": checks,
                "warnings": warnings(),
            },
            status=HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    async def figures(call: Call) -> Reply:
        if not metrics_public and not is_loopback(call.request):
            raise ForbiddenError(
                "Metrics are told to this machine alone: set WEIR_METRICS_PUBLIC to open them."
            )
        return Reply(metrics(), media_type=METRICS_TYPE)

    def route(path: str, handler: Callable[[Call], Any], summary: str, **more: Any) -> Route:
        return Route("GET", path, handler, Permission.PUBLIC, summary, "process", **more)

    return (
        route("/health", live, "Whether the process answers", answer=Health),
        route(
            "/ready",
            ready,
            "Whether the process can do its work",
            answer=Health,
            also={HTTPStatus.SERVICE_UNAVAILABLE: Health},
        ),
        route("/metrics", figures, "Metrics for Prometheus", errors=(ForbiddenError,)),
    )


def with_document(routes: Sequence[Route], *, version: str) -> tuple[Route, ...]:
    """The routes and the one that tells of them all.

    The document is made when it is first asked for: a start is a tenth of a second shorter.
    """

    @cache
    def told() -> bytes:
        return orjson.dumps(document(everything, version=version))

    async def openapi(_: Call) -> Reply:
        return Reply(await asyncio.to_thread(told))

    last = Route(
        "GET",
        f"{API}/openapi.json",
        openapi,
        Permission.PUBLIC,
        "This document",
        "process",
    )
    everything = (*routes, last)
    return everything
