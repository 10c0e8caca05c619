"""Races: a branch that fails is out, and with it what cannot do without it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.played import Played, node, play, task
from tests.unit.core.test_containers import box, calc, check


def race(join: Any, *edges: str) -> Played:
    """Branches `a`, `b` and `c` which `joined` waits for, and `late`, which is no part of that."""
    return play(
        [
            node("go", "manual"),
            box("race", "race"),
            *(task(name, parent="race") for name in ("a", "b", "c", "late")),
            calc("between", 1, parent="race"),
            calc("joined", "home", parent="race", join=join),
        ],
        ["go>race", *edges],
    )


STRAIGHT = ("a>joined", "b>joined", "c>joined", "late>between")


def test_a_join_of_all_is_out_with_one_that_failed() -> None:
    """What failed was not skipped: all can never come, whatever else does."""
    run = race("all", *STRAIGHT)
    run.fail("race/a", "BAD").succeed("race/b").succeed("race/c")
    assert run.step("race/joined").status == "skipped"
    assert check(run).state.status == "running"
    run.succeed("race/late")
    assert check(run).state.output == {"race": {"winner": "between", "output": 1}}


def test_a_race_is_lost_with_its_last_join() -> None:
    """No branch is left that could come home."""
    run = race("all", *STRAIGHT)
    run.succeed("race/b").succeed("race/c").fail("race/late", "SLOW").fail("race/a", "BAD")
    assert check(run).state.error is not None
    assert run.state.error is not None
    assert run.state.error.code == "RACE_LOST"
    assert "SLOW" in run.state.error.message


def test_what_was_skipped_behind_a_failure_is_no_branch_not_taken() -> None:
    """However many steps lie between: the join waits for what will never come."""
    run = race("all", "a>between", "between>joined", "b>joined", "c>joined")
    run.fail("race/a").succeed("race/b").succeed("race/c")
    assert run.step("race/between").status == "skipped"
    assert run.step("race/joined").status == "skipped"
    assert check(run).state.status == "running"


@pytest.mark.parametrize(("join", "done"), [("any", ["b"]), (2, ["b", "c"])])
def test_a_join_that_needs_not_all_goes_on_without_what_failed(join: Any, done: list[str]) -> None:
    """It is entered as soon as it has what it asks for."""
    run = race(join, *STRAIGHT).fail("race/a", "BAD")
    for name in done:
        assert "race/joined" not in run.state.steps
        run.succeed(f"race/{name}")
    assert check(run).state.output == {"race": {"winner": "joined", "output": "home"}}


def test_a_join_that_can_no_longer_have_enough_is_skipped() -> None:
    """Two of three, when two have failed."""
    run = race(2, *STRAIGHT).fail("race/a").fail("race/b")
    assert run.step("race/joined").status == "skipped"
    assert check(run).state.status == "running"


def test_a_branch_not_taken_is_no_failure() -> None:
    """A join of all does not wait for it, in a race in which another branch has failed too."""
    run = play(
        [
            node("go", "manual"),
            box("race", "race"),
            task("bad", parent="race"),
            node(
                "which", "if", {"condition": "{{ true }}"}, parent="race", ports=["true", "false"]
            ),
            task("yes", parent="race"),
            task("no", parent="race"),
            calc("joined", "home", parent="race"),
        ],
        ["go>race", "which:true>yes", "which:false>no", "yes>joined", "no>joined"],
    )
    run.fail("race/bad").succeed("race/yes")
    assert check(run).state.output == {"race": {"winner": "joined", "output": "home"}}


def test_what_passes_its_error_on_is_home() -> None:
    """`continue` and `route` are no failures: the flow goes on, and a join of all has them."""
    run = play(
        [
            node("go", "manual"),
            box("race", "race"),
            task("bad", parent="race", on_error="continue"),
            task("b", parent="race"),
            calc("joined", "{{ steps.bad.error.code }}", parent="race"),
        ],
        ["go>race", "bad>joined", "b>joined"],
    )
    run.fail("race/bad", "BAD").succeed("race/b")
    assert check(run).state.output == {"race": {"winner": "joined", "output": "BAD"}}
