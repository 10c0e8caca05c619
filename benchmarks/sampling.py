"""What a long load looks like from outside: samples of memory, errors and lag, and their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.figures import quantile, slope
from benchmarks.report import table

LAG_GOAL_S = 2.0
_HOUR_S = 3600.0


@dataclass(frozen=True)
class Sample:
    """One look. Memory in MB by program; `log_mb` is what the broker keeps on disk."""

    at_s: float
    memory: Mapping[str, float]
    log_mb: float
    rate: float
    p99_ms: float
    behind: float
    """Messages of the log that the views had not stored."""


@dataclass
class Watch:
    """Everything that was seen; `errors` are the answers that were wrong."""

    samples: list[Sample] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def memory(self, settled_s: float) -> str:
        """Slopes of what was seen from then on, when everything had found its size."""
        late = [sample for sample in self.samples if sample.at_s >= settled_s]
        if not late:
            return "no samples"
        series = {name: [s.memory.get(name, 0.0) for s in late] for name in late[0].memory}
        series["together"] = [sum(s.memory.values()) for s in late]
        series["log on disk"] = [s.log_mb for s in late]
        hours = [sample.at_s / _HOUR_S for sample in late]
        cells = []
        for name, values in series.items():
            line = slope(list(zip(hours, values, strict=True)))
            cells.append(
                [
                    name,
                    f"{values[0]:,.0f}",
                    f"{values[-1]:,.0f}",
                    f"{max(values):,.0f}",
                    f"{line.per_x:+,.1f} ± {2 * line.error:,.1f}",
                ]
            )
        return table(["MB of", "at first", "at last", "at most", "a hour"], cells)

    def told(self, open_runs: int, failed_runs: int) -> Sequence[str]:
        """The rest, a line for each promise."""
        worst = max(self.lags_s, default=0.0)
        goal = "" if worst <= LAG_GOAL_S else f", goal {LAG_GOAL_S:g} s missed"
        behind = max((sample.behind for sample in self.samples), default=0.0)
        lag = f"{quantile(self.lags_s, 0.5):.3f} s (median of {len(self.lags_s)})"
        return [
            f"wrong answers: {len(self.errors)}{''.join(f' ({e})' for e in self.errors[:3])}",
            f"runs that have not ended: {open_runs}; that failed: {failed_runs}",
            f"an ended run is in the views after {lag}, {worst:.3f} s at most{goal}",
            f"messages that the views were behind, at most: {behind:,.0f}",
        ]
