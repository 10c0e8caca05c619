"""What values a run may hold: how large, how deep, and what becomes of those that may not."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.unit.core.played import T0, Played, node, play, task
from weir.contract import codec, times
from weir.contract.codec import INLINE_LIMIT
from weir.contract.messages import StepFailed, TaskScheduled
from weir.core.sizes import DETAILS_BYTES, MAX_DEPTH, MESSAGE_CHARS, deeper, size_of

START = node("start", "manual")


def nested(levels: int, inner: Any = 1) -> Any:
    """A value wrapped so many times."""
    for _ in range(levels):
        inner = {"a": inner}
    return inner


def error_of(run: Played) -> Any:
    """What the run failed with."""
    assert run.state.error is not None
    return run.state.error


@pytest.mark.parametrize(
    "value",
    [
        "plain", "€" * 500, "\x01" * 500, '"\\' * 500, ["漢字"] * 50, {"ключ": "значение"},
        [1.2345678901234567e-300] * 50, [2**62] * 50, [1] * 500, {"a": [None, True, 1.5, "x"]},
    ],
    ids=repr,
)  # fmt: skip
def test_a_value_weighs_what_it_takes_in_json(value: Any) -> None:
    """Text beyond ASCII and what must be escaped count in full."""
    written = len(orjson.dumps(value))
    assert written <= size_of(value, 10**9) <= 2 * written + 8


def test_an_output_of_many_bytes_and_few_characters_is_kept_apart() -> None:
    """60,000 characters of three bytes are 180 kB: an executor stores them by reference."""
    run = play([START, node("wide", "set", {"values": {"t": "{{ input.t }}"}})], ["start>wide"],
               input={"t": "€" * 60_000})  # fmt: skip
    assert run.sent() == [("wide", 1)]


@pytest.mark.parametrize("levels", [MAX_DEPTH - 2, MAX_DEPTH + 2, 180])
def test_every_message_of_a_run_can_be_read_again(levels: int) -> None:
    """A value nested too deep fails the step; it never stands in a log nobody can read."""
    nodes = [START, node("wrap", "set", {"values": nested(60, "{{ input }}")})]
    run = play(nodes, ["start>wrap"], input=nested(levels - 60))
    fits = levels <= MAX_DEPTH
    assert run.state.status == ("succeeded" if fits else "failed")
    if not fits:
        assert (error_of(run).code, error_of(run).step) == ("VALUE_TOO_DEEP", "wrap")
    for _, data, _ in run.stored:
        codec.decode(data)


def test_a_merge_of_merges_ends_before_it_is_too_deep() -> None:
    """Each merge wraps its branches' outputs once more."""
    names = [f"m{i}" for i in range(MAX_DEPTH + 5)]
    nodes = [START, *(node(name, "merge") for name in names)]
    edges = [f"{a}>{b}" for a, b in zip(["start", *names], names, strict=False)]
    run = play(nodes, edges, input={"n": 1})
    assert error_of(run).code == "VALUE_TOO_DEEP"


def test_a_deep_configuration_and_a_deep_output_fail_as_well() -> None:
    """What is sent to a worker and what the run gives are bounded alike."""
    deep = nested(MAX_DEPTH - 10)
    wrapped = node("call", "task", {"body": nested(30, "{{ input }}")})
    assert error_of(play([START, wrapped], ["start>call"], input=deep)).code == "VALUE_TOO_DEEP"
    run = play([START], [], input=deep, output=nested(30, "{{ input }}"))
    assert error_of(run).code == "VALUE_TOO_DEEP"


def test_a_large_configuration_travels_as_its_expressions() -> None:
    """What it reads is carried once, not once for every place where it stands."""
    body = {f"k{i}": "{{ input.t }}" for i in range(30)}
    call = node("call", "http_request", {"body": body, "auth": "{{ credentials.x }}"},
                secret_fields=["auth"])  # fmt: skip
    run = play([START, call], ["start>call"], input={"t": "x" * (INLINE_LIMIT - 1_000)})
    (event,) = run.events(TaskScheduled)
    kind = event.kind
    assert isinstance(kind, TaskScheduled)
    assert kind.config == {"body": body, "auth": "{{ credentials.x }}"}
    assert kind.scope is not None
    assert len(codec.encode(kind)) < 2 * INLINE_LIMIT
    written = node("call", "task", {"body": "x" * 2 * INLINE_LIMIT})
    assert play([START, written], ["start>call"]).events(TaskScheduled)[0].kind.scope is None  # type: ignore[union-attr]


def test_an_error_is_no_place_to_keep_data() -> None:
    """Message and details of a failure are bounded, however large what the author put there."""
    config = {"code": "MINE", "message": "{{ input.t }}", "details": ["{{ input.t }}"] * 30}
    run = play([START, node("stop", "fail", config)], ["start>stop"], input={"t": "x" * 60_000})
    (event,) = run.events(StepFailed)
    assert isinstance(event.kind, StepFailed)
    error = event.kind.error
    assert error is not None
    assert len(error.message) == MESSAGE_CHARS
    assert size_of(error.details, 10**6) <= DETAILS_BYTES


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("MINE", "told", ("MINE", "told")),
        ("", "told", ("FAILED", "told")),
        ("MINE", {"a": 1}, ("MINE", '{"a":1}')),
        ("not mine", "told", ("CONFIG_INVALID", None)),
        ({"a": 1}, "told", ("CONFIG_INVALID", None)),
    ],
)
def test_what_an_author_fails_with_is_a_code_and_a_text(
    code: Any, message: Any, expected: tuple[str, str | None]
) -> None:
    """A code is one word in capitals; a message that is no text is its JSON."""
    config = {"code": "{{ input.code }}", "message": "{{ input.message }}"}
    run = play([START, node("stop", "fail", config)], ["start>stop"],
               input={"code": code, "message": message})  # fmt: skip
    assert error_of(run).code == expected[0]
    assert "told" in error_of(run).message or expected[1] == error_of(run).message


@pytest.mark.parametrize("value", [[1], {}, True, "soon", -1, 1e300, "-5s", "4000d"], ids=repr)
def test_a_delay_for_what_is_no_duration_fails(value: Any) -> None:
    """Whatever an expression gives, the step says what is wrong with it."""
    wait = node("wait", "delay", {"duration": "{{ input.d }}"})
    assert error_of(play([START, wait], ["start>wait"], input={"d": value})).code == "DELAY_INVALID"


@pytest.mark.parametrize(
    "value",
    [
        [1], {}, True, "soon", "", "2026-01-01T00:00:00", 1e300, 2**63 - 1,
        "9999-12-31T23:59:59Z", "2262-04-12T00:00:00Z", T0 + times.MAX_DURATION_MS + 1,
    ],
    ids=repr,
)  # fmt: skip
def test_a_delay_until_no_time_or_beyond_ten_years_fails(value: Any) -> None:
    """A broker cannot hold such a timer: it would fire at once, and the run would go on."""
    wait = node("wait", "delay", {"until": "{{ input.u }}"})
    run = play([START, wait], ["start>wait"], input={"u": value})
    assert error_of(run).code == "DELAY_INVALID"
    assert run.timers == []


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", -(2**62)])
def test_a_time_long_past_goes_on_at_once(value: Any) -> None:
    """Also one that hardly has a date."""
    wait = node("wait", "delay", {"until": "{{ input.u }}"})
    run = play([START, wait], ["start>wait"], input={"u": value}).settle()
    assert run.state.output == {"wait": {"due_at": "0001-01-01T00:00:00.000Z"}}


@pytest.mark.parametrize(
    ("value", "case"), [(True, "yes"), (1, "one"), ([True], "list"), ([1], "default")]
)
def test_a_switch_compares_as_json_does(value: Any, case: str) -> None:
    """A true is no 1, at any depth."""
    cases = [{"name": "one", "equals": 1}, {"name": "yes", "equals": True},
             {"name": "list", "equals": [True]}]  # fmt: skip
    choose = node("choose", "switch", {"value": "{{ input.v }}", "cases": cases})
    run = play([START, choose], ["start>choose"], input={"v": value})
    assert run.step("choose").output == {"case": case}


@pytest.mark.parametrize(
    ("retry_if", "code"),
    [
        ("{{ 1 }}", "CONDITION_NOT_BOOLEAN"),
        ("{{ error.details.x }}", "EXPRESSION_UNRESOLVED"),
        ("{{ range(9999).all(x, x >= 0) }}", "EXPRESSION_BUDGET"),
    ],
)
def test_a_retry_if_that_says_nothing_is_told(retry_if: str, code: str) -> None:
    """There is no other attempt, and the error says why and what had failed."""
    policy = {"max_attempts": 3, "initial_ms": 1_000.0, "retry_if": retry_if}
    run = play([START, task("a", retry=policy)], ["start>a"]).fail("a", "BROKEN")
    assert run.timers == []
    assert error_of(run).code == code
    assert "BROKEN: it broke" in error_of(run).message
    assert error_of(run).details["failed"]["code"] == "BROKEN"


def test_depth_counts_both_lists_and_objects() -> None:
    """Scalars have none."""
    assert not deeper("x", 0)
    assert deeper([], 0)
    assert deeper([{"a": [1]}], 2)
    assert not deeper([{"a": [1]}], 3)
