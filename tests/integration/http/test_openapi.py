"""The OpenAPI document is true: generated requests are answered as it says, and never by a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
import requests

from tests.integration.http.generated import Site, ask_everything, operations, sites


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A house with something of everything."""
    yield from sites()


@pytest.mark.parametrize(("path", "method"), operations("registry", "trigger", "query"))
def test_every_operation_answers_as_described(site: Site, path: str, method: str) -> None:
    """Whoever asks, be they allowed or not, and be it there or not."""
    ask_everything(site, path, method)


def test_the_document_is_openapi_3_1(site: Site) -> None:
    """It names every route, its permission, and the refusals it can answer with."""
    told = requests.get(f"{site.house.url}/api/v1/openapi.json", timeout=10).json()
    assert told["openapi"] == "3.1.0"
    start = told["paths"]["/api/v1/workflows/{workflow_id}/runs"]["post"]
    assert start["x-weir-permission"] == "runs:start"
    assert {"200", "202", "401", "404", "409", "422", "500"} <= start["responses"].keys()
    assert {one["name"] for one in start["parameters"]} >= {"Idempotency-Key", "wait"}
    answered = {(method, path) for path, methods in told["paths"].items() for method in methods}
    for service in site.house.services:
        for route in service.routes:
            if route.method != "*":
                assert (route.method.lower(), route.pattern) in answered


def test_methods_nobody_described_are_refused(site: Site) -> None:
    """405 in the usual form, for every path of the document."""
    told = requests.get(f"{site.house.url}/api/v1/openapi.json", timeout=10).json()
    for path in told["paths"]:
        if path.startswith("/hooks/"):
            continue  # any method
        unknown = {"PUT", "PATCH", "DELETE"} - {
            method.upper()
            for other, methods in told["paths"].items()
            # `…/workflows/validate` may also be a workflow of that name.
            if re.fullmatch(re.sub(r"{[^/]+}", "[^/]+", other), path)
            for method in methods
        }
        for method in sorted(unknown):
            answer = requests.request(
                method, site.house.url + path.replace("{", "").replace("}", ""), timeout=10
            )
            assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED, (method, path)
            assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
