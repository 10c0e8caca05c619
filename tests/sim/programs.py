"""Random workflows and an independent model of what they must come to.

The model walks the graph once, in topological order, with the semantics of
formats.md written down a second time, so that engine and model can disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.sim.nested import Tree, result, tree, workflow
from tests.sim.nested import scripts as scripts_of
from tests.sim.scripts import Script

KINDS = ("set", "if", "switch", "merge", "delay", "delay", "task", "task", "task")


@dataclass
class Program:
    """A frozen definition, what its tasks do, and what must come of it."""

    frozen: dict[str, Any]
    scripts: dict[str, Script]
    input: dict[str, Any]
    status: str = ""
    output: Any = None
    outputs: dict[str, Any] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)
    delays: dict[str, float] = field(default_factory=dict)
    tree: Tree | None = None  # of a program of containers
    cancels: bool = False  # somebody may end it

    def result(self, value: Any, path: str) -> Any:
        """What a task that succeeds gives."""
        if self.tree is not None:
            return result(value, path)
        return {"result": value * 2, "step": path}


def nested_program(random: Random, calls: int = 0) -> Program:
    """A workflow of containers; what must come of it its model says when it has ended."""
    cancels = random.random() < 0.3
    made = tree(random, budget=9, wild=cancels, calls=calls)
    return written(made, {"n": random.randint(0, 9)}, cancels=cancels)


def written(made: Tree, given: dict[str, Any], *, cancels: bool = False) -> Program:
    """This program, with this input."""
    return Program(workflow(made), scripts_of(made), given, tree=made, cancels=cancels)


def program(random: Random) -> Program:
    """A workflow of a few nodes of every kind."""
    size = random.randint(2, 10)
    nodes: list[dict[str, Any]] = [_node("start", "manual", "trigger", {})]
    edges: list[dict[str, str]] = []
    scripts: dict[str, Script] = {}
    delays: dict[str, float] = {}
    for number in range(size):
        name = f"n{number}"
        kind = random.choice(KINDS)
        count = 1 if kind != "merge" else random.randint(1, 3)
        sources = random.sample(nodes, min(count, len(nodes)))
        config: dict[str, Any] = {}
        ports = ["out"]
        extra: dict[str, Any] = {}
        if kind == "set":
            config = {"values": {"n": "{{ input.n + " + str(number) + " }}"}}
        elif kind == "if":
            config = {"condition": "{{ input.n % 2 == " + str(random.randint(0, 1)) + " }}"}
            ports = ["true", "false"]
        elif kind == "switch":
            cases = [{"name": f"c{i}", "equals": i} for i in range(3)]
            config = {"value": "{{ input.n % 4 }}", "cases": cases}
            ports = ["c0", "c1", "c2", "default"]
        elif kind == "delay":
            delays[name] = random.choice((0.2, 1.5, 30.0))
            config = {"duration": f"{delays[name]}s"}
        elif kind == "task":
            scripts[name] = Script(
                failures=random.choice((0, 0, 0, 1, 2)),
                fatal=random.random() < 0.08,
                seconds=random.choice((0.0, 0.01, 0.5, 5.0)),
            )
            config = {"task": "work", "input": "{{ input.n }}"}
            on_error = random.choice(("fail", "fail", "continue", "route"))
            extra = {
                "retry": {
                    "max_attempts": random.choice((1, 3, 4)),
                    "initial_ms": random.choice((100.0, 2_000.0)),
                    "factor": 2.0,
                    "max_ms": 10_000.0,
                    "jitter": 0.2,
                },
                "on_error": on_error,
            }
            if on_error == "route":
                ports = ["out", "error"]
        nodes.append(
            _node(name, kind, "task" if kind == "task" else "inline", config, ports, **extra)
        )
        for source in sources:
            port = random.choice(source["ports"])
            edges.append({"source": source["id"], "port": port, "target": name})
    frozen: dict[str, Any] = {
        "schema": "weir/frozen/v1",
        "name": "simulated",
        "vars": {},
        "output": None,
        "settings": {},
        "nodes": nodes,
        "edges": edges,
    }
    made = Program(frozen, scripts, {"n": random.randint(0, 9)}, delays=delays)
    _expect(made)
    return made


def _node(
    name: str,
    node_type: str,
    kind: str,
    config: dict[str, Any],
    ports: list[str] | None = None,
    **extra: Any,
) -> dict[str, Any]:
    return {
        "id": name,
        "type": node_type,
        "type_version": 1,
        "kind": kind,
        "ports": ports or ["out"],
        "config": config,
        "secret_fields": [],
        "join": "all",
        "retry": {"max_attempts": 1},
        "timeout_ms": 60_000.0,
        "queue": "default",
        "on_error": "fail",
        "disabled": False,
        **extra,
    }


def _expect(made: Program) -> None:
    """Walk the graph as the documentation says it is walked."""
    n = made.input["n"]
    left: dict[str, str | None] = {}  # node -> port it left by, None if skipped
    failed = False
    for node in made.frozen["nodes"]:  # made in topological order
        name = node["id"]
        inbound = [e for e in made.frozen["edges"] if e["target"] == name]
        taken = [e["source"] for e in inbound if left[e["source"]] == e["port"]]
        if inbound and not taken:
            left[name] = None
            continue
        port: str | None = "out"
        match node["type"]:
            case "manual":
                output: Any = made.input
            case "set":
                output = {"n": n + int(name[1:])}
            case "if":
                wanted = int(node["config"]["condition"].split("== ")[1].split()[0])
                output = {"condition": n % 2 == wanted}
                port = "true" if n % 2 == wanted else "false"
            case "switch":
                port = f"c{n % 4}" if n % 4 < 3 else "default"
                output = {"case": port}
            case "merge":
                output = {source: made.outputs[source] for source in taken}
            case "delay":
                output = ...
            case _:
                output, port = _task(made, node, n)
                failed = failed or port is None
        left[name] = port
        if port is not None:
            made.outputs[name] = output
            made.ran.add(name)
    made.status = "failed" if failed else "succeeded"
    targets = {e["source"] for e in made.frozen["edges"]}
    made.output = {k: v for k, v in made.outputs.items() if k not in targets}


def _task(made: Program, node: dict[str, Any], n: int) -> tuple[Any, str | None]:
    script = made.scripts[node["id"]]
    if not script.fatal and script.failures < node["retry"]["max_attempts"]:
        return {"result": n * 2, "step": node["id"]}, "out"
    code = "FATAL" if script.fatal else "FLAKY"
    error = {"error": {"code": code, "message": "as told", "details": None}}
    return {
        "fail": (None, None),
        "continue": (error, "out"),
        "route": (error, "error"),
    }[node["on_error"]]
