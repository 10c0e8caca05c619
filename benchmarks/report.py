"""What was measured, as Markdown and as JSON; repetitions become their median."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.figures import exponent, medians

NONE = "-"


class Column(NamedTuple):
    """A figure as it is shown. With `limits`, it is the share of the same figure in those rows."""

    title: str
    figure: str
    digits: int = 0
    limits: tuple[str, ...] = ()


class Ratio(NamedTuple):
    """How many times better one row is than another in a figure, at its last setting."""

    title: str
    figure: str
    less: bool = False
    """Less of it is better."""


class Row:
    """The figures of one engine at one durability; a figure is one number or several."""

    def __init__(self, what: str, sync: str) -> None:
        self.what = what
        self.sync = sync
        self._figures: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        self._curves: dict[str, dict[int, dict[str, list[float]]]] = {}

    def put(self, figure: str, *values: float) -> None:
        """What a measurement gave; called again for a repetition."""
        self._figures[figure].append(values)

    def point(self, curve: str, size: int, **costs: float) -> None:
        """What this size cost, by the name of the cost."""
        at = self._curves.setdefault(curve, {}).setdefault(size, {})
        for name, cost in costs.items():
            at.setdefault(name, []).append(cost)

    def add(self, other: Row) -> None:
        """All that another row of the same engine holds, as repetitions."""
        for figure, repetitions in other._figures.items():
            self._figures[figure] += repetitions
        for curve, points in other._curves.items():
            for size, costs in points.items():
                at = self._curves.setdefault(curve, {}).setdefault(size, {})
                for name, values in costs.items():
                    at.setdefault(name, []).extend(values)

    def get(self, figure: str) -> tuple[float, ...]:
        """The medians; nothing if it was not measured."""
        return medians(self._figures[figure]) if figure in self._figures else ()

    def curves(self) -> Iterator[tuple[str, str, list[tuple[int, float]]]]:
        """Curve, name of the cost, and (size, median) from small to large."""
        for curve, points in self._curves.items():
            names = dict.fromkeys(name for at in points.values() for name in at)
            for name in names:
                costs = [(size, at[name]) for size, at in sorted(points.items()) if name in at]
                yield curve, name, [(size, medians([[c] for c in cost])[0]) for size, cost in costs]

    def raw(self) -> dict[str, Any]:
        """Every repetition."""
        return {
            "what": self.what,
            "durability": self.sync,
            "figures": dict(self._figures),
            "curves": self._curves,
        }


class Report:
    """All rows, in the order in which they were first measured."""

    def __init__(self, sections: Mapping[str, Sequence[Column]]) -> None:
        self._sections = sections
        self._rows: dict[tuple[str, str], Row] = {}

    def row(self, what: str, sync: str) -> Row:
        """The row of an engine at a durability."""
        return self._rows.setdefault((what, sync), Row(what, sync))

    def raw(self) -> list[dict[str, Any]]:
        """Every repetition of all rows, for JSON."""
        return [row.raw() for row in self._rows.values()]

    def markdown(self) -> str:
        """A table for each section that has figures, and one for the curves."""
        tables = [
            f"### {title}\n\n{table}"
            for title, columns in self._sections.items()
            if (table := self._section(columns))
        ]
        if curves := self._curves():
            tables.append(f"### W7: cost against size\n\n{curves}")
        return "\n\n".join(tables)

    def ratios(self, ratios: Sequence[Ratio], ours: Sequence[str], beside: Sequence[str]) -> str:
        """Each of our rows set against each of the others, durability named; "" without any."""
        cells = [
            [f"{mine.what}, {mine.sync}", f"{other.what}, {other.sync}", *shown]
            for mine in self._rows.values()
            for other in self._rows.values()
            if mine.what in ours and other.what in beside
            if any(shown := [_times(mine, other, ratio) for ratio in ratios])
        ]
        cells = [[cell or NONE for cell in line] for line in cells]
        return table(["what", "beside", *(ratio.title for ratio in ratios)], cells) if cells else ""

    def _section(self, columns: Sequence[Column]) -> str:
        rows = [row for row in self._rows.values() if any(row.get(c.figure) for c in columns)]
        if not rows:
            return ""
        cells = [
            [row.what, row.sync, *(self._cell(row, column) for column in columns)] for row in rows
        ]
        return table(["what", "durability", *(column.title for column in columns)], cells)

    def _cell(self, row: Row, column: Column) -> str:
        values = row.get(column.figure)
        if not column.limits:
            return number(values, column.digits)
        limits = [self._rows.get((limit, row.sync)) for limit in column.limits]
        shares = [
            f"{values[-1] / limit.get(column.figure)[-1]:.0%}"
            for limit in limits
            if values and limit is not None and limit.get(column.figure)
        ]
        return " / ".join(shares) or NONE

    def _curves(self) -> str:
        cells = [
            [
                f"{curve}: {' / '.join(f'{size:,}' for size, _ in points)}",
                row.what,
                row.sync,
                name.replace("_", " "),
                " / ".join(significant(cost) for _, cost in points),
                f"{exponent(points):.2f}" if len(points) > 1 else NONE,
            ]
            for row in self._rows.values()
            for curve, name, points in row.curves()
        ]
        titles = ["sizes", "what", "durability", "cost", "at these sizes", "grows as size to the"]
        return table(titles, cells) if cells else ""


def _times(mine: Row, other: Row, ratio: Ratio) -> str:
    ours, theirs = mine.get(ratio.figure), other.get(ratio.figure)
    if not (ours and theirs and ours[-1] and theirs[-1]):
        return ""
    times = theirs[-1] / ours[-1] if ratio.less else ours[-1] / theirs[-1]
    return f"{significant(times)}x"


def table(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [titles, ["---"] * len(titles), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(values: Sequence[float], digits: int) -> str:
    """One figure, or several with strokes between."""
    return " / ".join(f"{value:,.{digits}f}" for value in values) or NONE


def significant(value: float) -> str:
    """Three digits that say something, whatever the size."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"
