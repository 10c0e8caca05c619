"""A loop over more than the log takes: pages from an executor, iterations by the owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from services.executor.service import build as build_executor
from services.scheduler.service import build as build_scheduler
from tests.http_house import TENANT, House, memory_platform
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects, times
from weir.contract.messages import Envelope, Event, RunStarted
from weir.core.validate import validate
from weir.nodes.registry import catalogue
from weir.ports.log import Append
from weir.runtime.worker_evaluation import LocalEvaluator

ITEMS = 2_000
TEXT = "x" * 200


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A scheduler with one shard, and an executor."""
    platform = memory_platform(Broker(SystemClock()).connect(), shards=1)
    executor = build_executor(platform, LocalEvaluator())
    async with House(platform, [build_scheduler(platform), executor]) as house:
        yield house


def _definition(loop: dict[str, Any], body: dict[str, Any], output: str) -> dict[str, Any]:
    return {
        "name": "Long",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "each", "type": "for_each", "config": loop},
            {"id": "body", "type": "set", "parent": "each", "config": {"values": body}},
        ],
        "edges": [{"source": "start", "target": "each"}],
        "output": output,
    }


async def _ended(house: House, raw: dict[str, Any], given: Any) -> Event:
    """The last event of a run of this definition."""
    frozen = validate(raw, catalogue()).frozen
    assert frozen is not None
    _, version = await house.publish(frozen.pop("nodes"), frozen.pop("name"), **frozen)
    key = subjects.run_key(TENANT, "run_" + "a" * 26, 1)
    envelope = Envelope(
        id="evt_a",
        tenant=TENANT,
        run_id=key.run_id,
        workflow_id="wf_1",
        version=version,
        at=times.from_ms(1_700_000_000_000),
        events=(Event.of(RunStarted(trigger_node="start", trigger_kind="manual", input=given)),),
    )
    await house.platform.runs.append(
        Append(key.fact(subjects.start_fact()), codec.encode(envelope), expect=0)
    )
    found: list[Event] = []

    async def ended() -> bool:
        stored = await house.platform.runs.last(key.events)
        if stored is None:
            return False
        event = codec.decode(stored.data).events[-1]
        found.append(event)
        return event.run_succeeded is not None or event.run_failed is not None

    await eventually(ended)
    return found[-1]


async def test_a_loop_over_pages_comes_to_its_end(house: House) -> None:
    """Every item once, in order; messages stay small, and the result lies outside the log."""
    items = f"{{{{ range({ITEMS}).map(i, {{'n': i, 'text': input}}) }}}}"
    raw = _definition(
        {"items": items, "concurrency": 20, "output": "{{ [index, steps.body.n, item.text] }}"},
        {"n": "{{ item.n * 2 }}"},
        "{{ steps.each }}",
    )
    end = await _ended(house, raw, TEXT)
    assert end.run_succeeded is not None, end
    reference = end.run_succeeded.output_ref
    assert reference is not None
    output = orjson.loads(await house.platform.blobs.get(reference.key))
    assert output == [[i, i * 2, TEXT] for i in range(ITEMS)]
    events = [e for m in await house.facts() for e in codec.decode(m.data).events]
    made = next(e.task_succeeded for e in events if e.task_succeeded and e.step == "each")
    assert made.output["items"]["count"] == ITEMS
    assert len(made.output["items"]["pages"]) > 1


async def test_a_list_that_is_none_fails_the_loop(house: House) -> None:
    """What the executor finds wrong is the loop's error."""
    large = f"{{{{ {{'rows': range({ITEMS * 10})}} }}}}"
    raw = _definition({"items": "{{ steps.made.v }}"}, {"n": 1}, "{{ steps.each }}")
    raw["nodes"].insert(1, {"id": "made", "type": "set", "config": {"values": {"v": large}}})
    raw["edges"] = [{"source": "start", "target": "made"}, {"source": "made", "target": "each"}]
    end = await _ended(house, raw, {})
    assert end.run_failed is not None, end
    assert end.run_failed.error is not None
    assert end.run_failed.error.code == "ITEMS_NOT_A_LIST"
