"""The workloads as n8n's workflows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.workloads import W2, W3, W4, W6_SLEEP_S, W6_STEPS, Fibs

Node = dict[str, Any]

_FIB = "const fib = n => n < 2 ? n : fib(n - 1) + fib(n - 2);\n"


def workflows() -> Iterator[dict[str, Any]]:
    """All of them; each begins with a webhook of its name."""
    yield _w1("w1", answered=True)
    yield _w1("w1-send", answered=False)
    for work in (W2, W3):
        yield _chain(work.name.lower(), [_webhook(work.name.lower(), answered=True), *_steps(work)])
    yield _chain("w4", [_webhook("w4", answered=True), *_items(W4)])
    yield _chain("w6-send", [_webhook("w6-send", answered=False), *_marks()])


def _w1(path: str, *, answered: bool) -> dict[str, Any]:
    nodes = [
        _webhook(path, answered=answered),
        _set(
            "parse",
            ("id", "number", "={{ $json.body.id }}"),
            ("total", "number", "={{ $json.body.qty * $json.body.price }}"),
        ),
        _node("large", "if", 2.2, conditions=_at_least("={{ $json.total }}", 500), options={}),
        _set(
            "big",
            ("id", "number", "={{ $json.id }}"),
            ("tier", "string", "big"),
            ("net", "number", "={{ $json.total - Math.floor($json.total / 10) }}"),
        ),
        _set(
            "small",
            ("id", "number", "={{ $json.id }}"),
            ("tier", "string", "small"),
            ("net", "number", "={{ $json.total }}"),
        ),
    ]
    connections = {
        "webhook": {"main": [[_to("parse")]]},
        "parse": {"main": [[_to("large")]]},
        "large": {"main": [[_to("big")], [_to("small")]]},
    }
    return _workflow(path, nodes, connections)


def _steps(work: Fibs) -> list[Node]:
    before = "$input.first().json.sum ?? 0"
    code = f"{_FIB}return [{{json: {{sum: ({before}) + fib({work.n})}}}}];"
    return [_node(f"s{number}", "code", 2, jsCode=code) for number in range(work.steps)]


def _items(work: Fibs) -> list[Node]:
    items = f"return Array.from({{length: {work.steps}}}, (_, n) => ({{json: {{n}}}}));"
    each = f"{_FIB}return {{json: {{fib: fib({work.n})}}}};"
    join = "return [{json: {sum: $input.all().reduce((sum, item) => sum + item.json.fib, 0)}}];"
    return [
        _node("items", "code", 2, jsCode=items),
        _node("each", "code", 2, mode="runOnceForEachItem", jsCode=each),
        _node("join", "code", 2, jsCode=join),
    ]


def _marks() -> list[Node]:
    given = "$('webhook').first().json.body"

    def mark(step: str) -> Node:
        key = {"name": "Idempotency-Key", "value": f"={{{{ {given}.run }}}}-{step}"}
        body = f"={{{{ JSON.stringify({{run: {given}.run, step: '{step}'}}) }}}}"
        return _node(
            step,
            "httpRequest",
            4.2,
            method="POST",
            url=f"={{{{ {given}.url }}}}/marks",
            sendHeaders=True,
            headerParameters={"parameters": [key]},
            sendBody=True,
            specifyBody="json",
            jsonBody=body,
            options={},
        )

    first, *others = (mark(step) for step in W6_STEPS)
    return [first, _node("pause", "wait", 1.1, amount=W6_SLEEP_S, unit="seconds"), *others]


def _webhook(path: str, *, answered: bool) -> Node:
    mode = "lastNode" if answered else "onReceived"
    node = _node("webhook", "webhook", 2, httpMethod="POST", path=path, responseMode=mode)
    node["parameters"]["options"] = {}
    return {**node, "webhookId": path}


def _set(name: str, *fields: tuple[str, str, str]) -> Node:
    assignments = [
        {"id": field, "name": field, "type": kind, "value": value} for field, kind, value in fields
    ]
    return _node(name, "set", 3.4, assignments={"assignments": assignments}, options={})


def _at_least(left: str, right: int) -> dict[str, Any]:
    return {
        "options": {"caseSensitive": True, "typeValidation": "strict", "version": 2},
        "conditions": [
            {
                "id": "large",
                "leftValue": left,
                "rightValue": right,
                "operator": {"type": "number", "operation": "gte"},
            }
        ],
        "combinator": "and",
    }


def _node(name: str, kind: str, version: float, **parameters: Any) -> Node:
    return {
        "id": name,
        "name": name,
        "type": f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [0, 0],
        "parameters": parameters,
    }


def _to(name: str) -> dict[str, Any]:
    return {"node": name, "type": "main", "index": 0}


def _chain(name: str, nodes: Sequence[Node]) -> dict[str, Any]:
    names = [node["name"] for node in nodes]
    return _workflow(name, nodes, {a: {"main": [[_to(b)]]} for a, b in pairwise(names)})


def _workflow(name: str, nodes: Sequence[Node], connections: dict[str, Any]) -> dict[str, Any]:
    settings = {"executionOrder": "v1"}
    return {"name": name, "nodes": list(nodes), "connections": connections, "settings": settings}
