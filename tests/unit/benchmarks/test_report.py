"""Tables show medians, shares of what was measured beside, and curves with their growth."""

from __future__ import annotations

import json

from benchmarks.report import Column, Ratio, Report, significant
from benchmarks.sections import SECTIONS

_SECTIONS = {
    "speed": (
        Column("runs/s", "per_s"),
        Column("of the limit", "per_s", limits=("limit",)),
        Column("p50 ms", "p50_ms", 2),
    ),
    "memory": (Column("MB", "mb"),),
}


def test_medians_and_shares_of_the_same_durability() -> None:
    """Repetitions become medians; a share is taken at the last setting, of the like."""
    report = Report(_SECTIONS)
    report.row("limit", "kill-safe").put("per_s", 1_000, 20_000)
    report.row("limit", "power-safe").put("per_s", 500, 10_000)
    for rate in (900, 5_000, 4_000):
        report.row("Weir", "power-safe").put("per_s", 100, rate)
    assert report.markdown().splitlines()[-1] == "| Weir | power-safe | 100 / 4,000 | 40% | - |"


def test_sections_without_figures_are_left_out() -> None:
    """What was not measured has no table, and an engine that did not take part no line."""
    report = Report(_SECTIONS)
    report.row("Weir", "kill-safe").put("mb", 12.4)
    report.row("other", "kill-safe")
    assert report.markdown() == (
        "### memory\n\n| what | durability | MB |\n| --- | --- | --- |\n| Weir | kill-safe | 12 |"
    )


def test_a_share_without_its_limit_is_not_guessed() -> None:
    """Kill-safe is never set against power-safe."""
    report = Report(_SECTIONS)
    report.row("limit", "power-safe").put("per_s", 10_000)
    report.row("Weir", "kill-safe").put("per_s", 5_000)
    assert report.markdown().splitlines()[-1] == "| Weir | kill-safe | 5,000 | - | - |"


def test_curves_say_how_cost_grows() -> None:
    """Each cost of a curve is a line, sizes from small to large whatever came first."""
    report = Report(_SECTIONS)
    row = report.row("Weir", "kill-safe")
    for size in (1_000, 10, 100):
        row.point("signals", size, ended_s=size / 100)
        row.point("signals", size, ended_s=size / 100)
    assert report.markdown().splitlines()[-1] == (
        "| signals: 10 / 100 / 1,000 | Weir | kill-safe | ended s | 0.100 / 1.00 / 10.0 | 1.00 |"
    )


def test_ratios_say_how_many_times_better() -> None:
    """More is better or less is, the durability of both is named, and gaps are gaps."""
    report = Report(_SECTIONS)
    ours, theirs = report.row("Weir", "power-safe"), report.row("other", "kill-safe")
    ours.put("per_s", 10, 3_000)
    theirs.put("per_s", 20, 500)
    ours.put("p50_ms", 2)
    theirs.put("p50_ms", 7)
    theirs.put("mb", 7)
    ratios = [Ratio("runs/s", "per_s"), Ratio("p50", "p50_ms", less=True), Ratio("MB", "mb")]
    assert report.ratios(ratios, ["Weir"], ["other"]).splitlines()[2:] == [
        "| Weir, power-safe | other, kill-safe | 6.00x | 3.50x | - |"
    ]
    assert report.ratios(ratios[2:], ["Weir"], ["other"]) == ""


def test_json_keeps_every_repetition() -> None:
    """What the medians were made of can be looked at afterwards."""
    report = Report(_SECTIONS)
    row = report.row("Weir", "kill-safe")
    row.put("per_s", 1, 2)
    row.put("per_s", 3, 4)
    row.point("signals", 10, ended_s=1)
    assert json.loads(json.dumps(report.raw())) == [
        {
            "what": "Weir",
            "durability": "kill-safe",
            "figures": {"per_s": [[1, 2], [3, 4]]},
            "curves": {"signals": {"10": {"ended_s": [1]}}},
        }
    ]


def test_figures_are_as_precise_as_they_are() -> None:
    """Three digits that say something."""
    assert [significant(value) for value in (1234.5, 12.34, 1.234, 0.1234)] == [
        "1,234",
        "12.3",
        "1.23",
        "0.123",
    ]


def test_no_figure_stands_in_two_tables() -> None:
    """Each column of one table is another figure, or its share."""
    columns = [(c.figure, c.limits) for section in SECTIONS.values() for c in section]
    assert len(columns) == len(set(columns))
