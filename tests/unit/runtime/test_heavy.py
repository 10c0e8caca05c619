"""Tasks that read more than fits a message: what they read travels by way of the object store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.executor.service import build as build_executor
from services.scheduler.service import build as build_scheduler
from tests.http_house import TENANT, House, memory_platform
from tests.waiting import eventually, within
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects, times
from weir.contract.errors import UnavailableError
from weir.contract.messages import Envelope, Event, RunStarted
from weir.contract.subjects import RunKey
from weir.ports.log import Append
from weir.runtime.decider import commits

BRANCHES = 24
TEXT = "x" * 50_000  # each fits a message, all together fit none


class SlowBlobs(MemoryBlobs):
    """A store whose puts wait for the gate, and fail as often as they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.putting = asyncio.Event()
        self.failures: list[Exception] = []

    async def put(self, tenant: str, data: bytes) -> str:
        """Wait, fail or store."""
        self.putting.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop()
        return await super().put(tenant, data)


@pytest.fixture
def blobs() -> SlowBlobs:
    """The object store of all services."""
    return SlowBlobs()


@pytest.fixture
async def house(blobs: SlowBlobs) -> AsyncIterator[House]:
    """A scheduler with one shard, and an executor."""
    platform = replace(memory_platform(Broker(SystemClock()).connect(), shards=1), blobs=blobs)
    async with House(platform, [build_scheduler(platform), build_executor(platform)]) as house:
        yield house


def _node(name: str, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "type": kind, "kind": "inline", "config": config}


async def _wide(house: House) -> str:
    """The version of a workflow with a merge of many branches."""
    names = [f"b{number}" for number in range(BRANCHES)]
    nodes = [
        {"id": "start", "type": "manual"},
        *(_node(name, "set", {"values": {name: "{{ input }}"}}) for name in names),
        _node("join", "merge", {}),
        _node("size", "set", {"values": {"branches": "{{ size(steps.join) }}"}}),
    ]
    edges = [
        edge
        for name in names
        for edge in (
            {"source": "start", "port": "out", "target": name},
            {"source": name, "port": "out", "target": "join"},
        )
    ]
    last = {"source": "join", "port": "out", "target": "size"}
    _, version = await house.publish(nodes, "wide", edges=[*edges, last])
    return version


async def _start(house: House, letter: str, version: str, given: Any) -> RunKey:
    key = subjects.run_key(TENANT, f"run_{letter * 26}", 1)
    start = RunStarted(trigger_node="start", trigger_kind="manual", input=given)
    envelope = Envelope(
        id=f"evt_{letter}",
        tenant=TENANT,
        run_id=key.run_id,
        workflow_id="wf_1",
        version=version,
        at=times.from_ms(1_700_000_000_000),
        events=(Event.of(start),),
    )
    await house.platform.runs.append(
        Append(key.fact(subjects.start_fact()), codec.encode(envelope), expect=0)
    )
    return key


async def _end(house: House, key: RunKey) -> Event:
    """The run's last event, once it is its end."""
    found: list[Event] = []

    async def ended() -> bool:
        stored = await house.platform.runs.last(key.events)
        if stored is None:
            return False
        event = codec.decode(stored.data).events[-1]
        if event.run_succeeded is None and event.run_failed is None:
            return False
        found.append(event)
        return True

    await eventually(ended)
    return found[-1]


async def test_a_merge_of_many_values_fits_its_message(house: House) -> None:
    """The task names what it reads, every message stays small, and the merge has every branch."""
    key = await _start(house, "a", await _wide(house), TEXT)
    end = await _end(house, key)
    assert end.run_succeeded is not None, end
    assert end.run_succeeded.output == {"size": {"branches": BRANCHES}}
    tasks = [
        (len(message.data), event.task_scheduled)
        for message in await house.facts()
        for event in codec.decode(message.data).events
        if event.task_scheduled is not None and event.step == "join"
    ]
    ((size, task),) = tasks
    assert size < codec.INLINE_LIMIT
    assert set(task.scope) == {"$blob"}
    assert task.scope["$blob"]["size"] > BRANCHES * len(TEXT)


async def test_a_slow_store_holds_up_no_other_run(house: House, blobs: SlowBlobs) -> None:
    """Runs of the same shard go on while one waits for its value to be stored."""
    blobs.gate.clear()
    wide = await _wide(house)
    _, version = await house.publish(
        [{"id": "start", "type": "manual"}, _node("made", "set", {"values": {"n": 1}})],
        "small",
        edges=[{"source": "start", "port": "out", "target": "made"}],
    )
    waiting = await _start(house, "a", wide, TEXT)
    await within(blobs.putting.wait())
    other = await _end(house, await _start(house, "b", version, {}))
    assert other.run_succeeded is not None
    blobs.gate.set()
    assert (await _end(house, waiting)).run_succeeded is not None


async def test_a_store_that_is_away_is_waited_for(
    house: House, blobs: SlowBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn is appended once, when its value is stored."""
    monkeypatch.setattr(commits, "BLOB_RETRY_S", 0.01)
    blobs.failures = [OSError("disk full"), UnavailableError("away")]
    key = await _start(house, "a", await _wide(house), TEXT)
    end = await _end(house, key)
    assert end.run_succeeded is not None
    assert blobs.failures == []
