"""Publishing a workflow that starts runs of another one: what that declares is held against it."""

from __future__ import annotations

from typing import Any

from tests.http_house import House
from tests.unit.registry.test_workflows import WORKFLOWS, create, house, publish

__all__ = ["house"]

CHILD: dict[str, Any] = {
    "name": "Child",
    "input": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    "nodes": [{"id": "start", "type": "manual"}],
    "output": {"total": 1},
}


def parent(given: Any, reads: str = "total", **call: str) -> dict[str, Any]:
    """A definition that calls it and reads a field of what comes."""
    return {
        "name": "Parent",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "call", "type": "sub_workflow", "config": {"input": given, **call}},
            {"id": "end", "type": "output", "config": {"value": f"{{{{ steps.call.{reads} }}}}"}},
        ],
        "edges": [{"source": "start", "target": "call"}, {"source": "call", "target": "end"}],
    }


async def _child(house: House) -> dict[str, str]:
    made = await create(house, CHILD)
    version = (await publish(house, made.body["id"])).body["version"]
    return {"workflow": made.body["id"], "version": version}


async def test_a_call_of_a_named_version_is_checked_at_publish(house: House) -> None:
    """What it cannot take keeps the caller from being published, with its place."""
    call = await _child(house)
    wrong = await create(house, parent({"id": 5}, "totl", **call))
    told = {(one["code"], one["path"]) for one in wrong.body["problems"]}
    assert told == {
        ("TYPE_MISMATCH", "/nodes/1/config/input/id"),
        ("FIELD_UNKNOWN", "/nodes/2/config/value"),
    }
    refused = await publish(house, wrong.body["id"])
    assert (refused.status, refused.code) == (422, "DEFINITION_INVALID")
    right = await create(house, parent({"id": "a"}, **call))
    assert right.body["problems"] == []
    assert (await publish(house, right.body["id"])).status == 201


async def test_a_call_of_a_current_version_is_warned_about(house: House) -> None:
    """It can be mended by publishing the other one, so this one is published."""
    call = await _child(house)
    del call["version"]
    wrong = parent({}, **call)
    checked = await house.ask("POST", f"{WORKFLOWS}/validate", json=wrong)
    assert (checked.body["valid"], checked.body["errors"]) == (True, [])
    made = await publish(house, (await create(house, wrong)).body["id"])
    assert made.status == 201
    for warnings in (checked.body["warnings"], made.body["warnings"]):
        assert [(one["code"], one["node"]) for one in warnings] == [("TYPE_MISMATCH", "call")]


async def test_what_is_not_there_is_not_judged(house: House) -> None:
    """No such workflow, none of its versions, never published, of another workflow."""
    call = await _child(house)
    other = (await create(house, CHILD)).body["id"]
    for named in (
        {"workflow": other},
        {"workflow": "wf_none"},
        {"workflow": call["workflow"], "version": "ver_none"},
        {"workflow": other, "version": call["version"]},
    ):
        made = await create(house, parent({"id": 5}, **named))
        assert made.body["problems"] == []
