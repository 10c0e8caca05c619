"""What a host takes from a measurement is told, and the least disturbed attempt counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.report import Report, Row
from benchmarks.sections import SECTIONS
from benchmarks.stolen import ATTEMPTS, Spent, spent, undisturbed
from benchmarks.workloads import WrongAnswerError

_STAT = """\
cpu  800 20 100 5000 40 0 10 70 30 0
cpu0 400 10 50 2500 20 0 5 35 15 0
intr 1 2 3
"""


def test_idle_time_is_not_wanted() -> None:
    """Of what processes wanted, some was stolen; guests are counted in user time already."""
    assert spent(_STAT) == Spent(wanted=1_000, stolen=70)
    assert Spent(1_000, 70).since(Spent(800, 60)) == 5.0
    assert Spent(1_000, 70).since(Spent(1_000, 70)) == 0.0


def _clock(percents: list[int]) -> Iterator[Spent]:
    """Before and after each attempt, of which so much was stolen."""
    wanted = stolen = 0
    for percent in percents:
        yield Spent(wanted, stolen)
        wanted, stolen = wanted + 100, stolen + percent
        yield Spent(wanted, stolen)


@pytest.mark.parametrize(
    ("percents", "attempts", "told"),
    [
        ([0], 1, 0),
        ([3], 1, 3),
        ([20, 1], 2, 1),
        ([20, 9, 12], ATTEMPTS, 9),
    ],
)
async def test_the_least_disturbed_attempt_counts(
    percents: list[int], attempts: int, told: int
) -> None:
    """It is the only one in the row, however many there were."""
    clock = _clock(percents)
    made: list[Row] = []

    async def measure(row: Row) -> None:
        row.put("per_s", 1_000 + len(made))
        row.point("signals", 10, ms=float(len(made)))
        made.append(row)

    row = Row("Weir, separate", "kill-safe")
    row.put("per_s", 7)
    await undisturbed("w5", row, measure, 3.0, lambda: next(clock))
    assert len(made) == attempts
    assert row.get("w5_stolen") == (told,)
    best = percents.index(told)
    assert row.raw()["figures"]["per_s"] == [(7,), (1_000 + best,)]
    assert list(row.curves()) == [("signals", "ms", [(10, best)])]


async def test_what_a_part_had_measured_before_it_failed_is_kept() -> None:
    """A curve's first sizes, for one, when the last of them gives a wrong answer."""
    row = Row("Weir, separate", "kill-safe")

    async def measure(attempt: Row) -> None:
        attempt.put("per_s", 5)
        raise WrongAnswerError("no")

    with pytest.raises(WrongAnswerError):
        await undisturbed("w7", row, measure, 3.0, lambda: Spent(0, 0))
    assert row.get("per_s") == (5,)


def test_each_part_has_its_column() -> None:
    """As an own table, so that every figure can be judged by it."""
    report = Report(SECTIONS)
    report.row("Weir, separate", "kill-safe").put("w2_stolen", 1.25)
    assert report.markdown().splitlines()[-1] == (
        "| Weir, separate | kill-safe | - | - | 1.2 | - | - | - | - | - | - | - |"
    )
