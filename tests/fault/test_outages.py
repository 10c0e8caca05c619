"""Servers that are away for a while: what goes on goes on, what is refused is told so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import gaps, histories, judge
from tests.fault.table import Table
from tests.fault.workflows import mark_wait_mark
from tests.waiting import eventually
from weir.client import ApiError
from weir.contract import ids
from weir.contract.subjects import run_key, start_fact
from weir.runtime.first_key import TENANT

RUNS = 100
AWAY_S = 15.0
LATE_S = 2.0
CLIENTS = 16

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflow(platform: House) -> str:
    """The workflow of all runs."""
    workflow_id, _ = await platform.publish(mark_wait_mark(platform.outside.url))
    return workflow_id


async def refusal(platform: House, path: str) -> ApiError | None:
    """Why a read is refused; None if it is answered."""
    try:
        await platform.ask("query", "GET", path)
    except ApiError as error:
        return error
    return None


async def test_runs_go_on_without_postgres(
    platform: House, workflow: str, table: Table, figures: Callable[[str], None]
) -> None:
    """Runs start and finish; reads say 503 and a code; afterwards the views show everything."""
    before = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    killed_ms = time.time_ns() // 1_000_000
    await platform.kill("postgres")
    away = asyncio.create_task(asyncio.sleep(AWAY_S))
    during = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])
    runs = [*before, *during]
    for path in (f"/runs/{runs[0]}", f"/runs/{runs[0]}/steps", "/runs", f"/runs/{runs[0]}/logs"):
        refused = await refusal(platform, path)
        assert refused is not None, path
        assert (refused.status, refused.code) == (503, "UNAVAILABLE"), (path, refused.shown())
    history = await platform.ask("query", "GET", f"/runs/{runs[0]}/events")
    assert history["items"], "what the log alone can tell is told"
    sequence = await platform.ended(runs)
    await away
    await platform.start("postgres")
    loop = asyncio.get_running_loop()
    back = loop.time()

    async def complete() -> bool:
        return await refusal(platform, f"/runs?min_sequence={sequence}") is None

    await eventually(complete)
    caught_up = loop.time() - back
    verdict = await judge(platform, runs, sequence=sequence)
    table.row(
        f"Postgres away for {AWAY_S:g} s",
        runs,
        verdict,
        gaps(await histories(platform, before), killed_ms),
    )
    figures(f"Postgres away {AWAY_S:g} s: views complete {caught_up:.1f} s after it was back")
    verdict.must_hold()
    assert platform.processes["query"].child.exit_code() is None


async def more_than(count: int, found: list[str]) -> bool:
    """Whether there are so many by now."""
    return len(found) > count


async def test_nothing_acknowledged_is_lost_without_nats(
    platform: House, workflow: str, table: Table
) -> None:
    """Starts are refused with 503 and Retry-After meanwhile; every 202 is a run that ends."""
    accepted: list[str] = []
    refused: dict[str, list[str]] = {"UNAVAILABLE": [], "OUTCOME_UNKNOWN": []}
    over = asyncio.Event()
    url = f"{platform.processes['trigger'].url}/api/v1/workflows/{workflow}/runs"

    async def client(number: int) -> None:
        count = 0
        while not over.is_set():
            key = f"k{number}-{count}"
            count += 1
            run_id = ids.derived("run", TENANT, workflow, key)
            headers = {**platform.authorised, "Idempotency-Key": key}
            async with platform.http.post(url, json={"input": {}}, headers=headers) as answer:
                told: dict[str, Any] = await answer.json()
                if answer.status == 202:
                    assert told["run_id"] == run_id
                    accepted.append(run_id)
                else:
                    assert answer.status == 503, told
                    assert answer.headers["Retry-After"]
                    refused[told["error"]["code"]].append(run_id)
            await asyncio.sleep(0.02)

    clients = [asyncio.create_task(client(number)) for number in range(CLIENTS)]
    await eventually(lambda: more_than(50, accepted))
    killed_ms = time.time_ns() // 1_000_000
    await platform.kill("nats")
    await eventually(lambda: more_than(50, refused["UNAVAILABLE"]))
    await platform.start("nats")
    count = len(accepted)
    await eventually(lambda: more_than(count + 50, accepted))
    over.set()
    await asyncio.gather(*clients)
    sequence = await platform.ended(accepted)
    for run_id in refused["UNAVAILABLE"]:
        start = await platform.log.last(run_key(TENANT, run_id).fact(start_fact()))
        assert start is None, f"{run_id} was refused and stored"
    verdict = await judge(platform, accepted, sequence=sequence)
    table.row(
        f"NATS killed while {CLIENTS} clients start runs; {len(refused['UNAVAILABLE'])} starts "
        f"refused, {len(refused['OUTCOME_UNKNOWN'])} of unknown outcome",
        accepted,
        verdict,
        gaps(await histories(platform, accepted), killed_ms),
    )
    verdict.must_hold()


async def test_a_service_waits_for_the_servers_it_needs(platform: House) -> None:
    """Started a moment before NATS, a service is ready once NATS is."""
    await platform.kill("trigger", "executor", "scheduler-1", "nats")
    starting = asyncio.create_task(platform.start("trigger", "executor", "scheduler-1"))
    await asyncio.sleep(LATE_S)
    await platform.start("nats")
    await starting
