"""Definitions turned into versions to try out."""

from __future__ import annotations

from typing import Any

import pytest

from weir.core.expressions import INLINE_BUDGET, Scope, compile_template
from weir.core.trial import TrialError, literal, trial
from weir.core.validate import validate
from weir.nodes.registry import catalogue

DEFINITION: dict[str, Any] = {
    "name": "Tried",
    "settings": {
        "callback": {"url": "https://example.org", "secret": "{{ credentials.x }}"},
        "concurrency": {"key": "{{ input.k }}"},
        "labels": {"team": "ops"},
    },
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "fetch", "type": "set", "config": {"values": {"rows": [1]}}},
        {"id": "which", "type": "if", "config": {"condition": "{{ input.ok == true }}"}},
        {"id": "each", "type": "for_each", "config": {"items": "{{ steps.fetch.rows }}"}},
        {
            "id": "inner",
            "type": "set",
            "parent": "each",
            "config": {"values": {"v": "{{ item }}"}},
        },
        {"id": "done", "type": "output", "config": {"value": "{{ steps.each }}"}},
    ],
    "edges": [
        {"source": "start", "target": "fetch"},
        {"source": "fetch", "target": "which"},
        {"source": "which", "source_port": "true", "target": "each"},
        {"source": "each", "target": "done"},
    ],
}


def frozen() -> dict[str, Any]:
    """The definition as publishing would freeze it."""
    found = validate(DEFINITION, catalogue())
    assert found.frozen is not None, found.errors
    return found.frozen


def by_id(tried: dict[str, Any]) -> dict[str, Any]:
    """Its nodes."""
    return {node["id"]: node for node in tried["nodes"]}


def test_a_pinned_node_gives_its_data_and_nothing_else_changes() -> None:
    """Whatever the data is; the other nodes are what they were."""
    before = frozen()
    tried = trial(before, {"fetch": [1, "{{ x }}"]})
    nodes = by_id(tried)
    assert nodes["fetch"]["type"] == "set"
    template = compile_template(nodes["fetch"]["config"]["values"])
    assert template.evaluate(Scope({}, 0, ""), INLINE_BUDGET) == [1, "{{ x }}"]
    assert nodes["done"] == by_id(before)["done"]
    assert tried["edges"] == before["edges"]


def test_a_trial_is_no_published_version_and_tells_nobody() -> None:
    """Its content is another one, without callback, shared limits and dead letters."""
    tried = trial(frozen(), {})
    assert tried != frozen()
    assert tried["trial"] is True
    assert {"callback", "concurrency"}.isdisjoint(tried["settings"])
    assert tried["settings"]["dead_letters"] is False
    assert tried["settings"]["labels"] == {"team": "ops"}


def test_what_stands_in_a_pinned_container_goes_with_it() -> None:
    """Nothing inside is left without its container."""
    assert "inner" not in by_id(trial(frozen(), {"each": ["a"]}))


def test_one_node_runs_alone_behind_what_was_pinned() -> None:
    """Only it and the pinned nodes are there, and they come first."""
    tried = trial(frozen(), {"fetch": {"rows": [7]}}, only="each")
    assert set(by_id(tried)) == {"fetch", "each", "inner"}
    assert tried["edges"] == [{"source": "fetch", "port": "out", "target": "each"}]


@pytest.mark.parametrize(
    ("pins", "only", "why"),
    [
        ({"nobody": 1}, None, "no node"),
        ({"start": 1}, None, "trigger"),
        ({"which": {"condition": True}}, None, "which way"),
        ({}, "nobody", "no node"),
        ({}, "start", "trigger"),
        ({}, "inner", "stands in each"),
    ],
)
def test_what_cannot_be_tried_says_why(pins: dict[str, Any], only: str | None, why: str) -> None:
    """And nothing is made of it."""
    with pytest.raises(TrialError, match=why):
        trial(frozen(), pins, only)


@pytest.mark.parametrize(
    "text", ["{{ a }}", "${a}", "{{", "a {{ b }} ${c.output.d} e", "}}", "{{${"]
)
def test_a_literal_yields_itself(text: str) -> None:
    """However much it looks like an expression."""
    template = compile_template(literal({"k": [text]}))
    assert template.evaluate(Scope({}, 0, ""), INLINE_BUDGET) == {"k": [text]}
