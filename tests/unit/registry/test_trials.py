"""Trying out drafts and expressions over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.registry.service import build
from tests.http_house import House, house_on_memory
from tests.unit.registry.test_workflows import BAD, GOOD, WORKFLOWS, YAML, create, items, publish

EVALUATE = "/api/v1/expressions/evaluate"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A registry behind a server."""
    async with house_on_memory(build) as house:
        yield house


async def test_a_trial_is_a_version_in_no_list(house: House) -> None:
    """It can be read by its id, is never current, and publishing the same makes version 1."""
    wf = (await create(house)).body["id"]
    path = f"{WORKFLOWS}/{wf}"
    made = await house.ask("POST", f"{path}/trials", json={"definition": GOOD})
    assert made.status == 201, made.body
    read = await house.ask("GET", f"{path}/versions/{made.body['version']}")
    assert read.status == 200
    assert (read.body["number"], read.body["current"]) == (0, False)
    assert await items(house, f"{path}/versions") == []
    published = await publish(house, wf)
    assert (published.status, published.body["number"]) == (201, 1)
    assert published.body["version"] != made.body["version"]


async def test_the_same_trial_is_one_version(house: House) -> None:
    """However often it is asked for; with no body the stored draft is tried."""
    wf = (await create(house)).body["id"]
    first = await house.ask("POST", f"{WORKFLOWS}/{wf}/trials", json={"definition": GOOD})
    again = await house.ask("POST", f"{WORKFLOWS}/{wf}/trials")
    assert first.body == again.body


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"definition": BAD}, "DEFINITION_INVALID"),
        ({"definition": {"nodes": []}}, "INVALID_REQUEST"),
        ({"pins": {"nobody": 1}}, "INVALID_REQUEST"),
        ({"pins": {"__proto__": 1}}, "INVALID_REQUEST"),
        ({"only": "start"}, "INVALID_REQUEST"),
    ],
)
async def test_what_cannot_be_tried_is_refused(
    house: House, asked: dict[str, Any], code: str
) -> None:
    """With the reason, and nothing is stored."""
    wf = (await create(house)).body["id"]
    before = await house.platform.registry.last_seq()
    answer = await house.ask("POST", f"{WORKFLOWS}/{wf}/trials", json=asked)
    assert (answer.status, answer.code) == (422, code)
    assert await house.platform.registry.last_seq() == before


async def test_who_may_only_look_tries_nothing(house: House) -> None:
    """Trying executes what was never published."""
    wf = (await create(house)).body["id"]
    answer = await house.ask("POST", f"{WORKFLOWS}/{wf}/trials", key="viewer")
    assert answer.status == 403


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ input.a + 1 }}", 2),
        ("a is {{ input.a }}", "a is 1"),
        ({"k": ["{{ steps.x.y }}"]}, {"k": [[1, 2]]}),
        ("plain", "plain"),
    ],
)
async def test_an_expression_is_evaluated_over_what_is_given(
    house: House, value: Any, expected: Any
) -> None:
    """As a run would; whoever may look may ask."""
    scope = {"input": {"a": 1}, "steps": {"x": {"y": [1, 2]}}}
    answer = await house.ask("POST", EVALUATE, json={"value": value, "scope": scope}, key="viewer")
    assert answer.status == 200
    assert (answer.body["ok"], answer.body["value"]) == (True, expected)


@pytest.mark.parametrize(
    ("value", "code", "place"),
    [
        ("{{ input. }}", "EXPRESSION_SYNTAX", ("", 1)),
        ("x {{ steps.parse.total }}", "EXPRESSION_UNRESOLVED", ("", 1)),
        ({"k": "{{ input.a +\n 'x' }}"}, "EXPRESSION_TYPE", ("/k", 1)),
        ("{{ nosuch(1) }}", "EXPRESSION_UNKNOWN_FUNCTION", ("", 1)),
        ("{{ range(100000000) }}", "EXPRESSION_BUDGET", ("", 1)),
        ("{{ credentials.x }}", "EXPRESSION_UNRESOLVED", ("", 1)),
    ],
)
async def test_an_expression_without_a_value_says_where_and_why(
    house: House, value: Any, code: str, place: tuple[str, int]
) -> None:
    """It is an answer, not an error of the request."""
    answer = await house.ask("POST", EVALUATE, json={"value": value, "scope": {"input": {"a": 1}}})
    assert answer.status == 200
    assert answer.body["ok"] is False
    flaw = answer.body["errors"][0]
    assert (flaw["code"], (flaw["path"], flaw["line"])) == (code, place)
    assert flaw["message"]


async def test_the_language_is_told(house: House) -> None:
    """Every function with its signature and help, and the names of the roots."""
    answer = await house.ask("GET", "/api/v1/expressions", key="viewer")
    assert answer.status == 200
    assert {"sha256", "has", "map"} <= {one["name"] for one in answer.body["items"]}
    assert "steps" in answer.body["names"]


async def test_yaml_that_is_checked_comes_back_as_json(house: House) -> None:
    """So that a page can import it without a parser of its own."""
    answer = await house.ask(
        "POST", f"{WORKFLOWS}/validate", data=YAML, headers={"Content-Type": "application/yaml"}
    )
    assert answer.body["definition"] == GOOD
    plain = await house.ask("POST", f"{WORKFLOWS}/validate", json=GOOD)
    assert plain.body.get("definition") is None


async def test_an_older_version_runs_again_and_the_draft_stays(house: House) -> None:
    """By one request; asking twice changes nothing more."""
    made = await create(house)
    wf = made.body["id"]
    path = f"{WORKFLOWS}/{wf}"
    first = (await publish(house, wf)).body["version"]
    other = GOOD | {
        "nodes": [*GOOD["nodes"], {"id": "late", "type": "set", "config": {"values": {}}}]
    }
    other["edges"] = [*GOOD["edges"], {"source": "start", "target": "late"}]
    head = await house.ask("GET", path)
    await house.ask("PUT", path, json=other, headers={"If-Match": head.headers["ETag"]})
    assert (await publish(house, wf)).body["number"] == 2
    again = await house.ask("POST", f"{path}/versions/{first}/current")
    assert (again.status, again.body["number"]) == (200, 1), again.body
    read = await house.ask("GET", path)
    assert (read.body["current_version"], read.body["definition"]) == (first, other)
    twice = await house.ask("POST", f"{path}/versions/{first}/current")
    assert twice.body["revision"] == again.body["revision"]


@pytest.mark.parametrize("version", ["nonsense", "ver_aaaaaaaaaaaaaaaaaaaaaaaaaa", "trial"])
async def test_what_is_no_published_version_never_runs_again(house: House, version: str) -> None:
    """One that was made to be tried out is none."""
    wf = (await create(house)).body["id"]
    if version == "trial":
        tried = await house.ask("POST", f"{WORKFLOWS}/{wf}/trials")
        version = tried.body["version"]
    answer = await house.ask("POST", f"{WORKFLOWS}/{wf}/versions/{version}/current")
    assert (answer.status, answer.code) == (404, "VERSION_NOT_FOUND")


async def test_who_may_only_look_lets_no_version_run_again(house: House) -> None:
    """It changes what runs."""
    wf = (await create(house)).body["id"]
    version = (await publish(house, wf)).body["version"]
    path = f"{WORKFLOWS}/{wf}/versions/{version}/current"
    assert (await house.ask("POST", path, key="viewer")).status == 403
