"""The frozen form and the name of a version."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.validation.catalogue import CATALOGUE, definition, node, wire
from weir.contract import ids
from weir.core.graph import compile_graph
from weir.core.validate import validate, version_of

RAW = definition(
    node("start", "webhook", position={"x": 1, "y": 2}, name="Begin"),
    node(
        "call",
        "http_request",
        config={"url": "{{ input.url }}", "auth": "{{ credentials.key }}"},
        retry={"max_attempts": 2, "initial": "PT0.5S", "retry_if": "error.code == 'HTTP_503'"},
        timeout="1h30m",
        queue="slow",
        on_error="route",
    ),
    node("check", "if", join="any"),
    node("end", "output", disabled=True),
    edges=wire("start > call", "call.error > check", "call > check", "check.true > end"),
    vars={"channel": "#x"},
    input={"type": "object"},
    output="${call.output.status}",
    settings={"timeout": "2d", "labels": {"team": "ops"}},
    notes=[{"id": "n1", "text": "hello", "position": {"x": 0, "y": 0}}],
    description="Says hello",
)


def frozen(raw: dict[str, Any]) -> dict[str, Any]:
    """The frozen form of a definition that is right."""
    found = validate(raw, CATALOGUE)
    assert found.errors == ()
    assert found.frozen is not None
    return found.frozen


def test_the_frozen_form_has_all_that_running_needs() -> None:
    """Defaults of the types, durations in ms, ports and kinds; nothing that only people read."""
    assert frozen(RAW) == {
        "schema": "weir/frozen/v1",
        "name": "Test",
        "vars": {"channel": "#x"},
        "input_schema": {"type": "object"},
        "output": "${call.output.status}",
        "settings": {"timeout_ms": 172_800_000.0, "labels": {"team": "ops"}, "search": {}},
        "nodes": [
            {
                "id": "call",
                "type": "http_request",
                "type_version": 2,
                "kind": "task",
                "ports": ["out", "error"],
                "config": {"url": "{{ input.url }}", "auth": "{{ credentials.key }}"},
                "secret_fields": ["auth"],
                "join": "all",
                "retry": {
                    "max_attempts": 2,
                    "initial_ms": 500.0,
                    "factor": 2.0,
                    "max_ms": 60_000,
                    "jitter": 0.2,
                    "retry_if": "{{ error.code == 'HTTP_503'\n}}",
                },
                "timeout_ms": 5_400_000.0,
                "queue": "slow",
                "on_error": "route",
                "disabled": False,
            },
            {
                "id": "check",
                "type": "if",
                "type_version": 1,
                "kind": "inline",
                "ports": ["true", "false"],
                "config": {"condition": "{{ input.ok }}"},
                "secret_fields": [],
                "join": "any",
                "retry": {
                    "max_attempts": 1,
                    "initial_ms": 1_000,
                    "factor": 2.0,
                    "max_ms": 60_000,
                    "jitter": 0.2,
                    "retry_if": "",
                },
                "timeout_ms": 60_000,
                "queue": "default",
                "on_error": "fail",
                "disabled": False,
            },
            *frozen(RAW)["nodes"][2:],
        ],
        "edges": [
            {"source": "call", "port": "error", "target": "check"},
            {"source": "call", "port": "out", "target": "check"},
            {"source": "check", "port": "true", "target": "end"},
            {"source": "start", "port": "out", "target": "call"},
        ],
    }
    assert [(n["id"], n["kind"], n["disabled"]) for n in frozen(RAW)["nodes"]] == [
        ("call", "task", False),
        ("check", "inline", False),
        ("end", "inline", True),
        ("start", "trigger", False),
    ]


def test_the_engine_compiles_what_was_frozen() -> None:
    """The graph of a frozen definition has its nodes, ports and compiled expressions."""
    graph = compile_graph(frozen(RAW), "ver_x")
    assert graph.triggers == ("start",)
    assert graph.nodes["call"].secrets == {"auth": "{{ credentials.key }}"}
    assert graph.nodes["call"].template.refs == {("input", "url")}
    retry_if = graph.nodes["call"].retry_if
    assert retry_if is not None
    assert retry_if.refs == {("error", "code")}


def changed(**fields: Any) -> dict[str, Any]:
    """RAW with other top-level fields."""
    return {**RAW, **fields}


def moved(name: str, /, **fields: Any) -> dict[str, Any]:
    """RAW with other fields in one node."""
    nodes = [{**n, **fields} if n["id"] == name else n for n in RAW["nodes"]]
    return changed(nodes=nodes)


@pytest.mark.parametrize(
    "raw",
    [
        moved("start", position={"x": 99, "y": -5}),
        moved("start", name="Another title", description="Words"),
        changed(notes=[]),
        changed(notes=[{"id": "n2", "text": "", "color": "warn"}]),
        changed(description="Other words"),
        changed(nodes=RAW["nodes"][::-1], edges=RAW["edges"][::-1]),
        moved("call", timeout="PT90M"),
        moved("call", timeout=5_400),
        moved("check", on_error="fail", type_version=1, queue="default"),
        changed(settings={"labels": {"team": "ops"}, "timeout": "48h"}),
    ],
)
def test_what_only_people_read_makes_no_new_version(raw: dict[str, Any]) -> None:
    """Positions, titles, notes, order and spelling of the same content give the same version."""
    assert version_of("wf_x", frozen(raw)) == version_of("wf_x", frozen(RAW))


@pytest.mark.parametrize(
    "raw",
    [
        changed(name="Another workflow"),
        changed(vars={"channel": "#y"}),
        changed(output=None),
        moved("call", timeout="1h"),
        moved("call", config={"url": "{{ input.uri }}", "auth": "{{ credentials.key }}"}),
        moved("check", join="all"),
        moved("end", disabled=False),
    ],
)
def test_a_change_of_meaning_makes_a_new_version(raw: dict[str, Any]) -> None:
    """Whatever a run could notice changes the version."""
    assert version_of("wf_x", frozen(raw)) != version_of("wf_x", frozen(RAW))


def test_a_version_is_named_by_its_content() -> None:
    """The name is an id, the same for numbers that are equal, another one for another workflow."""
    name = version_of("wf_x", frozen(RAW))
    assert ids.is_id(name, "ver")
    assert version_of("wf_x", frozen(changed(vars={"channel": "#x"}))) == name
    assert version_of("wf_y", frozen(RAW)) != name
    one, other = changed(vars={"n": 1}), changed(vars={"n": 1.0})
    assert version_of("wf_x", frozen(one)) == version_of("wf_x", frozen(other))
