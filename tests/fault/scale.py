"""`python -m tests.fault.scale`: long loops, many waits, unfair neighbours, on real processes.

Each part prints what it measured beside its goal. Nothing here fails for being
slow: it fails for being wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks import definitions, processes
from benchmarks.definitions import items_loop
from benchmarks.ends import ends_of
from tests.fault.house import House, house
from tests.fault.outside import Mark
from tests.fault.programs.driving import Ends
from tests.fault.workflows import chain, mark
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.system import SystemClock
from weir.contract import subjects, times
from weir.contract.subjects import run_key
from weir.runtime.authn import Authenticator
from weir.runtime.first_key import TENANT

PURE, HTTP = 100_000, 10_000
WAITING = 10_000
NEIGHBOURS_RUNS, NEIGHBOURS_ITEMS = 50, 1_000
_BATCH = 500
_IDLE_S = 20.0
_SCHEDULERS = ("scheduler-1", "scheduler-2")
_MEASURED = (*_SCHEDULERS, "trigger", "executor", "query")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# -- processes --


def _pid(platform: House, name: str) -> int:
    pid = platform.processes[name].child.pid
    assert pid is not None
    # `env` has become the service by then.
    return pid


def peak_mb(platform: House) -> float:
    """The most memory that a scheduler has had."""
    return max(processes.peak_mb(_pid(platform, name)) for name in _SCHEDULERS)


def _cpu_s(platform: House, name: str) -> float:
    return processes.cpu_seconds([_pid(platform, name)])


async def idle(platform: House) -> tuple[dict[str, float], dict[str, float]]:
    """Share of a core and memory in MB of each process, while nothing is to be done.

    What processes share, such as libraries, is divided among them: a sum counts it once.
    """
    before = {name: _cpu_s(platform, name) for name in _MEASURED}
    await asyncio.sleep(_IDLE_S)
    cpu = {name: (_cpu_s(platform, name) - before[name]) / _IDLE_S * 100 for name in _MEASURED}
    return cpu, {name: processes.memory_mb([_pid(platform, name)]) for name in _MEASURED}


# -- loops --


async def _events(platform: House, run_id: str) -> int:
    """How many owner messages of a run there are: 0 or the sequence of the last."""
    last = await platform.log.last(run_key(TENANT, run_id).events)
    return last.seq if last else 0


async def loop(platform: House, name: str, definition: dict[str, Any], count: int) -> None:
    """A loop to its end, its owner killed half way; time, memory, and the rebuild."""
    workflow, _ = await platform.publish(definition)
    ends = Ends(platform)
    lasted_s = 0.0
    for killed in (False, True):
        began = time.monotonic()
        (run_id,) = await platform.start_runs(workflow, [{"items": list(range(count))}])
        ended = ends.of(run_id)
        if killed:
            await _kill_half_way(platform, run_id, ended, lasted_s / 4)
        async with asyncio.timeout(900):
            await ended.wait()
        lasted_s = time.monotonic() - began
        run = await platform.ask(
            "query", "GET", f"/runs/{run_id}", min_sequence=await _events(platform, run_id)
        )
        assert run["status"] == "succeeded", run
        assert run["output"] == {"n": count}, run["output"]
        state = "owner killed half way" if killed else "undisturbed"
        _say(
            f"{name}, {state}: {lasted_s:.1f} s, {count / lasted_s:.0f} items/s, "
            f"peak scheduler memory {peak_mb(platform):.0f} MB (goal 300)"
        )
    await ends.close()


async def _kill_half_way(
    platform: House, run_id: str, ended: asyncio.Event, after_s: float
) -> None:
    await asyncio.sleep(after_s)
    if ended.is_set():
        _say("  it had ended before its owner was killed")
        return
    await platform.kill(*_SCHEDULERS)
    before = await _events(platform, run_id)
    began = time.monotonic()
    started = asyncio.create_task(platform.start(*_SCHEDULERS))
    await _goes_on(platform, run_id, before)
    lasted_s = time.monotonic() - began
    _say(f"  from the start of the processes to its next event: {lasted_s:.1f} s")
    await started
    for name in _SCHEDULERS:
        text = await _metrics(platform, name)
        _say(f"  {name}: shards read in at most {_bucket(text)} s (goal 3)")


async def _goes_on(platform: House, run_id: str, before: int) -> None:
    following = platform.log.follow(run_key(TENANT, run_id).events, after=before)
    await anext(following)
    await following.close()


async def _metrics(platform: House, name: str) -> str:
    async with platform.http.get(f"{platform.processes[name].url}/metrics") as answer:
        return await answer.text()


def _bucket(text: str) -> str:
    """The smallest bound below which all takeovers lie."""
    buckets = []
    total = 0.0
    for line in text.splitlines():
        if line.startswith("weir_takeover_seconds_bucket"):
            buckets.append((line.partition('le="')[2].partition('"')[0], float(line.split()[-1])))
        elif line.startswith("weir_takeover_seconds_count"):
            total = float(line.split()[-1])
    return next((bound for bound, count in buckets if count == total), "?")


async def pure(platform: House) -> None:
    """100,000 items, a pure body."""
    body = [{"id": "double", "type": "set", "config": {"values": {"v": "{{ item * 2 }}"}}}]
    await loop(
        platform, f"for_each, {PURE:,} pure items", items_loop(body, "{{ input.items }}", 100), PURE
    )


async def http(platform: House) -> None:
    """10,000 items, an HTTP call each."""
    body = [mark(platform.outside.url, "call")]
    marks = platform.outside.marks
    before = len(marks)
    definition = items_loop(body, "{{ input.items }}", 50)
    for node in definition["nodes"]:
        if node["id"] == "call":
            node["config"]["body"]["step"] = "each[{{ index }}]/call"
    await loop(platform, f"for_each, {HTTP:,} items with an HTTP call", definition, HTTP)
    counts = Counter(mark.key for mark in marks[before:])
    assert len(counts) == 2 * HTTP, len(counts)
    _say(f"  calls repeated under the same key: {counts.total() - len(counts)}")


# -- waits --


async def waits(platform: House) -> None:
    """10,000 runs that wait, timers and signals; idle, then all due at once."""
    timers, _ = await platform.publish(definitions.timers())
    signals, _ = await platform.publish(definitions.waiting())
    bare, _ = await idle(platform)
    _say(f"idle without runs: {_shares(bare)}")
    began = time.monotonic()
    due_ms = (time.time_ns() // 1_000_000 // 1000 + 110) * 1000
    at = times.from_ms(due_ms)
    half = WAITING // 2
    timed: list[str] = []
    told: list[str] = []
    for first in range(0, half, _BATCH):
        inputs = [{"n": n, "at": at} for n in range(first, first + _BATCH)]
        timed += await platform.start_runs(timers, inputs)
        told += await platform.start_runs(signals, inputs)
    _say(f"{WAITING:,} runs started in {time.monotonic() - began:.1f} s")
    await _quiet(platform)
    cpu, memory = await idle(platform)
    _say(f"{WAITING:,} waiting runs, idle: {_shares(cpu)}; goal 5 % of a core together")
    _say(
        f"  memory: {', '.join(f'{n} {mb:.0f} MB' for n, mb in memory.items())}, together "
        f"{sum(memory.values()):.0f} MB (goal 500)"
    )
    left_s = due_ms / 1000 - time.time()
    _say(f"  {left_s:.0f} s left until all timers are due")
    assert left_s > 0, "too slow to start them all before they were due: measure again"
    ends = await ends_of(platform.log, timed, patience_s=left_s + 120)
    late = sorted(at_ms - due_ms for at_ms in ends.values())
    _say(
        f"{half:,} timers due in the same millisecond: first {late[0]} ms, last {late[-1]} ms "
        "after it, each run once (goal 5000)"
    )
    assert late[0] >= 0
    began_ms = time.time_ns() // 1_000_000
    waiting = asyncio.create_task(ends_of(platform.log, told, patience_s=240))
    room = asyncio.Semaphore(64)

    async def tell(run_id: str) -> None:
        async with room:
            await platform.ask("trigger", "POST", f"/runs/{run_id}/signals", {"name": "go"})

    await asyncio.gather(*(tell(run_id) for run_id in told))
    sent_ms = time.time_ns() // 1_000_000
    last = max((await waiting).values())
    _say(
        f"{half:,} signals: sent in {sent_ms - began_ms} ms, the last run ended "
        f"{last - sent_ms} ms after the last answer"
    )


def _shares(cpu: Mapping[str, float]) -> str:
    each = ", ".join(f"{name} {share:.1f} %" for name, share in cpu.items())
    return f"{each}, together {sum(cpu.values()):.1f} %"


async def _quiet(platform: House) -> None:
    """Until nobody has much to do."""
    while True:
        before = sum(_cpu_s(platform, name) for name in _MEASURED)
        await asyncio.sleep(2)
        if sum(_cpu_s(platform, name) for name in _MEASURED) - before < 0.3:
            return


# -- neighbours --


async def neighbours(platform: House) -> None:
    """One tenant with 50,000 tasks that wait; how long the one task of another takes to begin."""
    slow = mark(platform.outside.url, "slow")
    busy, _ = await platform.publish(items_loop([slow], "{{ input.items }}", NEIGHBOURS_ITEMS))
    first = platform.key
    identity = JetStreamLog(platform.link, subjects.IDENTITY)
    authenticator = Authenticator(identity, SystemClock())
    _, other = await authenticator.issue(tenant="other", name="o", role="admin", by="scale")
    platform.key = other
    single, _ = await platform.publish(
        chain("single", [{"id": "start", "type": "manual"}, mark(platform.outside.url, "single")])
    )
    platform.key = first
    outside = platform.outside
    outside.delay_s = 0.2
    items = {"items": list(range(NEIGHBOURS_ITEMS))}
    await platform.start_runs(busy, [items] * NEIGHBOURS_RUNS)
    until = len(outside.marks) + 300
    await outside.until(lambda: len(outside.marks) >= until)
    platform.key = other
    begins = []
    for _ in range(10):
        began = time.time_ns() // 1_000_000
        (run_id,) = await platform.start_runs(single, [{}])
        answered = time.time_ns() // 1_000_000
        await outside.until(partial(_called, outside.marks, run_id))
        came = next(m.at_ms for m in reversed(outside.marks) if m.run_id == run_id)
        begins.append(came - began)
        _say(
            f"  answered after {answered - began} ms, the task began {came - began} ms after the "
            "request"
        )
    rss = peak_mb(platform)
    _say(
        f"another tenant's single task, beside {NEIGHBOURS_RUNS * NEIGHBOURS_ITEMS:,} that wait: "
        f"{min(begins)} to {max(begins)} ms (goal 1000); peak scheduler memory {rss:.0f} MB"
    )
    platform.key = first
    outside.delay_s = 0.0


def _called(marks: Sequence[Mark], run_id: str) -> bool:
    return any(mark.run_id == run_id for mark in marks[-_BATCH:])


PARTS: Mapping[str, Callable[[House], Awaitable[None]]] = {
    "pure": pure,
    "http": http,
    "waits": waits,
    "neighbours": neighbours,
}


async def measure(parts: Sequence[str]) -> None:
    """Each part in a house of its own."""
    for part in parts:
        async with house(body_limit="8MiB") as platform:
            await PARTS[part](platform)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fault.scale", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    asked = parser.parse_args()
    asyncio.run(measure(asked.parts or list(PARTS)))


if __name__ == "__main__":
    main()
