"""What validation claims of branches, against all runs of small graphs.

Every choice of ports is tried, and steps end in several orders.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.validation.catalogue import CATALOGUE, definition, node
from weir.core.validation.branches import Branches, explore
from weir.core.validation.draft import Draft, read
from weir.core.validation.problems import Findings
from weir.core.validation.wiring import check_wiring

RUNS = settings(max_examples=150, suppress_health_check=list(HealthCheck), derandomize=True)
ORDERS = 4


@st.composite
def graphs(draw: Any, joins: tuple[Any, ...]) -> dict[str, Any]:
    """A definition of up to eight nodes, some of which branch, route errors or are disabled."""
    count = draw(st.integers(2, 8))
    nodes, edges = [], []
    triggers = draw(st.integers(0, 2))
    for i in range(count):
        name = f"n{i}"
        if i < triggers:
            nodes.append(node(name, "manual"))
            continue
        kind = draw(st.sampled_from(["set", "set", "if", "http_request"]))
        fields: dict[str, Any] = {"join": draw(st.sampled_from(joins))}
        if kind == "http_request":
            fields["on_error"] = draw(st.sampled_from(["fail", "route"]))
        if draw(st.integers(0, 9)) == 0:
            fields["disabled"] = True
        nodes.append(node(name, kind, **fields))
        for j in range(i):
            if draw(st.integers(0, 2)) == 0:
                port = draw(st.sampled_from(_ports(nodes[j])))
                edges.append({"source": f"n{j}", "source_port": port, "target": name})
        inbound = sum(edge["target"] == name for edge in edges)
        if type(fields["join"]) is int and fields["join"] > inbound:
            nodes[-1]["join"] = "all"  # more is an error of its own
    return definition(*nodes, edges=edges)


def _ports(raw: dict[str, Any]) -> list[str]:
    ports = ["true", "false"] if raw["type"] == "if" else ["out"]
    return [*ports, "error"] if raw.get("on_error") == "route" else ports


def runs(draft: Draft) -> Iterator[list[tuple[str, frozenset[str]]]]:
    """Each run: the nodes entered, in order, with what had an output just before."""
    names = list(draft.nodes)
    ways = [_ports(dict(draft.nodes[name].raw)) for name in names]
    starts = [node.id for node in draft.triggers] or [""]
    shuffle = random.Random(1)
    for fired in starts:
        for ports in product(*ways):
            for _ in range(ORDERS):
                yield _run(draft, fired, dict(zip(names, ports, strict=True)), shuffle)


def _run(
    draft: Draft, fired: str, ports: dict[str, str], shuffle: random.Random
) -> list[tuple[str, frozenset[str]]]:
    taken = dict.fromkeys(draft.nodes, 0)
    skipped = dict.fromkeys(draft.nodes, 0)
    done: set[str] = set()
    outputs: set[str] = set()
    entered: list[tuple[str, frozenset[str]]] = []
    open_ = [
        (name, name == fired if item.is_trigger else not draft.triggers)
        for name, item in draft.nodes.items()
        if item.is_trigger or not draft.into[name]
    ]
    running: list[tuple[str, bool]] = []
    while open_ or running:
        for name, enters in open_:
            if enters:
                entered.append((name, frozenset(outputs)))
            running.append((name, enters))
            done.add(name)
        open_ = []
        name, enters = running.pop(shuffle.randrange(len(running)))
        item = draft.nodes[name]
        if enters and not item.disabled:
            outputs.add(name)
        way = ("out" if item.disabled else ports[name]) if enters else ""
        for edge in draft.out_of[name]:
            (taken if edge.port == way else skipped)[edge.target] += 1
            verdict = _verdict(draft, edge.target, taken, skipped)
            if verdict is not None and edge.target not in {*done, *dict(open_)}:
                open_.append((edge.target, verdict))
    return [(name, before) for name, before in entered if not draft.nodes[name].disabled]


def _verdict(
    draft: Draft, name: str, taken: dict[str, int], skipped: dict[str, int]
) -> bool | None:
    inbound = len(draft.into[name])
    join = {"any": 1, "all": 0}.get(draft.nodes[name].join, draft.nodes[name].join)
    if join == 0:
        return None if taken[name] + skipped[name] < inbound else taken[name] > 0
    if taken[name] >= join:
        return True
    return False if inbound - skipped[name] < join else None


def _explored(raw: dict[str, Any]) -> tuple[Draft, Branches]:
    draft = read(raw, CATALOGUE)
    return draft, explore(draft, check_wiring(draft, Findings()))


def _seen(draft: Draft) -> dict[tuple[str, str], set[bool]]:
    """For each node and step: was there an output when the node was entered? In any run."""
    seen: dict[tuple[str, str], set[bool]] = {}
    for run in runs(draft):
        for name, before in run:
            for step in draft.nodes:
                seen.setdefault((name, step), set()).add(step in before)
    return seen


@RUNS
@given(graphs(joins=("all",)))
def test_what_is_said_of_branches_is_exact(raw: dict[str, Any]) -> None:
    """With joins of all branches, surely, perhaps and never are what all runs show."""
    draft, branches = _explored(raw)
    for (name, step), shown in _seen(draft).items():
        standing = branches.standing(name, step)
        if draft.nodes[step].disabled or standing in {"not_before", None}:
            continue
        assert standing == {
            frozenset({True}): "surely",
            frozenset({False}): "never",
        }.get(frozenset(shown), "perhaps"), (name, step)


@RUNS
@given(graphs(joins=("all", "any", 1, 2, 3)))
def test_what_is_said_of_branches_is_true(raw: dict[str, Any]) -> None:
    """With any joins, a step that surely has run always has, and one that never has, never."""
    draft, branches = _explored(raw)
    for (name, step), shown in _seen(draft).items():
        standing = branches.standing(name, step)
        if draft.nodes[step].disabled:
            continue
        if standing == "surely":
            assert shown == {True}, (name, step)
        elif standing == "never":
            assert shown == {False}, (name, step)


@RUNS
@given(graphs(joins=("all", "any", 2)))
def test_what_never_runs_is_known(raw: dict[str, Any]) -> None:
    """Validation and the runs agree which nodes no run enters."""
    draft, branches = _explored(raw)
    entered = {name for run in runs(draft) for name, _ in run}
    enabled = {name for name, item in draft.nodes.items() if not item.disabled}
    assert set(branches.idle()) == enabled - entered
