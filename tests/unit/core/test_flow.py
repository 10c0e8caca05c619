"""How a run moves through its graph."""

from __future__ import annotations

from tests.unit.core.played import Played, frozen, node, play, task
from weir.contract.messages import StepCompleted, StepEntered

START = node("start", "manual")


def test_a_sequence_runs_in_order() -> None:
    """A step is sent when the one before it has succeeded, not earlier."""
    run = play([START, task("a"), task("b")], ["start>a", "a>b"])
    assert run.sent() == [("a", 1)]
    run.succeed("a", 1)
    assert run.sent() == [("a", 1), ("b", 1)]
    run.succeed("b", {"done": True})
    assert run.state.status == "succeeded"
    assert run.state.output == {"b": {"done": True}}


def test_the_trigger_step_is_the_start() -> None:
    """The fired trigger has the input as its output, another trigger is skipped."""
    other = node("hook", "webhook")
    run = play(
        [START, other, node("s", "set", {"values": {"n": "{{ input.n }}"}})],
        ["start>s"],
        input={"n": 3},
    )
    assert run.step("start").output == {"n": 3}
    assert run.step("hook").status == "skipped"
    assert run.state.output == {"s": {"n": 3}, "start": {"n": 3}} or run.step("s").output == {
        "n": 3
    }


def test_a_branch_not_taken_is_skipped_to_its_end() -> None:
    """`if` takes one port; what only the other leads to is skipped, however far."""
    branch = node("check", "if", {"condition": "{{ input.n > 1 }}"}, ports=["true", "false"])
    nodes = [START, branch, task("yes"), task("no"), task("later")]
    run = play(
        nodes, ["start>check", "check:true>yes", "check:false>no", "no>later"], input={"n": 2}
    )
    assert run.sent() == [("yes", 1)]
    run.succeed("yes")
    assert run.state.status == "succeeded"
    assert run.step("no").status == run.step("later").status == "skipped"


def test_a_join_waits_for_all_that_are_not_skipped() -> None:
    """A node behind several edges runs once, after the last taken branch."""
    branch = node("check", "if", {"condition": "{{ false }}"}, ports=["true", "false"])
    nodes = [START, branch, task("a"), task("b"), node("join", "merge")]
    edges = ["start>check", "check:true>a", "check:false>b", "start>join", "a>join", "b>join"]
    run = play(nodes, edges)
    assert "join" not in run.state.steps
    run.succeed("b", 7)
    assert run.step("join").output == {"start": {}, "b": 7}
    assert run.state.status == "succeeded"


def test_join_any_goes_on_with_the_first() -> None:
    """`any` does not wait for the rest, and the rest does not start it again."""
    nodes = [START, task("a"), task("b"), node("join", "merge", {"mode": "first"}, join="any")]
    run = play(nodes, ["start>a", "start>b", "a>join", "b>join"])
    run.succeed("b", "b was first")
    assert run.step("join").output == "b was first"
    assert run.state.status == "running"  # a still runs
    run.succeed("a", "late")
    assert run.state.status == "succeeded"
    assert len([e for e in run.events(StepCompleted) if e.step == "join"]) == 1


def test_join_n_is_skipped_once_it_cannot_be_reached() -> None:
    """Two of three cannot come when two were skipped: the node is skipped, not stuck."""
    branch = node("check", "if", {"condition": "{{ true }}"}, ports=["true", "false"])
    nodes = [
        START,
        branch,
        task("a"),
        node("b", "merge"),
        node("c", "merge"),
        node("join", "merge", join=2),
    ]
    edges = [
        "start>check",
        "check:true>a",
        "check:false>b",
        "check:false>c",
        "a>join",
        "b>join",
        "c>join",
    ]
    run = play(nodes, edges).succeed("a")
    assert run.step("join").status == "skipped"
    assert run.state.status == "succeeded"


def test_switch_takes_the_first_case_that_matches() -> None:
    """Cases are tried in order; true is not 1; no match leaves by `default`."""
    cases = [{"name": "one", "equals": 1}, {"name": "yes", "equals": True}]
    route = node(
        "route",
        "switch",
        {"value": "{{ input.v }}", "cases": cases},
        ports=["one", "yes", "default"],
    )
    ends = [node(n, "set", {"values": {}}) for n in ("a", "b", "c")]
    edges = ["start>route", "route:one>a", "route:yes>b", "route:default>c"]
    for value, taken in ((1, "a"), (True, "b"), ("x", "c")):
        run = play([START, route, *ends], edges, input={"v": value})
        assert [n for n in "abc" if run.step(n).status == "succeeded"] == [taken]


def test_a_disabled_node_is_a_wire() -> None:
    """What it would have done is skipped; what follows it runs."""
    run = play([START, task("off", disabled=True), task("on")], ["start>off", "off>on"])
    assert run.step("off").status == "skipped"
    assert run.sent() == [("on", 1)]


def test_a_condition_that_is_no_boolean_fails_the_run() -> None:
    """Nothing is true by accident."""
    branch = node("check", "if", {"condition": "{{ input.n }}"}, ports=["true", "false"])
    run = play([START, branch], ["start>check"], input={"n": 1})
    assert run.state.status == "failed"
    assert run.state.error is not None
    assert (run.state.error.code, run.state.error.step) == ("CONDITION_NOT_BOOLEAN", "check")


def test_an_unresolved_reference_names_its_path() -> None:
    """A missing field is an error of the step that reads it."""
    run = play(
        [START, node("s", "set", {"values": {"x": "{{ input.order.id }}"}})],
        ["start>s"],
        input={"order": {}},
    )
    error = run.state.error
    assert error is not None
    assert error.code == "EXPRESSION_UNRESOLVED"
    assert "input.order.id" in error.message


def test_output_nodes_name_the_runs_output() -> None:
    """One output node: its value; several: an object by id; none: the last steps by id."""
    one = node("result", "output", {"value": "{{ input.n + 1 }}"})
    assert play([START, one], ["start>result"], input={"n": 1}).state.output == 2
    two = node("other", "output", {"value": "x"})
    both = play([START, one, two], ["start>result", "start>other"], input={"n": 1})
    assert both.state.output == {"result": 2, "other": "x"}


def test_the_definitions_output_has_the_last_word() -> None:
    """`output` of the definition is evaluated at the end."""
    run = play(
        [START, task("a")], ["start>a"], output={"sum": "{{ steps.a.n + input.n }}"}, input={"n": 1}
    ).succeed("a", {"n": 41})
    assert run.state.output == {"sum": 42}


def test_a_delay_waits_until_it_is_due() -> None:
    """The due time is recorded; a fired timer ends the wait, and so does the clock."""
    nodes = [START, node("wait", "delay", {"duration": "90s"}), task("a")]
    run = play(nodes, ["start>wait", "wait>a"])
    assert run.state.status == "waiting"
    assert run.timers == [(run.step("wait").timer, "wait", run.now + 90_000)]
    assert run.wake_at == run.now + 90_000
    run.advance(89_999)
    assert run.sent() == []
    run.advance(1)
    assert run.sent() == [("a", 1)]
    fired = play(nodes, ["start>wait", "wait>a"]).fire("wait")
    assert fired.sent() == [("a", 1)]


def test_a_delay_until_a_time_in_the_past_goes_on() -> None:
    """`until` is a time with a zone; one that is over does not wait."""
    wait = node("wait", "delay", {"until": "2020-01-01T00:00:00+02:00"})
    run = play([START, wait], ["start>wait"])
    assert run.state.status == "succeeded"


def test_inline_steps_share_one_message() -> None:
    """A run of pure steps costs a start fact and one owner message."""
    nodes = [START, *(node(f"s{n}", "set", {"values": {"n": n}}) for n in range(20))]
    edges = ["start>s0", *(f"s{n}>s{n + 1}" for n in range(19))]
    run = play(nodes, edges)
    assert run.state.status == "succeeded"
    assert len(run.stored) == 2


def test_a_remote_step_costs_a_task_and_a_result() -> None:
    """Budget of writes: start, task, result, end."""
    run = play([START, task("a")], ["start>a"]).succeed("a")
    assert run.state.status == "succeeded"
    assert len(run.stored) == 4


def test_a_large_fan_out_is_decided_in_bounded_turns() -> None:
    """A thousand branches come in several turns and meet in one join."""
    names = [f"t{n}" for n in range(1000)]
    nodes = [START, *(task(n) for n in names), node("join", "merge")]
    run = play(nodes, [*(f"start>{n}" for n in names), *(f"{n}>join" for n in names)])
    assert len(run.sent()) == 1000
    assert run.state.turn > 3
    for name in names:
        run.succeed(name, 1)
    assert run.state.status == "succeeded"
    assert len(run.step("join").output) == 1000


def test_steps_without_room_wait_visibly() -> None:
    """What a queue does not take is recorded as entered and goes out when there is room."""
    names = [f"t{n}" for n in range(5)]
    run = Played(frozen([START, *map(task, names)], [f"start>{n}" for n in names]))
    run.room = lambda _: 2 - len(run.sent())
    run.settle()
    assert run.sent() == [("t0", 1), ("t1", 1)]
    assert {e.step for e in run.events(StepEntered)} == {"t2", "t3", "t4"}
    assert run.statuses()["t4"] == "queued"
    assert run.step("t4").attempt == 0
    run.room = lambda _: 10
    run.settle()
    assert [step for step, _ in run.sent()] == names
