"""A definition as far as it can be read: checks see what is well-formed, whatever else is wrong.

Nodes stand at the top or inside a container, in one of its sections; such a
place is a scope here, named by the container's id, empty at the top, and the
section. Edges lead within one scope. A node that undoes another stands in the
same scope and belongs to no flow: it has no edges and is no member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from weir.core.spec import Catalogue, NodeSpec
from weir.core.validation.callees import Called, Callee

Place = tuple[str, str]
TOP: Place = ("", "body")
_NOBODY: Mapping[Callee, Called] = {}


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
    parent: str = ""  # the container it stands in, as far as that can be
    section: str = "body"
    astray: bool = False  # what it names as parent is none

    @property
    def scope(self) -> Place:
        """Where it stands."""
        return self.parent, self.section

    @property
    def is_container(self) -> bool:
        """Whether others may stand in it; who knows what a node of unknown type is."""
        return self.spec is None or self.spec.kind == "container"

    @property
    def sections(self) -> tuple[str, ...]:
        """Those that its inside is divided into; empty if that is not known."""
        return self.spec.sections if self.spec is not None else ()

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
    """The definition.

    `edges` are all that can be read, `wires` those whose ends stand in one
    scope; `members` are the nodes of each scope, and `undoes` says for a node
    that undoes another which one that is.
    """

    raw: Mapping[str, Any]
    nodes: dict[str, DraftNode] = field(default_factory=dict)
    again: list[DraftNode] = field(default_factory=list)  # with an id another node has
    edges: list[DraftEdge] = field(default_factory=list)
    wires: list[DraftEdge] = field(default_factory=list)
    into: dict[str, list[DraftEdge]] = field(default_factory=dict)
    out_of: dict[str, list[DraftEdge]] = field(default_factory=dict)
    members: dict[Place, list[DraftNode]] = field(default_factory=dict)
    undoes: dict[str, str] = field(default_factory=dict)
    called: Mapping[Callee, Called] = field(default_factory=dict)  # what is known of others

    @property
    def triggers(self) -> list[DraftNode]:
        """Nodes that start runs, in their order."""
        return [node for node in self.members.get(TOP, ()) if node.is_trigger]

    @property
    def entries(self) -> list[str]:
        """Where runs begin: the triggers, or without any the nodes no edge leads to."""
        triggers = [node.id for node in self.triggers]
        return triggers or [n.id for n in self.members.get(TOP, ()) if not self.into[n.id]]

    def around(self, node: DraftNode) -> Iterator[tuple[DraftNode, str]]:
        """The containers a node stands in, innermost first, each with the section it is in."""
        while node.parent:
            section, node = node.section, self.nodes[node.parent]
            yield node, section


def read(
    raw: Mapping[str, Any], catalogue: Catalogue, called: Mapping[Callee, Called] = _NOBODY
) -> Draft:
    """Read what can be read."""
    draft = Draft(raw, called=called)
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
    _nest(draft)
    _wire(draft)
    return draft


def _wire(draft: Draft) -> None:
    """Keep the edges that lead within one scope."""
    for edge in draft.edges:
        source, target = draft.nodes.get(edge.source), draft.nodes.get(edge.target)
        if source is None or target is None:
            continue
        if edge.source in draft.undoes or edge.target in draft.undoes:
            continue
        if source.parent == target.parent and source.section == target.section:
            draft.wires.append(edge)
            draft.into[edge.target].append(edge)
            draft.out_of[edge.source].append(edge)


def _nest(draft: Draft) -> None:
    """Say of each node where it stands; a parent that cannot be counts as none."""
    for node in draft.nodes.values():
        parent = node.raw.get("parent")
        if isinstance(parent, str):
            there = draft.nodes.get(parent)
            if there is not None and there.is_container:
                node.parent = parent
            else:
                node.astray = True
    for name in parent_circles({n.id: n.parent for n in draft.nodes.values() if n.parent}):
        draft.nodes[name].parent = ""
        draft.nodes[name].astray = True
    _flow(draft)


def _flow(draft: Draft) -> None:
    """Say in which section each stands, what it undoes, and who the members of each scope are."""
    for node in draft.nodes.values():
        section = node.raw.get("section")
        sections = draft.nodes[node.parent].sections if node.parent else ()
        if isinstance(section, str) and section in sections:
            node.section = section
    for node in draft.nodes.values():
        undo = draft.nodes.get(str(node.raw.get("compensate")))
        if undo is not None and undo is not node and _can_undo(undo.spec):
            draft.undoes.setdefault(undo.id, node.id)
    for node in draft.nodes.values():
        if node.id not in draft.undoes:
            draft.members.setdefault(node.scope, []).append(node)


def _can_undo(spec: NodeSpec | None) -> bool:
    return spec is None or spec.kind not in {"trigger", "container"}


def parent_circles(parents: Mapping[str, str]) -> list[str]:
    """One node of each circle, that by which the nodes in their order first come into it."""
    found: list[str] = []
    known: set[str] = set()
    for start in parents:
        walk: dict[str, None] = {}
        name = start
        while name and name not in known and name not in walk:
            walk[name] = None
            name = parents.get(name, "")
        if name in walk:
            found.append(name)
        known |= walk.keys()
    return found


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
