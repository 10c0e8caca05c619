"""What is told of the difference between two definitions."""

from __future__ import annotations

from typing import Any

from weir.core.drafts.comparing import Change, Field, compare

BEFORE: dict[str, Any] = {
    "name": "A",
    "nodes": [
        {"id": "a", "type": "set", "position": {"x": 1, "y": 1}, "config": {"values": {"x": 1}}},
        {"id": "b", "type": "set", "position": {"x": 1, "y": 1}},
        {"id": "c", "type": "set"},
    ],
    "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}],
    "notes": [{"id": "n", "text": "hi"}],
}


def test_the_four_ways_are_told_apart() -> None:
    """Added, removed, changed with its fields, and moved; an edge is never changed."""
    after = {
        "name": "B",
        "vars": {"k": 1},
        "nodes": [
            {
                "id": "a",
                "type": "set",
                "position": {"x": 9, "y": 1},
                "config": {"values": {"x": 2, "a/b": 1}},
            },
            {"id": "b", "type": "set", "position": {"x": 5, "y": 5}},
            {"id": "d", "type": "set"},
        ],
        "edges": [
            {"source": "a", "source_port": "out", "target": "b"},
            {"source": "b", "target": "d"},
        ],
        "notes": [],
    }
    told = compare(BEFORE, after)
    assert told.added == (Change("node", "d"), Change("edge", "b:out:d"))
    assert told.removed == (Change("node", "c"), Change("edge", "b:out:c"), Change("note", "n"))
    (changed,) = told.changed
    assert changed.id == "a"
    assert Field("/config/values/x", 1, 2) in changed.fields
    assert Field("/config/values/a~1b", None, 1) in changed.fields
    (moved,) = told.moved
    assert moved.id == "b"
    assert set(told.settings) == {Field("/name", "A", "B"), Field("/vars/k", None, 1)}


def test_how_it_is_written_is_no_difference() -> None:
    """Defaults that are said, empty parts and floats that are integers make no difference."""
    after = {
        **BEFORE,
        "vars": {},
        "settings": {"labels": {}},
        "nodes": [
            {**BEFORE["nodes"][0], "position": {"x": 1.0, "y": 1}},
            BEFORE["nodes"][1],
            {**BEFORE["nodes"][2], "config": {}},
        ],
        "edges": [
            {"source": "b", "source_port": "out", "target": "c"},
            {"source": "a", "target": "b"},
        ],
    }
    assert compare(BEFORE, after).is_empty
