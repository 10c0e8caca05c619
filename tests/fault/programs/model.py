"""What must come of a program: a plain interpreter that knows nothing of the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fault.programs.making import Act, Chain, Code
from tests.fault.programs.writing import looked_at


class _FailedError(Exception):
    """A step failed, with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _ParkedError(Exception):
    """The run waits until it is cancelled."""


@dataclass(slots=True)
class Expected:
    """The end, and everything that is counted outside, by step path.

    `undone` are the undo steps in their order, `calls` the runs that steps start.
    """

    status: str = ""
    code: str = ""  # of the error
    output: Any = None
    effects: set[str] = field(default_factory=set)
    undone: list[str] = field(default_factory=list)
    calls: dict[str, Expected] = field(default_factory=dict)
    signals: Counter[str] = field(default_factory=Counter)
    parked: str = ""  # the call outside after which it waits


def expected(code: Code, n: int, library: Sequence[Code]) -> Expected:
    """What comes of a program with this input."""
    return _Model(library).run(code, n)


class _Model:
    def __init__(self, library: Sequence[Code]) -> None:
        self._library = library
        self._end = Expected()
        self._acc = 1
        self._done: list[tuple[str, str]] = []  # what can be undone, and by what
        self._lists: dict[str, Any] = {}

    def run(self, code: Code, n: int) -> Expected:
        end = self._end
        try:
            value = self._chain(code.chain, n, "")
        except _FailedError as failed:
            end.status, end.code = "failed", failed.code
            self._undo("")
        except _ParkedError:
            end.status = "cancelled"
            self._undo("")
        else:
            end.status = "succeeded"
            lists = {act.name: self._lists[act.name] for act in looked_at(code)}
            end.output = {"v": value, **lists}
        return end

    def _undo(self, inside: str) -> None:
        for path, undo in reversed(self._done):
            if path.startswith(inside):
                self._end.effects.add(undo)
                self._end.undone.append(undo)
        self._done = [one for one in self._done if not one[0].startswith(inside)]

    def _chain(self, chain: Chain, value: int, prefix: str) -> int:
        for act in chain:
            value = getattr(self, f"_{act.kind}")(act, value, prefix)
        return value

    def _set(self, act: Act, value: int, _prefix: str) -> int:
        return (value * 3 + int(act.given["k"])) % 1009

    def _effect(self, act: Act, value: int, prefix: str) -> int:
        self._end.effects.add(prefix + act.name)
        if act.given["undo"]:
            self._done.append((prefix + act.name, f"{prefix}{act.name}_u"))
        return value + int(act.given["k"])

    _flaky = _slow = _effect

    def _bad(self, act: Act, value: int, prefix: str) -> int:
        if value % act.given["modulus"]:
            self._end.effects.add(prefix + act.name)
            return value
        policy = act.given["policy"]
        if policy == "fail":
            raise _FailedError("HTTP_422")
        if policy == "route":
            self._end.effects.add(f"{prefix}{act.name}_h")
        return value

    def _sleep(self, _act: Act, value: int, _prefix: str) -> int:
        return value

    _late = _sleep

    def _signal(self, act: Act, _value: int, _prefix: str) -> int:
        self._end.signals[act.name] += 1
        return int(act.given["k"])

    def _park(self, act: Act, _value: int, prefix: str) -> int:
        self._end.parked = f"{prefix}{act.name}_m"
        self._end.effects.add(self._end.parked)
        raise _ParkedError

    def _variable(self, _act: Act, value: int, _prefix: str) -> int:
        self._acc = (self._acc * 5 + value) % 1009
        return self._acc

    def _call(self, act: Act, value: int, prefix: str) -> int:
        child = _Model(self._library).run(self._library[act.given["program"]], value)
        self._end.calls[prefix + act.name] = child
        if child.status != "succeeded":
            raise _FailedError(child.code)
        return int(child.output["v"])

    def _if(self, act: Act, value: int, prefix: str) -> int:
        part = "else" if value % act.given["modulus"] else "then"
        self._chain(act.parts[part], value, prefix)
        return value

    def _parallel(self, act: Act, value: int, prefix: str) -> int:
        for part in act.parts.values():
            self._chain(part, value, prefix)
        return value

    def _for_each(self, act: Act, value: int, prefix: str) -> int:
        given, path = act.given, prefix + act.name
        if given["gathers"]:
            acc = value
            for at in range(given["items"]):
                acc = self._chain(act.parts["body"], acc, f"{path}[{at}]/")
            self._lists[path] = {"v": acc}
            return acc
        ends: list[Any] = []
        for at in range(given["items"]):
            try:
                ends.append({"v": self._chain(act.parts["body"], value + at, f"{path}[{at}]/")})
            except _FailedError as failed:
                if given["policy"] == "stop":
                    raise
                ends.append(None if given["policy"] == "continue" else {"error": failed.code})
        self._lists[path] = ends
        return value

    def _while(self, act: Act, value: int, prefix: str) -> int:
        for at in range(act.given["times"]):
            value = self._chain(act.parts["body"], value, f"{prefix}{act.name}[{at}]/")
        return value

    def _try(self, act: Act, value: int, prefix: str) -> int:
        inside, parts = f"{prefix}{act.name}/", act.parts
        failed: _FailedError | None = None
        came = value
        try:
            came = self._chain(parts["body"], value, inside)
        except _FailedError as error:
            failed = error
        codes = act.given["codes"]
        if failed is not None and "catch" in parts and (not codes or failed.code in codes):
            try:
                came, failed = self._chain(parts["catch"], value, inside), None
            except _FailedError as error:
                failed = error
        if "finally" in parts:
            self._chain(parts["finally"], value, inside)
        if failed is not None:
            raise failed
        return came

    def _scope(self, act: Act, value: int, prefix: str) -> int:
        inside = f"{prefix}{act.name}/"
        try:
            return self._chain(act.parts["body"], value, inside)
        except _FailedError:
            self._undo(inside)
            raise

    def _race(self, act: Act, value: int, prefix: str) -> int:
        return self._chain(act.parts["first"], value, f"{prefix}{act.name}/")
