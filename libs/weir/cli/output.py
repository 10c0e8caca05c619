"""What commands print: JSON for programs, words and tables for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

BRIEF = 120
WIDE = 400


def tell(value: Any) -> None:
    """One JSON document."""
    _write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def tell_line(value: Any) -> None:
    """One JSON document on a line of its own, at once."""
    _write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def console() -> Console:
    """Standard output; colours only on a terminal, and nothing is cut for the width of another."""
    if sys.stdout.isatty():
        return Console(highlight=False, markup=False)
    return Console(highlight=False, markup=False, soft_wrap=True, width=WIDE)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table; the last column takes what room there is."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(columns):
        shown.add_column(name, overflow="fold", no_wrap=index < len(columns) - 1)
    for row in rows:
        shown.add_row(*row)
    return shown


def brief(value: Any, length: int = BRIEF) -> str:
    """A value on one line, cut where it gets long; empty for None."""
    if value is None:
        return ""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= length else f"{text[: length - 1]}…"


def lasted(ms: float | None) -> str:
    """A length of time for people; empty if it is not known."""
    if ms is None:
        return ""
    if ms < 1_000:  # noqa: PLR2004 - from here on seconds
        return f"{ms:.0f} ms"
    seconds = ms / 1_000
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"
