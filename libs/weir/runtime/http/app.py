"""The application of a process: the routes of its services and those every process has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from weir.runtime import metrics, telemetry
from weir.runtime.authn import Authenticator
from weir.runtime.http.edge import Bounds, build_app
from weir.runtime.http.observe import observe
from weir.runtime.http.route import Route
from weir.runtime.http.standing import standing_routes, with_document
from weir.runtime.platform import Platform


def application(
    platform: Platform,
    routes: Sequence[Route],
    health: Callable[[], Mapping[str, bool]],
) -> web.Application:
    """What a `Server` serves; `health` says which of what it depends on is there."""
    settings = platform.settings
    standing = standing_routes(
        health=health, metrics=metrics.text, metrics_public=settings.metrics_public
    )
    return build_app(
        with_document((*standing, *routes), version=telemetry.release()),
        identify=Authenticator(platform.identity, platform.clock),
        clock=platform.clock,
        observe=observe,
        bounds=Bounds(body=settings.body_limit),
        traced=bool(settings.otlp_endpoint),
    )
