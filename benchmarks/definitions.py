"""How Weir says the workloads: their definitions, and the tasks of the worker beside it.

`python -m weir.sdk benchmarks.definitions:worker` serves the tasks.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.workloads import W1_STEPS, W2, W6_SLEEP_S, W6_STEPS, Fibs, fib
from tests.fault.workflows import chain, mark
from weir.sdk import Worker, task

QUEUE = "bench"


def w1(answer: str = "finished") -> dict[str, Any]:
    """Parse → if/else → transform → finish; `accepted` answers at the start."""
    net = "{{ steps.parse.total - floor(steps.parse.total / 10) }}"
    small = {"id": "{{ input.id }}", "tier": "small", "net": "{{ steps.parse.total }}"}
    steps = [
        {
            "id": "parse",
            "type": "set",
            "config": {"values": {"total": "{{ input.qty * input.price }}"}},
        },
        {"id": "large", "type": "if", "config": {"condition": "{{ steps.parse.total >= 500 }}"}},
        {
            "id": "big",
            "type": "output",
            "config": {"value": {"id": "{{ input.id }}", "tier": "big", "net": net}},
        },
        {"id": "small", "type": "output", "config": {"value": small}},
    ]
    assert len(steps) == W1_STEPS + 1  # a run takes one of the last two
    hook = {"id": "start", "type": "webhook", "config": {"scheme": "none", "answer": answer}}
    return {
        "schema": "weir/v1",
        "name": f"W1 {answer}",
        "nodes": [hook, *steps],
        "edges": [
            {"source": "start", "target": "parse"},
            {"source": "parse", "target": "large"},
            {"source": "large", "source_port": "true", "target": "big"},
            {"source": "large", "source_port": "false", "target": "small"},
        ],
    }


def sequential(work: Fibs) -> dict[str, Any]:
    """Steps of fib, one after the other, as code on a worker; each adds to the sum so far."""
    before, steps = "0", []
    for number in range(work.steps):
        given = {"n": work.n, "sum": f"{{{{ {before} }}}}"}
        steps.append(_task(f"s{number}", "fib", given))
        before = f"steps.s{number}.sum"
    return chain(f"{work.name} code", [_manual(), *steps], output=f"{{{{ {before} }}}}")


def pure() -> dict[str, Any]:
    """W2 as steps that the owner of the run evaluates itself."""
    before, steps = "0", []
    for number in range(W2.steps):
        values = {"sum": f"{{{{ {before} + vars.fib[{W2.n}] }}}}"}
        steps.append({"id": f"s{number}", "type": "set", "config": {"values": values}})
        before = f"steps.s{number}.sum"
    numbers = [fib(n) for n in range(W2.n + 1)]
    output = f"{{{{ {before} }}}}"
    return chain("W2 pure", [_manual(), *steps], output=output, vars={"fib": numbers})


def parallel(work: Fibs) -> dict[str, Any]:
    """Steps of fib side by side, and a step that waits for all of them."""
    ids = [f"s{number}" for number in range(work.steps)]
    join = {"id": "join", "type": "merge", "join": "all"}
    steps = [_task(each, "fib", {"n": work.n, "sum": 0}) for each in ids]
    edges = [{"source": "start", "target": each} for each in ids]
    edges += [{"source": each, "target": "join"} for each in ids]
    return {
        "schema": "weir/v1",
        "name": work.name,
        "output": "{{ steps.join.map(step, steps.join[step].sum).sum() }}",
        "nodes": [_manual(), *steps, join],
        "edges": edges,
    }


def loop(work: Fibs) -> dict[str, Any]:
    """The same as a loop over as many items, all at once."""
    config = {
        "items": f"{{{{ range(0, {work.steps}) }}}}",
        "concurrency": work.steps,
        "output": "{{ steps.one.sum }}",
    }
    made = chain(
        f"{work.name} loop",
        [_manual(), {"id": "each", "type": "for_each", "config": config}],
        output="{{ sum(steps.each) }}",
    )
    made["nodes"].append({**_task("one", "fib", {"n": work.n, "sum": 0}), "parent": "each"})
    return made


def w6(url: str) -> dict[str, Any]:
    """Mark A → sleep → mark B → mark C, at the marks of `url`."""
    first, *others = [mark(url, step) for step in W6_STEPS]
    pause = {"id": "pause", "type": "delay", "config": {"duration": f"{W6_SLEEP_S}s"}}
    return chain("W6", [_manual(), first, pause, *others])


def payload() -> dict[str, Any]:
    """A value from the start through two tasks to the answer, whatever its size."""
    steps = [
        _task("copy", "copy", {"data": "{{ input.data }}"}),
        _task("digest", "digest", {"data": "{{ steps.copy.data }}"}),
    ]
    return chain("payload", [_manual(), *steps], output="{{ steps.digest }}")


def timers() -> dict[str, Any]:
    """A run that ends at a time."""
    wait = {"id": "wait", "type": "delay", "config": {"until": "{{ input.at }}"}}
    return chain("timer", [_manual(), wait], output="{{ input.n }}")


def waiting() -> dict[str, Any]:
    """A run that ends with a signal."""
    wait = {"id": "wait", "type": "wait_signal", "config": {"name": "go"}}
    return chain("signal", [_manual(), wait], output="{{ input.n }}")


def signals() -> dict[str, Any]:
    """A run that takes `input.n` signals and adds up what they carry."""
    config = {
        "condition": "{{ index < input.n }}",
        "limit": 1_000_000,
        "initial": 0,
        "output": "{{ acc + steps.wait.v }}",
    }
    made = chain(
        "signals",
        [_manual(), {"id": "again", "type": "while", "config": config}],
        output="{{ steps.again }}",
    )
    wait = {"id": "wait", "type": "wait_signal", "config": {"name": "go"}, "parent": "again"}
    made["nodes"].append(wait)
    return made


def long_past() -> dict[str, Any]:
    """A run that has gone round `input.items` and then waits for a signal."""
    made = items_loop(
        [{"id": "one", "type": "set", "config": {"values": {"v": "{{ item * 2 }}"}}}],
        "{{ input.items }}",
        100,
    )
    made["name"] = "long past"
    made["nodes"].append({"id": "wait", "type": "wait_signal", "config": {"name": "go"}})
    made["edges"].append({"source": "each", "target": "wait"})
    return made


def items_loop(body: Sequence[dict[str, Any]], items: str, concurrency: int) -> dict[str, Any]:
    """A loop whose output is the numbers of its items, and the run's how many there are."""
    config = {"items": items, "concurrency": concurrency, "output": "{{ index }}"}
    each = {"id": "each", "type": "for_each", "config": config}
    made = chain("loop", [_manual(), each], output={"n": "{{ size(steps.each) }}"})
    made["nodes"] += [{**node, "parent": "each"} for node in body]
    return made


def aside() -> dict[str, Any]:
    """A run that takes its time: a code step, five seconds, a code step."""
    given = {"n": W2.n, "sum": "{{ input.n }}"}
    first, last = _task("first", "fib", given), _task("last", "fib", {"n": W2.n, "sum": 0})
    pause = {"id": "pause", "type": "delay", "config": {"duration": "5s"}}
    return chain("aside", [_manual(), first, pause, last], output="{{ steps.first.sum }}")


def begin() -> dict[str, Any]:
    """One step, which tells when it began; the answer is the two times in ms."""
    output = {"accepted": "{{ run.started_at }}", "began_ms": "{{ steps.begin.at_ms }}"}
    return chain("begin", [_manual(), _task("begin", "begin", {})], output=output)


def _manual() -> dict[str, Any]:
    return {"id": "start", "type": "manual", "config": {}}


def _task(name: str, function: str, given: dict[str, Any]) -> dict[str, Any]:
    config = {"task": function, "input": given}
    return {"id": name, "type": "task", "queue": QUEUE, "config": config}


@task("fib", queue=QUEUE)
async def fib_step(input: dict[str, int]) -> dict[str, int]:  # noqa: A002 - the SDK's name
    """One code step."""
    return {"sum": input["sum"] + fib(input["n"])}


@task("copy", queue=QUEUE)
async def copy_step(input: dict[str, str]) -> dict[str, str]:  # noqa: A002
    """What it was given."""
    return input


@task("digest", queue=QUEUE)
async def digest_step(input: dict[str, str]) -> dict[str, Any]:  # noqa: A002
    """By which one knows that the data came whole."""
    return digest(input["data"])


@task("begin", queue=QUEUE)
async def begin_step() -> dict[str, int]:
    """When it was begun."""
    return {"at_ms": time.time_ns() // 1_000_000}


def digest(data: str) -> dict[str, Any]:
    """Size and hash of a payload."""
    return {"size": len(data), "hash": hashlib.sha256(data.encode()).hexdigest()}


worker = Worker(tasks=[fib_step, copy_step, digest_step, begin_step], capacity=500)
