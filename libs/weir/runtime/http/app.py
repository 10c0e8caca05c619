"""The application of a process: the routes of its services and those every process has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from weir.contract.messages import IdentityRecord
from weir.runtime import metrics, telemetry
from weir.runtime.audit import Audit
from weir.runtime.authn import Authenticator
from weir.runtime.http.address import parse_proxies
from weir.runtime.http.admission import Admission
from weir.runtime.http.browser import Browser
from weir.runtime.http.cors import Origins
from weir.runtime.http.edge import Bounds, Edge
from weir.runtime.http.gate import ADDRESS, Gate
from weir.runtime.http.limits import Limits
from weir.runtime.http.observe import observe
from weir.runtime.http.page import BUILT, Pages
from weir.runtime.http.route import Route
from weir.runtime.http.routing import Routing
from weir.runtime.http.standing import standing_routes, with_document
from weir.runtime.http.strangers import Strangers
from weir.runtime.http.witness import Witness
from weir.runtime.key_use import KeyUse
from weir.runtime.platform import Platform
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates


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
    told = audit or Audit(platform.notes, platform.clock)
    standing = standing_routes(
        health=health,
        warnings=lambda: [*_warnings(platform), *told.warnings()],
        metrics=metrics.text,
        metrics_public=settings.metrics_public,
    )
    bounds = Bounds(body=settings.body_limit)
    https = settings.tls_cert_file is not None or settings.public_url.startswith("https:")
    edge = Edge(
        Admission(
            Authenticator(platform.identity, platform.clock, KeyUse(platform.live, platform.clock)),
            Browser(settings.public_url),
        ),
        platform.clock,
        observe,
        Witness(told),
        _gate(platform),
        Origins(settings.origins, platform.identity),
        bounds,
        traced=bool(settings.otlp_endpoint),
        https=https,
    )
    return Routing(
        with_document((*standing, *routes), version=telemetry.release()),
        edge,
        bounds,
        Pages(BUILT, https=https),
    )


def _warnings(platform: Platform) -> list[str]:
    """What will be missing soon, or is due."""
    found = platform.storage.warnings() if platform.storage is not None else []
    return [*found, *(told for remind in platform.reminders for told in remind())]


def _gate(platform: Platform) -> Gate:
    rates = platform.settings.rates
    limits = Limits(
        SharedRates(platform.rates),
        Records(platform.identity, IdentityRecord),
        platform.clock,
        rates,
    )
    proxies = parse_proxies(platform.settings.trusted_proxies)
    return Gate(limits, Strangers(rates[ADDRESS]), proxies)
