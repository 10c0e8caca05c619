"""One answer names everything that is wrong."""

from __future__ import annotations

from tests.unit.validation.catalogue import CATALOGUE, definition, node, wire
from weir.core.validate import validate


def test_twelve_faults_of_twelve_kinds_give_twelve_located_errors() -> None:
    """A definition with twelve planted faults gets twelve errors, each at its place."""
    raw = definition(
        node("start", "manual"),
        node("fetch", "http_request", config={"method": "GET"}),  # 1 no url
        node("order", "http_requst"),  # 2 no such type
        node("check", "if", config={"condition": "{{ steps.fetch.status = 200 }}"}),  # 3 syntax
        node("first", config={"values": {"x": "{{ steps.frist.y }}"}}),  # 4 no such step
        node("second", timeout="a while"),  # 5 no duration
        node("again", "http_request", retry={"max_attempts": 3, "initial": "1m", "max": "1s"}),  # 6
        node("loop_a"),
        node("loop_b"),  # 7 a circle of the two
        node("alone"),  # 8 nothing leads to it
        node("key", config={"values": {"k": "{{ credentials.db }}"}}),  # 9 no secret field
        node("yes", config={"values": {"n": "{{ steps.no.x }}"}}),  # 10 another branch
        node("no", join=4),  # 11 one edge leads to it
        edges=[
            *wire("start > fetch > order > check", "check.true > yes", "check.false > no"),
            *wire("yes > first > second > again > key", "no.maybe > key"),  # 12 no such port
            *wire("start > loop_a > loop_b > loop_a"),
        ],
    )
    found = validate(raw, CATALOGUE)
    assert found.frozen is None
    assert {(e.code, e.path, e.node) for e in found.errors} == {
        ("CONFIG_MISSING", "/nodes/1/config", "fetch"),
        ("NODE_TYPE_UNKNOWN", "/nodes/2/type", "order"),
        ("EXPRESSION_SYNTAX", "/nodes/3/config/condition", "check"),
        ("STEP_UNKNOWN", "/nodes/4/config/values/x", "first"),
        ("DURATION_INVALID", "/nodes/5/timeout", "second"),
        ("RETRY_INVALID", "/nodes/6/retry/max", "again"),
        ("DEFINITION_CYCLE", "/nodes/7", "loop_a"),
        ("NODE_UNREACHABLE", "/nodes/9", "alone"),
        ("CREDENTIAL_NOT_ALLOWED", "/nodes/10/config/values/k", "key"),
        ("STEP_ON_OTHER_BRANCH", "/nodes/11/config/values/n", "yes"),
        ("JOIN_TOO_LARGE", "/nodes/12/join", "no"),
        ("EDGE_PORT_UNKNOWN", "/edges/9/source_port", "no"),
    }
    assert len(found.errors) == 12
    for error in found.errors:
        assert error.message, error
        if error.code.startswith(("EXPRESSION", "STEP", "CREDENTIAL")):
            assert error.line == 1, error
            assert error.column > 1, error
