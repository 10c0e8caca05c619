"""Figures of runs: one suite for the store in memory and the one in Postgres."""

from __future__ import annotations

from tests.conformance.test_views import at, prepare_database, run, step, views, write
from weir.ports.analytics import FigureQuery, Figures, QueueFigures
from weir.ports.views import Batch, Views, WorkflowRow

__all__ = ["prepare_database", "views"]

SPAN = FigureQuery(from_ms=0, before_ms=20_000, bucket_ms=10_000)


async def _house(views: Views) -> None:
    """Ten runs a second apart; the odd ones are over, the fifth failed; one is another's."""
    rows = [run(number) for number in range(1, 11)]
    for number in range(0, 10, 2):
        row = rows[number]
        status = "failed" if number == 4 else "succeeded"
        rows[number] = row._replace(status=status, ended_ms=row.started_ms + 100 * (number + 1))
    rows[3] = rows[3]._replace(workflow_id="wf_b", project="prj_b", status="waiting")
    rows.append(run(11, tenant="other"))
    await write(views, Batch(at(200), runs=rows))
    await write(views, Batch(at(200), workflows=[WorkflowRow("acme", "wf_a", "A", 1)]), "workflows")


async def test_figures_come_by_stretch_and_as_a_whole(views: Views) -> None:
    """Every run counts in the stretch it started in; durations are of those that ended."""
    await _house(views)
    first, second, total = await views.figures("acme", SPAN)
    assert first == Figures(0, 9, 4, 1, 0, 500.0, 860.0, 892.0)
    assert second == Figures(1, 1)
    assert total == first._replace(bucket=None, started=10)
    assert (await views.figures("nobody", SPAN)) == [Figures(None)]


async def test_figures_are_of_what_was_asked_for(views: Views) -> None:
    """A workflow, projects and a span bind what is counted."""
    await _house(views)
    one = FigureQuery(0, 20_000, workflow_id="wf_b")
    assert (await views.figures("acme", one))[-1].started == 1
    assert (await views.figures("acme", FigureQuery(0, 20_000, projects=["prj_b"])))[-1][1] == 1
    assert (await views.figures("acme", FigureQuery(0, 20_000, projects=[])))[-1].started == 0
    assert (await views.figures("acme", FigureQuery(3_000, 5_000)))[-1].started == 2


async def test_workflows_come_with_the_most_runs_first(views: Views) -> None:
    """Each has its own figures, and its name where it is known."""
    await _house(views)
    a, b = await views.workflow_figures("acme", SPAN)
    assert (a.workflow_id, a.name, a.started, a.succeeded, a.failed) == ("wf_a", "A", 9, 4, 1)
    assert (a.p50_ms, b) == (500.0, ("wf_b", "", 1, 0, 0, 0, None, None))


async def test_what_goes_on_is_counted_by_status(views: Views) -> None:
    """Whenever it started, and where the caller may look."""
    await _house(views)
    assert await views.count_open("acme", SPAN) == {"running": 4, "waiting": 1}
    assert await views.count_open("acme", FigureQuery(0, 1, projects=["prj_b"])) == {"waiting": 1}


async def test_the_newest_run_of_each_workflow_is_found(views: Views) -> None:
    """Those that have none are left out."""
    await _house(views)
    found = await views.last_runs("acme", ["wf_a", "wf_b", "wf_c"], None)
    assert {one.workflow_id: (one.started_ms, one.status) for one in found} == {
        "wf_a": (10_000, "running"),
        "wf_b": (4_000, "waiting"),
    }
    assert [one[0] for one in await views.last_runs("acme", ["wf_a", "wf_b"], ["prj_b"])] == [
        "wf_b"
    ]


async def test_queues_tell_what_waits(views: Views) -> None:
    """How much, and since when."""
    steps = [
        step("a", 0, status="queued", queue="gpu", scheduled_ms=7),
        step("b", 1, status="queued", queue="gpu", scheduled_ms=5),
        step("c", 2, status="waiting", queue="gpu"),
        step("d", 3, status="succeeded", queue="cpu"),
    ]
    await write(views, Batch(at(200), runs=[run(1)], steps=steps))
    assert await views.queues("acme") == [QueueFigures("gpu", 2, 5)]
    assert await views.queues("other") == []
