"""A small catalogue, and a definition to start from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from weir.core.spec import NodeSpec, RetryPolicy
from weir.core.validate import Problem, validate

EXPRESSION = {"type": "string", "pattern": r"\{\{|\$\{"}


def open_to_expressions(schema: dict[str, Any]) -> dict[str, Any]:
    """A place where a value may be an expression."""
    return {"if": EXPRESSION, "else": schema}


def _fields(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {k: open_to_expressions(v) if v else {} for k, v in properties.items()},
        "required": required,
        "additionalProperties": False,
    }


def _cases(config: Mapping[str, Any]) -> tuple[str, ...]:
    return (*(case["name"] for case in config["cases"]), "default")


CATALOGUE: dict[str, NodeSpec] = {
    spec.type: spec
    for spec in (
        NodeSpec("webhook", "trigger", config_schema=_fields([], filter={"type": "boolean"})),
        NodeSpec("manual", "trigger", config_schema=_fields([])),
        NodeSpec("set", "inline", config_schema=_fields(["values"], values={"type": "object"})),
        NodeSpec(
            "if",
            "inline",
            config_schema=_fields(["condition"], condition={"type": "boolean"}),
            ports=lambda _: ("true", "false"),
        ),
        NodeSpec(
            "switch",
            "inline",
            config_schema=_fields(["cases"], value={}, cases={"type": "array"}),
            ports=_cases,
        ),
        NodeSpec("merge", "inline", config_schema=_fields([], mode={"enum": ["map", "first"]})),
        NodeSpec("output", "inline", config_schema=_fields(["value"], value={})),
        NodeSpec(
            "fail",
            "inline",
            config_schema=_fields(["message"], code={"type": "string"}, message={"type": "string"}),
        ),
        NodeSpec(
            "for_each",
            "container",
            config_schema=_fields(["items"], items={"type": "array"}, acc={}, output={})
            | {"additionalProperties": True},
            timeout_ms=0,
            sections=("body",),
        ),
        NodeSpec(
            "while",
            "container",
            config_schema=_fields(["condition"], condition={}, initial={}, output={}),
            timeout_ms=0,
            sections=("body",),
        ),
        NodeSpec(
            "try",
            "container",
            config_schema=_fields([], when={}, output={}),
            timeout_ms=0,
            sections=("body", "catch", "finally"),
        ),
        NodeSpec(
            "scope",
            "container",
            config_schema=_fields([], output={}),
            timeout_ms=0,
            sections=("body",),
        ),
        NodeSpec("race", "container", config_schema=_fields([]), timeout_ms=0, sections=("body",)),
        NodeSpec("wait_signal", "inline", config_schema=_fields(["name"], name={})),
        NodeSpec("delay", "inline", config_schema=_fields([], duration={"type": "string"})),
        NodeSpec(
            "http_request",
            "task",
            version=2,
            config_schema=_fields(
                ["url"],
                url={"type": "string"},
                method={"enum": ["GET", "POST"]},
                body={},
                auth={"type": "string", "pattern": r"^\{\{\s*credentials\."},
            ),
            secret_fields=frozenset({"auth"}),
            retry=RetryPolicy(max_attempts=4),
            timeout_ms=120_000,
            queue="http",
            effect="write",
        ),
    )
}


def node(name: str, kind: str = "set", /, **fields: Any) -> dict[str, Any]:
    """A node that is right; what is given replaces its parts."""
    configs: dict[str, Any] = {
        "set": {"values": {}},
        "if": {"condition": "{{ input.ok }}"},
        "http_request": {"url": "https://example.org"},
        "output": {"value": 1},
        "fail": {"message": "no"},
        "for_each": {"items": "{{ input }}"},
        "while": {"condition": "{{ acc < 3 }}", "initial": 0},
        "wait_signal": {"name": "paid"},
    }
    return {"id": name, "type": kind, "config": configs.get(kind, {}), **fields}


def wire(*ends: str) -> list[dict[str, Any]]:
    """Edges written `a > b` or `a.port > b > c`."""
    edges = []
    for chain in ends:
        names = [part.strip() for part in chain.split(">")]
        for source, target in pairwise(names):
            start, _, port = source.partition(".")
            edge = {"source": start, "target": target.partition(".")[0]}
            edges.append({**edge, "source_port": port} if port else edge)
    return edges


def definition(*nodes: dict[str, Any], edges: list[dict[str, Any]], **rest: Any) -> dict[str, Any]:
    """A definition of these nodes."""
    return {"schema": "weir/v1", "name": "Test", "nodes": list(nodes), "edges": edges, **rest}


START = node("start", "manual")


def found(raw: Any) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Errors and warnings."""
    checked = validate(raw, CATALOGUE)
    assert (checked.frozen is None) == bool(checked.errors)
    return checked.errors, checked.warnings


def reads(text: str, *ids: str, **fields: Any) -> dict[str, Any]:
    """A set node whose value is this expression."""
    (name,) = ids or ("reader",)
    return node(name, config={"values": {"v": text}}, **fields)


def faults(raw: Any) -> list[tuple[str, str, str | None]]:
    """The code, the place and the node of each error; all of them say what to do."""
    errors, _ = found(raw)
    assert all(error.message and error.advice for error in errors)
    return [(error.code, error.path, error.node) for error in errors]
