"""A run as a tree for people: its steps in the order it reached them, each with its attempts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from weir.cli.output import brief, lasted
from weir.cli.view import STEP_ENDED, RunView, StepView
from weir.contract import times

_MARKS = {
    "succeeded": ("✓", "green"),
    "caught": ("!", "yellow"),
    "failed": ("✗", "red"),
    "cancelled": ("✗", "magenta"),
    "skipped": ("-", "bright_black"),
    "running": ("▸", "cyan"),
    "queued": ("·", "cyan"),
    "retrying": ("↻", "yellow"),
    "waiting": ("◷", "blue"),
    "paused": ("‖", "yellow"),
    "compensating": ("↺", "magenta"),
    "compensated": ("↺", "magenta"),
}
_ASIDE = "bright_black"


def tree(view: RunView, now_ms: int, *, values: bool = True) -> Tree:
    """The whole run; `values` also shows inputs and outputs in brief."""
    shown = Tree(_head(view, now_ms), guide_style=_ASIDE)
    for step in view.steps.values():
        branch = shown.add(_title(step, now_ms))
        for line in _details(step, values=values):
            branch.add(line)
    if view.error:
        shown.add(Text(f"error {_error(view.error)}", "red"))
    elif values and view.output is not None:
        shown.add(Text(f"output {brief(view.output, 1_000)}"))
    return shown


def _head(view: RunView, now_ms: int) -> Text:
    mark, colour = _MARKS.get(view.state, ("·", "cyan"))
    head = Text(f"{mark} {view.state}", f"bold {colour}")
    head.append(f"  {view.workflow}  {view.id}", "default not bold")
    if view.trigger.get("kind"):
        head.append(f"  by {view.trigger['kind']}", _ASIDE)
    if view.began_ms is not None:
        took = lasted((view.ended_ms or now_ms) - view.began_ms)
        head.append(f"  at {times.from_ms(view.began_ms)}  {took}", _ASIDE)
    if view.reason:
        head.append(f"  {view.reason}")
    return head


def _title(step: StepView, now_ms: int) -> Text:
    mark, colour = _MARKS.get(step.status, ("·", "cyan"))
    title = Text(f"{mark} {step.path}", colour)
    title.append(f"  {step.type}" if step.type else "", _ASIDE)
    if step.inside is not None:
        done, total, failed = step.inside
        title.append(f"  {done}/{total}")
        title.append(f"  {failed} failed" if failed else "", "red")
    if step.status == "skipped":
        title.append("  skipped", _ASIDE)
        return title
    if step.status not in {"succeeded", "failed"}:
        title.append(f"  {step.status}", colour)
    if step.began_ms is not None:
        title.append(f"  {lasted((step.ended_ms or now_ms) - step.began_ms)}", _ASIDE)
    if step.due_ms is not None and step.status in {"waiting", "retrying"}:
        title.append(f"  until {times.from_ms(step.due_ms)}", _ASIDE)
    if step.waits and step.status == "waiting":
        title.append(f"  for {step.waits.replace(':', ' ')}")
    if step.port not in {"", "out"}:
        title.append(f"  → {step.port}")
    return title


def _details(step: StepView, *, values: bool) -> Iterator[Text]:
    if len(step.attempts) > 1 or (step.attempts and step.attempts[-1]["error"]):
        for attempt in step.attempts:
            why = f": {_error(attempt['error'])}" if attempt["error"] else ""
            yield Text(f"attempt {attempt['attempt']} {attempt['status']}{why}", _ASIDE)
    elif step.error:
        yield Text(_error(step.error), "yellow" if step.status == "caught" else "red")
    if not values:
        return
    if step.input is not None:
        yield _value("in ", step.input)
    if step.output is not None and step.status in STEP_ENDED:
        yield _value("out", step.output)


def _value(name: str, value: Any) -> Text:
    return Text(f"{name} {brief(value, 200)}", _ASIDE, no_wrap=True, overflow="ellipsis")


def _error(error: object) -> str:
    if isinstance(error, dict):
        return f"{error.get('code', '')}: {error.get('message', '')}"
    return str(error)
