"""Declared inputs and outputs, held against those who read them; with the node types there are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.validation.catalogue import definition, node, wire
from weir.core.validate import validate
from weir.core.validation.schemas import Missing, Promise
from weir.nodes.registry import catalogue

START = node("start", "manual")
FETCH = node("fetch", "http_request")
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
        "address": {"type": ["object", "null"], "properties": {"street": {}}},
    },
    "additionalProperties": False,
    "$defs": {
        "line": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}},
            "additionalProperties": False,
        }
    },
}


def after(text: str, *before: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A `set` that reads this after these."""
    reader = node("reader", config={"values": {"v": text}})
    names = [one["id"] for one in (START, *before, reader)]
    return definition(START, *before, reader, edges=wire(" > ".join(names)), **rest)


AT = "/nodes/2/config/values/v"
PROMISES: list[tuple[str, Any, str]] = [
    ("FIELD_UNKNOWN", after("{{ steps.fetch.state }}", FETCH), AT),
    ("FIELD_UNKNOWN", after("{{ steps.fetch.status.code }}", FETCH), AT),
    (
        "FIELD_UNKNOWN",
        after("{{ 1 + steps.a.tottal * 2 }}", node("a", config={"values": {"total": 1}})),
        AT,
    ),
    (
        "FIELD_UNKNOWN",
        after("{{ steps.a.total.x }}", node("a", config={"values": {"total": 1}})),
        AT,
    ),
    ("FIELD_UNKNOWN", after("{{ input.idd }}", FETCH, input=ORDER), AT),
    ("FIELD_UNKNOWN", after("{{ trigger.payload.idd }}", FETCH, input=ORDER), AT),
    ("FIELD_UNKNOWN", after("{{ input.lines.sku }}", FETCH, input=ORDER), AT),
    ("FIELD_UNKNOWN", after("{{ vars.chat }}", FETCH, vars={"channel": "#x"}), AT),
    (
        "FIELD_UNKNOWN",
        after("{{ steps.fetch.id.x }}", {**FETCH, "output_schema": ORDER}),
        AT,
    ),
    (
        "FIELD_UNKNOWN",
        definition(START, edges=[], input=ORDER, output="{{ input.nope }}"),
        "/output",
    ),
    (
        "FIELD_UNKNOWN",
        definition(
            START,
            node("each", "for_each", config={"items": "{{ input.lines }}"}),
            node("reader", parent="each", config={"values": {"v": "{{ item.skuu }}"}}),
            edges=wire("start > each"),
            input=ORDER,
        ),
        AT,
    ),
    (
        "FIELD_UNKNOWN",
        definition(
            START,
            node(
                "each", "for_each", config={"items": "{{ input.lines }}", "output": "{{ item.x }}"}
            ),
            node("reader", parent="each"),
            edges=wire("start > each"),
            input=ORDER,
        ),
        "/nodes/1/config/output",
    ),
    (
        "TYPE_MISMATCH",
        definition(
            START,
            node("each", "for_each", config={"items": "{{ input.id }}"}),
            node("a", parent="each"),
            edges=wire("start > each"),
            input=ORDER,
        ),
        "/nodes/1/config/items",
    ),
    (
        "TYPE_MISMATCH",
        definition(
            START,
            node("f", "http_request", config={"url": "{{ input.lines }}"}),
            edges=wire("start > f"),
            input=ORDER,
        ),
        "/nodes/1/config/url",
    ),
    (
        "TYPE_MISMATCH",
        definition(
            START,
            node("f", "http_request", config={"url": "x", "headers": "{{ input.id }}"}),
            edges=wire("start > f"),
            input=ORDER,
        ),
        "/nodes/1/config/headers",
    ),
    (
        "TYPE_MISMATCH",
        definition(
            START,
            FETCH,
            node("c", "if", config={"condition": "{{ steps.fetch.status }}"}),
            edges=wire("start > fetch > c"),
        ),
        "/nodes/2/config/condition",
    ),
]


@pytest.mark.parametrize(("code", "raw", "path"), PROMISES)
def test_what_cannot_be_is_an_error(code: str, raw: Any, path: str) -> None:
    """At its place, alone, with what there is instead."""
    checked = validate(raw, catalogue())
    assert [(e.code, e.path) for e in checked.errors] == [(code, path)]
    assert checked.errors[0].advice
    assert checked.warnings == ()


@pytest.mark.parametrize(
    "raw",
    [
        after("{{ input.colour }}", FETCH, input={"properties": {"color": {}}}),
        after(
            "{{ steps.fetch.idd }}",
            {**FETCH, "output_schema": {"type": "object", "properties": {"id": {}}}},
        ),
    ],
)
def test_what_is_not_declared_is_a_warning(raw: Any) -> None:
    """Where other fields are allowed, it may be there all the same."""
    checked = validate(raw, catalogue())
    assert checked.errors == ()
    assert [(w.code, w.path) for w in checked.warnings] == [("FIELD_UNDECLARED", AT)]


@pytest.mark.parametrize(
    "raw",
    [
        after("{{ steps.fetch.body.anything.at.all }}", FETCH),
        after("{{ steps.fetch.headers['x-id'] }}", FETCH),
        after("{{ has(steps.fetch.nope) }}", FETCH),
        after("{{ has(input.nope) && input.nope.deep > 3 }}", FETCH, input=ORDER),
        after("{{ get(input, 'nope', 1) }}", FETCH, input=ORDER),
        after("{{ input.lines[0].sku + input.id }}", FETCH, input=ORDER),
        after("{{ input.lines.map(l, l.nope) }}", FETCH, input=ORDER),
        after("{{ input.address.street }}", FETCH, input=ORDER),
        after("{{ input.anything }}", FETCH),
        after(
            "{{ input.x }}",
            FETCH,
            input={"type": "object", "required": ["x"], "properties": {"y": {}}},
        ),
        after("{{ input.x }}", FETCH, input={"anyOf": [{"required": ["x"]}, {}]}),
        after("{{ input.x }}", FETCH, input=True),
        after("{{ input.x.y }}", FETCH, input={"$ref": "#"}),
        after("{{ steps.a.v.w }}", node("a", config={"values": {"v": "{{ input }}"}})),
        after("{{ steps.a.v }}", node("a", config={"values": "{{ input }}"})),
        after("{{ steps.fetch.nope }}", {**FETCH, "on_error": "ask"}),
        after("{{ steps.fetch.error.code }}", {**FETCH, "on_error": "continue"}),
        after("{{ vars.n }}", node("a", "set_variables", config={"values": {"n": 1}})),
        after("{{ vars.n }}", node("a", "set_variables", config={"values": "{{ input }}"})),
        definition(
            START,
            node("f", "http_request", config={"url": "{{ input.id }}", "timeout": "{{ input.n }}"}),
            edges=wire("start > f"),
            input={"properties": {"id": {"type": "integer"}, "n": {"type": ["null", "array"]}}},
        ),
        definition(
            node("start", "webhook", config={"filter": "{{ input.other == 1 }}"}),
            edges=[],
            input=ORDER,
        ),
        definition(
            START,
            node("each", "for_each", config={"items": "{{ input.lines }}", "batch": 2}),
            node("a", parent="each", config={"values": {"v": "{{ item[0].sku }}"}}),
            node("again", "while", parent="each", config={"condition": "{{ item[0].qty > acc }}"}),
            node("b", parent="again"),
            edges=wire("start > each"),
            input=ORDER,
        ),
    ],
)
def test_what_may_be_is_let_through(raw: Any) -> None:
    """Nothing is claimed that is not sure."""
    checked = validate(raw, catalogue())
    assert (checked.errors, checked.warnings) == ((), ())


def test_a_schema_is_followed_by_its_own_references() -> None:
    """Into lists and named parts; a circle of references says nothing."""
    order = Promise(ORDER, ORDER)
    line = order.follow(["lines"])
    assert isinstance(line, Promise)
    assert line.types() == {"array"}
    qty = line.items().follow(["qty"])
    assert isinstance(qty, Promise)
    assert qty.types() == {"integer"}
    assert line.items().follow(["skuu"]) == Missing(0, True, ("sku", "qty"))
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert isinstance(Promise(circle, circle).follow(["x"]), Promise)
