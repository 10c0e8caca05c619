"""`weir audit` on a platform as people start it: NATS keeps the chain, Postgres is searched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from tests.integration.cli.conftest import Told, Up, Weir
from tests.waiting import at_last

DEFINITION = {
    "name": "audited",
    "nodes": [{"id": "start", "type": "manual"}],
    "edges": [],
}


def until(weir: Weir, words: list[str], wanted: set[str]) -> list[dict[str, Any]]:
    """What is listed, once these events are in it."""

    def listed() -> list[dict[str, Any]]:
        told = weir("audit", "list", "--json", *words)
        assert told.code == 0, told.err
        items: list[dict[str, Any]] = told.json["items"]
        return items

    return at_last(listed, lambda items: wanted <= {one["event"] for one in items})


def test_what_was_done_is_listed_exported_and_whole(up: Up, weir: Weir, tmp_path: Path) -> None:
    """A workflow is applied and run: list, export and check tell of it."""
    assert up.url
    file = tmp_path / "audited.json"
    file.write_bytes(orjson.dumps(DEFINITION))
    assert weir("apply", str(file)).code == 0
    run: Told = weir("run", "audited", "--wait", "30s", "--json")
    assert run.code == 0, run.err
    wanted = {"workflow.created", "workflow.published", "run.started"}
    items = until(weir, [], wanted)
    assert {one["user_id"][:4] for one in items if one["event"] == "run.started"} == {"key_"}
    named = weir("audit", "list", "--event", "workflow.published")
    assert "workflow.published" in named.out
    assert "run." not in named.out
    lines = weir("audit", "export", "--event", "workflow.").lines
    assert {one["event"] for one in lines} >= {"workflow.created", "workflow.published"}
    checked = weir("audit", "verify", "--json")
    assert (checked.code, checked.json["whole"]) == (0, True)
    again = weir("audit", "verify", "--anchor", checked.json["anchor"])
    assert (again.code, again.out[:5]) == (0, "whole")
    cut = weir("audit", "verify", "--anchor", f"9000:{'0' * 64}")
    assert cut.code == 1
    assert "BROKEN" in cut.out
