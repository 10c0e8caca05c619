"""The figures of runs in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import floor

from weir.ports.analytics import (
    COUNTED,
    WORKFLOWS,
    FigureQuery,
    Figures,
    LastRun,
    QueueFigures,
    WorkflowFigures,
)
from weir.ports.views import RunRow, StepRow


def figures(runs: Iterable[RunRow], query: FigureQuery) -> list[Figures]:
    """Of each stretch that has runs, and of all."""
    stretch = query.bucket_ms or query.before_ms - query.from_ms
    found = _seen(runs, query)
    buckets: dict[int, list[RunRow]] = defaultdict(list)
    for run in found:
        buckets[(run.started_ms - query.from_ms) // stretch].append(run)
    return [*(_figures(at, buckets[at]) for at in sorted(buckets)), _figures(None, found)]


def by_workflow(
    runs: Iterable[RunRow], query: FigureQuery, name_of: Callable[[RunRow], str]
) -> list[WorkflowFigures]:
    """Of each workflow, the one with the most runs first."""
    groups: dict[str, list[RunRow]] = defaultdict(list)
    for run in _seen(runs, query):
        groups[run.workflow_id].append(run)
    every = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    found = []
    for workflow_id, of in every[:WORKFLOWS]:
        all_of = _figures(None, of)
        found.append(WorkflowFigures(workflow_id, name_of(of[0]), *all_of[1:7]))
    return found


def open_runs(runs: Iterable[RunRow], query: FigureQuery) -> dict[str, int]:
    """How many go on, by status."""
    return dict(Counter(run.status for run in runs if run.ended_ms is None and _of(run, query)))


def last_runs(runs: Iterable[RunRow], workflows: Sequence[str]) -> list[LastRun]:
    """The newest of each."""
    newest: dict[str, RunRow] = {}
    for run in sorted(runs, key=lambda run: (run.started_ms, run.run_id)):
        newest[run.workflow_id] = run
    return [
        LastRun(run.workflow_id, run.run_id, run.status, run.started_ms, run.ended_ms)
        for run in (newest[workflow] for workflow in workflows if workflow in newest)
    ]


def queues(steps: Iterable[StepRow]) -> list[QueueFigures]:
    """What waits."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for step in steps:
        if step.status == "queued" and step.queue:
            waiting[step.queue].append(step.scheduled_ms or 0)
    return [QueueFigures(queue, len(since), min(since)) for queue, since in waiting.items()]


def _seen(runs: Iterable[RunRow], query: FigureQuery) -> list[RunRow]:
    found = [
        run for run in runs if query.from_ms <= run.started_ms < query.before_ms and _of(run, query)
    ]
    found.sort(key=lambda run: run.started_ms, reverse=True)
    return found[:COUNTED]


def _of(run: RunRow, query: FigureQuery) -> bool:
    allowed = query.projects is None or run.project in query.projects
    return allowed and query.workflow_id in {None, run.workflow_id}


def _figures(bucket: int | None, runs: Sequence[RunRow]) -> Figures:
    ended = Counter(run.status for run in runs)
    took = sorted(run.ended_ms - run.started_ms for run in runs if run.ended_ms is not None)
    return Figures(
        bucket,
        len(runs),
        ended["succeeded"],
        ended["failed"],
        ended["cancelled"],
        *(_percentile(took, part) for part in (0.5, 0.95, 0.99)),
    )


def _percentile(sorted_ms: Sequence[int], part: float) -> float | None:
    """As `percentile_cont` does: between two neighbours by their distance."""
    if not sorted_ms:
        return None
    place = part * (len(sorted_ms) - 1)
    low = floor(place)
    high = min(low + 1, len(sorted_ms) - 1)
    return sorted_ms[low] + (sorted_ms[high] - sorted_ms[low]) * (place - low)
