"""A soak says how memory grows, and whether its promises were kept."""

from __future__ import annotations

from benchmarks.sampling import Sample, Watch


def _sample(at_s: float, trigger: float, query: float) -> Sample:
    return Sample(at_s, {"trigger": trigger, "query": query}, 5.0, 100.0, 20.0, at_s)


def test_slopes_are_those_of_the_settled_time() -> None:
    """What processes take until they have found their size is no leak."""
    watch = Watch(
        [_sample(0, 10, 10), *(_sample(s, 60 + s / 60, 80) for s in range(600, 1800, 60))]
    )
    lines = watch.memory(settled_s=600).splitlines()[2:]
    assert lines == [
        "| trigger | 70 | 89 | 89 | +60.0 ± 0.0 |",
        "| query | 80 | 80 | 80 | +0.0 ± 0.0 |",
        "| together | 150 | 169 | 169 | +60.0 ± 0.0 |",
        "| log on disk | 5 | 5 | 5 | +0.0 ± 0.0 |",
    ]


def test_nothing_settled() -> None:
    """A load too short says nothing of memory."""
    assert Watch([_sample(10, 1, 1)]).memory(settled_s=60) == "no samples"


def test_promises_that_were_not_kept_are_told() -> None:
    """Wrong answers by their number and the first of them, views that were late as missed."""
    watch = Watch([_sample(7, 1, 1)], [0.1, 2.5, 0.2], ["500: no"] * 4)
    late = "an ended run is in the views after 0.200 s (median of 3)"
    assert list(watch.told(open_runs=3, failed_runs=1)) == [
        "wrong answers: 4 (500: no) (500: no) (500: no)",
        "runs that have not ended: 3; that failed: 1",
        f"{late}, 2.500 s at most, goal 2 s missed",
        "messages that the views were behind, at most: 7",
    ]


def test_promises_that_were_kept() -> None:
    """Nothing is complained of."""
    told = "\n".join(Watch([], [0.1], []).told(open_runs=0, failed_runs=0))
    assert "wrong answers: 0\n" in told
    assert "missed" not in told
