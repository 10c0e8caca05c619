"""What is known about which steps have run when a node is entered.

For each node: the nodes before it, those that have surely ended (run or been
skipped) when it is entered, and under which choices of the run it is entered.
What stands in a container is entered when the container is, and after all
that was before it. Sections follow each other, but none need have come to its
end: what is read across them may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Literal

from weir.core.validation.conditions import ALWAYS, NEVER, Conditions, TooIntricateError
from weir.core.validation.draft import Draft, DraftNode, Place

Standing = Literal["surely", "perhaps", "never", "not_before"]
_COUNTED = 10_000
_FLOWS = ("body", "catch")  # what an output of a container is made of
_FIRED = 0  # rank of the choice between several triggers; those of nodes follow


@dataclass(slots=True)
class Branches:
    """Answers of one definition. Sets of nodes are ints, one bit a node."""

    draft: Draft
    bits: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    entered: dict[str, int] = field(default_factory=dict)
    ports: dict[str, dict[str, int]] = field(default_factory=dict)
    sections: dict[Place, int] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)
    intricate: bool = False

    def standing(self, node: str, step: str) -> Standing | None:
        """Whether a step has an output when a node is entered; None if nothing is known."""
        if node not in self.before or step not in self.bits:
            return None
        known = None
        if not self.intricate:
            known = self._compare(self.entered[node], step, self.ended[node])
        if self.before[node] & self.bits[step] or known == "never":
            return known
        return "not_before"

    def at_end(self, step: str) -> Standing | None:
        """The same when a run has ended."""
        if step not in self.bits or self.intricate:
            return None
        return self._compare(ALWAYS, step, self.bits[step])

    def at_end_of(self, container: str, step: str) -> Standing | None:
        """The same when the inside of a container has come to its end."""
        if self.intricate or container not in self.bits or step not in self.bits:
            return None
        ended = self.ended[container]
        body, catch = (self.members(container, part) for part in _FLOWS)
        if not catch:
            ended |= body
        before = self.before[container] | body | catch
        known = self._compare(self.entered[container], step, ended)
        return known if before & self.bits[step] or known == "never" else "not_before"

    def idle(self) -> list[str]:
        """The nodes no run enters, in a definition without errors; of containers only these."""
        return [
            name
            for name, entered in self.entered.items()
            if entered == NEVER and not self._is_idle_with_another(self.draft.nodes[name])
        ]

    def _is_idle_with_another(self, node: DraftNode) -> bool:
        lord = self.draft.undoes.get(node.id) or node.parent
        if node.disabled or not lord:
            return node.disabled
        return self.entered[lord] == NEVER or self.draft.nodes[lord].disabled

    def members(self, container: str, section: str) -> int:
        """The nodes of one section, once all of them are known."""
        found = self.sections.get((container, section))
        if found is None:
            found = 0
            for node in self.draft.members.get((container, section), ()):
                found |= self.bits.get(node.id, 0)
            self.sections[container, section] = found
        return found

    def _compare(self, here: int, step: str, ended: int) -> Standing | None:
        there = self.entered[step]
        if NEVER in {here, there}:
            return None  # it never runs at all, which is reported itself
        try:
            if self.conditions.excludes(here, there):
                return "never"
            if ended & self.bits[step] and self.conditions.implies(here, there):
                return "surely"
        except TooIntricateError:
            return None
        return "perhaps"


def explore(draft: Draft, order: list[str]) -> Branches:
    """Go through the nodes in order, each after all that leads to it."""
    found = Branches(draft)
    for place, name in enumerate(order):
        found.bits[name] = 1 << place
        _history(found, draft.nodes[name])
    try:
        _enter(found, order)
    except TooIntricateError:
        found.intricate = True
    return found


_EARLIER = {"body": 0, "catch": 1, "finally": 2}


def _history(found: Branches, node: DraftNode) -> None:
    undone = found.draft.undoes.get(node.id)
    if undone is not None:
        found.before[node.id] = found.before.get(undone, 0) | found.bits[undone]
        found.ended[node.id] = found.ended.get(undone, 0) | found.bits[undone]
        return
    edges = found.draft.into[node.id]
    if not edges and node.parent:
        before = found.before[node.parent]
        for earlier in _FLOWS[: _EARLIER[node.section]]:
            before |= found.members(node.parent, earlier)
        found.before[node.id] = before
        found.ended[node.id] = found.ended[node.parent]
        return
    before = 0
    for edge in edges:
        before |= found.before[edge.source] | found.bits[edge.source]
    found.before[node.id] = before
    sets = [found.ended[edge.source] | found.bits[edge.source] for edge in edges]
    count = len(sets)
    need = min({"all": 0, "any": 1}.get(node.join, node.join), count)
    if need == 0:
        ended = 0
        for one in sets:
            ended |= one
    else:
        # Entered when `need` have come, skipped when so many have not that it cannot be.
        ended = _in_at_least(max(count - need + 1, need), sets)
    found.ended[node.id] = ended


def _in_at_least(count: int, sets: list[int]) -> int:
    """The elements that so many of the sets have; of many sets those that all have."""
    if count * len(sets) > _COUNTED:
        return reduce(and_, sets)
    having = [-1] + [0] * count
    for one in sets:
        for need in range(count, 0, -1):
            having[need] |= having[need - 1] & one
    return having[count]


def _enter(found: Branches, order: list[str]) -> None:
    draft, conditions = found.draft, found.conditions
    entries = draft.entries
    fired = {name: place for place, name in enumerate(entries)} if draft.triggers else {}
    for rank, name in enumerate(order, _FIRED + 1):
        node = draft.nodes[name]
        undone = draft.undoes.get(name)
        if undone is not None:
            here = found.entered[undone]
        elif name in fired:
            alone = len(fired) == 1
            here = ALWAYS if alone else conditions.choice(_FIRED, len(fired), fired[name])
        elif not draft.into[name] and node.parent:
            here = NEVER if draft.nodes[node.parent].disabled else found.entered[node.parent]
        elif not draft.into[name]:
            here = NEVER if fired else ALWAYS
        else:
            taken = [found.ports[e.source].get(e.port, NEVER) for e in draft.into[name]]
            # A join larger than that is reported as one; the rest is judged without it.
            need = min(node.join, len(taken)) if type(node.join) is int else 1
            here = conditions.either(taken) if need == 1 else conditions.at_least(need, taken)
        found.entered[name] = here
        _choose(found, node, rank)


def _choose(found: Branches, node: DraftNode, rank: int) -> None:
    """Under which conditions each port of a node is taken."""
    here = found.entered[node.id]
    ports = (*node.ports, *(("error",) if node.routes_errors else ())) or ("out",)
    if node.disabled:
        found.ports[node.id] = {"out": here}  # passed through like a wire
    elif len(ports) == 1:
        found.ports[node.id] = {ports[0]: here}
    else:
        found.ports[node.id] = {
            port: found.conditions.both(here, found.conditions.choice(rank, len(ports), way))
            for way, port in enumerate(ports)
        }
