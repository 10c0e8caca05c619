"""One run's trouble is its own: the others of its shard go on, and it can be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.scheduler.service import build
from tests.http_house import TENANT, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, subjects, times
from weir.contract.messages import CancelRequested, Envelope, Event, RunStarted
from weir.contract.subjects import RunKey
from weir.ports.log import Append
from weir.runtime.decider import turns
from weir.runtime.decider.turn import Turn, compose

NODES: list[dict[str, Any]] = [
    {"id": "start", "type": "manual"},
    {"id": "made", "type": "set", "kind": "inline", "config": {"values": {"n": 1}}},
]
EDGES = [{"source": "start", "port": "out", "target": "made"}]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """One shard, so that all runs are decided in one drain."""
    async with house_on_memory(build, shards=1) as house:
        yield house


def _fact(key: RunKey, name: str, version: str, kind: Any) -> Append:
    envelope = Envelope(
        id=f"evt_{name}",
        tenant=TENANT,
        run_id=key.run_id,
        workflow_id="wf_1",
        version=version,
        at=times.from_ms(1_700_000_000_000),
        events=(Event.of(kind),),
    )
    return Append(key.fact(name), codec.encode(envelope), expect=0)


async def _last(house: House, key: RunKey) -> str:
    stored = await house.platform.runs.last(key.events)
    if stored is None:
        return ""
    (name,) = codec.decode(stored.data).events[-1].model_fields_set - {"step", "attempt"}
    return name


async def test_a_run_whose_message_cannot_be_made_stands_still_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs decided in the same drain are stored; cancelling the one that is parked ends it."""
    _, version = await house.publish(NODES, edges=EDGES)
    keys = [subjects.run_key(TENANT, f"run_{letter * 26}", 1) for letter in "abc"]

    def broken(run: Any, decision: Any, *rest: Any) -> Turn:
        if run.key == keys[1] and len(decision.drafts[0].events) > 1:
            raise ValueError("no message can be made of this")
        return compose(run, decision, *rest)

    monkeypatch.setattr(turns, "compose", broken)
    start = RunStarted(trigger_node="start", trigger_kind="manual", input={})
    await house.platform.runs.append_all([_fact(key, "start", version, start) for key in keys])
    ends = ["run_succeeded", "run_paused", "run_succeeded"]

    async def settled() -> bool:
        return list(await asyncio.gather(*(_last(house, key) for key in keys))) == ends

    await eventually(settled)
    wish = CancelRequested(request_id="req_1", reason="enough", requested_by="me")
    await house.platform.runs.append(_fact(keys[1], subjects.cancel_fact("req_1"), version, wish))

    async def cancelled() -> bool:
        return await _last(house, keys[1]) == "run_cancelled"

    await eventually(cancelled)
