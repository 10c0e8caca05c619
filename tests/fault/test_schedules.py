"""Schedules while schedulers, the registry and the broker are killed: each time begins one run."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import pytest

from tests.fault.house import House
from weir.contract import subjects, times
from weir.contract.codec import decode
from weir.contract.messages import ScheduleMessage
from weir.runtime.first_key import TENANT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

DEATHS = ("scheduler-1", "scheduler-2", "nats", "scheduler-1", "registry", "scheduler-2")
EVERY_S = 1
PAUSE_S = 4.0


def _definition(overlap: str, hold: str) -> dict[str, Any]:
    config = {"every": f"{EVERY_S}s", "overlap": overlap, "input": {"hold": hold}}
    return {
        "schema": "weir/v1",
        "name": f"Timed {overlap}",
        "nodes": [
            {"id": "tick", "type": "schedule", "config": config},
            {"id": "hold", "type": "delay", "config": {"duration": "{{ input.hold }}"}},
        ],
        "edges": [{"source": "tick", "target": "hold"}],
    }


async def _begun(house: House, schedule: str) -> dict[str, list[str]]:
    """The times for which runs of a schedule began, and the runs of each, by their start facts."""
    found: dict[str, list[str]] = {}
    async for batch in house.log.read(f"run.*.{TENANT}.*.in.{subjects.start_fact()}"):
        for stored in batch:
            envelope = decode(stored.data)
            started = envelope.events[0].run_started
            if started is not None and started.started_by == schedule:
                at = started.trigger["scheduled_at"]
                assert stored.at_ms >= times.to_ms(at), f"{at} came early"
                found.setdefault(at, []).append(envelope.run_id)
    return found


async def _answered(house: House, schedule: str) -> Counter[str]:
    """How often each time was decided to fire, as far as the schedule's log still has it."""
    key = subjects.schedule_key(TENANT, schedule)
    found: Counter[str] = Counter()
    async for batch in house.log.read(key.events):
        for stored in batch:
            for event in ScheduleMessage.model_validate_json(stored.data).events:
                if event.time_fired is not None and event.time_fired.time is not None:
                    found[event.time_fired.time.nominal_at] += 1
    return found


async def test_each_second_begins_one_run_whoever_dies(platform: House) -> None:
    """A run for each second, none lost, none doubled, none early."""
    made = []
    for overlap, hold in (("allow", "0s"), ("buffer_all", "300ms")):
        _, version = await platform.publish(_definition(overlap, hold))
        made.append(version["schedules"][0]["id"])
    began_ms = time.time_ns() // 1_000_000
    for name in DEATHS:
        await asyncio.sleep(PAUSE_S)  # the deaths are spread over the times
        await platform.kill(name)
        await platform.start(name)
    ended_ms = time.time_ns() // 1_000_000
    expected = [
        times.from_ms(at) for at in range((began_ms // 1000 + 2) * 1000, ended_ms, EVERY_S * 1000)
    ]
    for schedule in made:
        async with asyncio.timeout(90):
            while True:
                found = await _begun(platform, schedule)
                if all(at in found for at in expected):
                    break
                await asyncio.sleep(0.5)
        doubled = {at: runs for at, runs in found.items() if len(runs) != 1}
        assert not doubled
        assert not {at: n for at, n in (await _answered(platform, schedule)).items() if n != 1}
    assert len(expected) >= len(DEATHS) * PAUSE_S
