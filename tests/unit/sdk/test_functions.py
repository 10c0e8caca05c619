"""Functions as tasks: annotations are the contract."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from tests.unit.nodes.fake_context import FakeContext
from weir.ports.node_context import NodeError, Retryable
from weir.sdk import Task, TaskContext, ThreadContext, task
from weir.sdk.node import Functions


class Order(BaseModel):
    """What the functions below take."""

    sku: str
    day: date
    amount: int = 1


class Receipt(BaseModel):
    """What they give."""

    key: str
    total: int
    day: date


@task("buy", queue="orders")
async def buy(order: Order, ctx: TaskContext) -> Receipt:
    """A coroutine with a model on both sides."""
    return Receipt(key=ctx.idempotency_key, total=order.amount * 2, day=order.day)


@task("square")
def square(number: int) -> int:
    """A plain function of a plain value."""
    return number * number


@pytest.fixture
async def run() -> AsyncIterator[Callable[..., Any]]:
    """Runs a task as a step would."""
    made: list[Functions] = []

    async def run(function: Task[..., Any], given: Any = None, ctx: Any = None) -> Any:
        functions = Functions([function], threads=2)
        made.append(functions)
        config = {"task": function.name, "input": given}
        return await functions.execute(config, ctx or FakeContext())

    yield run
    for functions in made:
        await functions.close()


async def _fails(work: Any) -> NodeError:
    with pytest.raises(NodeError) as failed:
        await work
    return failed.value


async def test_a_coroutine_gets_its_model_and_its_context(run: Any) -> None:
    """Input and output are converted between JSON and the annotations."""
    output = await run(buy, {"sku": "x", "day": "2026-01-31", "amount": 3})
    assert output == {"key": "run_a/call", "total": 6, "day": "2026-01-31"}


async def test_a_plain_function_runs_in_a_thread(run: Any) -> None:
    """So that it does not stop everything else."""
    seen: list[threading.Thread] = []

    @task("where")
    def where() -> None:
        seen.append(threading.current_thread())

    assert await run(where) is None
    assert seen
    assert seen[0] is not threading.main_thread()
    assert await run(square, 12) == 144


@pytest.mark.parametrize("given", [{"sku": "x"}, {"sku": "x", "day": "soon"}, None, "text"])
async def test_an_input_of_another_shape_is_refused(run: Any, given: Any) -> None:
    """TASK_INPUT_INVALID with the places, once: another attempt would not help."""
    failed = await _fails(run(buy, given))
    assert failed.error_code == "TASK_INPUT_INVALID"
    assert not failed.retryable


async def test_an_output_of_another_shape_is_refused(run: Any) -> None:
    """What the annotation promises is what later steps can rely on."""

    @task("liar")
    async def liar() -> int:
        return "many"  # type: ignore[return-value]

    assert (await _fails(run(liar))).error_code == "OUTPUT_INVALID"


class Reading(BaseModel):
    """A measurement."""

    value: float
    more: Any = None


async def test_numbers_that_json_does_not_have_are_refused(run: Any) -> None:
    """NaN and infinity end the step with their place, whatever the function promises."""

    @task("typed")
    async def typed() -> float:
        return math.nan

    @task("modelled")
    async def modelled() -> Reading:
        return Reading(value=1, more=[{"x": -math.inf}])

    @task("untyped")
    def untyped() -> Any:
        return {"rows": [1.5, math.inf]}

    @task("listed")
    def listed() -> list[Reading]:
        return [Reading(value=0), Reading(value=math.nan)]

    places = {"typed": "it is nan", "modelled": "more.0.x is -inf"}
    places |= {"untyped": "rows.1 is inf", "listed": "1.value is nan"}
    for function in (typed, modelled, untyped, listed):
        failed = await _fails(run(function))
        assert (failed.error_code, failed.retryable) == ("OUTPUT_INVALID", False)
        assert places[function.name] in str(failed)


async def test_half_a_character_is_left_to_the_worker(run: Any) -> None:
    """It is the worker that refuses what cannot be written, as no failure of the function."""

    @task("half")
    async def half() -> str:
        return "\ud800"

    assert await run(half) == "\ud800"


async def test_an_unknown_task_is_left_to_other_workers() -> None:
    """TASK_UNKNOWN is no verdict of this worker alone."""
    functions = Functions([square], threads=1)
    failed = await _fails(functions.execute({"task": "cube", "input": 1}, FakeContext()))
    assert failed.error_code == "TASK_UNKNOWN"
    await functions.close()


async def test_what_a_function_raises_passes_through(run: Any) -> None:
    """Its own verdict reaches the step's retry policy."""

    @task("busy")
    def busy() -> None:
        raise Retryable("later", after=3.0)

    failed = await _fails(run(busy))
    assert isinstance(failed, Retryable)
    assert failed.after == 3.0


async def test_a_thread_may_log_and_wait_for_coroutines(run: Any) -> None:
    """Everything touches the loop only from the loop."""
    ctx = FakeContext()

    @task("threaded")
    def threaded(name: str, ctx: ThreadContext) -> dict[str, Any]:
        ctx.log.info("storing", name=name)
        ctx.heartbeat()
        return ctx.wait(ctx.blobs.put(name.encode(), "text/plain"))

    stored = await run(threaded, "x", ctx)
    assert ctx.blobs.values[stored["$blob"]["key"]] == b"x"
    assert ctx.log.lines == [("info", "storing", {"name": "x"})]


async def test_a_cancelled_thread_ends_at_its_next_heartbeat(run: Any) -> None:
    """A function that looks stops; nobody waits for it meanwhile."""
    ctx = FakeContext()
    begun, ended = threading.Event(), threading.Event()

    @task("long")
    def long(ctx: ThreadContext) -> None:
        try:
            while True:
                begun.set()
                ctx.heartbeat()
        finally:
            ended.set()

    running = asyncio.create_task(run(long, ctx=ctx))
    await asyncio.to_thread(begun.wait)
    ctx.cancelled = True
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await asyncio.to_thread(ended.wait, 10)


def test_a_task_is_still_its_function() -> None:
    """Tests and other code call it as if nothing were."""
    assert square(3) == 9


def test_schemas_come_from_the_annotations() -> None:
    """Input and output as JSON Schema, for whoever builds a form or a document."""
    assert buy.input_schema is not None
    assert set(buy.input_schema["properties"]) == {"sku", "day", "amount"}
    assert set(buy.output_schema["properties"]) == {"key", "total", "day"}
    assert (buy.name, buy.queue) == ("buy", "orders")


def _two(one: int, two: int) -> None: ...
def _wrong_context(ctx: ThreadContext) -> None: ...
async def _wrong_too(ctx: ThreadContext) -> None: ...


@pytest.mark.parametrize(
    ("function", "why"),
    [(_two, "into one model"), (_wrong_too, "with TaskContext")],
)
def test_a_signature_without_a_place_for_its_input_is_refused(function: Any, why: str) -> None:
    """At the definition, not in the middle of a run."""
    with pytest.raises(TypeError, match=why):
        task("odd")(function)
    task("fine")(_wrong_context)


@pytest.mark.parametrize(("name", "queue"), [("Bad Name", "default"), ("good", "bad.queue")])
def test_names_that_no_node_could_use_are_refused(name: str, queue: str) -> None:
    """At the definition."""
    with pytest.raises(ValueError, match="matches"):
        task(name, queue=queue)
