"""W5: many asynchronous starts, until the engine itself says that all are finished."""

from __future__ import annotations

import asyncio
import time
import urllib.error
from http import HTTPStatus
from typing import Any

from benchmarks import workloads
from benchmarks.house import House
from benchmarks.load import Check, Make, burst, expect, request
from benchmarks.parts.asking import Options, webhook
from benchmarks.report import Row
from benchmarks.workloads import W5_CONNECTIONS, W5_RUNS, WrongAnswerError

OPEN = "/runs?status=queued,running,waiting,paused,cancelling,compensating"
_PAGE = 200
_PATIENCE_S = 300.0
_POLL_S = 0.05
_SUCCEEDED = 'weir_runs_ended_total{status="succeeded"}'


async def w5(house: House, row: Row, options: Options) -> None:
    """W1, answered at the start; then the views are asked until none is open."""
    count = options.of(W5_RUNS)
    path = webhook(house, "accepted")
    stored, views = house.stored_bytes(), house.view_bytes()
    runs: dict[str, int] = {}

    def make(number: int) -> tuple[bytes, Check]:
        def look(answer: Any) -> None:
            runs[answer["run_id"]] = number

        return request("POST", path, workloads.w1_input(number), {}), expect(202, look)

    began = time.perf_counter()
    window = await burst(house.ports["trigger"], W5_CONNECTIONS, make, count=count)
    if len(runs) != count:
        raise WrongAnswerError(f"{count} starts became {len(runs)} runs")
    await _finished(house, count)
    seconds = time.perf_counter() - began
    row.put("w5_accepted_per_s", count / window.seconds)
    row.put("w5_finished_per_s", count / seconds)
    row.put("w5_finished_s", seconds)
    row.put("w5_bytes", (house.stored_bytes() - stored) / count)
    row.put("w5_view_bytes", (house.view_bytes() - views) / count)
    await _check(house, runs)


async def _finished(house: House, count: int) -> None:
    """Until the schedulers count so many more ends, and the views have no run that is open."""
    async with asyncio.timeout(_PATIENCE_S):
        while (await house.metrics("scheduler")).get(_SUCCEEDED, 0) < count:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)
        async with house.log() as log:
            last = await log.last_seq()
        path = f"{OPEN}&limit=1&min_sequence={last}"
        while (await _unless_behind(house, path)) != []:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)


async def _unless_behind(house: House, path: str) -> Any:
    try:
        return (await house.ask("query", "GET", path))["items"]
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return None


async def _check(house: House, runs: dict[str, int]) -> None:
    """The views list exactly the runs that were started, and each has its answer."""
    listed: set[str] = set()
    cursor = ""
    while cursor is not None:
        after = f"&cursor={cursor}" if cursor else ""
        path = f"/runs?status=succeeded&limit={_PAGE}{after}"
        page = await house.ask("query", "GET", path)
        listed |= {item["id"] for item in page["items"]}
        cursor = page["next_cursor"]
    if listed != set(runs):
        raise WrongAnswerError(f"{len(runs)} runs were started, {len(listed)} have succeeded")
    await burst(house.ports["query"], 8, _reading(house, list(runs.items())), count=len(runs))


def _reading(house: House, runs: list[tuple[str, int]]) -> Make:
    headers = house.authorised

    def make(number: int) -> tuple[bytes, Check]:
        run_id, order = runs[number - 1]

        def look(run: Any) -> None:
            workloads.check_w1(order, run["output"])

        return request("GET", f"/api/v1/runs/{run_id}", None, headers), expect(200, look)

    return make
