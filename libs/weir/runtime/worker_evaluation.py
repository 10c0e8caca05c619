"""Heavy expressions on a worker: a few processes that can be killed, and one way without them.

A process is started when the first heavy expression comes, and again after it
was killed. It inherits nothing but its pipes.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Any

import orjson

from weir.contract.errors import UnavailableError
from weir.core.expressions import BudgetExceededError
from weir.ports.evaluator import Evaluation
from weir.ports.node_context import Terminal
from weir.runtime.worker_evaluator import LENGTH, answer

PROCESSES = 2
SECONDS = 10
START_S = 30.0
MEGABYTES = 1024
ANSWER_LIMIT = 64 * 1024 * 1024


class LocalEvaluator:
    """Evaluates in place, bounded by the budget alone: for one process without children."""

    async def evaluate(self, evaluation: Evaluation) -> Any:
        """The configuration, resolved."""
        return _value(answer(orjson.loads(orjson.dumps(evaluation._asdict()))))

    async def close(self) -> None:
        """Nothing is held."""


class ProcessEvaluator:
    """Evaluates in processes of its own; each works on one request at a time."""

    def __init__(
        self, processes: int = PROCESSES, seconds: int = SECONDS, megabytes: int = MEGABYTES
    ) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._free = asyncio.Semaphore(processes)
        self._idle: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()

    async def evaluate(self, evaluation: Evaluation) -> Any:
        """The configuration, resolved."""
        request = orjson.dumps(evaluation._asdict())
        async with self._free:
            process = await self._process()
            healthy = False
            try:
                async with asyncio.timeout(self._seconds):
                    data = await _ask(process, request)
                healthy = True
            except TimeoutError:
                raise _over(f"it took longer than {self._seconds} s") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                raise _over("it needed more time or memory than it may have") from None
            finally:
                if healthy:
                    self._idle.append(process)
                else:
                    await self._end(process)
        return _value(orjson.loads(data))

    async def close(self) -> None:
        """Kill all processes."""
        self._idle.clear()
        for process in list(self._all):
            await self._end(process)

    async def _process(self) -> asyncio.subprocess.Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            await self._end(process)
        return await self._start()

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "weir.runtime.worker_evaluator",
            str(self._seconds),
            str(self._megabytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={},
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle
        )
        self._all.add(process)
        ready = False
        try:
            # Starting is not the expression's time.
            async with asyncio.timeout(START_S):
                ready = process.stdout is not None and not any(
                    await process.stdout.readexactly(LENGTH)
                )
        except (TimeoutError, asyncio.IncompleteReadError):
            raise UnavailableError(
                "no process for heavy expressions could be started: is the machine out of memory?"
            ) from None
        finally:
            if not ready:
                await self._end(process)
        return process

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._all.discard(process)
        with suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        # A cancelled caller must not leave a child behind that nobody waits for.
        await asyncio.shield(process.wait())


async def _ask(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the evaluator has no pipes")
    process.stdin.write(len(request).to_bytes(LENGTH, "big") + request)
    await process.stdin.drain()
    size = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
    if size > ANSWER_LIMIT:
        raise ConnectionError("the answer is too large")
    return await process.stdout.readexactly(size)


def _over(why: str) -> Terminal:
    return Terminal(
        f"the expression was stopped: {why}. Keep what it reads smaller, or split it into "
        "several nodes",
        code=BudgetExceededError.code,
    )


def _value(answered: dict[str, Any]) -> Any:
    error = answered.get("error")
    if error is not None:
        raise Terminal(error["message"], code=error["code"], details=error.get("details"))
    return answered["value"]
