"""Random programs of nested containers, and of calls of other programs.

A program is a tree of acts: tasks, pure nodes, waits, calls, and the containers
around them. `workflow` writes it down as a frozen definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from tests.sim.scripts import Script, node_of

Chain = tuple["Act", ...]
LEAVES = ("task", "task", "task", "task", "set", "delay", "wait_signal", "set_variables")
CALLS = ("sub_workflow",) * 4
BOXES = ("for_each", "for_each", "while", "try", "try", "scope", "scope", "race")
DEPTH = 3
CODES = ("FATAL", "FLAKY")
SKIPPED = 7  # what a person puts in the place of a failed step's output


@dataclass(frozen=True)
class Act:
    """One node of a program. `sections`: a container's chains, by section; `called`: a program."""

    kind: str
    name: str
    config: dict[str, Any] = field(default_factory=dict)
    script: Script | None = None
    undo: Script | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, tuple[Chain, ...]] = field(default_factory=dict)
    called: Tree | None = None

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

    def calls(self) -> Iterator[tuple[str, Tree]]:
        """The programs that it calls and those that these call, by workflow."""
        for act in self.acts():
            if act.called is not None:
                yield act.config["workflow"], act.called
                yield from act.called.calls()


def _acts(chains: Sequence[Chain]) -> Iterator[Act]:
    for chain in chains:
        for act in chain:
            yield act
            for inner in act.sections.values():
                yield from _acts(inner)


# -- making one --


class _Maker:
    def __init__(self, random: Random, budget: int, *, wild: bool, calls: int) -> None:
        self.random = random
        self.left = budget
        self.wild = wild
        self.calls = calls
        self.leaves = (*LEAVES, *CALLS) if calls else LEAVES
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
        kind = random.choice(self.leaves if depth <= 1 else LEAVES)  # else one run is hundreds
        read = random.choice(reads)
        match kind:
            case "task":
                return self.task(name, read)
            case "sub_workflow":
                return self.call(name, read)
            case "set":
                return Act(kind, name, {"values": {"v": read}})
            case "delay":
                return Act(kind, name, {"duration": random.choice(("0.2s", "1.5s", "5s"))})
            case "wait_signal":
                return Act(kind, name, {"name": random.choice(("paid", "sent"))})
            case _:
                return Act(kind, name, {"values": {f"v_{name}": read}})

    def call(self, name: str, read: str) -> Act:
        random = self.random
        config = {"workflow": f"wf_{random.getrandbits(40):010x}", "input": {"n": read}}
        extra = {"on_error": random.choice(("fail", "fail", "continue"))}
        called = tree(random, budget=3, calls=self.calls - 1)
        return Act("sub_workflow", name, config, extra=extra, called=called)

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


def tree(random: Random, budget: int = 14, *, wild: bool = False, calls: int = 0) -> Tree:
    """A program of about so many acts, and of calls so deep."""
    maker = _Maker(random, budget, wild=wild, calls=calls)
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


def result(value: Any, path: str) -> Any:
    """What a task that succeeds gives."""
    return {"result": value, "step": node_of(path), "at": path}
