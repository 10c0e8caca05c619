"""Containers played by hand: loops, try, scopes with compensation, races."""

from __future__ import annotations

from typing import Any

from tests.unit.core.played import Played, node, play, task
from weir.contract.messages import (
    CompensationEnded,
    Event,
    IterationCompleted,
    RunFailed,
    SectionEntered,
    SignalReceived,
    StepCompensated,
    StepDecided,
)
from weir.core.canonical import to_json
from weir.core.decide import decide
from weir.core.runlog import RunLog
from weir.core.snapshot import restore, take


def box(name: str, kind: str, config: Any = None, **more: Any) -> dict[str, Any]:
    """A container."""
    return node(name, kind, config, kind="container", timeout_ms=0.0, **more)


def calc(name: str, values: Any, **more: Any) -> dict[str, Any]:
    """A pure node."""
    return node(name, "set", {"values": values}, **more)


def check(run: Played) -> Played:
    """Whoever folds the log, with the graph or without, gets this state; so does a snapshot."""
    for graph in (run.graph, None):
        log = RunLog(lambda _, graph=graph: graph)  # type: ignore[misc]
        for seq, data, envelope in run.stored:
            log.feed(seq, data, envelope)
        assert not log.broken
        assert log.state is not None
        assert to_json(log.state) == to_json(run.state)
    back = restore(take(run.state), run.graph)
    assert to_json(back) == to_json(run.state)
    if not run.log.pending:
        again, first = decide(back, run.now), decide(run.state, run.now)
        assert again.drafts == first.drafts == ()
        assert again.wake_at == first.wake_at
    return run


def test_a_loop_over_a_list_yields_results_in_order() -> None:
    """Pure bodies are done at once; their steps leave the state."""
    run = play(
        [
            node("go", "manual"),
            box("each", "for_each", {"items": "{{ input.n }}", "concurrency": 3}),
            calc("double", "{{ item * 2 }}", parent="each"),
            node("out", "output", {"value": "{{ steps.each }}"}),
        ],
        ["go>each", "each>out"],
        input={"n": [1, 2, 3, 4, 5]},
    )
    check(run)
    assert run.state.status == "succeeded"
    assert run.state.output == [2, 4, 6, 8, 10]
    assert set(run.state.steps) == {"go", "each", "out"}


def test_a_loop_keeps_its_concurrency() -> None:
    """No more iterations than wanted are open; the next begins when one ends."""
    run = play(
        [
            node("go", "manual"),
            box("each", "for_each", {"items": "{{ input.n }}", "concurrency": 2}),
            task("work", parent="each"),
        ],
        ["go>each"],
        input={"n": ["a", "b", "c"]},
    )
    assert run.sent() == [("each[0]/work", 1), ("each[1]/work", 1)]
    check(run)
    run.succeed("each[1]/work", "B")
    assert run.sent()[-1] == ("each[2]/work", 1)
    check(run)
    run.succeed("each[2]/work", "C").succeed("each[0]/work", "A")
    assert check(run).state.output == {"each": ["A", "B", "C"]}


def test_an_empty_list_is_done_at_once() -> None:
    """Nothing to go over is no error."""
    run = play(
        [
            node("go", "manual"),
            box("each", "for_each", {"items": "{{ input }}"}),
            task("w", parent="each"),
        ],
        ["go>each"],
        input=[],
    )
    assert check(run).state.output == {"each": []}


def test_what_is_no_list_fails_the_loop() -> None:
    """With a code and what it was."""
    run = play(
        [
            node("go", "manual"),
            box("each", "for_each", {"items": "{{ 5 }}"}),
            task("w", parent="each"),
        ],
        ["go>each"],
    )
    assert run.state.status == "failed"
    assert run.state.error is not None
    assert run.state.error.code == "ITEMS_NOT_A_LIST"


def loop_with(policy: str, **more: Any) -> Played:
    """Three items, one at a time."""
    config = {"items": "{{ input }}", "concurrency": 1, "on_item_error": policy, **more}
    return play(
        [node("go", "manual"), box("each", "for_each", config), task("work", parent="each")],
        ["go>each"],
        input=[1, 2, 3],
    )


def test_an_item_that_fails_stops_the_loop() -> None:
    """`stop`: the loop fails with the item's error, what was open is cancelled."""
    run = loop_with("stop", concurrency=2).fail("each[0]/work", "BAD")
    assert check(run).state.status == "failed"
    assert run.state.error is not None
    assert run.state.error.step == "each[0]/work"
    assert run.state.error.code == "BAD"


def test_an_item_that_fails_is_left_out() -> None:
    """`continue`: null stands in its place."""
    run = (
        loop_with("continue")
        .succeed("each[0]/work", "a")
        .fail("each[1]/work")
        .succeed("each[2]/work", "c")
    )
    assert check(run).state.output == {"each": ["a", None, "c"]}


def test_an_item_that_fails_is_collected() -> None:
    """`collect`: its error stands in its place."""
    run = loop_with("collect").succeed("each[0]/work", "a").fail("each[1]/work", "BAD")
    run.succeed("each[2]/work", "c")
    first, second, third = check(run).state.output["each"]
    assert (first, third) == ("a", "c")
    assert second["error"]["code"] == "BAD"


def test_a_while_hands_on_what_it_made() -> None:
    """`acc` goes from iteration to iteration; the last one is the output."""
    run = play(
        [
            node("go", "manual"),
            box("again", "while", {"initial": 1, "condition": "{{ acc < 100 }}"}),
            calc("grow", "{{ acc * 2 + index }}", parent="again"),
        ],
        ["go>again"],
    )
    value, index = 1, 0
    while value < 100:
        value, index = value * 2 + index, index + 1
    assert check(run).state.output == {"again": value}
    assert len(run.events(IterationCompleted)) == index


def test_a_while_has_a_limit() -> None:
    """One that would go on for ever fails."""
    run = play(
        [
            node("go", "manual"),
            box("again", "while", {"condition": "{{ true }}", "limit": 5}),
            calc("x", 1, parent="again"),
        ],
        ["go>again"],
    )
    assert check(run).state.error is not None
    assert run.state.error is not None
    assert run.state.error.code == "LOOP_LIMIT"


def test_loops_nest() -> None:
    """Names are found from the inside out."""
    run = play(
        [
            node("go", "manual"),
            box("outer", "for_each", {"items": "{{ input }}"}),
            calc("row", "{{ item }}", parent="outer"),
            box("inner", "for_each", {"items": "{{ steps.row }}"}, parent="outer"),
            calc("cell", "{{ string(steps.row[0]) + ':' + string(item) }}", parent="inner"),
        ],
        ["go>outer", "row>inner"],
        input=[[1, 2], [3]],
    )
    assert check(run).state.output == {"outer": [["1:1", "1:2"], ["3:3"]]}


TRY = [
    node("go", "manual"),
    box("guard", "try", {"codes": ["BAD"]}),
    task("risky", parent="guard"),
    node("heal", "set", {"values": "{{ error.code }}"}, parent="guard", section="catch"),
    task("tidy", parent="guard", section="finally"),
    node("out", "output", {"value": "{{ steps.guard }}"}),
]


def test_a_try_that_goes_well() -> None:
    """Its output is that of its body; finally runs, catch does not."""
    run = play(TRY, ["go>guard", "guard>out"]).succeed("guard/risky", "fine")
    assert run.sent()[-1] == ("guard/tidy", 1)
    check(run)
    run.succeed("guard/tidy")
    assert check(run).state.output == "fine"
    assert "guard/heal" not in run.state.steps


def test_a_try_catches() -> None:
    """The failed step counts as caught, catch sees the error, finally runs."""
    run = play(TRY, ["go>guard", "guard>out"]).fail("guard/risky", "BAD")
    check(run)
    assert run.step("guard/risky").status == "caught"
    run.succeed("guard/tidy")
    assert check(run).state.output == "BAD"


def test_a_try_lets_other_errors_through() -> None:
    """An error that catch is not for goes on after finally."""
    run = play(TRY, ["go>guard", "guard>out"]).fail("guard/risky", "OTHER")
    assert run.sent()[-1] == ("guard/tidy", 1)
    run.succeed("guard/tidy")
    assert check(run).state.status == "failed"
    assert run.state.error is not None
    assert run.state.error.code == "OTHER"
    assert [e.kind.section for e in run.events(SectionEntered)] == ["finally"]  # type: ignore[union-attr]


SAGA = [
    node("go", "manual"),
    box("saga", "scope"),
    task("flight", parent="saga", compensate="drop_flight"),
    task("hotel", parent="saga", compensate="drop_hotel"),
    task("car", parent="saga"),
    task("drop_flight", parent="saga"),
    task("drop_hotel", parent="saga", retry={"max_attempts": 2, "initial_ms": 10.0}),
]
SAGA_EDGES = ["go>saga", "flight>hotel", "hotel>car"]


def test_a_scope_is_undone_in_reverse() -> None:
    """One undo after the other; then the scope fails with the first error."""
    run = (
        play(SAGA, SAGA_EDGES)
        .succeed("saga/flight")
        .succeed("saga/hotel")
        .fail("saga/car", "NO_CAR")
    )
    assert run.sent()[-1] == ("saga/drop_hotel", 1)
    check(run)
    run.succeed("saga/drop_hotel")
    assert run.sent()[-1] == ("saga/drop_flight", 1)
    check(run)
    run.succeed("saga/drop_flight")
    assert check(run).state.status == "failed"
    assert run.state.error is not None
    assert run.state.error.code == "NO_CAR"
    assert [e.step for e in run.events(StepCompensated)] == ["saga/hotel", "saga/flight"]
    assert run.step("saga/hotel").status == "compensated"


def test_what_cannot_be_undone_is_told() -> None:
    """The other undo steps run all the same."""
    run = (
        play(SAGA, SAGA_EDGES)
        .succeed("saga/flight")
        .succeed("saga/hotel")
        .fail("saga/car", "NO_CAR")
    )
    run.fail("saga/drop_hotel").advance(20).fail("saga/drop_hotel", "STILL")
    run.succeed("saga/drop_flight")
    assert check(run).state.error is not None
    assert run.state.error is not None
    assert run.state.error.details["not_undone"][0]["code"] == "STILL"
    ended = run.events(CompensationEnded)[0].kind
    assert isinstance(ended, CompensationEnded)
    assert (ended.undone, len(ended.failed)) == (1, 1)


def test_a_cancelled_run_is_undone() -> None:
    """Steps at the top of a run are undone too; then it is cancelled."""
    nodes = [
        node("go", "manual"),
        task("pay", compensate="refund"),
        task("ship"),
        task("refund"),
    ]
    run = play(nodes, ["go>pay", "pay>ship"]).succeed("pay").cancel()
    assert run.state.status == "cancelling"
    assert run.sent()[-1] == ("refund", 1)
    assert run.step("ship").status == "cancelled"
    check(run)
    run.succeed("refund")
    assert check(run).state.status == "cancelled"
    assert run.step("pay").status == "compensated"


def test_a_failed_run_is_undone() -> None:
    """The run is compensating meanwhile."""
    nodes = [node("go", "manual"), task("pay", compensate="refund"), task("ship"), task("refund")]
    run = play(nodes, ["go>pay", "pay>ship"]).succeed("pay").fail("ship")
    assert run.state.status == "compensating"
    run.succeed("refund")
    assert check(run).state.status == "failed"
    assert len(run.events(RunFailed)) == 1


def test_an_iteration_that_can_be_undone_is_kept() -> None:
    """A loop inside a scope: all its iterations are undone, last first."""
    nodes = [
        node("go", "manual"),
        box("saga", "scope"),
        box("each", "for_each", {"items": "{{ input }}", "concurrency": 1}, parent="saga"),
        task("book", parent="each", compensate="unbook"),
        node("unbook", "task", {"what": "{{ item }}"}, parent="each"),
        task("pay", parent="saga"),
    ]
    run = play(nodes, ["go>saga", "each>pay"], input=["a", "b"])
    run.succeed("saga/each[0]/book").succeed("saga/each[1]/book").fail("saga/pay")
    assert run.sent()[-1] == ("saga/each[1]/unbook", 1)
    check(run)
    run.succeed("saga/each[1]/unbook").succeed("saga/each[0]/unbook")
    assert check(run).state.status == "failed"
    assert [e.step for e in run.events(StepCompensated)] == [
        "saga/each[1]/book",
        "saga/each[0]/book",
    ]


RACE = [
    node("go", "manual"),
    box("race", "race"),
    task("slow", parent="race"),
    task("fast", parent="race"),
    task("faster", parent="race"),
]


def test_the_first_branch_home_wins() -> None:
    """The others are cancelled and their results come too late."""
    run = play(RACE, ["go>race", "fast>faster"]).succeed("race/fast").succeed("race/faster", "me")
    assert check(run).state.output == {"race": {"winner": "faster", "output": "me"}}
    assert run.step("race/slow").status == "cancelled"


def test_a_race_that_all_lose_fails() -> None:
    """A branch that fails is out; the others go on."""
    run = play(RACE, ["go>race", "fast>faster"]).fail("race/fast")
    assert run.state.status == "running"
    check(run)
    run.fail("race/slow")
    assert check(run).state.error is not None
    assert run.state.error is not None
    assert run.state.error.code == "RACE_LOST"


def signal(run: Played, name: str, payload: Any, number: int = 1) -> Played:
    """Somebody sends one."""
    run.fact(Event.of(SignalReceived(signal_id=f"sig_{number}", name=name, payload=payload)))
    return run.settle()


def test_a_signal_ends_a_wait() -> None:
    """Its payload is the output."""
    run = play([node("go", "manual"), node("w", "wait_signal", {"name": "paid"})], ["go>w"])
    assert run.state.status == "waiting"
    check(run)
    signal(run, "other", 0, 9)
    signal(run, "paid", {"eur": 5})
    assert check(run).state.output == {"w": {"eur": 5}}


def test_an_early_signal_is_kept() -> None:
    """Once: the same signal sent again is no second one."""
    run = play(
        [
            node("go", "manual"),
            task("a"),
            node("w", "wait_signal", {"name": "paid"}),
            node("w2", "wait_signal", {"name": "paid", "timeout": "5s"}),
        ],
        ["go>a", "a>w", "w>w2"],
    )
    signal(run, "paid", 1)
    signal(run, "paid", 1)
    run.succeed("a")
    assert run.step("w").output == 1
    assert run.step("w2").status == "waiting"
    check(run)
    run.advance(5_000)
    assert run.state.error is not None
    assert run.state.error.code == "SIGNAL_TIMEOUT"


def test_a_person_decides_about_a_failure() -> None:
    """Retry, then skip with an output."""
    run = play([node("go", "manual"), task("a", on_error="ask")], ["go>a"]).fail("a")
    assert run.state.status == "waiting"
    check(run)
    run.fact(Event.of(StepDecided(request_id="r1", decision="retry"), step="a"))
    run.settle()
    assert run.sent() == [("a", 1), ("a", 2)]
    run.fail("a")
    run.fact(Event.of(StepDecided(request_id="r2", decision="skip", output=7), step="a"))
    run.settle()
    assert check(run).state.output == {"a": 7}


def test_variables_change() -> None:
    """What runs afterwards reads the new value."""
    run = play(
        [
            node("go", "manual"),
            node("v", "set_variables", {"values": {"n": "{{ vars.n + 1 }}"}}),
            node("o", "output", {"value": "{{ vars.n }}"}),
        ],
        ["go>v", "v>o"],
        vars={"n": 1},
    )
    assert check(run).state.output == 2


def test_a_signal_that_is_not_what_was_declared_fails_the_step() -> None:
    """The place and the reason are told."""
    schema = {"type": "object", "required": ["eur"]}
    wait = node("w", "wait_signal", {"name": "paid"}, output_schema=schema)
    run = play([node("go", "manual"), wait], ["go>w"])
    signal(run, "paid", {"usd": 5})
    assert check(run).state.error is not None
    assert run.state.error is not None
    assert run.state.error.code == "OUTPUT_INVALID"
    assert "eur" in run.state.error.message
