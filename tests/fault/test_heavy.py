"""Expression bombs and large values: bounded, while every process goes on answering."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fault.house import SERVICES, House
from tests.fault.judging import judge
from tests.fault.workflows import chain
from weir.contract.codec import INLINE_LIMIT

BOMB = "{{ range(100000).map(a, range(100000).map(b, range(100000).map(c, a * b * c))) }}"
LARGE = 300_000
HEALTH_S = 1.0
START = {"id": "start", "type": "manual"}

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


class Health:
    """How long each process took to say that it lives, asked all the time."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {name: [] for name in SERVICES}

    @classmethod
    @asynccontextmanager
    async def of(cls, platform: House) -> AsyncIterator[Health]:
        """Asks until the block ends."""
        health = cls()
        asking = [asyncio.create_task(health._ask(platform, name)) for name in SERVICES]
        try:
            yield health
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    @property
    def worst(self) -> float:
        """The longest answer of all."""
        return max(max(seconds) for seconds in self.seconds.values())

    def told(self) -> str:
        """The longest answer of each process, in ms."""
        return ", ".join(f"{name} {max(s) * 1000:.0f}" for name, s in self.seconds.items())

    async def _ask(self, platform: House, name: str) -> None:
        url = f"{platform.processes[name].url}/health"
        while True:
            began = time.perf_counter()
            async with platform.http.get(url) as answer:
                assert answer.status == 200
            self.seconds[name].append(time.perf_counter() - began)
            await asyncio.sleep(0.01)


async def test_an_expression_bomb_is_stopped(
    platform: House, figures: Callable[[str], None]
) -> None:
    """The step fails with its code; no process is held up, wherever the expression stands."""
    bombs: dict[str, list[dict[str, Any]]] = {
        "in a value": [{"id": "bomb", "type": "set", "config": {"values": {"x": BOMB}}}],
        "in a condition": [
            {"id": "bomb", "type": "if", "config": {"condition": f"{BOMB[:-3]}.size() > 1 }}}}"}}
        ],
        "in a task": [
            {
                "id": "bomb",
                "type": "http_request",
                "config": {"url": platform.outside.url, "body": BOMB},
            }
        ],
        "in the output": [{"id": "fine", "type": "set", "config": {"values": {"x": 1}}}],
    }
    async with Health.of(platform) as health:
        runs = []
        for name, nodes in bombs.items():
            more = {"output": BOMB} if name == "in the output" else {}
            workflow, _ = await platform.publish(chain(name, [START, *nodes], **more))
            runs += await platform.start_runs(workflow, [{}] * 5)
        sequence = await platform.ended(runs, patience_s=90)
    (await judge(platform, runs, status="failed", sequence=sequence)).must_hold()
    for run_id in runs:
        run = await platform.ask("query", "GET", f"/runs/{run_id}")
        assert run["error"]["code"] == "EXPRESSION_BUDGET", run["error"]
    figures(f"health during {len(runs)} bombs, longest in ms: {health.told()}")
    assert health.worst < HEALTH_S


async def test_a_large_output_goes_by_reference(
    platform: House, figures: Callable[[str], None]
) -> None:
    """300 kB leave the log alone, can be read by steps and by people, and hold up nobody."""
    url = f"{platform.outside.url}/large"
    nodes: list[dict[str, Any]] = [
        START,
        {
            "id": "large",
            "type": "http_request",
            "config": {"url": url, "query": {"bytes": LARGE}},
        },
        {
            "id": "read",
            "type": "set",
            "config": {"values": {"size": "{{ steps.large.body.text.size() }}"}},
        },
    ]
    whole = chain("large value", nodes, output="{{ steps.large.body }}")
    small = chain("size of a large value", nodes)
    async with Health.of(platform) as health:
        made = [await platform.publish(definition) for definition in (whole, small)]
        runs = [await platform.start_runs(workflow, [{}] * 20) for workflow, _ in made]
        sequence = await platform.ended([*runs[0], *runs[1]])
    (await judge(platform, [*runs[0], *runs[1]], sequence=sequence)).must_hold()
    async for batch in platform.log.read("run.>"):
        assert all(len(message.data) <= INLINE_LIMIT + 4096 for message in batch)
    for run_id in runs[0]:
        output = (await platform.ask("query", "GET", f"/runs/{run_id}"))["output"]
        blob = output["$blob"]
        name = blob["key"].rpartition("/")[2]
        assert blob["size"] > LARGE
        value = await platform.ask("query", "GET", f"/runs/{run_id}/blobs/{name}")
        assert value == {"text": "x" * LARGE}
    for run_id in runs[1]:
        assert (await platform.ask("query", "GET", f"/runs/{run_id}"))["output"] == {
            "read": {"size": LARGE}
        }
    figures(f"health during {len(runs) * 20} runs of 300 kB, longest in ms: {health.told()}")
    assert health.worst < HEALTH_S
