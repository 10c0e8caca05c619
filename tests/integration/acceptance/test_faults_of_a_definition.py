"""Twelve faults of twelve kinds, told at once: when checking, when publishing, by `weir`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.integration.acceptance.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEIR = Path(sys.executable).with_name("weir")


def values(name: str, text: str) -> dict[str, Any]:
    """A node that sets one value."""
    return {"id": name, "type": "set", "config": {"values": {"v": text}}}


FAULTY: dict[str, Any] = {
    "name": "Twelve faults",
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "call", "type": "http_reqest", "config": {"url": "https://example.org/"}},
        {"id": "bare", "type": "http_request", "config": {}},
        {"id": "shape", "type": "set", "config": {"values": 5}},
        values("syntax", "{{ 1 + }}"),
        values("name", "{{ inptu.x }}"),
        values("calls", "{{ nope() }}"),
        values("step", "{{ steps.nowhere.x }}"),
        values("secret", "{{ credentials.db }}"),
        {"id": "late", "type": "set", "config": {"values": {}}, "timeout": "soon"},
        values("lonely", "1"),
        values("round", "1"),
        values("about", "1"),
    ],
    "edges": [
        *(
            {"source": "start", "target": name}
            for name in (
                *("call", "bare", "shape", "syntax", "name", "calls", "step"),
                *("secret", "late", "round"),
            )
        ),
        {"source": "round", "target": "about"},
        {"source": "about", "target": "round"},
        {"source": "start", "target": "nobody"},
    ],
}
PLANTED = {
    ("NODE_TYPE_UNKNOWN", "/nodes/1/type", "call"),
    ("CONFIG_MISSING", "/nodes/2/config", "bare"),
    ("CONFIG_INVALID", "/nodes/3/config/values", "shape"),
    ("EXPRESSION_SYNTAX", "/nodes/4/config/values/v", "syntax"),
    ("EXPRESSION_UNKNOWN_NAME", "/nodes/5/config/values/v", "name"),
    ("EXPRESSION_UNKNOWN_FUNCTION", "/nodes/6/config/values/v", "calls"),
    ("STEP_UNKNOWN", "/nodes/7/config/values/v", "step"),
    ("CREDENTIAL_NOT_ALLOWED", "/nodes/8/config/values/v", "secret"),
    ("DURATION_INVALID", "/nodes/9/timeout", "late"),
    ("NODE_UNREACHABLE", "/nodes/10", "lonely"),
    ("DEFINITION_CYCLE", "/nodes/11", "round"),
    ("EDGE_NODE_UNKNOWN", "/edges/12/target", None),
}


def told(errors: list[dict[str, Any]]) -> set[tuple[str, str, str | None]]:
    """What is told; each with words, and with what to do."""
    for error in errors:
        assert error["message"], error
        assert error["advice"], error
    assert len(errors) == len(PLANTED), errors
    return {(error["code"], error["path"], error["node"]) for error in errors}


async def test_checking_tells_all_twelve(house: House) -> None:
    """One answer, a code, a place, a node, a sentence and an advice each."""
    assert len({code for code, _, _ in PLANTED}) == 12
    answer = await house.ask("POST", "/workflows/validate", json=FAULTY)
    assert (answer.status, answer.body["valid"]) == (200, False)
    assert told(answer.body["errors"]) == PLANTED


async def test_publishing_is_refused_with_all_twelve(house: House) -> None:
    """A draft may be saved as it is, with the list; publishing it is 422 with the same list."""
    made = await house.ask("POST", "/workflows", json=FAULTY)
    assert made.status == 201
    assert told(made.body["problems"]) == PLANTED
    answer = await house.ask("POST", f"/workflows/{made.body['id']}/versions")
    assert (answer.status, answer.code) == (422, "DEFINITION_INVALID")
    assert told(answer.body["error"]["details"]["errors"]) == PLANTED
    versions = await house.ask("GET", f"/workflows/{made.body['id']}/versions")
    assert versions.body["items"] == []


async def test_the_command_tells_all_twelve(tmp_path: Path) -> None:
    """`weir validate` names the same places with their lines, and ends with 1."""
    file = tmp_path / "faulty.json"
    file.write_bytes(orjson.dumps(FAULTY, option=orjson.OPT_INDENT_2))

    def validate(*more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - our own
            [WEIR, "validate", str(file), *more], capture_output=True, check=False
        )

    as_json, for_people = await asyncio.gather(
        asyncio.to_thread(validate, "--json"), asyncio.to_thread(validate)
    )
    assert (as_json.returncode, for_people.returncode) == (1, 1)
    (verdict,) = orjson.loads(as_json.stdout)["files"]
    assert told(verdict["errors"]) == PLANTED
    for code, _, _ in PLANTED:
        assert code in for_people.stdout.decode()
