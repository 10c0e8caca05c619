"""W1 and W2 as definitions, their input and the check of their answers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson

from benchmarks.load import WrongAnswerError
from weir.sdk import Worker, task

STEPS = 40


def w1() -> dict[str, Any]:
    """Parse → if/else → transform → finish, answered in the same request."""
    net = "{{ steps.parse.total - floor(steps.parse.total / 10) }}"
    return {
        "schema": "weir/v1",
        "name": "W1",
        "nodes": [
            {
                "id": "start",
                "type": "webhook",
                "config": {"scheme": "none", "answer": "finished"},
            },
            {
                "id": "parse",
                "type": "set",
                "config": {"values": {"total": "{{ input.qty * input.price }}"}},
            },
            {
                "id": "large",
                "type": "if",
                "config": {"condition": "{{ steps.parse.total >= 500 }}"},
            },
            {
                "id": "big",
                "type": "output",
                "config": {"value": {"id": "{{ input.id }}", "tier": "big", "net": net}},
            },
            {
                "id": "small",
                "type": "output",
                "config": {
                    "value": {
                        "id": "{{ input.id }}",
                        "tier": "small",
                        "net": "{{ steps.parse.total }}",
                    }
                },
            },
        ],
        "edges": [
            {"source": "start", "target": "parse"},
            {"source": "parse", "target": "large"},
            {"source": "large", "source_port": "true", "target": "big"},
            {"source": "large", "source_port": "false", "target": "small"},
        ],
    }


def w1_input(number: int) -> dict[str, Any]:
    """Every second order is a big one."""
    price = 250 if number % 2 else 19
    return {"id": number, "qty": 3, "price": price, "customer": "acme"}


def check_w1(number: int, answer: Any) -> None:
    """The answer must hold the id, the tier and the net sum."""
    total = 3 * w1_input(number)["price"]
    tier, net = ("big", total - total // 10) if total >= 500 else ("small", total)
    wanted = {"id": number, "tier": tier, "net": net}
    if answer != wanted:
        raise WrongAnswerError(f"wanted {wanted}, got {orjson.dumps(answer)[:300]!r}")


def w2(kind: str) -> dict[str, Any]:
    """Forty steps of fib(10), one after the other: as code on a worker, or as pure steps."""
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "manual", "config": {}}]
    before = "0"
    for number in range(STEPS):
        name = f"s{number}"
        if kind == "code":
            config = {"task": "fib", "input": {"n": 10, "sum": f"{{{{ {before} }}}}"}}
            nodes.append({"id": name, "type": "task", "queue": "bench", "config": config})
        else:
            config = {"values": {"sum": f"{{{{ {before} + vars.fib[10] }}}}"}}
            nodes.append({"id": name, "type": "set", "config": config})
        before = f"steps.{name}.sum"
    ids = [node["id"] for node in nodes]
    return {
        "schema": "weir/v1",
        "name": f"W2 {kind}",
        "vars": {"fib": [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55]},
        "output": f"{{{{ {before} }}}}",
        "nodes": nodes,
        "edges": [{"source": a, "target": b} for a, b in pairwise(ids)],
    }


def fib(n: int) -> int:
    """The slow way, as all peers do it."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@task("fib", queue="bench")
async def fib_step(input: dict[str, int]) -> dict[str, int]:  # noqa: A002 - the SDK's name
    """One code step."""
    return {"sum": input["sum"] + fib(input["n"])}


worker = Worker(tasks=[fib_step])
