"""`weir dead-letters` on a whole platform: listed, shown, retried, discarded."""

from __future__ import annotations

from pathlib import Path

import orjson

from tests.integration.cli.conftest import Weir
from tests.waiting import at_last
from weir.cli.exits import Code

FAILS = {
    "name": "Fails for the letters",
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "stop", "type": "fail", "config": {"code": "STOPPED", "message": "on purpose"}},
    ],
    "edges": [{"source": "start", "target": "stop"}],
    "settings": {"search": {"order": "{{ input.order }}"}},
}


def test_letters_are_dealt_with(weir: Weir, tmp_path: Path) -> None:
    """One by its id, the others by a filter; nothing without saying which."""
    file = tmp_path / "fails.json"
    file.write_bytes(orjson.dumps(FAILS))
    assert weir("apply", str(file)).code == Code.OK
    for order in (1, 2):
        ran = weir("run", FAILS["name"], "--input", f'{{"order": {order}}}', "--wait", "20s")
        assert ran.code == Code.FAILED
    one, two = _open(weir, 2)
    found = weir("runs", "--attribute", "order=2", "--json").json["items"]
    assert [run["id"] for run in found] == [one["run_id"]]
    shown = weir("dead-letters", "show", two["id"], "--json").json
    assert (shown["error"]["code"], shown["payload"]["input"]) == ("STOPPED", {"order": 1})
    retried = weir("dead-letters", "retry", two["id"], "--reason", "again", "--json").json
    assert retried["new_run_id"].startswith("run_")
    assert weir("dead-letters", "discard", "--reason", "x").code == Code.USAGE
    words = ("dead-letters", "discard", "--reason", "test", "--run", one["run_id"])
    assert weir(*words, "--dry-run", "--json").json["done"] == 0
    told = weir(*words)
    assert (told.code, told.out.splitlines()[-1]) == (
        Code.OK,
        "1 matched, 1 done, 0 refused",
    )
    assert "STOPPED" in weir("dead-letters", "list", "--status", "open,retried,discarded").out


def _open(weir: Weir, count: int) -> list[dict[str, str]]:
    """The open letters, once there are so many."""
    words = ("dead-letters", "list", "--workflow", str(FAILS["name"]), "--json")
    return at_last(lambda: weir(*words).json["items"], lambda items: len(items) >= count)
