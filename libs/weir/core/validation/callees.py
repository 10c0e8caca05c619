"""What a definition says of the runs of other workflows that it starts, and what those declare.

What such a run yields is what its version's `output` writes down; without it
the value of an `output` node, or the outputs of the last steps by their ids.
Something is claimed only where every run of the version yields it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.core.spec import Catalogue
from weir.core.validation.schemas import declared, holds_expression, shape

Callee = tuple[str, str]  # workflow, and version: empty for the current one


@dataclass(frozen=True, slots=True)
class Called:
    """What a version of another workflow declares."""

    input: Any  # a JSON Schema; None takes anything
    output: Mapping[str, Any] | None  # a JSON Schema, as far as it is sure
    fixed: bool


def called(frozen: Mapping[str, Any], catalogue: Catalogue, *, fixed: bool) -> Called:
    """What a frozen definition declares; `fixed` if its version is named."""
    output = frozen.get("output")
    said = _Ends(frozen, catalogue).yields() if output is None else shape(output)
    if said is not None and not fixed:
        said = {"properties": {name: {} for name in said.get("properties", ())}}
    return Called(frozen.get("input_schema"), said, fixed)


def callees(definition: Mapping[str, Any]) -> set[Callee]:
    """The versions that a definition, well-formed or not, calls."""
    nodes = definition.get("nodes")
    configs = [
        node.get("config")
        for node in (nodes if isinstance(nodes, list) else ())
        if isinstance(node, dict) and node.get("type") == "sub_workflow"
    ]
    found = (callee(config) for config in configs if isinstance(config, dict))
    return {one for one in found if one is not None}


def callee(config: Mapping[str, Any]) -> Callee | None:
    """What a `sub_workflow` with this config calls; None if that is not written down."""
    workflow, version = config.get("workflow"), config.get("version") or ""
    if not isinstance(workflow, str) or not isinstance(version, str):
        return None
    return None if holds_expression(workflow + version) else (workflow, version)


class _Ends:
    """What runs come to whose version has no `output` of its own."""

    def __init__(self, frozen: Mapping[str, Any], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        undoes = {node.get("compensate") for node in frozen.get("nodes", ())}
        self._nodes = {
            node["id"]: node
            for node in frozen.get("nodes", ())
            if not node.get("parent") and node["id"] not in undoes
        }
        self._sources: dict[str, list[str]] = {}
        for edge in frozen.get("edges", ()):
            self._sources.setdefault(edge["target"], []).append(edge["source"])
        self._leading = {edge["source"] for edge in frozen.get("edges", ())}

    def yields(self) -> Mapping[str, Any] | None:
        """The schema of a run's output; None if it is now this and now that."""
        nodes = [node for node in self._nodes.values() if not node["disabled"]]
        outputs = [node["id"] for node in nodes if node["type"] == "output"]
        if outputs and not all(self._surely(name) for name in outputs):
            return None
        if len(outputs) == 1:
            return self._said(outputs[0])
        last = outputs or [node["id"] for node in nodes if node["id"] not in self._leading]
        return {
            "type": "object",
            "properties": {name: self._said(name) or {} for name in last},
            "required": [name for name in last if self._surely(name)],
            "additionalProperties": False,
        }

    def _said(self, name: str) -> Mapping[str, Any] | None:
        node = self._nodes[name]
        spec = self._catalogue.get(node["type"])
        return declared(node, None if spec is None else spec.output(node["config"]))

    def _surely(self, name: str) -> bool:
        """Whether every run that ends well has gone through the node."""
        known, work = {name}, [name]
        while work:
            at = work.pop()
            further = set(self._sources.get(at, ())) - known
            if any(len(self._nodes[source]["ports"]) > 1 for source in further):
                return False
            known |= further
            work += further
        return len([one for one in self._nodes.values() if one["kind"] == "trigger"]) <= 1
