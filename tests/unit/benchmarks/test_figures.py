"""Quantiles, medians, slopes and exponents are what statistics says they are."""

from __future__ import annotations

import pytest

from benchmarks.figures import exponent, medians, quantile, slope


@pytest.mark.parametrize(
    ("share", "wanted"), [(0.0, 1), (0.5, 51), (0.95, 96), (0.99, 100), (1.0, 100)]
)
def test_quantile(share: float, wanted: int) -> None:
    """A quantile is a measured value, and the last one at most."""
    assert quantile(range(100, 0, -1), share) == wanted


def test_quantile_of_nothing() -> None:
    """Where nothing was measured there is no latency."""
    assert quantile([], 0.99) == 0


def test_medians_are_taken_figure_by_figure() -> None:
    """The first figures of all repetitions have their median, and the second ones theirs."""
    assert medians([(1, 30), (3, 10), (2, 20)]) == (2, 20)


def test_repetitions_measure_the_same() -> None:
    """A repetition with fewer figures is no repetition."""
    with pytest.raises(ValueError, match="shorter"):
        medians([(1, 30), (3,)])


def test_slope_of_a_line() -> None:
    """Points on a line give its slope, without doubt."""
    found = slope([(x, 5 + 2 * x) for x in range(10)])
    assert found.per_x == pytest.approx(2)
    assert found.error == pytest.approx(0)


def test_slope_of_noise_is_within_its_error() -> None:
    """What goes up and down has no slope that is more than its error."""
    found = slope([(x, 100 + (-1) ** x) for x in range(11)])
    assert abs(found.per_x) < 2 * found.error


@pytest.mark.parametrize("points", [[], [(1, 1), (2, 2)], [(1, 1), (1, 2), (1, 3)]])
def test_no_slope_without_a_line(points: list[tuple[float, float]]) -> None:
    """Too few points, or points at one time, say nothing."""
    assert slope(points) == (0, 0)


@pytest.mark.parametrize("power", [0, 1, 2])
def test_exponent(power: int) -> None:
    """Cost that is constant, in proportion or quadratic is told apart."""
    assert exponent([(n, 7 * n**power) for n in (10, 100, 1000)]) == pytest.approx(power)


def test_exponent_of_no_cost() -> None:
    """A cost that could not be measured has no growth."""
    assert exponent([(10, 0), (100, 5)]) == 0
