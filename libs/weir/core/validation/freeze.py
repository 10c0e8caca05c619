"""The frozen form of a definition: all that running it needs, and nothing that only people read.

Nodes and edges are in the order of their ids, durations in milliseconds,
defaults of the node types filled in. Two definitions that mean the same have
the same frozen form; where things stand on the canvas, titles and notes are
not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract import ids
from weir.contract.codec import canonical
from weir.contract.times import duration_ms
from weir.core.spec import NodeSpec
from weir.core.validation import afterwards, limits
from weir.core.validation.draft import Draft, DraftNode

FROZEN = "weir/frozen/v1"


def freeze(draft: Draft) -> dict[str, Any]:
    """Freeze a definition without errors."""
    raw = draft.raw
    settings = raw.get("settings") or {}
    return {
        "schema": FROZEN,
        "name": raw["name"],
        "vars": raw.get("vars") or {},
        "input_schema": raw.get("input"),
        "output": raw.get("output"),
        "settings": {
            "timeout_ms": duration_ms(settings["timeout"]) if "timeout" in settings else None,
            "labels": settings.get("labels") or {},
            **afterwards.frozen(settings),
            **limits.frozen(settings),
        },
        "nodes": [_node(node) for _, node in sorted(draft.nodes.items())],
        "edges": sorted(
            (
                {"source": edge.source, "port": edge.port, "target": edge.target}
                for edge in draft.wires
            ),
            key=lambda edge: (edge["source"], edge["port"], edge["target"]),
        ),
    }


def _node(node: DraftNode) -> dict[str, Any]:
    raw, spec = node.raw, node.spec
    assert spec is not None  # noqa: S101 - an unknown type is an error
    # Only where they are said: what was published before these existed keeps its version.
    said = {"parent": node.parent, "section": node.section if node.section != "body" else ""}
    said["compensate"] = raw.get("compensate", "")
    schema = raw.get("output_schema", True)
    return {
        "id": node.id,
        "type": spec.type,
        "type_version": spec.version,
        "kind": spec.kind,
        "ports": [*node.ports, *(("error",) if node.routes_errors else ())],
        "config": dict(node.config),
        "secret_fields": sorted(spec.secret_fields),
        "join": node.join,
        "retry": _retry(raw.get("retry") or {}, spec),
        "timeout_ms": duration_ms(raw["timeout"]) if "timeout" in raw else spec.timeout_ms,
        "queue": raw.get("queue", spec.queue),
        "on_error": "fail" if node.is_trigger else raw.get("on_error", "fail"),
        "disabled": node.disabled,
        **{name: value for name, value in said.items() if value},
        **({"output_schema": schema} if schema is not True else {}),
        **({"dead_letter": raw["dead_letter"]} if "dead_letter" in raw else {}),
    }


def _retry(raw: Mapping[str, Any], spec: NodeSpec) -> dict[str, Any]:
    policy = spec.retry
    initial = duration_ms(raw["initial"]) if "initial" in raw else policy.initial_ms
    longest = duration_ms(raw["max"]) if "max" in raw else max(policy.max_ms, initial)
    condition = raw.get("retry_if", policy.retry_if).strip()
    if condition and not condition.startswith(("{{", "${")):
        condition = "{{ " + condition + "\n}}"
    return {
        "max_attempts": raw.get("max_attempts", policy.max_attempts),
        "initial_ms": initial,
        "factor": raw.get("factor", policy.factor),
        "max_ms": longest,
        "jitter": raw.get("jitter", policy.jitter),
        "retry_if": condition,
    }


def version_of(workflow: str, frozen: Mapping[str, Any]) -> str:
    """The version's name: what this content of this workflow is always called."""
    return ids.derived("ver", workflow, canonical(frozen).decode())
