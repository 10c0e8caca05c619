"""Figures over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.query.service import build
from tests.conformance.test_views import at, run
from tests.http_house import TENANT, House, house_on_memory
from weir.contract import ids
from weir.ports.views import Batch

FIGURES = "/api/v1/analytics"
WORKFLOW = ids.derived("wf", "a")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A query service whose views hold a run that succeeded a second ago."""
    async with house_on_memory(build) as house:
        views = house.platform.views
        assert views is not None
        now = house.platform.clock.now_ms()
        row = run(1, tenant=TENANT, workflow_id=WORKFLOW, started_ms=now - 1_000)
        row = row._replace(status="succeeded", ended_ms=now - 500)
        for service in house.services:
            await service.stop()  # what it projects is written here instead
        projecting = await views.project("runs")
        await projecting.apply(Batch(at(200), runs=[row]))
        await projecting.close()
        yield house


@pytest.mark.parametrize(("window", "buckets"), [("1h", 60), ("24h", 96), ("30d", 90)])
async def test_a_window_comes_whole(house: House, window: str, buckets: int) -> None:
    """Every stretch of it is there, with runs or without."""
    answer = await house.ask("GET", f"{FIGURES}/runs?window={window}", key="viewer")
    assert answer.status == 200
    assert len(answer.body["buckets"]) == buckets
    assert answer.body["total"]["succeeded"] == sum(
        one["succeeded"] for one in answer.body["buckets"]
    )
    assert answer.body["total"]["p95_ms"] == 500
    assert answer.body["complete"] is True
    assert answer.body["before"]["started"] == 0


async def test_workflows_and_their_newest_runs(house: House) -> None:
    """What the list of workflows shows of runs."""
    answer = await house.ask("GET", f"{FIGURES}/workflows")
    assert [one["workflow_id"] for one in answer.body["items"]] == [WORKFLOW]
    other = ids.derived("wf", "b")
    last = await house.ask("GET", f"{FIGURES}/last-runs?workflow_ids={WORKFLOW},{other}")
    assert [one["status"] for one in last.body["items"]] == ["succeeded"]
    assert (await house.ask("GET", f"{FIGURES}/last-runs")).body == {"items": []}


async def test_the_usual_queue_is_always_there(house: House) -> None:
    """Whoever looks sees that nothing waits."""
    answer = await house.ask("GET", f"{FIGURES}/queues")
    assert [(one["queue"], one["queued"]) for one in answer.body["items"]] == [("default", 0)]


@pytest.mark.parametrize(
    "path",
    ["runs?window=2y", "workflows?window=", "last-runs?workflow_ids=x", "runs?workflow_id=%00"],
)
async def test_what_is_no_question_is_refused(house: House, path: str) -> None:
    """With the parameter that is wrong."""
    answer = await house.ask("GET", f"{FIGURES}/{path}")
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")
