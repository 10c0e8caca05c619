"""What is decided side by side has one order: names, not hashes, which differ by process."""

from __future__ import annotations

from typing import Any

from tests.unit.core.played import node, play, task
from tests.unit.core.test_containers import box
from weir.contract.messages import Event, StepCompensated, TaskSucceeded

MANY = 7


def test_scopes_that_are_undone_at_the_same_time_take_turns_by_name() -> None:
    """Also when all of them have come as far before anything was decided."""
    nodes = [
        node("go", "manual"),
        box("each", "for_each", {"items": [*range(MANY)], "on_item_error": "continue"}),
        box("saga", "scope", parent="each"),
        task("book", parent="saga", compensate="drop"),
        task("pay", parent="saga"),
        task("drop", parent="saga"),
    ]
    run = play(nodes, ["go>each", "book>pay"])
    for at in range(MANY):
        run.succeed(f"each[{at}]/saga/book").fail(f"each[{at}]/saga/pay")
    for at in reversed(range(MANY)):
        run.fact(Event.of(TaskSucceeded(), step=f"each[{at}]/saga/drop", attempt=1))
    run.settle()
    undone = [event.step for event in run.events(StepCompensated)]
    assert undone == [f"each[{at}]/saga/book" for at in range(MANY)]


def test_queues_take_turns_by_name() -> None:
    """As soon as there is room in all of them."""
    names = [f"q{at}" for at in range(MANY)]
    steps: list[dict[str, Any]] = [task(f"on_{name}", queue=name) for name in reversed(names)]
    edges = ["go>first", *(f"first>{step['id']}" for step in steps)]
    run = play([node("go", "manual"), task("first"), *steps], edges)
    run.room = lambda _: 0
    run.succeed("first")
    run.room = lambda _: 100
    run.settle()
    assert run.sent()[1:] == [(f"on_{name}", 1) for name in names]
