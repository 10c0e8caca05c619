"""The application of a process: the routes of its services and those every process has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from weir.runtime import metrics, telemetry
from weir.runtime.audit import Audit
from weir.runtime.authn import Authenticator
from weir.runtime.http.admission import Admission
from weir.runtime.http.browser import Browser
from weir.runtime.http.edge import Bounds, Edge
from weir.runtime.http.observe import observe
from weir.runtime.http.route import Route
from weir.runtime.http.routing import Routing
from weir.runtime.http.standing import standing_routes, with_document
from weir.runtime.http.witness import Witness
from weir.runtime.platform import Platform


def application(
    platform: Platform,
    routes: Sequence[Route],
    health: Callable[[], Mapping[str, bool]],
    audit: Audit | None = None,
) -> Routing:
    """What a `Server` serves.

    `health` says which of what it depends on is there, `audit` is told what callers did.
    ValueError if two routes claim the same method and pattern.
    """
    settings = platform.settings
    standing = standing_routes(
        health=health,
        warnings=platform.storage.warnings if platform.storage is not None else list,
        metrics=metrics.text,
        metrics_public=settings.metrics_public,
    )
    bounds = Bounds(body=settings.body_limit)
    edge = Edge(
        Admission(Authenticator(platform.identity, platform.clock), Browser(settings.public_url)),
        platform.clock,
        observe,
        Witness(audit or Audit(platform.notes, platform.clock)),
        bounds,
        traced=bool(settings.otlp_endpoint),
    )
    return Routing(with_document((*standing, *routes), version=telemetry.release()), edge, bounds)
