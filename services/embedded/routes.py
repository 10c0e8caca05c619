"""The whole table of routes, asked of the services themselves."""

from __future__ import annotations

import asyncio
from typing import Any

from services.embedded.service import build
from weir.runtime import metrics, telemetry
from weir.runtime.http.openapi import document
from weir.runtime.http.route import Route
from weir.runtime.http.standing import standing_routes, with_document
from weir.runtime.http.table import markdown
from weir.settings import Settings
from weir.wiring import connect


def routes() -> dict[str, tuple[Route, ...]]:
    """Every route by the service that owns it; `every process` owns the standing ones."""
    return asyncio.run(_routes())


async def _routes() -> dict[str, tuple[Route, ...]]:
    async with connect(Settings(memory=True), "embedded") as platform:
        standing = standing_routes(
            health=dict, warnings=list, metrics=metrics.text, metrics_public=False
        )
        return {
            "every process": with_document(standing, version=telemetry.release()),
            **{service.name: service.routes for service in build(platform)},
        }


def reference() -> str:
    """The page docs/reference/routes.md."""
    return markdown(routes())


def openapi() -> dict[str, Any]:
    """The document of the whole platform, as the embedded process serves it."""
    every = [route for owned in routes().values() for route in owned]
    return document(every, version=telemetry.release())
