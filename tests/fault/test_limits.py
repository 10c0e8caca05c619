"""kill -9 while runs share a concurrency key: never more than its limit, no slot lost (F19)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from tests.fault.house import House
from tests.fault.judging import Leases, Verdict, histories, judge
from tests.fault.outside import Outside
from tests.fault.table import Table
from tests.fault.workflows import chain, mark
from weir.client import ApiError
from weir.contract import codec
from weir.contract.ends import ENDS
from weir.contract.messages import SlotAnswered
from weir.ports.log import Stored
from weir.runtime.replay import replay

CALL_S = 0.1
EVERY_S = 0.15  # between two starts of each key
CANCELLED = 4  # every fourth run, soon after its start: some wait for a slot, some hold one
DEATHS: Sequence[tuple[str, ...]] = (
    ("scheduler-1",),
    ("executor",),
    ("scheduler-2",),
    ("scheduler-1", "scheduler-2"),
    ("executor",),
    ("scheduler-1",),
    ("executor", "scheduler-1", "scheduler-2"),
    ("scheduler-2",),
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@dataclass
class Key:
    """A concurrency key, and the runs that were started under it."""

    policy: str
    limit: int
    may_be: frozenset[str]  # how a run may end that nobody cancelled
    workflow: str = ""
    runs: list[str] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def keys(platform: House) -> list[Key]:
    """One for each policy, under workflows of two calls each."""
    made = [
        Key("queue", 2, frozenset({"succeeded"})),
        Key("reject", 2, frozenset({"succeeded", "failed"})),
        Key("replace", 1, frozenset({"succeeded", "cancelled"})),
    ]
    url = platform.outside.url
    for key in made:
        bound = {"key": key.policy, "limit": key.limit, "policy": key.policy}
        nodes = [{"id": "start", "type": "manual"}, mark(url, "a"), mark(url, "b")]
        definition = chain(key.policy, nodes, settings={"concurrency": bound})
        key.workflow, _ = await platform.publish(definition)
    return made


async def test_a_limit_holds_through_kills(
    platform: House, keys: list[Key], table: Table, figures: Callable[[str], None]
) -> None:
    """Runs queue, are rejected, replace each other and are cancelled while their owners die."""
    outside, leases = platform.outside, Leases(platform)
    outside.delay_s = CALL_S
    async with coming(platform, keys):
        for names in DEATHS:
            await platform.kill(*names)
            await platform.start(*names)
    runs = [run_id for key in keys for run_id in key.runs]
    sequence = await platform.ended(runs, patience_s=120)
    told = await histories(platform, runs)
    wrong = [what for key in keys for what in _wrong(key, told, outside)]
    ends, verdict = Counter[str](), Verdict(wrong, 0, 0, 0, 0)
    for key in keys:
        for status, those in _by_end(key, told).items():
            ends[f"{key.policy}: {status}"] = len(those)
            found = await judge(platform, those, status=status, sequence=sequence, leases=leases)
            verdict = _both(verdict, found)
    await leases.close()
    fault = f"kill -9 of schedulers and executor, {len(DEATHS)} times while runs share three keys"
    table.row(fault, runs, verdict)
    figures(f"runs under concurrency keys, by policy and end: {dict(sorted(ends.items()))}")
    verdict.must_hold()
    assert {"queue: cancelled", "reject: failed", "replace: cancelled"} <= ends.keys()


async def test_no_slot_is_lost(
    platform: House, keys: list[Key], figures: Callable[[str], None]
) -> None:
    """As many further runs as there are slots go on at once, of every key."""
    outside = platform.outside
    outside.open_door.clear()
    began = time.monotonic()
    further = {
        run_id
        for key in keys
        for run_id in await platform.start_runs(key.workflow, [{}] * key.limit)
    }
    try:
        await outside.until(lambda: outside.of("a", further) == further)
    finally:
        outside.open_door.set()
    figures(f"runs under keys after the kills: all in after {time.monotonic() - began:.1f} s")
    await platform.ended(further)


@asynccontextmanager
async def coming(platform: House, keys: Sequence[Key]) -> AsyncIterator[None]:
    """While this is open, runs of every key are started, and some of them cancelled."""
    over = asyncio.Event()

    async def come(key: Key) -> None:
        while not over.is_set():
            (run_id,) = await platform.start_runs(key.workflow, [{}])
            key.runs.append(run_id)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), EVERY_S)
            if len(key.runs) % CANCELLED == 0:
                key.cancelled.add(run_id)
                with contextlib.suppress(ApiError):  # it had ended
                    await platform.ask("trigger", "POST", f"/runs/{run_id}/cancel")

    starting = [asyncio.create_task(come(key)) for key in keys]
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*starting)


def _by_end(key: Key, told: Mapping[str, Sequence[Stored]]) -> dict[str, list[str]]:
    """The runs of a key by how they ended."""
    ends: dict[str, list[str]] = {}
    for run_id in key.runs:
        state = replay(told[run_id]).state
        ends.setdefault(state.status if state is not None else "", []).append(run_id)
    return ends


def _wrong(key: Key, told: Mapping[str, Sequence[Stored]], outside: Outside) -> Iterator[str]:
    """Ends that should not be, and where more runs went on than the limit says."""
    ends = _by_end(key, told)
    for status, those in ends.items():
        for run_id in those:
            if status not in key.may_be | ({"cancelled"} if run_id in key.cancelled else set()):
                yield f"{run_id} of {key.policy} is {status}"
    spans = [span for run_id in key.runs if (span := _span(told[run_id])) is not None]
    if (most := _at_once(spans)) > key.limit:
        yield f"by the log {most} runs of {key.policy} went on at once"
    # A call of a run that was cancelled goes on outside for as long as it takes there.
    mine = set(ends.get("succeeded", ()))
    calls = [(one.came_ms, one.left_ms) for one in outside.stays if one.run_id in mine]
    if (most := _at_once(calls)) > key.limit:
        yield f"{most} calls of runs of {key.policy} were under way at once"


def _span(messages: Sequence[Stored]) -> tuple[int, int] | None:
    """From the grant to the end of a run, in sequences of the log."""
    granted = ended = 0
    for message in messages:
        for event in codec.decode(message.data).events:
            if isinstance(event.kind, SlotAnswered) and event.kind.verdict == "granted":
                granted = granted or message.seq
            elif isinstance(event.kind, ENDS):
                ended = message.seq
    return (granted, ended) if granted else None


def _at_once(spans: Sequence[tuple[int, int]]) -> int:
    return max((sum(a <= at < b for a, b in spans) for at, _ in spans), default=0)


def _both(one: Verdict, other: Verdict) -> Verdict:
    return Verdict(
        one.wrong + other.wrong,
        one.finished + other.finished,
        one.repeated + other.repeated,
        max(one.most, other.most),
        one.keys + other.keys,
    )
