"""A stranger publishes, and trigger and scheduler die all the while: each event is one run."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.fault.house import ENDS, House, house
from tests.fault.killing import kill_until, told
from tests.fault.workflows import chain
from weir.contract import codec
from weir.contract.subjects import parse_run, start_fact

EVENTS = int(os.environ.get("BUS_EVENTS", "2000"))
KEYS = 20
EVERY_S = min(5.0, EVENTS / 1000)  # between deaths, as strictly as a clock
KILLED = (("trigger",), ("scheduler-1",), ("trigger-2",), ("scheduler-2",))
PATIENCE_S = 60.0 + EVENTS / 10
SCRIPT = Path(__file__).with_name("publisher.py")

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(PATIENCE_S + 180)]


class Life(NamedTuple):
    """A run: the event it is of, and between which messages of the log it did something."""

    number: int
    key: str
    sequence: int
    began: int
    ended: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """With two triggers, and identity, which lets publishers in; without limits of requests."""
    async with house(limits="off") as running:
        seeds = running.nats.seed_file("issuer").parent
        running.add("identity-1", WEIR_BUS_ISSUER_SEED_FILE=str(seeds / "issuer.seed"))
        await running.start("identity-1", running.add("trigger-2").name)
        yield running


async def test_each_event_is_one_run_in_the_order_of_its_key(
    platform: House, figures: Callable[[str], None]
) -> None:
    """As many runs as events, whatever dies; of one key none begins before the last has ended."""
    heard = {
        "id": "heard",
        "type": "event",
        "config": {"subject": "counted.>", "ordering_key": "{{ trigger.payload.key }}"},
    }
    looks = {"id": "looks", "type": "set", "config": {"values": {"n": "{{ input.number }}"}}}
    await platform.publish(chain("counts", [heard, looks]))
    key = await platform.ask(
        "identity-1",
        "POST",
        "/keys",
        {"name": "publisher", "role": "operator", "scopes": ["events:publish"]},
    )
    secret = key["token"].removeprefix(f"weir_{key['id']}_")
    began = time.monotonic()
    script = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(SCRIPT), platform.nats.url, key["id"], secret),
        *("bus.default.counted", str(EVENTS), str(KEYS)),
        stdout=asyncio.subprocess.PIPE,
    )
    over = asyncio.Event()
    killing = asyncio.create_task(kill_until(over, platform, EVERY_S, KILLED))
    ending = asyncio.create_task(all_ended(platform))
    try:
        said, _ = await script.communicate()
        assert said.decode().strip() == f"published {EVENTS}"
        published_s = time.monotonic() - began
        lives = await ending
        ended_s = time.monotonic() - began
        over.set()
        kills = await killing
    finally:
        killing.cancel()
        ending.cancel()
    numbers = sorted(one.number for one in lives)
    figures(
        f"bus: {EVENTS} CloudEvents of {KEYS} keys by a stranger in {published_s:.1f} s, "
        f"{len(lives)} runs; of triggers and schedulers in turn {told(kills, ended_s)}"
    )
    assert kills
    assert numbers == list(range(EVENTS))
    by_key = defaultdict(list)
    for one in lives:
        by_key[one.key].append(one)
    for theirs in by_key.values():
        theirs.sort(key=lambda one: one.number)
        for before, after in pairwise(theirs):
            assert before.sequence < after.sequence, (before, after)
            assert before.ended < after.began, (before, after)


async def all_ended(platform: House) -> list[Life]:
    """Wait for the starts and the ends of all runs; what the log has of them."""
    starts: dict[str, tuple[int, str, int]] = {}
    began: dict[str, int] = {}
    lives: list[Life] = []
    following = platform.log.follow("run.>")
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for batch in following:
                for message in batch:
                    run, kind, rest = parse_run(message.subject)
                    if (kind, rest) == ("in", start_fact()):
                        first = codec.decode(message.data).events[0].run_started
                        if first is not None:
                            given = first.input
                            sequence = int(first.trigger["sequence"])
                            starts[run.run_id] = given["number"], given["key"], sequence
                    elif kind == "ev":
                        if b'"step_completed"' in message.data:
                            began.setdefault(run.run_id, message.seq)
                        if ENDS.search(message.data):
                            from_ = began.get(run.run_id, message.seq)
                            lives.append(Life(*starts[run.run_id], from_, message.seq))
                if len(lives) >= EVENTS:
                    break
    finally:
        await following.close()
    return lives
