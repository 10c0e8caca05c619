"""`weir events` and `weir subscriptions` on a whole platform; letters of what starts nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from tests.integration.cli.conftest import Weir
from tests.waiting import at_last
from weir.cli.exits import Code

SUBJECT = "cli.orders"
LISTENS = {
    "name": "Listens for the command line",
    "input": {"type": "object", "properties": {"amount": {"type": "integer", "maximum": 10}}},
    "nodes": [
        {"id": "heard", "type": "event", "config": {"subject": f"{SUBJECT}.>"}},
        {"id": "kept", "type": "set", "config": {"values": {"n": "{{ input.amount }}"}}},
    ],
    "edges": [{"source": "heard", "target": "kept"}],
    "settings": {"search": {"amount": "{{ input.amount }}"}},
}


def test_the_bus_from_the_command_line(weir: Weir, tmp_path: Path) -> None:
    """What is published starts runs once; a subscription is listed, shown, paused and replayed."""
    _apply(weir, tmp_path, LISTENS)
    (listed,) = _subscriptions(weir, 1)
    name = listed["id"]
    assert f"{SUBJECT}.>" in weir("subscriptions", "list", "--workflow", str(LISTENS["name"])).out
    assert weir("subscriptions", "list", "--workflow", "nobody's").code != Code.OK

    told = weir("events", "publish", f"{SUBJECT}.new", '{"amount": 1}', "--id", "one")
    assert (told.code, told.out.split()[0]) == (Code.OK, f"{SUBJECT}.new")
    again = ("events", "publish", f"{SUBJECT}.new", '{"amount": 1}', "--id", "one", "--json")
    first = weir(*again).json  # stored once more, and told apart by its id
    assert first["subject"] == f"{SUBJECT}.new"
    typed = ("events", "publish", f"{SUBJECT}.new", "-", "--type", "order.new")
    read = weir(*typed, given='{"amount": 2}')
    assert read.code == Code.OK
    assert weir("events", "publish", f"{SUBJECT}.new", "no JSON").code != Code.OK
    assert weir("events", "publish", "no subject!", "{}").code != Code.OK
    at_last(lambda: [_ended(weir, amount) for amount in (1, 2)] == [1, 1])

    paused = weir("subscriptions", "pause", name, "--reason", "a test")
    assert (paused.code, f"{name} paused" in paused.out) == (Code.OK, True)
    shown = weir("subscriptions", "show", name).json
    assert (shown["enabled"], shown["started"]) == (False, 2)
    weir("events", "publish", f"{SUBJECT}.new", '{"amount": 3}')
    at_last(lambda: weir("subscriptions", "show", name).json["waiting"] == 1)
    resumed = weir("subscriptions", "resume", name, "--json").json
    assert resumed["enabled"]
    at_last(lambda: _ended(weir, 3) == 1)

    replay = ("subscriptions", "replay", name, "--sequence", first["sequence"])
    assert weir(*replay, "--reason", "once more", "--json").json["id"] == name
    at_last(lambda: [_ended(weir, amount) for amount in (1, 2, 3)] == [2, 2, 2])
    assert weir("subscriptions", "show", "sub_nothing").code != Code.OK


def test_letters_of_events(weir: Weir, tmp_path: Path) -> None:
    """In the database as those of runs: listed, shown, tried again, given up, one each."""
    definition = {**LISTENS, "name": "Listens to what it cannot take"}
    definition["nodes"] = [
        {"id": "heard", "type": "event", "config": {"subject": "cli.letters.>"}},
        LISTENS["nodes"][1],  # type: ignore[index]
    ]
    _apply(weir, tmp_path, definition)
    for amount in (50, 60):
        weir("events", "publish", "cli.letters.new", orjson.dumps({"amount": amount}).decode())
    given = ("dead-letters", "list", "--workflow", str(definition["name"]), "--json")
    at_last(lambda: len(weir(*given).json["items"]) == 2)
    two, one = weir(*given).json["items"]  # the last first
    shown = weir("dead-letters", "show", one["id"], "--json").json
    assert (shown["reason"], shown["error"]["code"], shown["run_id"]) == (
        *("event", "INPUT_INVALID"),
        None,
    )
    assert (shown["payload"]["kind"], shown["payload"]["content"]) == ("event", {"amount": 50})
    refused = weir("dead-letters", "retry", one["id"], "--reason", "too soon", "--json")
    assert refused.code != Code.OK
    assert len(weir(*given).json["items"]) == 2

    _apply(weir, tmp_path, {**definition, "input": {"type": "object"}})

    def retried() -> bool:
        told = weir("dead-letters", "retry", one["id"], "--reason", "mended", "--json")
        return told.code == Code.OK and told.json["new_run_id"].startswith("run_")

    at_last(retried)
    given_up = weir("dead-letters", "discard", two["id"], "--reason", "a test", "--json")
    assert given_up.code == Code.OK
    at_last(lambda: weir(*given).json["items"] == [])
    every = weir(*given, "--status", "open,retried,discarded").json["items"]
    assert {item["id"]: item["status"] for item in every} == {
        one["id"]: "retried",
        two["id"]: "discarded",
    }
    (run,) = weir("runs", "--workflow", str(definition["name"]), "--json").json["items"]
    assert run["trigger"]["kind"] == "event"


def _apply(weir: Weir, tmp_path: Path, definition: dict[str, Any]) -> None:
    file = tmp_path / "listens.json"
    file.write_bytes(orjson.dumps(definition))
    told = weir("apply", str(file))
    assert told.code == Code.OK, told.err


def _subscriptions(weir: Weir, count: int) -> list[dict[str, Any]]:
    """Those of the workflow, once there are so many."""
    words = ("subscriptions", "list", "--workflow", str(LISTENS["name"]), "--json")
    at_last(lambda: len(weir(*words).json["items"]) == count)
    items: list[dict[str, Any]] = weir(*words).json["items"]
    return items


def _ended(weir: Weir, amount: int) -> int:
    """How many of its runs with this input have ended well."""
    words = ("runs", "--status", "succeeded", "--attribute", f"amount={amount}", "--json")
    return len(weir(*words, "--workflow", str(LISTENS["name"])).json["items"])
