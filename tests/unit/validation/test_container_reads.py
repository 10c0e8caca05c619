"""Containers: what may be read from where, and which names are there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.validation.catalogue import START, definition, faults, found, node, reads, wire
from tests.unit.validation.containers import EACH, GUARD, INTO, inside, looped, task

READS: list[tuple[str, Any, str, str | None]] = [
    ("STEP_INSIDE_CONTAINER", looped(node("a"), output="{{ steps.a.v }}"), "/output", None),
    (
        "STEP_INSIDE_CONTAINER",
        definition(
            START,
            EACH,
            *inside(node("a")),
            reads("{{ steps.a.v }}"),
            edges=wire("start > each > reader"),
        ),
        "/nodes/3/config/values/v",
        "reader",
    ),
    (
        "STEP_INSIDE_CONTAINER",
        definition(
            START,
            node("each", "for_each", config={"items": "{{ steps.a }}"}),
            *inside(node("a")),
            edges=INTO,
        ),
        "/nodes/1/config/items",
        "each",
    ),
    (
        "STEP_INSIDE_CONTAINER",
        definition(
            START,
            GUARD,
            EACH,
            node("a", parent="guard"),
            *inside(reads("{{ steps.a.v }}")),
            edges=wire("start > guard > each"),
        ),
        "/nodes/4/config/values/v",
        "reader",
    ),
    ("STEP_NOT_UPSTREAM", looped(reads("{{ steps.each }}")), "/nodes/2/config/values/v", "reader"),
    (
        "STEP_NOT_UPSTREAM",
        definition(
            START, EACH, *inside(reads("{{ steps.b }}")), node("b"), edges=wire("start > each > b")
        ),
        "/nodes/2/config/values/v",
        "reader",
    ),
    (
        "STEP_NOT_UPSTREAM",
        looped(reads("{{ steps.b }}"), node("b")),
        "/nodes/2/config/values/v",
        "reader",
    ),
    (
        "STEP_NOT_UPSTREAM",
        definition(
            GUARD,
            *inside(reads("{{ steps.b }}"), node("b", section="catch"), parent="guard"),
            edges=[],
        ),
        "/nodes/1/config/values/v",
        "reader",
    ),
    (
        "STEP_NOT_UPSTREAM",
        definition(
            node("guard", "try", config={"output": "{{ steps.b }}"}),
            *inside(node("a"), node("b", section="finally"), parent="guard"),
            edges=[],
        ),
        "/nodes/0/config/output",
        "guard",
    ),
    (
        "STEP_NOT_UPSTREAM",
        definition(
            START,
            task("a", compensate="u"),
            task("b"),
            reads("{{ steps.b.status }}", "u"),
            edges=wire("start > a > b"),
        ),
        "/nodes/3/config/values/v",
        "u",
    ),
    (
        "STEP_ON_OTHER_BRANCH",
        definition(
            node("if", "if") | {"id": "check"},
            EACH,
            node("no"),
            *inside(reads("{{ steps.no }}")),
            edges=wire("check.true > each", "check.false > no"),
        ),
        "/nodes/3/config/values/v",
        "reader",
    ),
]


@pytest.mark.parametrize(
    ("code", "raw", "path", "name"),
    READS,
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_step_that_cannot_be_read_is_told(
    code: str, raw: Any, path: str, name: str | None
) -> None:
    """The code, the JSON pointer and the node are those of the planted fault, and nothing else."""
    assert faults(raw) == [(code, path, name)]


NAMES = ("item", "index", "acc", "error")


@pytest.mark.parametrize(
    ("boxes", "section", "names"),
    [
        ([], "body", ""),
        ([("for_each", {})], "body", "item index"),
        ([("for_each", {"acc": 0})], "body", "item index acc"),
        ([("while", {})], "body", "index acc"),
        ([("try", {})], "body", ""),
        ([("try", {})], "catch", "error"),
        ([("try", {})], "finally", "error"),
        ([("scope", {})], "body", ""),
        ([("race", {})], "body", ""),
        ([("for_each", {}), ("while", {})], "body", "index acc"),
        ([("while", {}), ("for_each", {})], "body", "item index"),
        ([("for_each", {}), ("scope", {}), ("try", {})], "catch", "item index error"),
    ],
    ids=str,
)
def test_names_are_there_where_something_gives_them(
    boxes: list[tuple[str, dict[str, Any]]], section: str, names: str
) -> None:
    """`item`, `index`, `acc` are the nearest loop's, `error` the catch's; else they are unknown."""
    nodes: list[dict[str, Any]] = []
    parent: dict[str, str] = {}
    for i, (kind, more) in enumerate(boxes):
        box = node(f"c{i}", kind, **parent)
        nodes.append({**box, "config": {**box["config"], **more}})
        parent = {"parent": f"c{i}"}
    body = [node("body", **parent)] if section != "body" else []
    for name in NAMES:
        place = {**parent, "section": section} if section != "body" else parent
        reader = reads(f"{{{{ {name} }}}}", **place)
        errors, _ = found(definition(*nodes, *body, reader, edges=[]))
        wanted = [] if name in names.split() else ["EXPRESSION_UNKNOWN_NAME"]
        assert [e.code for e in errors] == wanted, name
        assert all("inside" in e.advice or "catch" in e.advice for e in errors)


def test_a_step_reads_what_comes_before_the_container() -> None:
    """From the inside out, without a warning."""
    raw = definition(
        START,
        node("a"),
        EACH,
        node("inner", "scope", parent="each"),
        node("b", parent="inner"),
        reads("{{ [steps.a.x, steps.b.x] }}", parent="inner"),
        edges=wire("start > a > each", "b > reader"),
    )
    assert found(raw) == ((), ())


def test_what_a_container_yields_is_read_inside() -> None:
    """`output` reads the steps inside, `condition` and `when` those outside and their own names."""
    raw = definition(
        START,
        node("pre"),
        node(
            "each", "for_each", config={"items": [], "output": "{{ [item, steps.a, steps.pre] }}"}
        ),
        node("a", parent="each"),
        node("again", "while", config={"condition": "{{ steps.pre.n > acc + index }}"}),
        node("b", parent="again"),
        node("guard", "try", config={"when": "{{ error.code == steps.pre.code }}"}),
        node("c", parent="guard"),
        edges=wire("start > pre > each > again > guard"),
    )
    assert found(raw) == ((), ())


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (
            definition(
                GUARD,
                *inside(node("a"), reads("{{ steps.a.v }}", section="catch"), parent="guard"),
                edges=[],
            ),
            "/nodes/2/config/values/v",
        ),
        (
            definition(
                GUARD,
                *inside(node("a"), reads("{{ steps.a.v }}", section="finally"), parent="guard"),
                edges=[],
            ),
            "/nodes/2/config/values/v",
        ),
        (
            definition(
                node("guard", "try", config={"output": "{{ steps.a.v }}"}),
                *inside(node("a"), node("b", section="catch"), parent="guard"),
                edges=[],
            ),
            "/nodes/0/config/output",
        ),
        (
            definition(
                node("each", "for_each", config={"items": [], "output": "{{ steps.b.v }}"}),
                *inside(node("a", "if"), node("b")),
                edges=wire("a.true > b"),
            ),
            "/nodes/0/config/output",
        ),
    ],
)
def test_what_may_be_missing_is_a_warning(raw: Any, path: str) -> None:
    """A step of another section, or of a branch that need not have been taken."""
    errors, warnings = found(raw)
    assert errors == ()
    assert [(w.code, w.path) for w in warnings] == [("STEP_MAY_BE_SKIPPED", path)]


def test_an_undo_step_reads_what_its_step_reads() -> None:
    """And its step's output: that has one whenever there is something to undo."""
    raw = definition(
        START,
        node("a"),
        EACH,
        *inside(
            task("book", compensate="unbook"), reads("{{ [item, steps.book, steps.a] }}", "unbook")
        ),
        edges=wire("start > a > each"),
    )
    assert found(raw) == ((), ())
