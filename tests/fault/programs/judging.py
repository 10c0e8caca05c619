"""What was counted outside and what the log holds, beside what the model says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fault.effects import Effect
from tests.fault.house import House
from tests.fault.programs.driving import Played
from tests.fault.programs.model import Expected
from weir.contract import codec, subjects
from weir.core.state import RunState
from weir.ports.log import Stored
from weir.runtime.replay import replay


@dataclass(slots=True)
class Tally:
    """The figures of some programs; `repeated` are effects that came again under their key."""

    programs: int = 0
    runs: int = 0  # with those that programs started
    steps: int = 0
    effects: int = 0
    repeated: int = 0
    most: int = 0  # repetitions of one key
    stuck: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Judge:
    """Reads the log as it grows, and judges each lot of programs by it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._upto = 0
        self._seen = 0  # effects that were judged

    async def judge(self, programs: Sequence[Played]) -> Tally:
        """All that was played since the last time."""
        told: dict[str, list[Stored]] = defaultdict(list)
        async for batch in self._house.log.read(subjects.EVERY_RUN, after=self._upto):
            for message in batch:
                told[message.subject.split(".", 4)[3]].append(message)
                self._upto = message.seq
        done = self._house.outside.effects.done
        effects, self._seen = done[self._seen :], len(done)
        return _Lot(told, effects).judge(programs)


class _Lot:
    def __init__(self, told: Mapping[str, list[Stored]], effects: Sequence[Effect]) -> None:
        self._told = told
        self._tally = Tally()
        self._effects: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for effect in effects:
            run_id, _, path = effect.key.partition("/")
            self._effects[run_id][path].append(effect.at_ms)
        self._states: dict[str, RunState | None] = {}
        self._children: dict[tuple[str, str], list[str]] = defaultdict(list)

    def judge(self, programs: Sequence[Played]) -> Tally:
        tally = self._tally
        for run_id, messages in self._told.items():
            log = replay(messages)
            self._states[run_id] = log.state
            if log.broken:
                self._wrong(run_id, log.broken)
            if log.state is not None and log.state.start.parent is not None:
                parent = log.state.start.parent
                self._children[parent.run_id, parent.step].append(run_id)
        for played in programs:
            tally.programs += 1
            tally.stuck += not played.ended
            self._run(played.run_id, played.expected, f"program {played.seed}")
        for run_id, paths in self._effects.items():
            self._wrong(run_id, f"nobody knows of this run, and it did {sorted(paths)[:5]}")
        return tally

    def _wrong(self, run_id: str, what: str) -> None:
        self._tally.wrong.append(f"{run_id}: {what}")

    def _run(self, run_id: str, expected: Expected, name: str) -> None:
        tally, state = self._tally, self._states.get(run_id)
        tally.runs += 1
        if state is None:
            self._wrong(run_id, f"{name} is not in the log")
            return
        tally.ends[state.status] += 1
        tally.steps += len(state.steps)
        error = "" if state.error is None else state.error.code
        end = (state.status, error, _plain(state.output))
        wanted = (expected.status, expected.code, expected.output)
        if end != wanted:
            self._wrong(run_id, f"{name} ended with {end}, the model with {wanted}")
        self._counts(run_id, expected, name)
        for path, child in expected.calls.items():
            runs = self._children.pop((run_id, path), [])
            if len(runs) != 1:
                self._wrong(run_id, f"{name}: {path} started {runs}")
            for one in runs:
                self._run(one, child, f"{name}, called at {path}")

    def _counts(self, run_id: str, expected: Expected, name: str) -> None:
        tally, found = self._tally, self._effects.pop(run_id, {})
        if found.keys() != expected.effects:
            more = sorted(found.keys() - expected.effects)
            less = sorted(expected.effects - found.keys())
            self._wrong(run_id, f"{name}: effects that must not be: {more}, missing: {less}")
        committed = {}
        for message in self._told[run_id]:
            if b'"task_succeeded"' in message.data:
                event = codec.decode(message.data).events[0]
                if event.step in committed:
                    self._wrong(run_id, f"{name}: {event.step} has two results")
                committed[event.step] = message.at_ms
        for path, times in found.items():
            tally.effects += 1
            tally.repeated += len(times) - 1
            tally.most = max(tally.most, len(times) - 1)
            if times[-1] > committed.get(path, times[-1]):
                self._wrong(run_id, f"{name}: {path} was done again after its result")
        undone = [path for path, _ in sorted(found.items(), key=lambda one: one[1][0])]
        undone = [path for path in undone if path.endswith("_u")]
        if undone != expected.undone:
            self._wrong(run_id, f"{name}: undone {undone}, the model says {expected.undone}")


def _plain(output: Any) -> Any:
    """An output, where an error is no more than its code."""
    if isinstance(output, dict):
        if isinstance(output.get("error"), dict):
            return {"error": output["error"]["code"]}
        return {key: _plain(value) for key, value in output.items()}
    return [_plain(value) for value in output] if isinstance(output, list) else output
