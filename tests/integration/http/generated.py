"""Generated requests against the OpenAPI document, in everybody's name; what both suites share.

The server runs on a thread of its own, since the generator asks synchronously.
WEIR_FUZZ is how many requests each operation gets; with more than usual they
are others each time.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.approval.book import Book
from services.approval.service import build as build_approval
from services.collab.service import build as build_collab
from services.identity.service import build as build_identity
from services.query.service import build as build_query
from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, House, house_on_memory
from weir.contract import codec, ids, subjects
from weir.contract.messages import ApprovalAsked, IdentityRecord, ProjectSaved
from weir.core.approvals.asked import made
from weir.ports.log import Append
from weir.runtime.authn import Authenticator
from weir.runtime.http.openapi import document
from weir.runtime.http.route import Route
from weir.runtime.service import Service

load_all_checks()

BUILDS = (build_registry, build_trigger, build_query, build_identity, build_collab, build_approval)
USUAL = 4
EXAMPLES = int(os.environ.get("WEIR_FUZZ", USUAL))
PROJECT = ids.derived("prj", "there")
MEMBER = "member of a project"
# Who may do the most gets furthest, and so asks most often.
EVERYBODY = ("admin", "admin", "admin", "editor", "operator", "viewer", MEMBER)
# These wait for an executor if what they are about is there, and there is none.
ERRANDS = re.compile(r"/credentials/[^/]+/(test|grant)")


def no_fault_of_ours(_ctx: Any, response: Any, _case: Any) -> None:
    """500 and 504 are faults; 503 is an answer."""
    assert response.status_code not in {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.GATEWAY_TIMEOUT,
    }


CHECKS = (
    no_fault_of_ours,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    ignored_auth,
)
DEFINITION = {
    "name": "there",
    "nodes": [{"id": "hook", "type": "webhook", "config": {"scheme": "none"}}],
    "edges": [],
}


class Site(NamedTuple):
    """A house, what is there for the segments of paths, and its document, read once."""

    house: House
    known: dict[str, str]
    api: BaseSchema


def sites() -> Iterator[Site]:
    """All services of the platform that answer HTTP, on memory adapters."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    async def enter() -> House:
        house = await house_on_memory(*BUILDS, limits=("off",)).__aenter__()
        await _join(house)
        return house

    house = do(enter())
    things = _things(house)
    known = things | {"approval_id": do(_asked(house, things["run_id"]))}
    yield Site(house, known, schemathesis.openapi.from_url(f"{house.url}/api/v1/openapi.json"))
    do(house.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


async def _join(house: House) -> None:
    """A project, and somebody with a role in it alone."""
    platform = house.platform
    saved = ProjectSaved(project_id=PROJECT, tenant=TENANT, name="there")
    record = IdentityRecord.of(
        saved, id=platform.clock.new_id("idr"), at="2026-01-01T00:00:00Z", by="test"
    )
    await platform.identity.append(Append(subjects.project(TENANT, PROJECT), codec.encode(record)))
    issuer = Authenticator(platform.identity, platform.clock)
    _, house.keys[MEMBER] = await issuer.issue(
        tenant=TENANT, name=MEMBER, role="editor", by="test", project=PROJECT
    )


async def _asked(house: House, run_id: str) -> str:
    """Something that the run asks people."""
    approval_id = ids.derived("apr", run_id)
    asked = ApprovalAsked(
        approval_id=approval_id,
        run_id=run_id,
        step="ask",
        project=PROJECT,
        asked_at="2026-01-01T00:00:00Z",
        asked=made("approval", {"assignees": "role:viewer", "form": {"type": "object"}}),
    )
    await Book(house.platform.approvals, house.platform.clock).begin(TENANT, asked, "system")
    return approval_id


def _things(house: House) -> dict[str, str]:
    bearer = {"Authorization": f"Bearer {house.keys['admin']}"}

    def make(path: str, body: Any) -> Any:
        return requests.post(house.url + path, json=body, headers=bearer, timeout=10).json()

    workflow = make(f"/api/v1/workflows?project={PROJECT}", DEFINITION)["id"]
    version = make(f"/api/v1/workflows/{workflow}/versions", {})
    make("/api/v1/credentials", {"name": "there", "type": "http", "fields": {"a": "b"}})
    run = make(f"/api/v1/workflows/{workflow}/runs", {})
    return {
        "workflow_id": workflow,
        "version": version["version"],
        "webhook_id": version["webhooks"][0]["id"],
        "name": "there",
        "run_id": run["run_id"],
        "type": "if",
        "project_id": PROJECT,
    }


def services(*names: str) -> list[Service]:
    """Those of a house that have these names."""
    return [one for one in house_on_memory(*BUILDS).services if one.name in names]


def operations(*names: str) -> list[tuple[str, str]]:
    """Path and method of all that these services answer."""
    routes: list[Route] = [route for service in services(*names) for route in service.routes]
    paths = document(routes, version="0")["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


def ask_everything(site: Site, path: str, method: str) -> None:
    """Generated requests of everybody; some name things that exist, the others do not."""
    house = site.house

    @settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES == USUAL,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=site.api[path][method.upper()].as_strategy(),
        there=st.booleans(),
        who=st.sampled_from(EVERYBODY),
    )
    def ask(case: Any, who: str, *, there: bool) -> None:
        if there and not ERRANDS.search(path):
            named = case.path_parameters or {}
            known = site.known
            case.path_parameters = {name: known.get(name, value) for name, value in named.items()}
        if str((case.query or {}).get("min_sequence", "")).isdigit():
            case.query["min_sequence"] = "1"  # a list waits 2 s for what nobody wrote
        case.headers = dict(case.headers or {})
        case.headers["Authorization"] = f"Bearer {house.keys[who]}"
        case.call_and_validate(checks=CHECKS, timeout=10)

    ask()
