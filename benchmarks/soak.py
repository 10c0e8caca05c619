"""`python -m benchmarks.soak --minutes 60`: a long load, and what it leaves behind.

First W1 is measured at 64 connections, once what has ended is archived and leaves
the log beside it: how many runs a second begin, are archived and leave. Of those
that begin 60 % is asked for, evenly, for as long as was said; beside it starts each
second a run with two code steps and a wait. Runs leave the log two minutes after
their end, their tombstones three minutes later. Every ten seconds memory is looked
at, and how soon the views show a run that has just ended. Ends with 1 if an answer was wrong, or a
run failed or has not ended.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import uvloop

from benchmarks import definitions, processes
from benchmarks.house import House
from benchmarks.load import Check, Make, Window, burst, closed_loop, expect, open_loop, request
from benchmarks.parts.asking import orders, starts, webhook
from benchmarks.parts.many import OPEN
from benchmarks.sampling import Sample, Watch
from benchmarks.workloads import WrongAnswerError, w1_input

HOT_S = 120
HORIZON_S = 300  # a tombstone is kept as long; with the default of a day each adds to the log
EVERY_S = 10.0
CONNECTIONS = 256
_CALM_S = 60.0
_FRESH_S = 20.0


class Soak:
    """One load on one house."""

    def __init__(self, house: House, asked: argparse.Namespace) -> None:
        self._house = house
        self._seconds = asked.minutes * 60
        self._share = asked.share
        self._warmup_s = asked.warmup
        self._measured_s = asked.seconds
        self._watch = Watch()
        self._port = house.ports["trigger"]

    async def run(self) -> bool:
        """Measure, load, watch, tell; whether all was well."""
        await self._house.worker()
        path = webhook(self._house)
        aside = self._house.publish(definitions.aside())["workflow_id"]
        rate = await self._full(orders(path)) * self._share
        _say(f"now {rate:,.0f}/s")
        window = Window(CONNECTIONS, EVERY_S)
        load = open_loop(
            self._port,
            CONNECTIONS,
            self._counted(orders(path)),
            rate=rate,
            seconds=self._seconds,
            window=window,
        )
        others = [
            asyncio.create_task(self._sample(window)),
            asyncio.create_task(self._probe(path)),
            asyncio.create_task(self._asides(aside)),
        ]
        try:
            await load
        finally:
            for other in others:
                other.cancel()
            outcomes = await asyncio.gather(*others, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(
                outcome, asyncio.CancelledError
            ):
                raise outcome
        return await self._end()

    async def _full(self, make: Make) -> float:
        """How many runs a second begin while others are archived and leave the log."""
        fresh = await closed_loop(self._port, 64, make, seconds=_FRESH_S, warmup=_FRESH_S / 4)
        _say(f"W1 at 64 connections: {fresh.rate:,.0f} runs/s before anything is archived")
        seconds, warmup = self._measured_s, self._warmup_s
        load = closed_loop(self._port, 64, make, seconds=seconds, warmup=warmup)
        loading = asyncio.create_task(load)
        await asyncio.sleep(warmup)
        before, began = await self._passed(), time.monotonic()
        begun = (await loading).rate
        passed, took = await self._passed(), time.monotonic() - began
        archived, left = ((now - then) / took for now, then in zip(passed, before, strict=True))
        _say(f"then {begun:,.0f} begin, {archived:,.0f} are archived, {left:,.0f} leave the log")
        return begun

    async def _passed(self) -> tuple[float, float]:
        query = await self._house.metrics("query")
        scheduler = await self._house.metrics("scheduler")
        return query["weir_runs_archived_total"], scheduler["weir_runs_purged_total"]

    def _counted(self, make: Make) -> Make:
        """The same requests, whose wrong answers are counted and end nothing."""

        def counted(number: int) -> tuple[bytes, Check]:
            data, check = make(number)

            def note(status: int, body: bytes) -> None:
                try:
                    check(status, body)
                except WrongAnswerError as error:
                    self._watch.errors.append(str(error))
                    _say(f"wrong: {error}")

            return data, note

        return counted

    async def _sample(self, window: Window) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(EVERY_S)
            window.times, times = [], window.times
            lags = await self._house.metrics("query")
            pids = self._house.pids()
            sample = Sample(
                at_s=time.monotonic() - began,
                memory={name: processes.memory_mb(pids[name]) for name in pids},
                log_mb=self._house.stored_bytes() / 1e6,
                rate=len(times) / EVERY_S,
                p99_ms=Window(0, 0, times).quantile(0.99),
                behind=lags.get('weir_projection_lag_messages{name="runs"}', 0.0),
            )
            self._watch.samples.append(sample)
            _say(
                f"{sample.at_s:6.0f} s: {sample.rate:,.0f} runs/s, p99 {sample.p99_ms:.0f} ms, "
                f"{sum(sample.memory.values()):,.0f} MB, log {sample.log_mb:,.0f} MB, views "
                f"{sample.behind:,.0f} messages behind, {len(self._watch.errors)} wrong answers"
            )

    async def _probe(self, path: str) -> None:
        """How long after its end a run stands in the views as ended."""
        while True:
            ran: list[str] = []
            make = _telling(path, ran)
            await burst(self._port, 1, make, count=1)
            ended = time.monotonic()
            while not await self._shown(ran[0]):  # noqa: ASYNC110 - views tell nobody
                await asyncio.sleep(0.01)
            self._watch.lags_s.append(time.monotonic() - ended)
            await asyncio.sleep(EVERY_S / 4)

    async def _shown(self, run_id: str) -> bool:
        found = await self._house.ask("query", "GET", f"/runs?q={run_id}&status=succeeded&limit=1")
        return bool(found["items"])

    async def _asides(self, workflow: str) -> None:
        make = starts(self._house, workflow, lambda number: {"n": number}, wait=False)
        while True:
            await burst(self._port, 1, self._counted(make), count=1)
            await asyncio.sleep(1)

    async def _end(self) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CALM_S):
                while await self._listed(OPEN):  # noqa: ASYNC110
                    await asyncio.sleep(1)
        opened, failed = await self._listed(OPEN), await self._listed("/runs?status=failed")
        _say("")
        _say(self._watch.memory(settled_s=min(2 * HOT_S, self._seconds / 2)))
        _say("")
        for line in self._watch.told(len(opened), len(failed)):
            _say(line)
        for name, words in self._house.words().items():
            if lines := [w for w in words.splitlines() if '"level": "error"' in w]:
                _say(f"{name} wrote {len(lines)} errors, the last: {lines[-1][:300]}")
        return not (self._watch.errors or opened or failed)

    async def _listed(self, path: str) -> Sequence[Any]:
        return list((await self._house.ask("query", "GET", f"{path}&limit=200"))["items"])


def _telling(path: str, ran: list[str]) -> Make:
    """W1 once; `ran` gets the run's id."""

    def make(number: int) -> tuple[bytes, Check]:
        def look(answer: Any) -> None:
            ran.append(answer["run_id"])

        return request("POST", path, w1_input(number), {}), expect(200, look)

    return make


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def soak(asked: argparse.Namespace) -> bool:
    """In a house of its own, which is closed also when this is told to end."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    given = {"hot_period": f"{HOT_S}s", "idempotency_horizon": f"{HORIZON_S}s"}
    async with House(asked.mode, asked.sync, **given) as house:
        return await Soak(house, asked).run()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--share", type=float, default=0.6, help="of the load measured before")
    parser.add_argument("--warmup", type=float, default=2.0 * HOT_S, help="before that is measured")
    parser.add_argument("--seconds", type=float, default=60, help="for which that is measured")
    parser.add_argument("--mode", default="separate", choices=("separate", "embedded"))
    parser.add_argument("--sync", default="kill-safe", choices=("kill-safe", "power-safe"))
    sys.exit(not uvloop.run(soak(parser.parse_args())))


if __name__ == "__main__":
    main()
