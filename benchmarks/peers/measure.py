"""Runs the workloads against a peer: the same load, the same checks and figures as Weir's.

Each part has an engine of its own on fresh data, as Weir's parts have. A wrong
answer ends the part, which then has no figures; what a kill loses is a figure.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from benchmarks import workloads
from benchmarks.load import Check, Window, burst, open_loop
from benchmarks.parts.answered import loops
from benchmarks.parts.asking import Options
from benchmarks.peers.protocol import Ended, Peer
from benchmarks.report import Row
from benchmarks.workloads import WrongAnswerError
from tests.fault.outside import Outside

HALF_LOAD_CONNECTIONS = 256
W5_FIRST = 1_000_000
"""Orders of W5 are numbered from here."""
STALLED_S = 60.0
"""W5: where no run has ended for so long, none does any more."""
NO_MARK_S = 30.0
"""W6: the same for marks after the restart."""
LOOK_S = 0.1
"""W5: between two looks at what has ended."""

Part = Callable[[Peer, Row, Options], Awaitable[None]]


async def measure(peer: Peer, part: str, row: Row, options: Options) -> None:
    """One part on a fresh engine."""
    try:
        await peer.start()
        await PARTS[part](peer, row, options)
    except BaseException as problem:
        problem.add_note(f"{peer.name}, {part}:\n{peer.processes.last_words()}")
        raise
    finally:
        await peer.stop()


async def w1(peer: Peer, row: Row, options: Options) -> None:
    """Closed loops at 1, 16 and 64 connections, then an open one at half of what 64 made."""

    def make(number: int) -> tuple[bytes, Check]:
        def look(answer: Any) -> None:
            workloads.check_w1(number, answer)

        return peer.call("w1", workloads.w1_input(number)), _outcome(peer, look)

    stored = await peer.stored_bytes()
    windows, runs = await loops(peer.port, make, peer.processes.cpu_seconds, row, options)
    row.put("w1_memory_mb", peer.processes.memory_mb())
    row.put("w1_bytes", (await peer.stored_bytes() - stored) / max(1, runs))
    rate = max(1.0, windows[-1].rate / 2)
    # Some servers hang up on a connection that has nothing to ask for a few seconds.
    connections = min(HALF_LOAD_CONNECTIONS, int(2 * rate))
    half = Window(connections, options.seconds)
    await open_loop(peer.port, connections, make, rate=rate, seconds=options.seconds, window=half)
    row.put("w1_half_p99_ms", half.quantile(0.99))


def fibs(work: workloads.Fibs, figure: str) -> Part:
    """W2, W3 or W4: the median of so many runs, one at a time, after one that does not count."""
    part = work.name.lower()

    async def measured(peer: Peer, row: Row, options: Options) -> None:
        def make(_number: int) -> tuple[bytes, Check]:
            return peer.call(part, {}), _outcome(peer, work.check)

        times = (await burst(peer.port, 1, make, count=options.rounds + 1)).times[1:]
        row.put(figure, statistics.median(times))

    return measured


async def w5(peer: Peer, row: Row, options: Options) -> None:
    """Starts as fast as they are taken, until the engine itself says that all have ended."""
    count = min(options.of(workloads.W5_RUNS), peer.most_starts)

    def make(number: int) -> tuple[bytes, Check]:
        return peer.send("w1", workloads.w1_input(W5_FIRST + number)), _taken

    stored = await peer.stored_bytes()
    began = time.perf_counter()
    window = await burst(peer.port, workloads.W5_CONNECTIONS, make, count=count)
    ended = await _all_ended(peer, count)
    seconds = time.perf_counter() - began
    if ended.failed:
        raise WrongAnswerError(f"{ended.failed} of {count} runs failed")
    row.put("w5_accepted_per_s", count / window.seconds)
    row.put("w5_finished_per_s", count / seconds)
    row.put("w5_finished_s", seconds)
    row.put("w5_bytes", (await peer.stored_bytes() - stored) / count)
    check_outcomes(await peer.outcomes(), count)


async def _all_ended(peer: Peer, wanted: int) -> Ended:
    last, since = -1, time.monotonic()
    while True:
        ended = await peer.ended()
        count = ended.finished + ended.failed
        if count > wanted:
            raise WrongAnswerError(f"{wanted} starts became {count} runs")
        if count == wanted:
            return ended
        if count > last:
            last, since = count, time.monotonic()
        if time.monotonic() - since > STALLED_S:
            raise WrongAnswerError(f"{wanted - count} of {wanted} runs do not end")
        await asyncio.sleep(LOOK_S)


def check_outcomes(outcomes: Sequence[Any] | None, count: int) -> None:
    """Each order once, and each with its answer; None where the engine keeps none."""
    if outcomes is None:
        return
    by_order = {outcome["id"]: outcome for outcome in outcomes}
    if len(outcomes) != count or len(by_order) != count:
        raise WrongAnswerError(f"{count} starts have {len(outcomes)} answers")
    for number in range(1, count + 1):
        workloads.check_w1(W5_FIRST + number, by_order.get(W5_FIRST + number))


async def w6(peer: Peer, row: Row, options: Options) -> None:
    """Kill everything 1 s after the first mark, start it again, judge the marks at the end."""
    async with Outside.open() as outside:
        accepted: list[str] = []

        def make(number: int) -> tuple[bytes, Check]:
            run = f"run-{number}"

            def check(status: int, body: bytes) -> None:
                _taken(status, body)
                accepted.append(run)

            return peer.send("w6", {"url": outside.url, "run": run}), check

        count = options.of(workloads.W6_RUNS)
        starting = asyncio.create_task(
            burst(peer.port, workloads.W6_CONNECTIONS, make, count=count)
        )
        await _first_mark(outside, starting)
        await asyncio.sleep(workloads.W6_KILL_AFTER_S)
        await peer.kill()
        with suppress(ExceptionGroup):  # starts that the kill has cut off
            await starting
        before = len(outside.marks)
        began_ms = time.time_ns() // 1_000_000
        began = time.monotonic()
        await peer.restart()
        ready_s = time.monotonic() - began
        await _marks_made(outside, set(accepted))
        marks = [(mark.run_id, mark.step) for mark in outside.marks]
        verdict = workloads.judge_w6(accepted, marks)
        if len(outside.marks) > before:
            row.put("w6_first_step_s", (outside.marks[before].at_ms - began_ms) / 1000)
        row.put("w6_ready_s", ready_s)
        row.put("w6_accepted", verdict.accepted)
        row.put("w6_lost", verdict.lost)
        row.put("w6_repeated", verdict.repeated)


async def _first_mark(outside: Outside, starting: asyncio.Task[Window]) -> None:
    """Until it is made; raises what went wrong with the starts, if that is why there is none."""
    marked = asyncio.create_task(outside.until(lambda: bool(outside.marks)))
    try:
        await asyncio.wait({marked, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
        await marked
    finally:
        marked.cancel()


async def _marks_made(outside: Outside, runs: set[str]) -> None:
    """Until all of them have made their last mark, or none has been made for long."""
    while outside.of(workloads.W6_STEPS[-1], runs) != runs:
        made = len(outside.marks)
        try:
            await outside.until(lambda made=made: len(outside.marks) > made, NO_MARK_S)  # type: ignore[misc]
        except TimeoutError:
            return


def _outcome(peer: Peer, look: Callable[[Any], None]) -> Check:
    def check(status: int, body: bytes) -> None:
        _taken(status, body)
        look(peer.output(body))

    return check


def _taken(status: int, body: bytes) -> None:
    if not 200 <= status < 300:
        raise WrongAnswerError(f"answered {status}: {body[:300]!r}")


PARTS: Mapping[str, Part] = {
    "w1": w1,
    "w2": fibs(workloads.W2, "w2_code_ms"),
    "w3": fibs(workloads.W3, "w3_ms"),
    "w4": fibs(workloads.W4, "w4_ms"),
    "w5": w5,
    "w6": w6,
}
