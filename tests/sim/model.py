"""A second interpreter of programs: what they must come to.

It walks the tree as the documentation says it runs. Where the outcome is a
matter of time (which branch of a race was first, which of several iterations
failed first) or of another run, the model is told what was seen, and says
whether that could be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.sim.nested import SKIPPED, Act, Chain, Tree, answer, result


class WrongError(AssertionError):
    """Something was seen that cannot be."""


Outcome = tuple[bool, Any]  # whether it went well, and the output or the error's code


@dataclass
class Model:
    """Runs a program as it is documented. `winner` and `failure` say what was seen, by path.

    `called` says how the run ended that a step called, None if it did not run to an end.
    """

    n: Any
    winner: Callable[[str], str | None]
    failure: Callable[[str], str | None]
    called: Callable[[str], Outcome | None]
    must: dict[str, int] = field(default_factory=dict)  # task: attempts
    may: dict[str, int] = field(default_factory=dict)

    def run(self, program: Tree) -> tuple[str, Any]:
        """Status and output of the run."""
        names = {"{{ input.n }}": self.n}
        ends = [
            self.chain(chain, "", names, sure=len(program.chains) == 1) for chain in program.chains
        ]
        if all(good for good, _ in ends):
            if len(program.chains) > 1:
                for chain in program.chains:
                    self.chain(chain, "", names, sure=True)
            last = [chain[-1].name for chain in program.chains]
            return "succeeded", dict(zip(last, (value for _, value in ends), strict=True))
        return "failed", None

    def chain(self, chain: Chain, prefix: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """A chain of acts; the first that fails ends it."""
        value: Any = None
        for act in chain:
            good, value = self.act(act, prefix + act.name, names, sure=sure)
            if not good:
                return False, value
        return True, value

    def act(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """One act, and what its policy makes of a failure."""
        match act.kind:
            case "task":
                return self.task(act, path, names, sure=sure)
            case "set" | "set_variables":
                values = act.config["values"]
                return True, {key: names[read] for key, read in values.items()}
            case "delay":
                return True, ...
            case "wait_signal":
                return True, {"told": act.config["name"], "id": ...}
            case "sub_workflow":
                return self.call(act, path, sure=sure)
        made = getattr(self, f"in_{act.kind}")(act, path, names, sure=sure)
        good, value = made
        if not good and act.on_error == "continue":
            return True, {"error": ...}
        return bool(good), value

    def task(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """A task, attempt by attempt."""
        script, most = act.script, act.extra["retry"]["max_attempts"]
        if script is None:
            raise WrongError(f"{path} has no script")
        fatal = script.is_fatal(path)
        attempts = 1 if fatal else min(script.failures + 1, most)
        (self.must if sure else self.may)[path] = attempts
        if not fatal and script.failures < most:
            return True, result(names[act.config["input"]], path)
        code = "FATAL" if fatal else "FLAKY"
        if act.on_error == "continue":
            return True, {"error": {"code": code, "message": "as told", "details": None}}
        if act.on_error == "ask" and answer(path) == "skip":
            return True, SKIPPED
        return False, code

    def call(self, act: Act, path: str, *, sure: bool) -> Outcome:
        """What the other run came to; its own model judges that."""
        ended = self.called(path)
        if ended is None:
            if sure:
                raise WrongError(f"{path} should have called a run to its end")
            return True, ...  # it was not reached, or not waited for
        if not ended[0] and act.on_error == "continue":
            return True, {"error": ...}
        return ended

    def in_for_each(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """Item by item."""
        items, size = act.config["items"], act.config.get("batch", 1)
        if size > 1:
            items = [items[at : at + size] for at in range(0, len(items), size)]
        chained = "acc" in act.config
        policy = act.config["on_item_error"]
        alone = chained or act.config["concurrency"] == 1
        (body,) = act.sections["body"]

        def once(at: int, *, sure: bool) -> Outcome:
            inside = {**names, "{{ item }}": items[at], "{{ index }}": at}
            return self.chain(body, f"{path}[{at}]/", inside, sure=sure)

        if policy == "stop" and not alone:
            first = [once(at, sure=False) for at in range(len(items))]
            codes = {code for good, code in first if not good}
            if codes:
                return False, self.seen(path, codes)
        ends: list[Any] = []
        for at in range(len(items)):
            good, value = once(at, sure=sure)
            if not good and policy == "stop":
                return False, value
            ends.append(value if good else {"error": ...} if policy == "collect" else None)
        if chained:
            return True, ends[-1] if ends else act.config["acc"]
        return True, ends

    def in_while(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """As often as the condition holds."""
        times = int(re.findall(r"\d+", act.config["condition"])[0])
        (body,) = act.sections["body"]
        value: Any = act.config["initial"]
        for at in range(times):
            inside = {**names, "{{ index }}": at}
            good, value = self.chain(body, f"{path}[{at}]/", inside, sure=sure)
            if not good:
                return False, value
        return True, value

    def in_try(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """Body, catch, finally."""
        sections, prefix = act.sections, f"{path}/"
        good, value = self.body(act, path, names, sure=sure)
        codes = act.config.get("codes")
        if not good and "catch" in sections and (not codes or value in codes):
            caught = {**names, "{{ error.code }}": value}
            good, value = self.chain(sections["catch"][0], prefix, caught, sure=sure)
        if "finally" in sections:
            fine, error = self.chain(sections["finally"][0], prefix, names, sure=sure)
            if not fine:
                return False, error
        return good, value

    def in_scope(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """All of it or nothing."""
        return self.body(act, path, names, sure=sure)

    def body(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """Chains side by side: the first that fails ends the others."""
        chains = act.sections["body"]
        if len(chains) == 1:
            return self.chain(chains[0], f"{path}/", names, sure=sure)
        first = [self.chain(chain, f"{path}/", names, sure=False) for chain in chains]
        codes = {code for good, code in first if not good}
        if codes:
            return False, self.seen(path, codes)
        ends = {
            chain[-1].name: self.chain(chain, f"{path}/", names, sure=sure)[1] for chain in chains
        }
        return True, ends

    def in_race(self, act: Act, path: str, names: dict[str, Any], *, sure: bool) -> Outcome:
        """The branch that was first."""
        branches = act.sections["body"]
        ends = {
            branch[-1].name: self.chain(branch, f"{path}/", names, sure=False)
            for branch in branches
        }
        home = {name: value for name, (good, value) in ends.items() if good}
        if not home:
            for branch in branches:
                self.chain(branch, f"{path}/", names, sure=sure)
            return False, "RACE_LOST"
        first = self.winner(path) or next(iter(home))
        if first not in home:
            raise WrongError(f"{path}: {first} cannot have won, only {sorted(home)}")
        won = next(branch for branch in branches if branch[-1].name == first)
        self.chain(won, f"{path}/", names, sure=sure)
        return True, {"winner": first, "output": home[first]}

    def seen(self, path: str, codes: set[str]) -> str:
        """Of several codes the one that it failed with."""
        code = self.failure(path) or min(codes)
        if code not in codes:
            raise WrongError(f"{path} failed with {code}, and only {sorted(codes)} can be")
        return code
