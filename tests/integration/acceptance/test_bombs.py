"""Expressions made to stall, and values made to burst: bounded, while the platform goes on."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tests.integration.acceptance.house import House, flow

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOMBS: dict[str, tuple[str, str]] = {
    # name: (expression, the code that ends the step)
    "loops in loops": (
        "range(5000).map(a, range(5000).map(b, a * b).sum()).sum()",
        "EXPRESSION_BUDGET",
    ),
    "a text multiplied": (
        "'aaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaa')" * 9,
        "EXPRESSION_BUDGET",
    ),
    "a text padded": ("''.padStart(2000000000, 'x')", "EXPRESSION_BUDGET"),
    "a long range": ("range(1000000000)", "EXPRESSION_BUDGET"),
    "lists in lists": (
        "range(2000).map(a, range(2000)).flatten().distinct().size()",
        "EXPRESSION_BUDGET",
    ),
    "sorting over and over": (
        "range(3000).map(a, range(3000).sortBy(b, -b).first()).sum()",
        "EXPRESSION_BUDGET",
    ),
    "a pattern of patterns": (
        "'a'.matches(input.pattern)",
        "EXPRESSION_VALUE",
    ),
}

GIVEN = {"pattern": "((((a{100}){100}){100}){100})"}


def expression(name: str, text: str, **rest: Any) -> dict[str, Any]:
    """A workflow that evaluates it."""
    node = {"id": "bomb", "type": "set", "config": {"values": {"v": f"{{{{ {text} }}}}"}}}
    return flow(name, node, **rest)


async def test_bombs_end_while_health_answers(house: House, figures: Callable[[str], None]) -> None:
    """Each fails its own run with a code; health answers all the time, another run goes through."""
    workflows = {
        name: (await house.publish(expression(name, text)))["workflow_id"]
        for name, (text, _) in BOMBS.items()
    }
    plain = (await house.publish(expression("harmless", "1 + 1")))["workflow_id"]
    running = {
        name: asyncio.create_task(house.run(workflow, GIVEN, wait="60s"))
        for name, workflow in workflows.items()
    }
    took: list[float] = []
    harmless = asyncio.create_task(house.run(plain))
    while not all(task.done() for task in running.values()):
        began = time.perf_counter()
        answer = await house.ask("GET", "/health", key=None)
        took.append(time.perf_counter() - began)
        assert answer.status == 200
    assert (await harmless)["status"] == "succeeded"
    for name, (_, code) in BOMBS.items():
        told = running[name].result()
        assert (told["status"], told["error"]["code"]) == ("failed", code), (name, told)
    assert len(took) > 10, "health was not answered while bombs were evaluated"
    took.sort()
    figures(
        f"health while {len(BOMBS)} expression bombs were evaluated: {len(took)} answers, "
        f"median {took[len(took) // 2] * 1000:.1f} ms, slowest {took[-1] * 1000:.1f} ms"
    )


async def test_what_is_too_deep_or_long_is_refused_at_publish(house: House) -> None:
    """Nesting and length are told with their place before anything runs."""
    for text in ("-" * 5_000 + "1", "[" * 500 + "]" * 500, " + ".join(["1"] * 3_000)):
        answer = await house.ask("POST", "/workflows/validate", json=expression("deep", text))
        assert answer.status == 200
        found = {(one["code"], one["path"]) for one in answer.body["errors"]}
        assert found == {("EXPRESSION_TOO_LARGE", "/nodes/1/config/values/v")}, text[:20]


async def test_escapes_reach_nothing(house: House) -> None:
    """Names of the machinery beneath are no names here."""
    for text in (
        "input.__class__.__mro__",
        "''.__class__",
        "__import__('os').system('true')",
        "run.__globals__",
        "[].map(x, open('/etc/passwd'))",
    ):
        answer = await house.ask("POST", "/workflows", json=expression("escape", text))
        published = await house.ask("POST", f"/workflows/{answer.body['id']}/versions")
        if published.status == 201:
            told = await house.run(published.body["workflow_id"])
            assert told["status"] == "failed", (text, told)
            assert told["error"]["code"] == "EXPRESSION_UNRESOLVED", text
        else:
            assert published.code == "DEFINITION_INVALID", text


async def test_a_large_output_travels_by_reference(
    house: House, figures: Callable[[str], None]
) -> None:
    """300 kB: the log holds a reference, later steps read through it, the API hands it out."""
    url = f"{house.outside.url}/large?bytes=300000"
    definition = flow(
        "large",
        {"id": "call", "type": "http_request", "config": {"url": url}},
        {
            "id": "measure",
            "type": "set",
            "config": {"values": {"size": "{{ size(steps.call.body.text) }}"}},
        },
        {
            "id": "made",
            "type": "set",
            "config": {"values": {"text": "{{ 'x'.padStart(300000, 'y') }}"}},
        },
        output={"size": "{{ steps.measure.size }}", "made": "{{ size(steps.made.text) }}"},
    )
    workflow = (await house.publish(definition))["workflow_id"]
    running = asyncio.create_task(house.run(workflow))
    took: list[float] = []
    while not running.done():
        began = time.perf_counter()
        assert (await house.ask("GET", "/health", key=None)).status == 200
        took.append(time.perf_counter() - began)
    told = running.result()
    assert (told["status"], told["output"]) == ("succeeded", {"size": 300_000, "made": 300_000})
    figures(f"health while 300 kB went through a run: slowest {max(took) * 1000:.1f} ms")
    history = await house.history(told["run_id"])
    assert max(len(message.data) for message in history) < 64 * 1024
    path = f"/runs/{told['run_id']}/steps?min_sequence={await house.last()}"
    steps = {step["step"]: step for step in (await house.ask("GET", path)).body["items"]}
    for name, shown in (("call", "x" * 300_000), ("made", "y" * 299_999 + "x")):
        reference = steps[name]["output"]["$blob"]
        path = f"/runs/{told['run_id']}/blobs/{reference['key'].rpartition('/')[2]}"
        value = (await house.ask("GET", path)).body
        assert shown in orjson.dumps(value).decode(), name
        assert (await house.ask("GET", path, key="other admin")).status == 404


async def test_a_large_input_travels_by_reference(house: House) -> None:
    """300 kB of input lie outside the log and are read by expressions; over the limit is 413."""
    workflow = (await house.publish(expression("taking", "size(input.text)")))["workflow_id"]
    told = await house.run(workflow, {"text": "x" * 300_000})
    assert told["output"] == {"bomb": {"v": 300_000}}
    history = await house.history(told["run_id"])
    assert max(len(message.data) for message in history) < 64 * 1024
    before = await house.platform.runs.last_seq()
    body = io.BytesIO(orjson.dumps({"input": {"text": "x" * 1_100_000}}))
    kind = {"Content-Type": "application/json"}
    answer = await house.ask("POST", f"/workflows/{workflow}/runs", data=body, headers=kind)
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")
    assert await house.platform.runs.last_seq() == before
