"""The golden documents: bytes that the editor and the platform read alike."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from tests.drafting import document
from weir.core.drafts.reading import read
from weir.core.drafts.shape import root, same

GOLDEN = Path("tests/golden/drafts")
WHOLE = {
    "schema": "weir/v1",
    "name": "Deployment notifier",
    "description": "Tells who has to know.",
    "input": {"type": "object", "properties": {"repo": {"type": "string"}}},
    "output": "{{ steps.tell }}",
    "vars": {"channel": "#deployments", "limit": 3, "ratio": 0.5, "nothing": None},
    "settings": {
        "timeout": "1h",
        "labels": {"team": "ops"},
        "search": {"repo": "{{ input.repo }}"},
        "concurrency": {"key": "{{ input.repo }}", "limit": 1},
    },
    "nodes": [
        {"id": "start", "type": "manual", "position": {"x": 0, "y": 80}},
        {
            "id": "each",
            "type": "for_each",
            "name": "For each host",
            "config": {"items": "{{ input.hosts }}", "concurrency": 5},
            "position": {"x": 320, "y": 80.5},
        },
        {
            "id": "tell",
            "type": "http_request",
            "type_version": 1,
            "name": "Tell",
            "description": "By HTTP",
            "config": {
                "method": "POST",
                "url": "https://example.com/{{ item }}",
                "headers": {"X-Team": "ops", "X-Who": "{{ input.who }} 😀"},
                "body": {"text": "{{ vars.channel }}", "deep": {"list": [1, "{{ x }}"]}},
                "retry_on": [502, 503],
                "cases": [{"name": "a", "when": "{{ input.a > 1 }}"}, {"name": "b"}],
                "empty": "",
                "nothing": {},
                "follow": False,
            },
            "position": {"x": 340, "y": 120},
            "join": 2,
            "retry": {"max_attempts": 5, "initial": "1s", "retry_if": "{{ error.code == 'X' }}"},
            "timeout": "30s",
            "queue": "default",
            "on_error": "route",
            "parent": "each",
            "section": "body",
            "compensate": "undo",
            "disabled": True,
        },
        {"id": "undo", "type": "set", "config": {"values": {"a": 1}}, "parent": "each"},
    ],
    "edges": [{"source": "start", "target": "each"}],
    "notes": [
        {
            "id": "n1",
            "text": "Ask before you change this.",
            "position": {"x": 10, "y": -20},
            "size": {"width": 200, "height": 120},
            "color": "yellow",
        }
    ],
}


def _left_over() -> Doc[Any]:
    """What people who worked at the same time leave behind."""
    doc = document(WHOLE)
    nodes, edges = root(doc, "nodes"), root(doc, "edges")
    with doc.transaction():
        del nodes["each"]
        nodes["a"] = Map({"type": "set", "parent": "b", "config": Map({}), "retry": Map({})})
        nodes["b"] = Map({"type": "set", "parent": "a", "order": 0.5})
        nodes["c"] = Map({"type": "set", "compensate": "gone", "config": Map({"t": Text("")})})
        edges["start:true:c"] = {"source": "start", "source_port": "true", "target": "c"}
        edges["copy"] = {"source": "start", "source_port": "true", "target": "c"}
        root(doc, "settings")["labels"] = Map({})
        root(doc, "meta")["output"] = Text("")
    return doc


MADE = {"whole": lambda: document(WHOLE), "left-over": _left_over}


@pytest.mark.parametrize("name", MADE)
def test_a_golden_document_is_read(name: str) -> None:
    """The bytes in the file give the definition and the report in the file."""
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    doc: Doc[Any] = Doc()
    doc.apply_update(base64.b64decode(golden["update"]))
    told = read(doc)
    assert same(told.definition, golden["definition"])
    assert [{"code": one.code, "id": one.id} for one in told.dropped] == golden["dropped"]


@pytest.mark.parametrize("name", MADE)
def test_a_golden_document_is_still_made_so(name: str) -> None:
    """What the platform makes today gives what the file says."""
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert same(read(MADE[name]()).definition, golden["definition"])


def write() -> None:
    """Print the files anew: python -m tests.unit.drafts.test_golden."""
    for name, make in MADE.items():
        doc = make()
        told = read(doc)
        value = {
            "update": base64.b64encode(doc.get_update()).decode(),
            "definition": told.definition,
            "dropped": [{"code": one.code, "id": one.id} for one in told.dropped],
        }
        (GOLDEN / f"{name}.json").write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write()
