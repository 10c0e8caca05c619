"""A frozen definition, compiled once for all runs of a version.

Immutable. Everything a decision needs of a node is at hand here, so deciding
asks no catalogue and parses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from weir.core.expressions import Template, compile_template
from weir.core.spec import RetryPolicy

TIME_IN_QUEUE_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Node:
    """One node, its expressions compiled. `join`: how many taken edges it waits for, 0 for all."""

    id: str
    type: str
    type_version: int
    kind: str
    config: Mapping[str, Any]  # as written: what an executor gets when it must evaluate
    template: Template  # of the config without its secret fields
    secrets: Mapping[str, Any]
    join: int
    inbound: int
    sources: tuple[str, ...]
    targets: Mapping[str, tuple[str, ...]]  # by port
    ports: tuple[str, ...]
    retry: RetryPolicy
    retry_if: Template | None
    timeout_ms: float
    queue: str
    on_error: str
    disabled: bool
    parent: str = ""  # the container it stands in
    section: str = "body"
    compensate: str = ""  # the node that undoes it
    inner: Mapping[str, Template] = field(default_factory=dict)  # of a container: read inside it
    dead_letter: bool | None = None  # whether its failure makes a dead letter; None: as the run
    promise: Mapping[str, Any] = field(default_factory=dict)  # the schema of its output


@dataclass(frozen=True, slots=True)
class Section:
    """What stands in one section of a container: where it begins, where it ends, how much it is."""

    entries: tuple[str, ...]
    sinks: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A limit that runs of the version must pass; its key is evaluated once, as the run begins."""

    kind: str  # debounce | concurrency
    key: Template
    limit: int = 0
    policy: str = ""
    for_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Graph:
    """A compiled version."""

    version: str
    name: str
    nodes: Mapping[str, Node]
    vars: Mapping[str, Any]
    output: Template | None
    output_source: Any
    timeout_ms: float | None
    triggers: tuple[str, ...]
    entries: tuple[str, ...]  # without a trigger: where a run begins
    sinks: tuple[str, ...]
    outputs: tuple[str, ...]  # nodes of type `output`
    sections: Mapping[tuple[str, str], Section] = field(default_factory=dict)  # by container
    inside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by container
    undoes: frozenset[str] = frozenset()  # nodes that only undo others
    sagas: frozenset[str] = frozenset()  # containers with a node inside that can be undone
    gates: tuple[Wish, ...] = ()  # what a run must pass before its first step
    priority: str = "normal"
    bears: Mapping[str, Any] = field(default_factory=dict)  # what tasks are told of integrations
    search: Mapping[str, Template] = field(default_factory=dict)  # attributes runs are found by
    dead_letters: bool = True  # whether a run that fails is a dead letter
    callback: Mapping[str, Any] | None = None  # who is told of a run's end

    def node_at(self, path: str) -> Node | None:
        """The node of a step path."""
        return self.nodes.get(path) or self.nodes.get(path.rpartition("/")[2])

    def spares(self, step: str) -> bool:
        """Whether a run that fails because of this step is no dead letter."""
        node = self.node_at(step) if step else None
        return (
            not self.dead_letters
            if node is None or node.dead_letter is None
            else (not node.dead_letter)
        )

    def section(self, container: str, name: str) -> Section:
        """A section of a container; nothing is in one that is not there."""
        return self.sections.get((container, name), _EMPTY)


_EMPTY = Section((), (), 0)
# Of a container's config: evaluated inside it, when the time comes.
_INNER = ("output", "condition", "when")


def compile_graph(frozen: Mapping[str, Any], version: str) -> Graph:
    """The graph of a frozen definition; it was validated when it was frozen."""
    edges = [(e["source"], e.get("port", "out"), e["target"]) for e in frozen["edges"]]
    inbound: dict[str, list[str]] = {}
    outbound: dict[str, dict[str, list[str]]] = {}
    for source, port, target in edges:
        inbound.setdefault(target, []).append(source)
        outbound.setdefault(source, {}).setdefault(port, []).append(target)
    nodes = {
        raw["id"]: _node(raw, inbound.get(raw["id"], []), outbound.get(raw["id"], {}))
        for raw in frozen["nodes"]
    }
    undoes = frozenset(node.compensate for node in nodes.values() if node.compensate)
    outside = [node for node in nodes.values() if not node.parent and node.id not in undoes]
    settings = frozen.get("settings") or {}
    output = frozen.get("output")
    return Graph(
        version=version,
        name=frozen.get("name", ""),
        nodes=nodes,
        vars=frozen.get("vars") or {},
        output=None if output is None else compile_template(output, path="/output"),
        output_source=output,
        timeout_ms=settings.get("timeout_ms"),
        triggers=tuple(n.id for n in outside if n.kind == "trigger"),
        entries=tuple(n.id for n in outside if not n.inbound and n.kind != "trigger"),
        sinks=tuple(n.id for n in outside if not n.targets),
        outputs=tuple(n.id for n in outside if n.type == "output"),
        sections=_sections(nodes.values(), undoes),
        inside={
            container: tuple(n.id for n in nodes.values() if n.parent == container)
            for container in {n.parent for n in nodes.values() if n.parent}
        },
        undoes=undoes,
        sagas=frozenset(_around(nodes)),
        gates=_gates(settings),
        priority=settings.get("priority") or "normal",
        bears={"limits": wanted} if (wanted := settings.get("integrations")) else {},
        search={
            name: compile_template(text, path=f"/settings/search/{name}")
            for name, text in (settings.get("search") or {}).items()
        },
        dead_letters=settings.get("dead_letters", True),
        callback=settings.get("callback"),
    )


def _gates(settings: Mapping[str, Any]) -> tuple[Wish, ...]:
    """First the debounce: a start that is replaced must not take another's place."""
    wishes = []
    if wanted := settings.get("debounce"):
        key = compile_template(wanted["key"], path="/settings/debounce/key")
        wishes.append(Wish("debounce", key, for_ms=wanted["for_ms"]))
    if wanted := settings.get("concurrency"):
        key = compile_template(wanted["key"], path="/settings/concurrency/key")
        wishes.append(Wish("concurrency", key, limit=wanted["limit"], policy=wanted["policy"]))
    return tuple(wishes)


def _around(nodes: Mapping[str, Node]) -> Iterator[str]:
    """The containers around the nodes that can be undone, at any depth."""
    for node in nodes.values():
        place = node.parent if node.compensate else ""
        while place:
            yield place
            place = nodes[place].parent


def _sections(nodes: Iterable[Node], undoes: frozenset[str]) -> Mapping[tuple[str, str], Section]:
    inside: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        if node.parent and node.id not in undoes:
            inside.setdefault((node.parent, node.section), []).append(node)
    return {
        place: Section(
            tuple(n.id for n in members if not n.inbound),
            tuple(n.id for n in members if not n.targets),
            len(members),
        )
        for place, members in inside.items()
    }


def _node(raw: Mapping[str, Any], sources: list[str], targets: Mapping[str, list[str]]) -> Node:
    config = raw.get("config") or {}
    inner = _INNER if raw["kind"] == "container" else ()
    secret_fields = set(raw.get("secret_fields") or ())
    retry = RetryPolicy(**(raw.get("retry") or {}))
    join = raw.get("join", "all")
    return Node(
        id=raw["id"],
        type=raw["type"],
        type_version=raw.get("type_version", 1),
        kind=raw["kind"],
        config=config,
        template=compile_template(
            {k: v for k, v in config.items() if k not in secret_fields and k not in inner},
            path=f"/nodes/{raw['id']}/config",
        ),
        secrets={k: v for k, v in config.items() if k in secret_fields},
        join={"all": 0, "any": 1}.get(join, join),
        inbound=len(sources),
        sources=tuple(sources),
        targets={port: tuple(ids) for port, ids in targets.items()},
        ports=tuple(raw.get("ports") or ("out",)),
        retry=retry,
        retry_if=compile_template(retry.retry_if, path=f"/nodes/{raw['id']}/retry/retry_if")
        if retry.retry_if
        else None,
        timeout_ms=raw.get("timeout_ms") or (0.0 if inner else 60_000.0),
        queue=raw.get("queue") or "default",
        on_error=raw.get("on_error") or "fail",
        disabled=bool(raw.get("disabled")),
        parent=raw.get("parent", ""),
        section=raw.get("section", "body"),
        compensate=raw.get("compensate", ""),
        dead_letter=raw.get("dead_letter"),
        inner={
            name: compile_template(config[name], path=f"/nodes/{raw['id']}/config/{name}")
            for name in inner
            if config.get(name) is not None
        },
        promise={name: raw[name] for name in ("output_schema",) if name in raw},
    )
