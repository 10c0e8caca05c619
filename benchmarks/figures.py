"""What is made of measured numbers: quantiles, medians of repetitions, slopes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple


def quantile(values: Sequence[float], share: float) -> float:
    """A value that this share of them stays within; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def medians(repetitions: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Of figures that were each measured several times, the middle one of each."""
    return tuple(statistics.median(values) for values in zip(*repetitions, strict=True))


class Slope(NamedTuple):
    """A straight line through points: how much y grows with x, and how sure that is."""

    per_x: float
    error: float
    """Standard error of the growth: a slope below two of them is no slope."""


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """The line of least squares; no slope if fewer than three points or all at one x."""
    count = len(points)
    if count < 3:
        return Slope(0.0, 0.0)
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return Slope(0.0, 0.0)
    per_x = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    left = sum((y - mean_y - per_x * (x - mean_x)) ** 2 for x, y in points)
    return Slope(per_x, (left / (count - 2) / spread) ** 0.5)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """How cost grows with size, by the first and last point: 1 in proportion, 2 quadratic."""
    (small, cheap), (large, dear) = points[0], points[-1]
    if min(small, cheap, dear) <= 0 or small == large:
        return 0.0
    return math.log(dear / cheap) / math.log(large / small)
