"""Do the edges make a graph that runs forward? Ends, ports, walls, joins, circles, loose nodes."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from weir.core.expressions.errors import suggest
from weir.core.validation.draft import TOP, Draft, DraftEdge, DraftNode, Place
from weir.core.validation.problems import Findings


def check_wiring(draft: Draft, findings: Findings) -> list[str]:
    """Check all edges; the nodes in an order in which each follows what leads to it.

    What stands in a container comes right after it, and what undoes a node
    right after that. Nodes in a circle, and those behind one, are not in that
    order.
    """
    seen: set[DraftEdge] = set()
    for edge in draft.edges:
        _check_ends(edge, draft, findings)
        plain = DraftEdge("", edge.source, edge.port, edge.target)
        if plain in seen:
            findings.error(
                "EDGE_DUPLICATE",
                edge.pointer,
                f"{edge.source} is joined to {edge.target} from the same port already",
                "Remove one of the edges.",
            )
        seen.add(plain)
    for node in draft.nodes.values():
        _check_join(node, draft, findings)
        if node.routes_errors and not any(e.port == "error" for e in draft.out_of[node.id]):
            findings.warn(
                "ERROR_PORT_UNUSED",
                f"{node.pointer}/on_error",
                "errors are routed to the port error, and nothing is joined to it",
                "Draw an edge from it, or use on_error: continue.",
                node=node.id,
            )
    flow = _order(draft)
    circles = _circles(draft, set(flow))
    for circle in circles:
        _report_circle(circle, draft, findings)
    _check_reachable(draft, [node for circle in circles for node in circle], findings)
    return _nested(draft, flow)


def _check_ends(edge: DraftEdge, draft: Draft, findings: Findings) -> None:
    for end, name in (("source", edge.source), ("target", edge.target)):
        if name not in draft.nodes:
            findings.error(
                "EDGE_NODE_UNKNOWN",
                f"{edge.pointer}/{end}",
                f"there is no node {name[:100]}",
                suggest(name, draft.nodes),
            )
    source, target = draft.nodes.get(edge.source), draft.nodes.get(edge.target)
    if target is not None and target.is_trigger:
        findings.error(
            "EDGE_INTO_TRIGGER",
            f"{edge.pointer}/target",
            f"{target.id} starts runs, nothing can lead to it",
            "Remove the edge.",
            node=target.id,
        )
    if source is not None and source.spec is not None:
        _check_port(edge, source, findings)
    if source is not None and target is not None:
        _check_wall(edge, source, target, draft, findings)


def _check_wall(
    edge: DraftEdge, source: DraftNode, target: DraftNode, draft: Draft, findings: Findings
) -> None:
    if source.parent == target.parent and source.section == target.section:
        return
    if source.astray or target.astray or target.is_trigger:
        return
    if source.id in draft.undoes or target.id in draft.undoes:
        return  # an edge too many is reported there
    ways = f"{_where(source)}, {target.id} {_where(target)}"
    findings.error(
        "EDGE_CROSSES_WALL",
        edge.pointer,
        f"{source.id} stands {ways}: no edge leads through the wall of a container or a section",
        "Lead it from and to the containers themselves, or move one of the nodes.",
        node=target.id,
    )


def _where(node: DraftNode) -> str:
    if not node.parent:
        return "outside"
    return f"in {node.parent}" + (f" ({node.section})" if node.section != "body" else "")


def _check_port(edge: DraftEdge, source: DraftNode, findings: Findings) -> None:
    if edge.port in source.ports or not source.ports:
        return
    at = f"{edge.pointer}/source_port"
    if edge.port == "error":
        if not source.routes_errors:
            findings.error(
                "ERROR_PORT_UNAVAILABLE",
                at,
                f"{source.id} does not route its errors",
                f"Set on_error: route on {source.id}, or remove the edge.",
                node=source.id,
            )
        return
    ports = (*source.ports, *(("error",) if source.routes_errors else ()))
    findings.error(
        "EDGE_PORT_UNKNOWN",
        at,
        f"{source.id} has no port {edge.port}",
        f"There is: {', '.join(ports)}.",
        node=source.id,
    )


def _check_join(node: DraftNode, draft: Draft, findings: Findings) -> None:
    join = node.raw.get("join")
    inbound = len(draft.into[node.id])
    if type(join) is int and join > max(inbound, 1):
        findings.error(
            "JOIN_TOO_LARGE",
            f"{node.pointer}/join",
            f"{node.id} waits for {join} branches, {inbound} lead to it",
            f"Take at most {max(inbound, 1)}, or all.",
            node=node.id,
        )


# -- order and circles --


def _order(draft: Draft) -> list[str]:
    missing = {node: len(edges) for node, edges in draft.into.items()}
    ready = [node for node, count in missing.items() if count == 0]
    order: list[str] = []
    while ready:
        node = ready.pop()
        order.append(node)
        for edge in draft.out_of[node]:
            missing[edge.target] -= 1
            if missing[edge.target] == 0:
                ready.append(edge.target)
    return order


def _circles(draft: Draft, ordered: set[str]) -> list[list[str]]:
    """Circles until none is left: each begins and ends with the same node, none share one."""
    found: list[list[str]] = []
    left = {
        node: {edge.source for edge in edges} - ordered
        for node, edges in draft.into.items()
        if node not in ordered
    }
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            found.append(circle)
            left = {n: ends - set(circle) for n, ends in left.items() if n not in circle}
        else:
            return found


def _report_circle(circle: list[str], draft: Draft, findings: Findings) -> None:
    names = list(draft.nodes)
    first = min(circle, key=names.index)
    turn = circle.index(first)
    walk = [*circle[turn:-1], *circle[:turn], first]
    findings.error(
        "DEFINITION_CYCLE",
        draft.nodes[first].pointer,
        f"these nodes wait for each other: {' → '.join(walk)}",
        "Remove one of their edges: a workflow runs forward.",
        node=first,
    )


def _nested(draft: Draft, flow: list[str]) -> list[str]:
    """The order of the whole: depth first, by an explicit stack."""
    inside: dict[Place, list[str]] = {}
    for name in flow:
        if name not in draft.undoes:
            inside.setdefault(draft.nodes[name].scope, []).append(name)
    undo = {of: name for name, of in draft.undoes.items()}
    order: list[str] = []
    stack = [iter(inside.get(TOP, ()))]
    while stack:
        name = next(stack[-1], "")
        if not name:
            stack.pop()
            continue
        order.append(name)
        if name in undo:
            order.append(undo[name])
        if draft.nodes[name].is_container:
            stack += [iter(inside.get((name, part), ())) for part in reversed(_SECTIONS)]
    return order


_SECTIONS = ("body", "catch", "finally")


def _check_reachable(draft: Draft, circling: list[str], findings: Findings) -> None:
    # A circle is reported as one; a node of unknown type may be a trigger.
    unknown = [n.id for n in draft.nodes.values() if n.spec is None and not draft.into[n.id]]
    astray = [n.id for n in draft.nodes.values() if n.astray]
    work = [*draft.entries, *circling, *unknown, *astray]
    ahead: dict[str, list[str]] = {}
    for edge in draft.edges:  # also those that may not be: a wall is reported as one
        if edge.target in draft.nodes:
            ahead.setdefault(edge.source, []).append(edge.target)
    reached: set[str] = set()
    while work:
        name = work.pop()
        if name not in reached:
            reached.add(name)
            work += ahead.get(name, ())
            node = draft.nodes[name]
            if node.is_container:
                for part in _SECTIONS:
                    work += [one.id for one in draft.members.get((name, part), ())]
            if node.parent:
                work.append(node.parent)
    for node in draft.members.get(TOP, ()):
        if node.id not in reached:
            findings.error(
                "NODE_UNREACHABLE",
                node.pointer,
                f"no path leads from a trigger to {node.id}",
                "Draw an edge to it, or remove it.",
                node=node.id,
            )
