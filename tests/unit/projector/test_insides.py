"""Rows of what stands in containers: iterations, their steps, and what ends with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.played import Played, frozen, node, play, task
from tests.unit.core.test_containers import box, calc
from weir.contract.messages import RunOrigin
from weir.core.fork import Past, carry
from weir.core.state import ENDED
from weir.ports.views import AttemptRow, RunRow, StepRow
from weir.runtime.projector.hot import HotRun


class Shown:
    """What the views hold of a played run, written after every `size` messages."""

    def __init__(self, run: Played, size: int) -> None:
        self.run: RunRow | None = None
        self.steps: dict[int, StepRow] = {}
        self.attempts: dict[tuple[str, int], AttemptRow] = {}
        self.hot = HotRun("default", 1)
        self.written = 0
        for number, (seq, data, envelope) in enumerate(run.stored, 1):
            self.hot.feed(seq, data, envelope)
            if number % size == 0 or number == len(run.stored):
                self._write()

    def _write(self) -> None:
        rows = self.hot.rows()
        assert rows is not None
        self.run, steps, attempts = rows
        self.written += len(steps)
        self.steps |= {row.place: row for row in steps}
        self.attempts |= {(row.path, row.attempt): row for row in attempts}
        self.hot.written()

    def step(self, path: str) -> StepRow:
        """A row; there is one of each path."""
        (found,) = [row for row in self.steps.values() if row.path == path]
        return found

    def statuses(self) -> dict[str, str]:
        """Status by path, in the order the steps were reached."""
        return {row.path: row.status for _, row in sorted(self.steps.items())}


def shown(run: Played) -> Shown:
    """The rows, the same however the messages came."""
    whole = Shown(run, 10**9)
    for size in (1, 2, 3):
        again = Shown(run, size)
        assert again.steps == whole.steps
        assert again.attempts == whole.attempts
    return whole


def loop(config: dict[str, Any], *inside: Any) -> list[Any]:
    """The nodes of a loop behind a start."""
    return [node("go", "manual"), box("each", "for_each", config), *inside]


def test_an_iteration_has_a_row_and_keeps_its_steps() -> None:
    """They are there, with outputs and counts, although the run's state has let go of them."""
    run = play(
        loop(
            {"items": "{{ input }}", "concurrency": 2},
            calc("twice", "{{ item * 2 }}", parent="each"),
            task("work", parent="each"),
        ),
        ["go>each", "twice>work"],
        input=[1, 2, 3],
    )
    run.succeed("each[1]/work", "b").succeed("each[0]/work", "a")
    views = shown(run)
    assert views.statuses() == {
        "go": "succeeded",
        "each": "running",
        "each[0]": "succeeded",
        "each[1]": "succeeded",
        "each[0]/twice": "succeeded",
        "each[1]/twice": "succeeded",
        "each[0]/work": "succeeded",
        "each[1]/work": "succeeded",
        "each[2]": "running",
        "each[2]/twice": "succeeded",
        "each[2]/work": "queued",
    }
    assert "each[0]/twice" not in run.state.steps
    assert views.step("each[0]/twice").output == "2"
    each, first = views.step("each"), views.step("each[0]")
    assert (each.total, each.done, each.failed, each.level) == (3, 2, 0, 0)
    assert (first.total, first.done, first.failed, first.level) == (2, 2, 0, 1)
    assert first.node_type == "iteration"
    assert views.step("each[2]").done == 1
    assert views.step("each[2]/work").level == 2
    run.succeed("each[2]/work", "c")
    assert set(shown(run).statuses().values()) == {"succeeded"}


def test_what_was_open_in_a_failed_loop_is_cancelled() -> None:
    """The iteration that failed, its siblings and their steps and attempts."""
    run = play(
        loop({"items": "{{ input }}", "concurrency": 3}, task("work", parent="each")),
        ["go>each"],
        input=[1, 2, 3, 4],
    )
    run.succeed("each[0]/work").fail("each[1]/work", retryable=False)
    views = shown(run)
    assert views.run is not None
    assert views.run.status == "failed"
    assert views.statuses() == {
        "go": "succeeded",
        "each": "failed",
        "each[0]": "succeeded",
        "each[1]": "cancelled",
        "each[2]": "cancelled",
        "each[0]/work": "succeeded",
        "each[1]/work": "failed",
        "each[2]/work": "cancelled",
        "each[3]": "cancelled",
        "each[3]/work": "cancelled",
    }
    assert views.attempts["each[2]/work", 1].status == "cancelled"
    assert views.step("each[2]/work").ended_ms == views.run.ended_ms


def test_an_iteration_that_fails_and_is_passed_over() -> None:
    """It is failed, what was open beside its failed step is cancelled, and the loop counts it."""
    run = play(
        loop(
            {"items": "{{ input }}", "concurrency": 1, "on_item_error": "continue"},
            task("a", parent="each"),
            task("b", parent="each"),
        ),
        ["go>each"],
        input=[1, 2],
    )
    run.fail("each[0]/a", retryable=False)
    views = shown(run)
    assert views.step("each[0]").status == "failed"
    assert views.step("each[0]").error is not None
    assert views.step("each[0]/b").status == "cancelled"
    assert views.attempts["each[0]/b", 1].status == "cancelled"
    each = views.step("each")
    assert (each.total, each.done, each.failed) == (2, 1, 1)
    assert views.step("each[1]").status == "running"


def test_loops_in_loops_are_let_go_together() -> None:
    """An outer iteration that ends takes what is known of inner ones with it."""
    run = play(
        [
            node("go", "manual"),
            box("each", "for_each", {"items": "{{ input }}", "concurrency": 1}),
            box("inner", "for_each", {"items": "{{ item }}", "concurrency": 2}, parent="each"),
            calc("x", "{{ item }}", parent="inner"),
            task("end", parent="each"),
        ],
        ["go>each", "inner>end"],
        input=[[1, 2], [3]],
    )
    run.succeed("each[0]/end").succeed("each[1]/end")
    views = shown(run)
    assert set(views.statuses().values()) == {"succeeded"}
    assert views.step("each[0]/inner[1]/x").output == "2"
    assert views.step("each[0]/inner").total == 2
    assert len(views.statuses()) == 2 + 2 * 3 + 3 * 2
    assert len(views.hot._inside.places) == 2


def test_a_body_that_was_left_is_cancelled_and_its_error_caught() -> None:
    """When a try goes on in its catch section."""
    run = play(
        [
            node("go", "manual"),
            box("guard", "try", {}),
            task("risky", parent="guard"),
            task("beside", parent="guard"),
            task("help_it", parent="guard", section="catch"),
        ],
        ["go>guard"],
    )
    run.fail("guard/risky", retryable=False)
    views = shown(run)
    assert views.statuses() == {
        "go": "succeeded",
        "guard": "running",
        "guard/risky": "caught",
        "guard/beside": "cancelled",
        "guard/help_it": "queued",
    }
    assert views.attempts["guard/beside", 1].status == "cancelled"
    guard = views.step("guard")
    assert (guard.total, guard.done, guard.failed) == (3, 2, 0)


def test_compensation_shows_what_was_undone() -> None:
    """The run is compensating, what was open is cancelled, undone steps are compensated."""
    run = play(
        [
            node("go", "manual"),
            task("book", compensate="unbook"),
            task("unbook"),
            task("slow"),
            task("pay"),
        ],
        ["go>book", "book>slow", "book>pay"],
    )
    run.succeed("book").fail("pay", retryable=False)
    views = shown(run)
    assert views.run is not None
    assert views.run.status == "compensating"
    assert views.statuses()["slow"] == "cancelled"
    run.succeed("unbook")
    views = shown(run)
    assert views.statuses()["book"] == "compensated"
    assert views.run is not None
    assert views.run.status == "failed"


def test_losers_of_a_race_are_cancelled() -> None:
    """With their attempts."""
    run = play(
        [
            node("go", "manual"),
            box("first", "race", {}),
            task("a", parent="first"),
            task("b", parent="first"),
        ],
        ["go>first"],
    )
    run.succeed("first/a")
    views = shown(run)
    assert views.statuses()["first/b"] == "cancelled"
    assert views.attempts["first/b", 1].status == "cancelled"


def test_a_waiting_step_says_for_what() -> None:
    """A signal by its name."""
    run = play(
        [node("go", "manual"), node("wait", "wait_signal", {"name": "paid"})],
        ["go>wait"],
    )
    views = shown(run)
    assert (views.step("wait").status, views.step("wait").waits) == ("waiting", "signal:paid")


def test_a_fork_begins_with_what_it_took_over() -> None:
    """Rows of carried steps and open iterations are there before anything was decided."""
    nodes = loop({"items": "{{ input }}", "concurrency": 1}, task("w", parent="each"))
    nodes.insert(1, task("first"))
    parent = play(nodes, ["go>first", "first>each"], input=[1, 2, 3])
    parent.succeed("first", "f").succeed("each[0]/w", "a")
    state = parent.state
    _, carried = carry(Past(state, state, state, "each[1]/w"), parent.graph)
    origin = RunOrigin(run_id="run_0", step="each[1]/w", carried=carried)
    content = frozen(nodes, ["go>first", "first>each"])
    fork = Played(content, input=[1, 2, 3], origin=origin)
    before = shown(fork)
    assert before.statuses() == {
        "go": "succeeded",
        "each": "running",
        "first": "succeeded",
        "each[1]": "running",
    }
    assert before.run is not None
    assert (before.run.origin_run_id, before.run.origin_step) == ("run_0", "each[1]/w")
    carried |= {"labels": {"team": "ops"}, "search": {"order": "7"}}
    found = shown(Played(content, input=[1, 2, 3], origin=origin)).run
    assert found is not None
    assert (found.labels, found.search) == ('{"team":"ops"}', '{"order":"7"}')
    fork.settle().succeed("each[1]/w", "b").succeed("each[2]/w", "c")
    views = shown(fork)
    assert set(views.statuses().values()) == {"succeeded"}
    assert views.step("each").done == 3
    assert fork.state.status in ENDED


@pytest.mark.parametrize("many", [2_000])
def test_a_long_loop_takes_the_room_of_its_open_iterations(many: int) -> None:
    """However many iterations there were, what is held is what can still change; each row once."""
    run = play(
        loop(
            {"items": "{{ range(input) }}", "concurrency": 10},
            calc("x", "{{ item }}", parent="each"),
        ),
        ["go>each"],
        input=many,
    )
    hot, most, rows = HotRun("default", 1), 0, 0
    for seq, data, envelope in run.stored:
        hot.feed(seq, data, envelope)
        most = max(most, len(hot._inside.places))
        found = hot.rows()
        assert found is not None
        rows += len(found[1])
        hot.written()
    assert most < 100
    assert run.state.status == "succeeded"
    assert 2 * many <= rows <= 2 * many + 3 * len(run.stored) + 20 * len(run.stored)


def test_a_fork_shows_the_iterations_it_may_have_to_undo() -> None:
    """Those have ended; of the others only the open ones are there."""
    nodes = loop(
        {"items": "{{ input }}", "concurrency": 1},
        task("w", parent="each", compensate="back"),
        task("back", parent="each"),
    )
    parent = play(nodes, ["go>each"], input=[1, 2, 3]).succeed("each[0]/w").succeed("each[1]/w")
    state = parent.state
    _, carried = carry(Past(state, state, state, "each[2]/w"), parent.graph)
    origin = RunOrigin(run_id="run_0", step="each[2]/w", carried=carried)
    fork = Played(frozen(nodes, ["go>each"]), input=[1, 2, 3], origin=origin)
    assert shown(fork).statuses() == {
        "go": "succeeded",
        "each": "running",
        **{f"each[{n}]": "succeeded" for n in (0, 1)},
        **{f"each[{n}]/w": "succeeded" for n in (0, 1)},
        "each[2]": "running",
    }
    fork.settle().fail("each[2]/w").succeed("each[1]/back").succeed("each[0]/back")
    statuses = shown(fork).statuses()
    assert [statuses[f"each[{n}]/w"] for n in range(3)] == ["compensated", "compensated", "failed"]
