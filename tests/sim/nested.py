"""Random programs of nested containers, and a second interpreter of what they must come to.

A program is a tree of acts: tasks, pure nodes, waits, and the containers around
them. `workflow` writes it down as a frozen definition; `Model` walks the tree
as the documentation says it runs. Where the outcome is a matter of time (which
branch of a race was first, which of several iterations failed first) the model
is told what was seen, and says whether that could be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from tests.sim.scripts import Script, node_of

Chain = tuple["Act", ...]
LEAVES = ("task", "task", "task", "task", "set", "delay", "wait_signal", "set_variables")
BOXES = ("for_each", "for_each", "while", "try", "try", "scope", "scope", "race")
DEPTH = 3
CODES = ("FATAL", "FLAKY")
SKIPPED = 7  # what a person puts in the place of a failed step's output


@dataclass(frozen=True)
class Act:
    """One node of a program. `sections`: a container's chains, by section."""

    kind: str
    name: str
    config: dict[str, Any] = field(default_factory=dict)
    script: Script | None = None
    undo: Script | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, tuple[Chain, ...]] = field(default_factory=dict)

    @property
    def on_error(self) -> str:
        """The policy of the node."""
        return str(self.extra.get("on_error", "fail"))


@dataclass(frozen=True)
class Tree:
    """A program: chains that begin side by side. `wild`: time decides more than can be told."""

    chains: tuple[Chain, ...]
    wild: bool = False
    timeout_ms: float | None = None

    def acts(self) -> Iterator[Act]:
        """All of them, however deep."""
        yield from _acts(self.chains)


def _acts(chains: Sequence[Chain]) -> Iterator[Act]:
    for chain in chains:
        for act in chain:
            yield act
            for inner in act.sections.values():
                yield from _acts(inner)


# -- making one --


class _Maker:
    def __init__(self, random: Random, budget: int, *, wild: bool) -> None:
        self.random = random
        self.left = budget
        self.wild = wild
        self.made = 0

    def chain(self, depth: int, reads: tuple[str, ...], most: int = 3) -> Chain:
        return tuple(self.act(depth, reads) for _ in range(self.random.randint(1, most)))

    def act(self, depth: int, reads: tuple[str, ...]) -> Act:
        random = self.random
        self.left -= 1
        name = f"n{self.made}"
        self.made += 1
        if depth < DEPTH and self.left > 0 and random.random() < 0.45:
            return self.box(name, random.choice(BOXES), depth + 1, reads)
        kind = random.choice(LEAVES)
        read = random.choice(reads)
        match kind:
            case "task":
                return self.task(name, read)
            case "set":
                return Act(kind, name, {"values": {"v": read}})
            case "delay":
                return Act(kind, name, {"duration": random.choice(("0.2s", "1.5s", "5s"))})
            case "wait_signal":
                return Act(kind, name, {"name": random.choice(("paid", "sent"))})
            case _:
                return Act(kind, name, {"values": {f"v_{name}": read}})

    def task(self, name: str, read: str) -> Act:
        random = self.random
        only = random.choice((-1, -1, 0, 1)) if "index" in read or "item" in read else -1
        script = Script(
            failures=random.choice((0, 0, 0, 1, 2)),
            fatal=random.random() < (0.5 if only >= 0 else 0.12),
            seconds=random.choice((0.0, 0.01, 0.5, 3.0)),
            only=only,
        )
        undo = None
        if random.random() < 0.4:
            undo = Script(random.choice((0, 0, 1)), random.random() < 0.1, 0.01)
        retry = {
            "max_attempts": random.choice((1, 3)),
            "initial_ms": random.choice((100.0, 2_000.0)),
            "factor": 2.0,
            "max_ms": 10_000.0,
            "jitter": 0.2,
        }
        policy = random.choice(("fail", "fail", "fail", "continue", "ask"))
        config = {"task": "work", "input": read}
        return Act("task", name, config, script, undo, {"retry": retry, "on_error": policy})

    def box(self, name: str, kind: str, depth: int, reads: tuple[str, ...]) -> Act:
        random = self.random
        extra: dict[str, Any] = {"on_error": random.choice(("fail", "fail", "fail", "continue"))}
        if self.wild and random.random() < 0.4:
            extra["timeout_ms"] = random.choice((500.0, 5_000.0))
        if kind == "for_each":
            size = random.choice((0, 1, 2, 3, 4))
            config: dict[str, Any] = {
                "items": [10 + at for at in range(size)],
                "concurrency": random.choice((1, 2, 10)),
                "on_item_error": random.choice(("stop", "continue", "collect")),
            }
            if random.random() < 0.2:
                config["batch"] = 2
            if random.random() < 0.2:
                config["acc"] = 0
            body = self.chain(depth, ("{{ item }}", "{{ index }}"))
            return Act(kind, name, config, extra=extra, sections={"body": (body,)})
        if kind == "while":
            times = random.choice((0, 1, 2, 3))
            config = {"initial": 5, "condition": f"{{{{ index < {times} }}}}", "limit": 50}
            body = self.chain(depth, ("{{ index }}",))
            return Act(kind, name, config, extra=extra, sections={"body": (body,)})
        if kind == "try":
            sections = {"body": self.side_by_side(depth, reads)}
            if random.random() < 0.7:
                sections["catch"] = (self.chain(depth, (*reads, "{{ error.code }}"), 2),)
            if random.random() < 0.5:
                sections["finally"] = (self.chain(depth, reads, 2),)
            codes = random.choice(([], [], ["FATAL"], ["FLAKY", "RACE_LOST"]))
            config = {"codes": codes} if codes else {}
            return Act(kind, name, config, extra=extra, sections=sections)
        if kind == "race":
            branches = tuple(self.chain(depth, reads, 2) for _ in range(random.choice((2, 3))))
            return Act(kind, name, extra=extra, sections={"body": branches})
        return Act(kind, name, extra=extra, sections={"body": self.side_by_side(depth, reads)})

    def side_by_side(self, depth: int, reads: tuple[str, ...]) -> tuple[Chain, ...]:
        return tuple(self.chain(depth, reads) for _ in range(self.random.choice((1, 1, 2))))


def tree(random: Random, budget: int = 14, *, wild: bool = False) -> Tree:
    """A program of about so many acts."""
    maker = _Maker(random, budget, wild=wild)
    chains = tuple(maker.chain(0, ("{{ input.n }}",)) for _ in range(random.choice((1, 1, 2))))
    timeout = 30_000.0 if wild and random.random() < 0.2 else None
    return Tree(chains, wild, timeout)


# -- writing it down --


def workflow(program: Tree) -> dict[str, Any]:
    """The frozen definition."""
    nodes = [_node("start", "manual", "trigger", {})]
    edges: list[dict[str, str]] = []
    _write(program.chains, nodes, edges, {}, "start")
    return {
        "schema": "weir/frozen/v1",
        "name": "nested",
        "vars": {},
        "output": None,
        "settings": {} if program.timeout_ms is None else {"timeout_ms": program.timeout_ms},
        "nodes": nodes,
        "edges": edges,
    }


def _write(
    chains: Sequence[Chain],
    nodes: list[dict[str, Any]],
    edges: list[dict[str, str]],
    place: dict[str, str],
    before: str,
) -> None:
    for chain in chains:
        source = before
        for act in chain:
            if source:
                edges.append({"source": source, "port": "out", "target": act.name})
            source = act.name
            kind = "container" if act.sections else "task" if act.kind == "task" else "inline"
            extra = {"timeout_ms": 0.0 if act.sections else 600_000.0, **act.extra, **place}
            if act.undo is not None:
                extra["compensate"] = f"{act.name}_undo"
                undo = {"task": "work", "input": "undo"}
                retry = {"max_attempts": 3, "initial_ms": 50.0}
                nodes.append(_node(f"{act.name}_undo", "task", "task", undo, retry=retry, **place))
            nodes.append(_node(act.name, act.kind, kind, act.config, **extra))
            for section, inner in act.sections.items():
                within = {"parent": act.name}
                if act.kind == "try":
                    within["section"] = section
                _write(inner, nodes, edges, within, "")


def _node(name: str, node_type: str, kind: str, config: Any, **extra: Any) -> dict[str, Any]:
    return {
        "id": name,
        "type": node_type,
        "type_version": 1,
        "kind": kind,
        "ports": ["out"],
        "config": config,
        "secret_fields": [],
        "join": "all",
        "retry": {"max_attempts": 1},
        "timeout_ms": 600_000.0,
        "queue": "default",
        "on_error": "fail",
        "disabled": False,
        **extra,
    }


def scripts(program: Tree) -> dict[str, Script]:
    """What each task does, undo steps among them, by node."""
    found: dict[str, Script] = {}
    for act in program.acts():
        if act.script is not None:
            found[act.name] = act.script
        if act.undo is not None:
            found[f"{act.name}_undo"] = act.undo
    return found


def answer(path: str) -> str:
    """What a person says of a failed step that asks."""
    return "skip" if crc32(path.encode()) % 2 else "fail"


# -- what must come of it --


class WrongError(AssertionError):
    """Something was seen that cannot be."""


Outcome = tuple[bool, Any]  # whether it went well, and the output or the error's code


@dataclass
class Model:
    """Runs a program as it is documented. `winner` and `failure` say what was seen, by path."""

    n: int
    winner: Callable[[str], str | None]
    failure: Callable[[str], str | None]
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


def result(value: Any, path: str) -> Any:
    """What a task that succeeds gives."""
    return {"result": value, "step": node_of(path), "at": path}
