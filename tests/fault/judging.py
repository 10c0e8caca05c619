"""What must hold of finished runs, seen from the log, from the outside world and from the views."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import orjson

from tests.fault.house import ENDS, House
from tests.fault.outside import Mark
from weir.contract import codec, subjects, times
from weir.contract.messages import LeaseTaken
from weir.contract.subjects import parse_run, run_key
from weir.core.canonical import to_json
from weir.core.state import RunState, Step
from weir.ports.log import Stored
from weir.runtime.archive import read_run
from weir.runtime.first_key import TENANT
from weir.runtime.projector.hot import text
from weir.runtime.replay import replay, replay_state

_FENCE = "Nats-Expected-Last-Subject-Sequence"
_FENCED_ON = "Nats-Expected-Last-Subject-Sequence-Subject"
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found wrong, and the figures."""

    wrong: list[str]
    finished: int
    repeated: int  # marks that came again, each before its result was committed
    most: int  # of these, under one key
    keys: int  # under which marks came

    def must_hold(self) -> None:
        """AssertionError that names everything wrong."""
        assert not self.wrong, f"{len(self.wrong)} wrong: " + "; ".join(self.wrong[:10])


class Pause(NamedTuple):
    """How long a run waited for a message at most, and if it was under way, for its next; ms."""

    longest: int
    next: int | None


class Leases:
    """Every lease that is taken while this listens: the fences, in order."""

    def __init__(self, house: House) -> None:
        self._following = house.log.follow("lease.*.*")
        self._taken: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Listen no more."""
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        await self._following.close()

    def owners(self, shard: int) -> list[str]:
        """Who took it, in order."""
        return [owner for _, owner in self._taken[shard]]

    def overruled(self, message: Stored) -> bool:
        """Whether the owner that wrote this had lost its lease before it was stored."""
        fence = int(message.headers[_FENCE])
        shard = int(message.headers[_FENCED_ON].split(".")[1])
        return any(fence < seq < message.seq for seq, _ in self._taken[shard])

    async def _listen(self) -> None:
        async for batch in self._following:
            for message in batch:
                shard = message.subject.split(".")[1]
                if shard.isdecimal():
                    kind = codec.decode(message.data).events[0].kind
                    assert isinstance(kind, LeaseTaken)
                    self._taken[int(shard)].append((message.seq, kind.owner))


async def histories(house: House, runs: Iterable[str]) -> dict[str, list[Stored]]:
    """Every message of these runs, from log and archive."""
    wanted = {run_id: run_key(TENANT, run_id) for run_id in runs}
    found: dict[str, list[Stored]] = {run_id: [] for run_id in wanted}
    async for batch in house.log.read(subjects.EVERY_RUN):
        for message in batch:
            mine = found.get(message.subject.split(".", 4)[3])
            if mine is not None:
                mine.append(message)
    for run_id, messages in found.items():
        if not messages or replay(messages).state is None:  # purged: the archive has it
            found[run_id] = await read_run(house.log, house.archive, wanted[run_id])
    return found


async def judge(  # noqa: PLR0913  # what may differ from test to test
    house: House,
    runs: Sequence[str],
    *,
    status: str = "succeeded",
    sequence: int = 0,
    leases: Leases | None = None,
    copied: bool = False,
) -> Verdict:
    """Every run ended so, its history is whole, nothing committed was done again, views agree.

    `copied` says that the test itself stored results again.
    """
    wrong: list[str] = []
    told = await histories(house, runs)
    finished = 0
    for run_id, messages in told.items():
        log = replay(messages)
        state = log.state
        if log.broken:
            wrong.append(f"{run_id}: {log.broken}")
        if state is None or state.status != status:
            found = None if state is None else (state.status, state.error)
            wrong.append(f"{run_id} is {found}")
            continue
        finished += 1
        wrong += _tasks(run_id, messages)
        if not copied:
            wrong += _results(run_id, messages)
        if leases is not None:
            wrong += [
                f"{run_id}: sequence {message.seq} was stored after its owner was fenced"
                for message in messages
                if _FENCED_ON in message.headers and leases.overruled(message)
            ]
    again, times_again = _marks(house.outside.marks, told)
    wrong += again
    wrong += await _views(house, told, sequence)
    most = max(times_again.values(), default=0)
    return Verdict(wrong, finished, times_again.total(), most, len(times_again))


def _tasks(run_id: str, messages: Sequence[Stored]) -> list[str]:
    """No attempt is stored twice, and no result without its task."""
    tasks: Counter[tuple[str, int]] = Counter()
    for message in messages:
        if parse_run(message.subject)[1] == "task":
            event = codec.decode(message.data).events[-1]
            tasks[event.step, event.attempt] += 1
    return [f"{run_id}: task {task} is stored {n} times" for task, n in tasks.items() if n > 1]


def _results(run_id: str, messages: Sequence[Stored]) -> list[str]:
    """No step has two results that could count."""
    done: Counter[str] = Counter()
    for message in messages:
        if b'"task_succeeded"' in message.data:
            done[codec.decode(message.data).events[0].step] += 1
    return [f"{run_id}: {step} has {n} results" for step, n in done.items() if n > 1]


def _marks(
    marks: Sequence[Mark], told: Mapping[str, Sequence[Stored]]
) -> tuple[list[str], Counter[str]]:
    """Marks made after the result was stored; and for each key how often it came again before."""
    committed: dict[str, int] = {}
    for run_id, messages in told.items():
        for message in messages:
            if b'"task_succeeded"' in message.data:
                event = codec.decode(message.data).events[0]
                committed.setdefault(f"{run_id}/{event.step}", message.at_ms)
    mine = [mark for mark in marks if mark.run_id in told]
    late = [mark for mark in mine if mark.at_ms > committed.get(mark.key, mark.at_ms)]
    wrong = [
        f"{mark.key} was done again {mark.at_ms - committed[mark.key]} ms after its result"
        for mark in late
    ]
    wrong += [
        f"{mark.run_id} called for {mark.step} with the key {mark.key}"
        for mark in mine
        if mark.key != f"{mark.run_id}/{mark.step}"
    ]
    again = Counter(mark.key for mark in mine)
    again.subtract({mark.key: 1 for mark in mine})
    again.subtract(mark.key for mark in late)
    return wrong, again


# -- the views --


async def _views(house: House, told: Mapping[str, Sequence[Stored]], sequence: int) -> list[str]:
    """Where the query service shows something else than log and archive tell."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def look(run_id: str, messages: Sequence[Stored]) -> list[str]:
        async with room:
            state = replay(messages).tentative
            if state is None:
                return [f"{run_id} has no start"]
            if replay_state(messages) != to_json(state):
                return [f"{run_id} is replayed in two ways"]
            asked = {"min_sequence": str(sequence)} if sequence else {}
            run = await house.read("query", f"/runs/{run_id}", **asked)
            steps = await house.items("query", f"/runs/{run_id}/steps", **asked)
            found = [_plain(run, steps), _expected(state)]
            if found[0] != found[1]:
                return [f"{run_id} is shown as {found[0]}, its log says {found[1]}"]
            return []

    looked = await asyncio.gather(*(look(*each) for each in told.items()))
    return [problem for problems in looked for problem in problems]


_STEP = (
    *("status", "attempt", "node_type", "queue", "port", "output", "error"),
    *("scheduled_at", "started_at", "ended_at", "wake_at"),
)


def _plain(run: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = ("status", "version", "input", "output", "error", "started_at", "ended_at")
    return {
        **{name: run[name] for name in names},
        "steps": {step["step"]: {name: step[name] for name in _STEP} for step in steps},
    }


def _expected(state: RunState) -> dict[str, Any]:
    start = state.start
    return {
        "status": state.status,
        "version": start.version,
        "input": _value(start.input),
        "output": _value(state.output),
        "error": _error(state.error),
        "started_at": times.from_ms(start.started_ms),
        "ended_at": _time(state.ended_ms),
        "steps": {path: _step(step) for path, step in state.steps.items()},
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "status": step.status,
        "attempt": step.attempt,
        "node_type": step.node_type,
        "queue": step.queue,
        "port": step.port,
        "output": _value(step.output),
        "error": _error(step.error),
        "scheduled_at": _time(step.scheduled_ms),
        "started_at": _time(step.started_ms),
        "ended_at": _time(step.ended_ms),
        "wake_at": _time(step.wake_ms),
    }


def _value(value: Any) -> Any:
    return None if value is None else orjson.loads(text(value))


def _error(error: Any) -> Any:
    return None if error is None else orjson.loads(codec.encode(error))


def _time(ms: int) -> str | None:
    return times.from_ms(ms) if ms else None


def gaps(told: Mapping[str, Sequence[Stored]], at_ms: int) -> list[Pause]:
    """The pauses of each run that had not ended at this time, up to its end."""
    found = []
    for messages in told.values():
        ends = next((n for n, each in enumerate(messages, 1) if ENDS.search(each.data)), None)
        times_ms = [each.at_ms for each in messages[:ends]]
        later = sorted(each for each in times_ms if each > at_ms)
        if not later:
            continue
        begun = times_ms[0] <= at_ms
        waits = [b - a for a, b in pairwise([at_ms, *later] if begun else later)]
        found.append(Pause(max(waits, default=0), waits[0] if begun else None))
    return found
