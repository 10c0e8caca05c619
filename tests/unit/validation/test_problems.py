"""Each kind of problem is found at its place, alone, with its code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.validation.catalogue import START, definition, found, node, reads, wire
from tests.unit.validation.test_container_reads import READS
from tests.unit.validation.test_containers import CONTAINERS
from tests.unit.validation.test_promises import PROMISES
from weir.contract.problems import DEFINITION, EXPRESSION

DOCS = Path(__file__).resolve().parents[3] / "docs"


LINE = wire("start > a > b")
A, B = node("a"), node("b")

ERRORS: list[tuple[str, Any, str, str | None]] = [
    # what is wrong, where, in which node
    ("DEFINITION_SCHEMA", [], "", None),
    ("DEFINITION_SCHEMA", {"name": "x"}, "", None),
    ("DEFINITION_SCHEMA", definition(edges=[]), "/nodes", None),
    ("DEFINITION_SCHEMA", definition(START, edges=[], nam="x"), "/nam", None),
    ("DEFINITION_SCHEMA", definition(START, edges=[], schema="weir/v9"), "/schema", None),
    ("DEFINITION_SCHEMA", definition({"id": "a", "type": 5}, edges=[]), "/nodes/0/type", "a"),
    (
        "DEFINITION_SCHEMA",
        definition(node("a", on_error="retry"), edges=[]),
        "/nodes/0/on_error",
        "a",
    ),
    ("DEFINITION_SCHEMA", definition(node("a", queue="a b"), edges=[]), "/nodes/0/queue", "a"),
    (
        "DEFINITION_SCHEMA",
        definition(A, edges=[], settings={"labels": {"a": 1}}),
        "/settings/labels/a",
        None,
    ),
    (
        "CONFIG_INVALID",
        definition(
            A,
            edges=[],
            settings={"callback": {"url": "ftp://x", "secret": "{{ credentials.hooks }}"}},
        ),
        "/settings/callback/url",
        None,
    ),
    (
        "EXPRESSION_UNKNOWN_NAME",
        definition(A, edges=[], settings={"search": {"repo": "{{ steps.a.repo }}"}}),
        "/settings/search/repo",
        None,
    ),
    (
        "DEFINITION_NOT_AVAILABLE",
        definition(node("a", cache={}), edges=[]),
        "/nodes/0/cache",
        "a",
    ),
    ("DEFINITION_CYCLE", definition(A, B, edges=wire("a > b > a")), "/nodes/0", "a"),
    ("DEFINITION_CYCLE", definition(START, A, B, edges=[*LINE, *wire("b > b")]), "/nodes/2", "b"),
    ("INPUT_SCHEMA_INVALID", definition(A, edges=[], input={"type": "strng"}), "/input", None),
    (
        "INPUT_SCHEMA_INVALID",
        definition(A, edges=[], input={"$ref": "https://example.org/s"}),
        "/input",
        None,
    ),
    ("DURATION_INVALID", definition(node("a", timeout="soon"), edges=[]), "/nodes/0/timeout", "a"),
    ("DURATION_INVALID", definition(node("a", timeout="0s"), edges=[]), "/nodes/0/timeout", "a"),
    ("DURATION_INVALID", definition(node("a", timeout=-1), edges=[]), "/nodes/0/timeout", "a"),
    (
        "DURATION_INVALID",
        definition(A, edges=[], settings={"timeout": "{{ 1 }}"}),
        "/settings/timeout",
        None,
    ),
    (
        "RETRY_INVALID",
        definition(node("a", "http_request", retry={"max_attempts": 0}), edges=[]),
        "/nodes/0/retry/max_attempts",
        "a",
    ),
    (
        "RETRY_INVALID",
        definition(node("a", "http_request", retry={"jitter": 2}), edges=[]),
        "/nodes/0/retry/jitter",
        "a",
    ),
    (
        "RETRY_INVALID",
        definition(node("a", "http_request", retry={"initial": "1m", "max": "1s"}), edges=[]),
        "/nodes/0/retry/max",
        "a",
    ),
    ("NODE_ID_INVALID", definition(node("A-1"), edges=[]), "/nodes/0/id", "A-1"),
    ("NODE_ID_INVALID", definition(node("while"), edges=[]), "/nodes/0/id", "while"),
    ("NODE_ID_DUPLICATE", definition(A, B, A, edges=[]), "/nodes/2/id", "a"),
    ("NODE_TYPE_UNKNOWN", definition(node("a", "http_reqest"), edges=[]), "/nodes/0/type", "a"),
    (
        "NODE_TYPE_VERSION",
        definition(node("a", "http_request", type_version=1), edges=[]),
        "/nodes/0/type_version",
        "a",
    ),
    ("NODE_UNREACHABLE", definition(START, A, B, edges=wire("start > a")), "/nodes/2", "b"),
    (
        "CONFIG_MISSING",
        definition(node("a", "http_request", config={}), edges=[]),
        "/nodes/0/config",
        "a",
    ),
    ("CONFIG_MISSING", definition({"id": "a", "type": "set"}, edges=[]), "/nodes/0/config", "a"),
    (
        "CONFIG_INVALID",
        definition(node("a", config={"values": 5}), edges=[]),
        "/nodes/0/config/values",
        "a",
    ),
    (
        "CONFIG_INVALID",
        definition(node("a", config={"values": {}, "vales": 1}), edges=[]),
        "/nodes/0/config/vales",
        "a",
    ),
    (
        "CONFIG_INVALID",
        definition(node("a", "http_request", config={"url": "u", "auth": "s3cret"}), edges=[]),
        "/nodes/0/config/auth",
        "a",
    ),
    (
        "SWITCH_CASE_DUPLICATE",
        definition(node("a", "switch", config={"cases": [{"name": "x"}, {"name": "x"}]}), edges=[]),
        "/nodes/0/config/cases/1/name",
        "a",
    ),
    ("JOIN_TOO_LARGE", definition(START, A, node("b", join=2), edges=LINE), "/nodes/2/join", "b"),
    (
        "EDGE_NODE_UNKNOWN",
        definition(START, A, edges=wire("start > a > c")),
        "/edges/1/target",
        None,
    ),
    (
        "EDGE_NODE_UNKNOWN",
        definition(START, A, edges=wire("start > a", "c > a")),
        "/edges/1/source",
        None,
    ),
    (
        "EDGE_PORT_UNKNOWN",
        definition(START, A, B, edges=wire("start > a", "a.no > b")),
        "/edges/1/source_port",
        "a",
    ),
    (
        "EDGE_PORT_UNKNOWN",
        definition(START, node("a", "if"), B, edges=LINE),
        "/edges/1/source_port",
        "a",
    ),
    (
        "EDGE_INTO_TRIGGER",
        definition(START, A, node("t", "webhook"), edges=wire("start > a > t")),
        "/edges/1/target",
        "t",
    ),
    (
        "EDGE_DUPLICATE",
        definition(START, A, edges=wire("start > a", "start > a")),
        "/edges/1",
        None,
    ),
    (
        "ERROR_PORT_UNAVAILABLE",
        definition(START, A, B, edges=wire("start > a", "a.error > b")),
        "/edges/1/source_port",
        "a",
    ),
    ("EXPRESSION_NOT_ALLOWED", definition(A, edges=[], vars={"x": ["{{ 1 }}"]}), "/vars/x/0", None),
    (
        "EXPRESSION_NOT_ALLOWED",
        definition(A, edges=[], settings={"labels": {"x": "{{ 1 }}"}}),
        "/settings/labels/x",
        None,
    ),
    (
        "CREDENTIAL_NOT_ALLOWED",
        definition(reads("{{ credentials.db }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "EXPRESSION_SYNTAX",
        definition(reads("{{ 1 + }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "EXPRESSION_SYNTAX",
        definition(node("a", "http_request", retry={"retry_if": "1 }} x"}), edges=[]),
        "/nodes/0/retry/retry_if",
        "a",
    ),
    (
        "EXPRESSION_UNKNOWN_NAME",
        definition(reads("{{ inptu.x }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "EXPRESSION_UNKNOWN_NAME",
        definition(reads("{{ error.code }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "EXPRESSION_UNKNOWN_NAME",
        definition(node("t", "webhook", config={"filter": "{{ steps.a.x }}"}), edges=[]),
        "/nodes/0/config/filter",
        "t",
    ),
    (
        "EXPRESSION_UNKNOWN_FUNCTION",
        definition(reads("{{ nope() }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "EXPRESSION_ARGUMENTS",
        definition(reads("{{ now(1) }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "EXPRESSION_TOO_LARGE",
        definition(reads("{{ " + "-" * 200 + "1 }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    ("EXPRESSION_UNKNOWN_NAME", definition(A, edges=[], output="{{ item }}"), "/output", None),
    (
        "STEP_UNKNOWN",
        definition(reads("{{ steps.nope.x }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "STEP_UNKNOWN",
        definition(reads("{{ has(steps.nope.x) }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    ("STEP_UNKNOWN", definition(A, edges=[], output="${nope.output.x}"), "/output", None),
    (
        "STEP_NOT_UPSTREAM",
        definition(reads("{{ steps.reader.v }}"), edges=[]),
        "/nodes/0/config/values/v",
        "reader",
    ),
    (
        "STEP_NOT_UPSTREAM",
        definition(START, reads("{{ steps.b.x }}", "a"), B, edges=LINE),
        "/nodes/1/config/values/v",
        "a",
    ),
    (
        "STEP_NOT_UPSTREAM",
        definition(START, A, reads("{{ steps.a.x }}", "b"), edges=wire("start > a", "start > b")),
        "/nodes/2/config/values/v",
        "b",
    ),
    (
        "STEP_DISABLED",
        definition(START, node("a", disabled=True), reads("{{ steps.a.x }}", "b"), edges=LINE),
        "/nodes/2/config/values/v",
        "b",
    ),
]


@pytest.mark.parametrize(
    ("code", "raw", "path", "name"), ERRORS, ids=lambda case: case if isinstance(case, str) else ""
)
def test_one_fault_gives_one_error_at_its_place(
    code: str, raw: Any, path: str, name: str | None
) -> None:
    """The code, the JSON pointer and the node are those of the planted fault, and nothing else."""
    errors, _ = found(raw)
    assert [(e.code, e.path, e.node) for e in errors] == [(code, path, name)]
    assert errors[0].message


@pytest.mark.parametrize(
    ("code", "raw", "path"),
    [
        (
            "ERROR_PORT_UNUSED",
            definition(node("a", "http_request", on_error="route"), edges=[]),
            "/nodes/0/on_error",
        ),
        (
            "NODE_SETTING_IGNORED",
            definition(node("t", "manual", retry={"max_attempts": 2}), edges=[]),
            "/nodes/0/retry",
        ),
        (
            "NODE_SETTING_IGNORED",
            definition(node("a", retry={"max_attempts": 2}), edges=[]),
            "/nodes/0/retry",
        ),
        (
            "NODE_NEVER_RUNS",
            definition(
                START, node("a", "if", disabled=True), B, edges=wire("start > a", "a.true > b")
            ),
            "/nodes/2",
        ),
        (
            "STEP_MAY_BE_SKIPPED",
            definition(
                START,
                node("a", "if"),
                B,
                edges=wire("start > a", "a.true > b"),
                output="{{ steps.b }}",
            ),
            "/output",
        ),
        (
            "STEP_MAY_BE_SKIPPED",
            definition(
                START,
                A,
                B,
                reads("{{ steps.b.x }}", "c", join="any"),
                edges=wire("start > a > c", "start > b > c"),
            ),
            "/nodes/3/config/values/v",
        ),
    ],
)
def test_a_warning_does_not_keep_from_publishing(code: str, raw: Any, path: str) -> None:
    """What is doubtful is said, and the definition is frozen all the same."""
    errors, warnings = found(raw)
    assert errors == ()
    assert [(w.code, w.path) for w in warnings] == [(code, path)]


def test_the_place_in_an_expression_is_told() -> None:
    """Line and column are those of the text in its field."""
    errors, _ = found(definition(reads("a\n {{ 1 + }}"), edges=[]))
    assert [(e.line, e.column) for e in errors] == [(2, 8)]
    errors, _ = found(definition(reads("{{ 1 + steps.no.x }}"), edges=[]))
    assert [(e.line, e.column) for e in errors] == [(1, 8)]


def test_advice_names_what_may_have_been_meant() -> None:
    """Close names are offered for types, steps, fields and nodes."""
    errors, _ = found(
        definition(
            START,
            node("fetch_order", "http_reqest"),
            node("b", config={"vaules": {}}),
            reads("{{ steps.fetch_ordr.x }}"),
            edges=wire("start > fetch_order > b > readr"),
            setings={},
        )
    )
    advice = " ".join(e.advice for e in errors)
    for name in ("http_request", "values", "fetch_order", "reader", "settings"):
        assert re.search(rf"Did you mean {name}\b", advice), name


def test_every_circle_is_named_with_its_nodes() -> None:
    """Each circle is one error that walks through it; what only hangs on it is none."""
    errors, _ = found(
        definition(
            *(node(name) for name in "abcdexy"),
            edges=wire("a > b > c > b", "c > d", "d > e > d", "x > y > x", "e > y"),
        )
    )
    assert [e.code for e in errors] == ["DEFINITION_CYCLE"] * 3
    assert {e.message.partition(": ")[2] for e in errors} == {
        "b → c → b",
        "d → e → d",
        "x → y → x",
    }


@pytest.mark.parametrize(
    "raw",
    [
        None,
        5,
        {"nodes": 5, "edges": {"a": 1}},
        {"nodes": [None, 5, {}, {"id": 5}], "edges": [None, {"source": 1}]},
        {"nodes": [{"id": "a", "type": "set", "config": 5, "retry": 5, "join": {}}]},
        {"nodes": [{"id": "a", "type": "switch", "config": {"cases": [None, 5]}}]},
        {"name": "x", "nodes": [node("a", timeout=[], retry={"initial": {}})], "settings": 5},
        {"name": "x", "nodes": [node("a")], "vars": [], "input": 5, "output": {"a": ["{{"]}},
    ],
)
def test_whatever_is_sent_is_answered_with_problems(raw: Any) -> None:
    """No shape of input makes validation itself fail."""
    errors, _ = found(raw)
    assert errors


def test_every_code_has_a_page() -> None:
    """docs/errors explains each code, and the page of definitions lists it."""
    listed = (DOCS / "reference" / "definition.md").read_text()
    for code in {**DEFINITION, **EXPRESSION}:
        page = (DOCS / "errors" / f"{code}.md").read_text()
        assert page.startswith(f"# {code}\n"), code
        assert all(part in page for part in ("**What happened.**", "**Why.**", "**What to do.**"))
        assert f"`{code}`" in listed, code


def test_every_code_occurs_in_a_test() -> None:
    """The list of codes holds none that nothing raises."""
    tested = {case[0] for case in (*ERRORS, *CONTAINERS, *READS, *PROMISES)} | {
        *("ERROR_PORT_UNUSED", "NODE_SETTING_IGNORED", "NODE_NEVER_RUNS"),
        *("STEP_MAY_BE_SKIPPED", "STEP_ON_OTHER_BRANCH", "FIELD_UNDECLARED"),
    }
    assert set(DEFINITION) <= tested
