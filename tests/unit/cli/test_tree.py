"""The tree of a run as people see it."""

from __future__ import annotations

import io

from rich.console import Console

from weir.cli.output import brief, lasted
from weir.cli.tree import tree
from weir.cli.view import RunView, StepView


def drawn(view: RunView, **options: bool) -> str:
    """The tree as text."""
    out = io.StringIO()
    Console(file=out, width=200, color_system=None).print(tree(view, 10_000, **options))
    return out.getvalue()


def view() -> RunView:
    """A run with one step of every kind that is shown otherwise."""
    run = RunView("run_a", workflow="Deploy", status="failed", began_ms=0, ended_ms=9_500)
    run.error = {"code": "HTTP_500", "message": "it answered 500"}
    done = StepView("check", "if", "succeeded", port="true", began_ms=0, ended_ms=3)
    done.output = {"condition": True}
    failed = StepView("call", "http_request", "failed", began_ms=3, ended_ms=9_000)
    failed.attempts = [
        {"attempt": 1, "status": "failed", "error": {"code": "HTTP_503", "message": "busy"}},
        {"attempt": 2, "status": "failed", "error": {"code": "HTTP_500", "message": "broken"}},
    ]
    failed.input = {"url": "https://a.example"}
    waits = StepView("later", "delay", "waiting", began_ms=0, due_ms=86_400_000)
    run.steps = {
        "check": done,
        "call": failed,
        "other": StepView("other", status="skipped"),
        "later": waits,
    }
    return run


def test_a_run_is_drawn_with_times_ports_attempts_and_errors() -> None:
    """One line per step, what belongs to it below."""
    lines = [line.strip("│├└─ ").rstrip() for line in drawn(view()).splitlines()]
    assert lines == [
        "✗ failed  Deploy  run_a  at 1970-01-01T00:00:00.000Z  9.5 s",
        "✓ check  if  3 ms  → true",
        'out {"condition":true}',
        "✗ call  http_request  9.0 s",
        "attempt 1 failed: HTTP_503: busy",
        "attempt 2 failed: HTTP_500: broken",
        'in  {"url":"https://a.example"}',
        "- other  skipped",
        "◷ later  delay  waiting  10.0 s  until 1970-01-02T00:00:00.000Z",
        "error HTTP_500: it answered 500",
    ]


def test_while_it_goes_on_no_values_are_drawn() -> None:
    """The live tree stays small."""
    shown = drawn(view(), values=False)
    assert "condition" not in shown
    assert "https://a.example" not in shown


def test_markup_in_data_is_only_text() -> None:
    """What a workflow puts into names and messages cannot colour or break the tree."""
    run = RunView("run_a", workflow="[bold]x[/nonsense]", status="failed")
    run.error = {"code": "X", "message": "[/]"}
    shown = drawn(run)
    assert "[bold]x[/nonsense]" in shown
    assert "X: [/]" in shown


def test_values_and_times_in_brief() -> None:
    """Cut where they get long; units that people read."""
    assert brief({"a": "b" * 500}, 20) == '{"a":"bbbbbbbbbbbbb…'
    assert [lasted(ms) for ms in (None, 5, 1_500, 90_000, 7_380_000)] == [
        "",
        "5 ms",
        "1.5 s",
        "1 min 30 s",
        "2 h 03 min",
    ]
