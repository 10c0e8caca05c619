"""Do nodes stand where they can? Parents, sections, depth, and the nodes that undo others."""

from __future__ import annotations

from collections.abc import Iterator

from weir.contract.subjects import NESTING
from weir.core.expressions.errors import suggest
from weir.core.validation.draft import Draft, DraftNode, parent_circles
from weir.core.validation.problems import Findings


def check_containers(draft: Draft, findings: Findings) -> None:
    """Check what stands in what, and what undoes what."""
    depths = _depths(draft)
    # Where containers stand in each other, each has something in it all the same.
    astray = {(str(n.raw.get("parent")), "body") for n in draft.nodes.values() if n.astray}
    filled = astray | draft.members.keys()
    for node in draft.nodes.values():
        _check_parent(node, draft, findings)
        _check_section(node, draft, findings)
        if node.spec is not None and node.spec.kind == "container":
            _check_inside(node, depths[node.id], draft, findings)
            if (node.id, "body") not in filled:
                _report_empty(node, draft, findings)
        if node.parent and node.spec is not None and not node.astray:
            _check_place(node, findings)
        if "compensate" in node.raw:
            _check_undo(node, draft, findings)
    for edge in draft.edges if draft.undoes else ():
        for name in dict.fromkeys((edge.source, edge.target)):
            if name in draft.undoes:
                findings.error(
                    "COMPENSATE_CONNECTED",
                    edge.pointer,
                    f"{name} undoes {draft.undoes[name]}, and is in no flow beside that",
                    "Remove the edge, or let another node undo it.",
                    node=name,
                )
    _check_circles(draft, findings)


# -- parents --


def _check_parent(node: DraftNode, draft: Draft, findings: Findings) -> None:
    parent = node.raw.get("parent")
    if not isinstance(parent, str):
        return
    at = f"{node.pointer}/parent"
    there = draft.nodes.get(parent)
    if there is None:
        containers = [n.id for n in draft.nodes.values() if n.spec is not None and n.is_container]
        findings.error(
            "PARENT_UNKNOWN",
            at,
            f"there is no node {parent[:100]} that it could stand in",
            suggest(parent, containers) or "Remove parent, or add the container.",
            node=node.id,
        )
    elif not there.is_container:
        findings.error(
            "PARENT_NOT_CONTAINER",
            at,
            f"{parent} is a {there.type} node, in which nothing stands",
            "Containers are for_each, while, try, scope and race.",
            node=node.id,
        )


def _check_circles(draft: Draft, findings: Findings) -> None:
    parents = {
        node.id: parent
        for node in draft.nodes.values()
        if isinstance(parent := node.raw.get("parent"), str) and parent in draft.nodes
    }
    for name in parent_circles(parents):
        walk = [name]
        while (up := parents[walk[-1]]) != name:
            walk.append(up)
        if all(draft.nodes[one].is_container for one in walk):
            findings.error(
                "PARENT_CYCLE",
                f"{draft.nodes[name].pointer}/parent",
                f"these containers stand in each other: {' in '.join([*walk, name])}",
                "Take one of them out.",
                node=name,
            )


def _depths(draft: Draft) -> dict[str, int]:
    """In how many containers each node stands."""
    found = {"": -1}
    for start in draft.nodes:
        walk = []
        name = start
        while name not in found:
            walk.append(name)
            name = draft.nodes[name].parent
        for name in reversed(walk):
            found[name] = found[draft.nodes[name].parent] + 1
    return found


def _check_section(node: DraftNode, draft: Draft, findings: Findings) -> None:
    section = node.raw.get("section")
    if not isinstance(section, str) or node.astray:
        return
    at = f"{node.pointer}/section"
    if not node.parent:
        findings.error(
            "SECTION_UNKNOWN",
            at,
            f"{node.id} stands in no container, so in no section of one",
            "Say parent too, or remove section.",
            node=node.id,
        )
        return
    there = draft.nodes[node.parent]
    if there.sections and section not in there.sections and section in _SECTIONS:
        findings.error(
            "SECTION_UNKNOWN",
            at,
            f"a {there.type} node has no section {section}",
            "Only try has catch and finally; remove section.",
            node=node.id,
        )


_SECTIONS = ("body", "catch", "finally")


def _check_inside(node: DraftNode, depth: int, draft: Draft, findings: Findings) -> None:
    inside = [one for part in _SECTIONS for one in draft.members.get((node.id, part), ())]
    if inside and depth >= NESTING:
        findings.error(
            "NESTING_TOO_DEEP",
            f"{node.pointer}/parent",
            f"{node.id} stands in {depth} containers and is one itself: {NESTING} are the most",
            "Put the inner part into a workflow of its own and call it with sub_workflow.",
            node=node.id,
        )


def _report_empty(node: DraftNode, draft: Draft, findings: Findings) -> None:
    others = any((node.id, part) in draft.members for part in _SECTIONS)
    what = "its section body is empty" if others else "nothing stands in it"
    findings.error(
        "CONTAINER_EMPTY",
        node.pointer,
        f"{node.id} is a {node.type}, and {what}",
        f"Give steps the parent {node.id}, or remove it.",
        node=node.id,
    )


def _check_place(node: DraftNode, findings: Findings) -> None:
    if node.is_trigger:
        message, advice = "starts runs, and stands outside of all containers", "Move it out."
    elif node.type == "output":
        message = "names a result of the run, of which there is one and not one per container"
        advice = "Use a set node here, and an output node outside that reads the container."
    else:
        return
    findings.error(
        "NODE_NOT_IN_CONTAINER",
        f"{node.pointer}/parent",
        f"{node.id} {message}",
        advice,
        node=node.id,
    )


# -- undoing --


def _check_undo(node: DraftNode, draft: Draft, findings: Findings) -> None:
    name = node.raw["compensate"]
    if not isinstance(name, str):
        return
    undo = draft.nodes.get(name)
    for code, message, advice in _undo_problems(node, name, undo, draft):
        findings.error(code, f"{node.pointer}/compensate", message, advice, node=node.id)
    if undo is not None and draft.undoes.get(name) == node.id:
        for field in ("on_error", "join"):
            if field in undo.raw:
                findings.warn(
                    "NODE_SETTING_IGNORED",
                    f"{undo.pointer}/{field}",
                    f"{field} has no effect on {name}, which undoes {node.id}",
                    "Remove it.",
                    node=name,
                )


def _undo_problems(
    node: DraftNode, name: str, undo: DraftNode | None, draft: Draft
) -> Iterator[tuple[str, str, str]]:
    if undo is None:
        ours = [one.id for one in draft.members.get(node.scope, ()) if one is not node]
        message = f"there is no node {name[:100]} that could undo {node.id}"
        yield "COMPENSATE_UNKNOWN", message, suggest(name, ours) or "Add it, without edges."
        return
    reason = ""
    if undo is node:
        reason = "undoes itself"
    elif undo.is_trigger or undo.type == "output":
        reason = f"is a {undo.type} node, which undoes nothing"
    elif undo.spec is not None and undo.spec.kind == "container":
        reason = "is a container: one node undoes a step"
    elif "compensate" in undo.raw:
        reason = "undoes a step, and is itself not undone"
    elif node.is_trigger:
        reason = f"has nothing to undo: {node.id} only starts runs"
    if reason:
        advice = "Name a node of its own that takes back what the step did."
        yield "COMPENSATE_INVALID", f"{name} {reason}", advice
    elif draft.undoes[name] != node.id:
        message = f"{name} undoes {draft.undoes[name]} already"
        yield "COMPENSATE_SHARED", message, "Give each step an undo node of its own."
    elif undo.scope != node.scope and not undo.astray and not node.astray:
        message = f"{name} does not stand where {node.id} stands"
        yield "COMPENSATE_ELSEWHERE", message, "Give both the same parent and section."
