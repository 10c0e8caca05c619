"""A definition as far as it can be read: checks see what is well-formed, whatever else is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weir.core.spec import Catalogue, NodeSpec


@dataclass(slots=True)
class DraftNode:
    """One node; `spec` is None if its type is unknown, then `ports` are unknown too."""

    pointer: str
    id: str
    type: str
    raw: Mapping[str, Any]
    spec: NodeSpec | None
    config: Mapping[str, Any]
    ports: tuple[str, ...]

    @property
    def routes_errors(self) -> bool:
        """Whether it has the port `error`."""
        return self.raw.get("on_error") == "route" and not self.is_trigger

    @property
    def is_trigger(self) -> bool:
        """Whether it starts runs."""
        return self.spec is not None and self.spec.kind == "trigger"

    @property
    def disabled(self) -> bool:
        """Whether it is switched off."""
        return self.raw.get("disabled") is True

    @property
    def join(self) -> Any:
        """All, any or a number of inbound branches."""
        join = self.raw.get("join", "all")
        return join if join == "any" or type(join) is int else "all"


@dataclass(frozen=True, slots=True)
class DraftEdge:
    """One edge, whose ends need not exist."""

    pointer: str
    source: str
    port: str
    target: str


@dataclass(slots=True)
class Draft:
    """The definition. `edges` are all that can be read, `wires` those whose ends exist."""

    raw: Mapping[str, Any]
    nodes: dict[str, DraftNode] = field(default_factory=dict)
    again: list[DraftNode] = field(default_factory=list)  # with an id another node has
    edges: list[DraftEdge] = field(default_factory=list)
    wires: list[DraftEdge] = field(default_factory=list)
    into: dict[str, list[DraftEdge]] = field(default_factory=dict)
    out_of: dict[str, list[DraftEdge]] = field(default_factory=dict)

    @property
    def triggers(self) -> list[DraftNode]:
        """Nodes that start runs, in their order."""
        return [node for node in self.nodes.values() if node.is_trigger]

    @property
    def entries(self) -> list[str]:
        """Where runs begin: the triggers, or without any the nodes no edge leads to."""
        triggers = [node.id for node in self.triggers]
        return triggers or [node for node in self.nodes if not self.into[node]]


def read(raw: Mapping[str, Any], catalogue: Catalogue) -> Draft:
    """Read what can be read."""
    draft = Draft(raw)
    for i, item in enumerate(_list(raw.get("nodes"))):
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            node = _node(f"/nodes/{i}", item, catalogue)
            if node.id in draft.nodes:
                draft.again.append(node)
            else:
                draft.nodes[node.id] = node
    draft.into = {node: [] for node in draft.nodes}
    draft.out_of = {node: [] for node in draft.nodes}
    for i, item in enumerate(_list(raw.get("edges"))):
        if isinstance(item, dict):
            source, target = item.get("source"), item.get("target")
            port = item.get("source_port", "out")
            if isinstance(source, str) and isinstance(target, str) and isinstance(port, str):
                draft.edges.append(DraftEdge(f"/edges/{i}", source, port, target))
    for edge in draft.edges:
        if edge.source in draft.nodes and edge.target in draft.nodes:
            draft.wires.append(edge)
            draft.into[edge.target].append(edge)
            draft.out_of[edge.source].append(edge)
    return draft


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _node(pointer: str, raw: Mapping[str, Any], catalogue: Catalogue) -> DraftNode:
    kind = raw.get("type")
    spec = catalogue.get(kind) if isinstance(kind, str) else None
    config = raw.get("config")
    own: Mapping[str, Any] = config if isinstance(config, dict) else {}
    return DraftNode(
        pointer=pointer,
        id=raw["id"],
        type=kind if isinstance(kind, str) else "",
        raw=raw,
        spec=spec,
        config=own,
        ports=_ports(spec, own),
    )


def _ports(spec: NodeSpec | None, config: Mapping[str, Any]) -> tuple[str, ...]:
    if spec is None:
        return ()
    try:
        return spec.ports(config)
    except (TypeError, ValueError, LookupError, AttributeError):
        # A type of somebody else's that cannot look at a broken config; its schema says the rest.
        return ()
