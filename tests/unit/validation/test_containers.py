"""Containers: what may stand where, what has no effect, and what is frozen of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.validation.catalogue import CATALOGUE, START, definition, faults, found, node, wire
from tests.unit.validation.containers import EACH, GUARD, INTO, inside, looped, task
from weir.contract.subjects import NESTING
from weir.core.graph import compile_graph
from weir.core.validate import validate

KEYS = ("parent", "section", "compensate", "output_schema")


def nested(depth: int) -> dict[str, Any]:
    """A step in so many containers."""
    boxes = [node(f"c{i}", "scope", **({"parent": f"c{i - 1}"} if i else {})) for i in range(depth)]
    return definition(*boxes, node("a", parent=f"c{depth - 1}"), edges=[])


CONTAINERS: list[tuple[str, Any, str, str | None]] = [
    ("PARENT_UNKNOWN", definition(node("a", parent="eech"), edges=[]), "/nodes/0/parent", "a"),
    (
        "PARENT_NOT_CONTAINER",
        definition(node("a"), node("b", parent="a"), edges=[]),
        "/nodes/1/parent",
        "b",
    ),
    (
        "PARENT_CYCLE",
        definition(node("a", "scope", parent="b"), node("b", "scope", parent="a"), edges=[]),
        "/nodes/0/parent",
        "a",
    ),
    ("PARENT_CYCLE", definition(node("a", "scope", parent="a"), edges=[]), "/nodes/0/parent", "a"),
    ("NESTING_TOO_DEEP", nested(NESTING + 1), f"/nodes/{NESTING}/parent", f"c{NESTING}"),
    ("CONTAINER_EMPTY", definition(START, EACH, edges=INTO), "/nodes/1", "each"),
    (
        "CONTAINER_EMPTY",
        definition(GUARD, node("a", parent="guard", section="catch"), edges=[]),
        "/nodes/0",
        "guard",
    ),
    ("SECTION_UNKNOWN", definition(node("a", section="catch"), edges=[]), "/nodes/0/section", "a"),
    ("SECTION_UNKNOWN", looped(node("a", section="catch")), "/nodes/2/section", "a"),
    ("NODE_NOT_IN_CONTAINER", looped(node("a"), node("t", "manual")), "/nodes/3/parent", "t"),
    ("NODE_NOT_IN_CONTAINER", looped(node("o", "output")), "/nodes/2/parent", "o"),
    (
        "ON_ERROR_INVALID",
        definition(START, {**EACH, "on_error": "ask"}, *inside(node("a")), edges=INTO),
        "/nodes/1/on_error",
        "each",
    ),
    (
        "OUTPUT_SCHEMA_INVALID",
        definition(task("a", output_schema={"type": "strng"}), edges=[]),
        "/nodes/0/output_schema",
        "a",
    ),
    (
        "OUTPUT_SCHEMA_INVALID",
        definition(task("a", output_schema={"title": "x" * 20_000}), edges=[]),
        "/nodes/0/output_schema",
        "a",
    ),
    (
        "EDGE_CROSSES_WALL",
        definition(START, EACH, *inside(node("a")), edges=wire("start > each", "start > a")),
        "/edges/1",
        "a",
    ),
    (
        "EDGE_CROSSES_WALL",
        definition(START, EACH, *inside(node("a")), node("b"), edges=wire("start > each", "a > b")),
        "/edges/1",
        "b",
    ),
    (
        "EDGE_CROSSES_WALL",
        definition(
            GUARD,
            *inside(node("a"), node("b", section="catch"), parent="guard"),
            edges=wire("a > b"),
        ),
        "/edges/0",
        "b",
    ),
    ("JOIN_TOO_LARGE", looped(node("a", join=2)), "/nodes/2/join", "a"),
    (
        "DEFINITION_CYCLE",
        definition(START, EACH, *inside(node("a"), node("b")), edges=[*INTO, *wire("a > b > a")]),
        "/nodes/2",
        "a",
    ),
    (
        "NODE_UNREACHABLE",
        definition(START, EACH, *inside(node("a")), edges=[]),
        "/nodes/1",
        "each",
    ),
    (
        "COMPENSATE_UNKNOWN",
        definition(START, task("a", compensate="b"), edges=wire("start > a")),
        "/nodes/1/compensate",
        "a",
    ),
    (
        "COMPENSATE_INVALID",
        definition(START, task("a", compensate="a"), edges=wire("start > a")),
        "/nodes/1/compensate",
        "a",
    ),
    (
        "COMPENSATE_INVALID",
        definition(START, task("a", compensate="start"), edges=wire("start > a")),
        "/nodes/1/compensate",
        "a",
    ),
    (
        "COMPENSATE_INVALID",
        definition(
            START,
            task("a", compensate="each"),
            EACH,
            *inside(node("b")),
            edges=wire("start > a > each"),
        ),
        "/nodes/1/compensate",
        "a",
    ),
    (
        "COMPENSATE_INVALID",
        definition(
            START,
            task("a", compensate="b"),
            task("b", compensate="c"),
            task("c"),
            edges=wire("start > a"),
        ),
        "/nodes/1/compensate",
        "a",
    ),
    (
        "COMPENSATE_INVALID",
        definition({**START, "compensate": "a"}, task("a"), edges=[]),
        "/nodes/0/compensate",
        "start",
    ),
    (
        "COMPENSATE_SHARED",
        definition(
            START,
            task("a", compensate="u"),
            task("b", compensate="u"),
            task("u"),
            edges=wire("start > a > b"),
        ),
        "/nodes/2/compensate",
        "b",
    ),
    (
        "COMPENSATE_CONNECTED",
        definition(START, task("a", compensate="u"), task("u"), edges=wire("start > a > u")),
        "/edges/1",
        "u",
    ),
    (
        "COMPENSATE_ELSEWHERE",
        definition(START, EACH, *inside(task("a", compensate="u")), task("u"), edges=INTO),
        "/nodes/2/compensate",
        "a",
    ),
    (
        "CONFIG_INVALID",
        definition(
            START,
            node("each", "for_each", config={"items": [], "acc": 0, "on_item_error": "continue"}),
            *inside(node("a")),
            edges=INTO,
        ),
        "/nodes/1/config/on_item_error",
        "each",
    ),
]


@pytest.mark.parametrize(
    ("code", "raw", "path", "name"),
    CONTAINERS,
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_one_fault_gives_one_error_at_its_place(
    code: str, raw: Any, path: str, name: str | None
) -> None:
    """The code, the JSON pointer and the node are those of the planted fault, and nothing else."""
    assert faults(raw) == [(code, path, name)]


def test_eight_containers_deep_is_allowed() -> None:
    """As deep as a step's path can be."""
    assert found(nested(NESTING)) == ((), ())


@pytest.mark.parametrize(
    ("raw", "paths"),
    [
        (
            definition(
                START, {**EACH, "retry": {"max_attempts": 2}}, *inside(node("a")), edges=INTO
            ),
            ["/nodes/1/retry"],
        ),
        (
            definition(node("s", "scope", queue="q"), node("a", parent="s"), edges=[]),
            ["/nodes/0/queue"],
        ),
        (
            definition(
                START,
                task("a", compensate="u"),
                task("u", on_error="ask", join="any"),
                edges=wire("start > a"),
            ),
            ["/nodes/2/on_error", "/nodes/2/join"],
        ),
        (
            definition(
                node("each", "for_each", config={"items": [], "acc": 0, "concurrency": 3}),
                *inside(node("a")),
                edges=[],
            ),
            ["/nodes/0/config/concurrency"],
        ),
        (definition(node("a", output_schema={}), edges=[]), ["/nodes/0/output_schema"]),
    ],
)
def test_what_has_no_effect_is_a_warning(raw: Any, paths: list[str]) -> None:
    """Said, and published all the same."""
    errors, warnings = found(raw)
    assert errors == ()
    assert [(w.code, w.path) for w in warnings] == [
        ("NODE_SETTING_IGNORED", path) for path in paths
    ]


def test_only_the_container_that_never_runs_is_told() -> None:
    """What stands in it is idle with it."""
    raw = definition(
        START,
        node("a", "if", disabled=True),
        EACH,
        *inside(task("b", compensate="u"), task("u"), node("c")),
        edges=wire("start > a", "a.true > each", "b > c"),
    )
    errors, warnings = found(raw)
    assert errors == ()
    assert [(w.code, w.node) for w in warnings] == [("NODE_NEVER_RUNS", "each")]


def test_a_disabled_container_is_no_matter() -> None:
    """Nothing is said of its inside."""
    raw = definition(START, {**EACH, "disabled": True}, *inside(node("a")), edges=INTO)
    assert found(raw) == ((), ())


def test_containers_are_frozen_and_compiled() -> None:
    """The three keys stand where they are said, and the graph knows what is in what."""
    raw = definition(
        START,
        GUARD,
        *inside(
            task("book", compensate="unbook", section="body", output_schema={"type": "object"}),
            task("unbook"),
            node("heal", section="catch"),
            parent="guard",
        ),
        edges=wire("start > guard"),
    )
    frozen = validate(raw, CATALOGUE).frozen
    assert frozen is not None
    said = {one["id"]: {k: one[k] for k in KEYS if k in one} for one in frozen["nodes"]}
    assert said == {
        "start": {},
        "guard": {},
        "book": {"parent": "guard", "compensate": "unbook", "output_schema": {"type": "object"}},
        "unbook": {"parent": "guard"},
        "heal": {"parent": "guard", "section": "catch"},
    }
    graph = compile_graph(frozen, "ver_x")
    assert graph.section("guard", "body").entries == ("book",)
    assert graph.section("guard", "catch").entries == ("heal",)
    assert graph.undoes == {"unbook"}
    assert graph.nodes["guard"].kind == "container"
    assert graph.nodes["guard"].timeout_ms == 0
