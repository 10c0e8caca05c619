"""What the faults did, one row each, and the page that a whole run writes of it."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fault.judging import Pause, Verdict
from tests.fault.programs.keeping import told
from weir.runtime.servers.nats import binary

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "faults.md"

_OPENING = """\
# What faults do

`make fault` runs the platform as separate processes (trigger, two schedulers, executor, registry,
query, NATS, Postgres), does to them what each row names while runs are under way, and wrote this
page at its end: {where}.

- **runs**: how many were accepted, before the fault, during it and after it. Most call an HTTP
  server outside, wait two seconds, and call it again.
- **lost**: those that did not end as they should; log, archive and views must agree on each.
- **repeated effects**: calls that the server outside got again under the same idempotency key. Each
  belongs to an attempt whose result was not stored when the fault came: a call again after its
  result was stored fails the test, and so do two stored results of one step.
- **next event**: seconds from the fault to the next message in the log, of any run that had not
  ended.
- **longest pause**: the longest time for which any run had no message then or later, its own two
  seconds included.

"""
_HEAD = """\
| fault | runs | lost | repeated effects | longest pause, s | next event, s |
|---|---|---|---|---|---|
"""
_PROGRAMS = """
`make programs` draws programs at random (loops, waits, calls outside that throw or take long,
sub-workflows, signals, cancels, try and catch, compensation), runs many at once, kills a process
every 15 s and NATS every 60 s, and compares what came of them with a model: {told}.
"""
_CLOSING = """
What a power cut takes, and what a flipped bit in the broker's files does, is not tried here:
[durability](../explanation/durability.md) says what is promised about both.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `pauses` are those of the runs from then on."""

    fault: str
    runs: int
    verdict: Verdict
    pauses: Sequence[Pause]

    @property
    def cells(self) -> tuple[str, ...]:
        """As text, in the order of the page's columns."""
        verdict = self.verdict
        repeated = str(verdict.repeated)
        if verdict.repeated:
            repeated += f" (at most {verdict.most} per key, {verdict.keys} keys)"
        longest = max((pause.longest for pause in self.pauses), default=None)
        first = min((pause.next for pause in self.pauses if pause.next is not None), default=None)
        return (
            self.fault,
            str(self.runs),
            str(self.runs - verdict.finished),
            repeated,
            _seconds(longest),
            _seconds(first),
        )


class Table:
    """The rows of one run of the tests."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def row(
        self, fault: str, runs: Sequence[str], verdict: Verdict, pauses: Sequence[Pause] = ()
    ) -> None:
        """Keep what a fault did, found right or wrong."""
        self.rows.append(Row(fault, len(runs), verdict, pauses))

    def lines(self) -> list[str]:
        """For a terminal."""
        return [
            f"{fault}: {runs} runs, {lost} lost, {repeated} repeated"
            + (f", longest pause {pause} s, next event {first} s" if pause else "")
            for fault, runs, lost, repeated, pause, first in (row.cells for row in self.rows)
        ]

    def page(self, failed: Sequence[str]) -> str:
        """For readers; `failed` are the tests that did not pass."""
        rows = "".join(f"| {' | '.join(row.cells)} |\n" for row in self.rows)
        broken = "".join(f"- `{test}`\n" for test in failed)
        worse = f"\nThese tests failed in this run:\n\n{broken}" if failed else ""
        programs = _PROGRAMS.format(told=told()) if told() else ""
        return _OPENING.format(where=_where()) + _HEAD + rows + worse + programs + _CLOSING


def _seconds(ms: int | None) -> str:
    return "" if ms is None else f"{ms / 1000:.1f}"


def _where() -> str:
    done = subprocess.run(  # noqa: S603  # our own binary
        [binary(), "--version"], capture_output=True, text=True, check=True
    )
    server = done.stdout.strip().removeprefix("nats-server: ")
    return (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, nats-server {server}"
    )
