"""Thousands of deliveries by a sender that repeats itself, each taken by who is killed: one run."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import House, house
from tests.fault.killing import kill_until, told
from tests.fault.test_deliveries import Sender
from tests.fault.workflows import chain
from weir.contract.subjects import parse_run

# Fewer for a look: the promise is the same.
DELIVERIES = int(os.environ.get("FAULT_DELIVERIES", "9000"))
REPEATED = DELIVERIES // 9
A_SECOND = 150
KILL_EVERY_S = 10.0
KILLED = (("trigger", "scheduler-1"), ("trigger", "scheduler-2"))

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(1200)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """The platform, without a limit of deliveries."""
    async with house(limits="off") as running:
        yield running


async def starts(platform: House) -> Counter[str]:
    """How many start facts each run of the log has."""
    found: Counter[str] = Counter()
    async for batch in platform.log.read("run.*.*.*.in.start"):
        found.update(parse_run(message.subject)[0].run_id for message in batch)
    return found


async def test_every_delivery_is_one_run(platform: House, figures: Callable[[str], None]) -> None:
    """Sent until taken, some twice; trigger and a scheduler die every ten seconds to the end."""
    nodes: list[dict[str, Any]] = [
        {"id": "hook", "type": "webhook", "config": {"scheme": "standard"}},
        {"id": "told", "type": "set", "config": {"values": {"n": "{{ input.delivery }}"}}},
    ]
    _, published = await platform.publish(chain("many", nodes))
    sender = Sender(platform, published["webhooks"][0])
    ids = [f"msg_{number}" for number in range(DELIVERIES)]
    chosen = random.Random(7)
    sent = ids + chosen.sample(ids, REPEATED)
    chosen.shuffle(sent)
    over = asyncio.Event()
    began = time.monotonic()
    killing = asyncio.create_task(kill_until(over, platform, KILL_EVERY_S, KILLED))
    sending: list[asyncio.Task[None]] = []
    for number, delivery in enumerate(sent):
        sending.append(asyncio.create_task(sender.send(delivery)))
        if number % A_SECOND == A_SECOND - 1:
            await asyncio.sleep(1)  # the pace of the sender
    try:
        await asyncio.gather(*sending)
        taken_s = time.monotonic() - began
        runs = {run_id for _, run_id in sender.answers}
        await platform.ended(runs, patience_s=300)
        ended_s = time.monotonic() - began
        over.set()
        kills = await killing
    finally:
        killing.cancel()
    assert len(sender.answers) == len(sent)
    assert len(runs) == DELIVERIES
    counted = await starts(platform)
    assert set(counted) == runs
    assert set(counted.values()) == {1}
    assert kills
    figures(
        f"{DELIVERIES:,} deliveries and {REPEATED:,} repetitions, all taken after {taken_s:.0f} s: "
        f"{len(runs):,} runs; of trigger and a scheduler {told(kills, ended_s)}"
    )
