"""Runs of other workflows: what they are given and what is read of them, against what these say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.unit.validation.catalogue import definition, node, wire
from weir.core.validate import Validated, validate
from weir.core.validation.callees import called, callees
from weir.nodes.registry import catalogue

TYPES = catalogue()
WF, VER = "wf_other", "ver_one"
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "sum": {"type": "number"},
        "lines": {"type": "array", "items": {"type": "object", "required": ["sku"]}},
        "kind": {"anyOf": [{"const": "a"}, {"type": "array"}]},
    },
    "required": ["id"],
    "additionalProperties": False,
}
OURS = {
    "properties": {
        "n": {"type": "integer"},
        "text": {"type": "string"},
        "maybe": {"type": ["string", "null"]},
        "list": {"type": "array"},
        "any": {},
    }
}
AT = "/nodes/1/config/input"


YIELDS = {"total": 3, "by": {"name": "{{ vars.x }}"}, "list": [1]}


def checked(
    given: Any,
    reads: str = "x",
    *,
    version: str = VER,
    other: Mapping[str, Any] = MappingProxyType({"output": YIELDS}),
    **more: Any,
) -> Validated:
    """A definition that calls the other one and reads what it yields."""
    config = {"workflow": WF, "input": given, **({"version": version} if version else {})}
    raw = definition(
        node("start", "manual"),
        node("call", "sub_workflow", config=config, **more),
        node("reader", config={"values": {"v": reads}}),
        edges=wire("start > call > reader"),
        input=OURS,
    )
    frozen = {"input_schema": ORDER, **other}
    others = {(WF, version): called(frozen, TYPES, fixed=bool(version))}
    assert callees(raw) == set(others)
    return validate(raw, TYPES, others)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("text", AT),
        (None, AT),
        ([], AT),
        ({"sum": 1}, AT),
        ({"id": 1}, f"{AT}/id"),
        ({"id": "a", "other": "{{ input.any }}"}, AT),
        ({"sum": "{{ input.n }}"}, AT),
        ({"id": "{{ input.n }}"}, f"{AT}/id"),
        ({"id": "{{ input.list }}"}, f"{AT}/id"),
        ({"id": "a", "sum": "{{ input.maybe }}"}, f"{AT}/sum"),
        ({"id": "a", "sum": "is {{ input.n }}"}, f"{AT}/sum"),
        ({"id": "a", "lines": "{{ input.text }}"}, f"{AT}/lines"),
        ({"id": "a", "lines": [{"sku": "{{ input.any }}"}, {}]}, f"{AT}/lines/1"),
        ({"id": "a", "kind": "b"}, f"{AT}/kind"),
        ("{{ input.n }}", AT),
    ],
)
def test_an_input_that_cannot_be_taken_is_found(given: Any, path: str) -> None:
    """An error at its place for a version that is named, a warning for the current one."""
    for version, fixed in ((VER, True), ("", False)):
        found = checked(given, version=version)
        to, others = (found.errors, found.warnings)[:: 1 if fixed else -1]
        assert [(one.code, one.path, one.node) for one in to] == [("TYPE_MISMATCH", path, "call")]
        assert (found.frozen is None) == fixed
        assert WF in to[0].message
        assert not others


@pytest.mark.parametrize(
    "given",
    [
        {"id": "a", "sum": 1, "lines": [{"sku": 1}]},
        {"id": "{{ input.text }}", "sum": "{{ input.n }}"},
        {"id": "{{ input.maybe }}", "lines": "{{ input.list }}"},
        {"id": "n {{ input.n }}", "kind": "{{ input.text }}"},
        {"id": "{{ string(input.n) }}", "kind": ["{{ input.n }}"]},
        {"id": "a", "lines": ["{{ input.any }}"]},
        "{{ input.any }}",
        "{{ input }}",
    ],
)
def test_what_may_be_taken_is_let_through(given: Any) -> None:
    """Nothing is claimed that is not sure."""
    found = checked(given)
    assert (found.errors, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("reads", "code"),
    [
        ("{{ steps.call.total + 1 }}", ""),
        ("{{ steps.call.by.name.first }}", ""),
        ("{{ steps.call.list[0].x }}", ""),
        ("{{ steps.call.totl }}", "FIELD_UNKNOWN"),
        ("{{ steps.call.total.x }}", "FIELD_UNKNOWN"),
        ("{{ steps.call.by.nam }}", "FIELD_UNKNOWN"),
    ],
)
def test_what_a_run_yields_is_known(reads: str, code: str) -> None:
    """As the version that is named makes it."""
    found = checked({"id": "a"}, reads)
    assert [(one.code, one.node) for one in found.errors] == ([(code, "reader")] if code else [])
    assert found.warnings == ()


def test_of_a_current_version_only_the_names_are_known() -> None:
    """It may be another one tomorrow: what it does not name is a warning, and a type is none."""
    found = checked({"id": "a"}, "{{ [steps.call.totl, steps.call.total.x] }}", version="")
    assert found.errors == ()
    assert [one.code for one in found.warnings] == ["FIELD_UNDECLARED"]


@pytest.mark.parametrize("more", [{"on_error": "ask"}, {"output_schema": {"type": "object"}}])
def test_who_says_otherwise_is_believed(more: dict[str, Any]) -> None:
    """A person may give any output, and a schema of the node's own goes first."""
    assert checked({"id": "a"}, "{{ steps.call.anything }}", **more).errors == ()


def test_a_failure_that_is_let_pass_may_be_read() -> None:
    """Instead of the output there is the error then."""
    found = checked({"id": "a"}, "{{ steps.call.error.code }}", on_error="continue")
    assert found.errors == ()


def ending(*nodes: dict[str, Any], edges: list[dict[str, Any]]) -> dict[str, Any]:
    """A version that has no `output` of its own."""
    made = validate(definition(*nodes, edges=edges), TYPES)
    frozen = made.frozen
    assert frozen is not None, made.errors
    return {"nodes": frozen["nodes"], "edges": frozen["edges"]}


CALL = {"url": "https://example.org"}
LAST = ending(
    node("go", "manual"),
    node("sum", config={"values": {"total": 1, "by": {"name": "x"}}}),
    node("check", "if"),
    node("maybe", "http_request", config=CALL),
    node("passed", "http_request", config=CALL, on_error="continue"),
    node("asked", "http_request", config=CALL, on_error="ask"),
    node("off", disabled=True),
    node("each", "for_each", config={"items": [1]}),
    node("in_each", parent="each"),
    node("book", "http_request", config=CALL, compensate="unbook"),
    node("unbook", "http_request", config=CALL),
    edges=wire(
        "go > sum", "go > check", "check.true > maybe", "check.false > passed", "go > asked",
        "go > off", "go > each", "go > book",
    ),
)  # fmt: skip
ONE = node("one", "output", config={"value": {"total": 1}})
TWO = node("two", "output", config={"value": "text"})
GO, IF = node("go", "manual"), node("check", "if")
EITHER = wire("go > check", "check.true > one", "check.false > two")
FIXED = "FIELD_UNKNOWN"


@pytest.mark.parametrize(
    ("other", "reads", "code"),
    [
        *((LAST, reads, "") for reads in (
            *("sum.total", "sum.by.name", "maybe.status", "passed.error.code", "passed.body.x"),
            *("asked.anything", "each", "book.status"),
        )),
        *((LAST, reads, FIXED) for reads in (
            *("total", "sum.totl", "sum.by.nam", "maybe.stat", "passed.stat", "off", "go", "check"),
            *("in_each", "unbook", "each.first"),
        )),
        (ending(GO, ONE, edges=wire("go > one")), "total", ""),
        (ending(GO, ONE, edges=wire("go > one")), "one", FIXED),
        (ending(GO, TWO, edges=wire("go > two")), "two", FIXED),
        (ending(GO, ONE, TWO, edges=wire("go > one > two")), "one.total", ""),
        (ending(GO, ONE, TWO, edges=wire("go > one > two")), "total", FIXED),
        # Now one alone, now the other: anything may come.
        (ending(GO, IF, ONE, TWO, edges=EITHER), "x", ""),
        (ending(GO, node("hook", "webhook"), ONE, edges=wire("go > one", "hook > one")), "x", ""),
        (ending(GO, ONE, TWO | {"disabled": True}, edges=wire("go > one > two")), "one", FIXED),
        (ending(GO, node("a"), ONE | {"disabled": True}, edges=wire("go > a > one")), "a", FIXED),
    ],
)  # fmt: skip
def test_what_runs_without_an_output_of_their_own_yield_is_known(
    other: Mapping[str, Any], reads: str, code: str
) -> None:
    """The value of an output node, or what the last steps came to, where every run has it so."""
    found = checked({"id": "a"}, f"{{{{ steps.call.{reads} }}}}", other=other)
    assert [one.code for one in found.errors] == ([code] if code else [])
    assert found.warnings == ()


def test_of_a_current_version_the_last_steps_are_known() -> None:
    """By their ids; another one that is read is a warning."""
    reads = "{{ [steps.call.sum.x, steps.call.total] }}"
    found = checked({"id": "a"}, reads, version="", other=LAST)
    assert found.errors == ()
    assert [one.code for one in found.warnings] == ["FIELD_UNDECLARED"]


@pytest.mark.parametrize("raw", [{}, {"nodes": 5}, {"nodes": [1, {"type": "sub_workflow"}]}])
def test_a_broken_definition_calls_nobody(raw: Any) -> None:
    """Whatever it is."""
    assert callees(raw) == set()
