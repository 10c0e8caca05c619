"""Which steps an expression may read: those that have run, as far as it can be known."""

from __future__ import annotations

from tests.unit.validation.catalogue import START, definition, found, node, reads, wire

A, B = node("a"), node("b")


def test_a_step_of_another_branch_is_refused() -> None:
    """A step that never runs together with this one cannot be read; behind a join it may be."""
    errors, warnings = found(
        definition(
            START,
            node("check", "if"),
            node("yes"),
            node("merge", "merge"),
            reads("{{ steps.yes.x }}", "no"),
            reads("{{ steps.yes.x }}{{ get(steps.yes, 'x', 0) }}", "end"),
            edges=[
                *wire("start > check", "check.true > yes > merge"),
                *wire("check.false > no > merge > end"),
            ],
        )
    )
    assert [(e.code, e.node) for e in errors] == [("STEP_ON_OTHER_BRANCH", "no")]
    assert [(w.code, w.node, w.column) for w in warnings] == [("STEP_MAY_BE_SKIPPED", "end", 4)]


def test_the_way_of_an_error_is_another_branch() -> None:
    """What follows the port `out` never runs together with what follows `error`."""
    errors, _ = found(
        definition(
            START,
            node("call", "http_request", on_error="route"),
            node("good"),
            reads("{{ steps.good.x }}{{ steps.call.error }}", "bad"),
            edges=wire("start > call", "call.out > good", "call.error > bad"),
        )
    )
    assert [(e.code, e.node, e.column) for e in errors] == [("STEP_ON_OTHER_BRANCH", "bad", 4)]


def test_never_together_is_known_through_joins() -> None:
    """A node that waits for two of three branches runs only where two of them can come."""
    errors, _ = found(
        definition(
            START,
            node("check", "if"),
            node("yes"),
            node("no1"),
            node("no2"),
            reads("{{ steps.yes.x }}{{ steps.no1.x }}", "end", join=2),
            edges=[
                *wire("start > check", "check.true > yes > end"),
                *wire("check.false > no1 > end", "check.false > no2 > end"),
            ],
        )
    )
    assert [(e.code, e.node, e.column) for e in errors] == [("STEP_ON_OTHER_BRANCH", "end", 4)]


def test_several_triggers_are_branches() -> None:
    """One trigger fires: what hangs on the other is another branch; behind both, perhaps."""
    errors, warnings = found(
        definition(
            START,
            node("hook", "webhook"),
            A,
            reads("{{ steps.a.x }}{{ steps.hook.x }}", "b"),
            reads("{{ steps.hook.x }}{{ has(steps.hook.x) }}", "c"),
            edges=wire("start > a > c", "hook > b > c"),
        )
    )
    assert [(e.code, e.node, e.column) for e in errors] == [("STEP_ON_OTHER_BRANCH", "b", 4)]
    assert [(w.code, w.node, w.column) for w in warnings] == [("STEP_MAY_BE_SKIPPED", "c", 4)]


def test_steps_that_have_surely_run_are_no_matter() -> None:
    """Diamonds, joins and routed errors that come together again are understood."""
    errors, warnings = found(
        definition(
            START,
            node("a"),
            node("b"),
            node("check", "if"),
            node("yes"),
            node("end", "merge"),
            reads("{{ steps.a.x }}{{ steps.b.x }}{{ steps.start.x }}{{ steps.check }}", "last"),
            edges=[
                *wire("start > a > check", "start > b > check"),
                *wire("check.true > yes > end", "check.false > end > last"),
            ],
            output="{{ steps.last.v }}",
        )
    )
    assert (errors, warnings) == ((), ())


def test_a_join_of_some_branches_knows_what_it_has_waited_for() -> None:
    """Of three branches two are awaited: what stands before all or two of them has run."""
    errors, warnings = found(
        definition(
            START,
            A,
            B,
            node("c"),
            node("x"),
            reads("{{ steps.a.x }}{{ steps.x.x }}", "end", join=2),
            edges=wire("start > x > a > end", "x > b > end", "start > c > end"),
        )
    )
    assert errors == ()
    # `x` leads to two of three: any two that come include one behind it.
    assert [(w.code, w.column) for w in warnings] == [("STEP_MAY_BE_SKIPPED", 4)]
