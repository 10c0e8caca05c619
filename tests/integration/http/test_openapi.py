"""The OpenAPI document is true: generated requests are answered as it says, and never by a 500.

The server runs on a thread of its own, since the generator asks synchronously.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.query.service import build as build_query
from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import House, house_on_memory
from weir.runtime.http.openapi import document

load_all_checks()

BUILDS = (build_registry, build_trigger, build_query)
EXAMPLES = 15


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


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """All services of the platform that answer HTTP, on memory adapters."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def enter() -> House:
        return await house_on_memory(*BUILDS).__aenter__()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    house = do(enter())
    yield house
    do(house.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture(scope="module")
def known(house: House) -> dict[str, str]:
    """Things that exist, for the segments of paths."""
    bearer = {"Authorization": f"Bearer {house.keys['admin']}"}

    def make(path: str, body: Any) -> Any:
        return requests.post(house.url + path, json=body, headers=bearer, timeout=10).json()

    workflow = make("/api/v1/workflows", DEFINITION)["id"]
    version = make(f"/api/v1/workflows/{workflow}/versions", {})
    make("/api/v1/credentials", {"name": "there", "type": "custom", "fields": {"a": "b"}})
    run = make(f"/api/v1/workflows/{workflow}/runs", {})
    return {
        "workflow_id": workflow,
        "version": version["version"],
        "webhook_id": version["webhooks"][0]["id"],
        "name": "there",
        "run_id": run["run_id"],
        "type": "if",
    }


def _operations() -> list[tuple[str, str]]:
    services = house_on_memory(*BUILDS).services
    routes = [route for service in services for route in service.routes]
    paths = document(routes, version="0")["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(("path", "method"), _operations())
def test_every_operation_answers_as_described(
    house: House, known: dict[str, str], path: str, method: str
) -> None:
    """Some of the requests name things that exist, the others do not."""
    api = schemathesis.openapi.from_url(f"{house.url}/api/v1/openapi.json")

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path][method.upper()].as_strategy(), there=st.booleans())
    def ask(case: Any, *, there: bool) -> None:
        if there:
            named = case.path_parameters or {}
            case.path_parameters = {name: known.get(name, value) for name, value in named.items()}
        if str((case.query or {}).get("min_sequence", "")).isdigit():
            case.query["min_sequence"] = "1"  # a list waits 2 s for what nobody wrote
        case.headers = dict(case.headers or {})
        case.headers["Authorization"] = f"Bearer {house.keys['admin']}"
        case.call_and_validate(checks=CHECKS, timeout=10)

    ask()


def test_the_document_is_openapi_3_1(house: House) -> None:
    """It names every route, its permission, and the refusals it can answer with."""
    told = requests.get(f"{house.url}/api/v1/openapi.json", timeout=10).json()
    assert told["openapi"] == "3.1.0"
    start = told["paths"]["/api/v1/workflows/{workflow_id}/runs"]["post"]
    assert start["x-weir-permission"] == "runs:start"
    assert {"200", "202", "401", "404", "409", "422", "500"} <= start["responses"].keys()
    assert {one["name"] for one in start["parameters"]} >= {"Idempotency-Key", "wait"}
    answered = {
        (method, path) for path, operations in told["paths"].items() for method in operations
    }
    for service in house.services:
        for route in service.routes:
            if route.method != "*":
                assert (route.method.lower(), route.pattern) in answered


def test_methods_nobody_described_are_refused(house: House) -> None:
    """405 in the usual form, for every path of the document."""
    told = requests.get(f"{house.url}/api/v1/openapi.json", timeout=10).json()
    for path, operations in told["paths"].items():
        if path.startswith("/hooks/") or path.endswith("/validate"):
            continue  # any method; and any but POST asks for a workflow of that name
        unknown = {"PUT", "PATCH", "DELETE"} - {method.upper() for method in operations}
        for method in sorted(unknown):
            answer = requests.request(
                method, house.url + path.replace("{", "").replace("}", ""), timeout=10
            )
            assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED, (method, path)
            assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
