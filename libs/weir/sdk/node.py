"""The node type `task` on a worker of yours: calls the function that the step names."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import orjson
from pydantic import ValidationError

from weir.core.finite import not_finite
from weir.ports.node_context import NodeContext, NotHere, Terminal
from weir.sdk.context import ThreadContext
from weir.sdk.functions import Task

PLACES = 8


class Functions:
    """The tasks of one worker. Functions that are no coroutines share `threads` threads."""

    type = "task"
    secret_fields: frozenset[str] = frozenset()

    def __init__(self, tasks: Iterable[Task[..., Any]], threads: int) -> None:
        self._tasks: Mapping[str, Task[..., Any]] = {one.name: one for one in tasks}
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="task")

    async def execute(self, config: Any, ctx: NodeContext) -> Any:
        """The function's result as a JSON value."""
        name = config.get("task") if isinstance(config, Mapping) else None
        task = self._tasks.get(str(name))
        if task is None:
            raise NotHere(
                f"no worker of this queue knows the task {name!r}: check the name and the node's "
                "queue, or start a worker that has it",
                code="TASK_UNKNOWN",
            )
        arguments = self._arguments(task, config.get("input"), ctx)
        if task.threaded:
            result = await self._in_thread(task, arguments)
        else:
            result = await task.function(**arguments)
        try:
            checked = task.output.validator.validate_python(result)
        except ValidationError as error:
            raise Terminal(
                f"the task {task.name!r} gave something else than it promises: {_places(error)}",
                code="OUTPUT_INVALID",
            ) from None
        written = task.output.serializer
        output = written.to_python(checked, mode="json")
        # NaN and the infinities have become null, or will: without a null there was none.
        if _null(output) and (place := not_finite(written.to_python(checked))):
            raise Terminal(
                f"the task {task.name!r} gave no JSON value: {place}, which JSON does not have: "
                "give null or a text in its place",
                code="OUTPUT_INVALID",
            )
        return output

    async def close(self) -> None:
        """Start no more functions; those that run are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _arguments(self, task: Task[..., Any], given: Any, ctx: NodeContext) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        if task.input is not None:
            try:
                # By way of JSON, so that times, bytes and sets are read as JSON writes them.
                arguments[task.input_name] = task.input.validator.validate_json(orjson.dumps(given))
            except ValidationError as error:
                raise Terminal(
                    f"the input does not fit the task {task.name!r}: {_places(error)}",
                    code="TASK_INPUT_INVALID",
                ) from None
        if task.context_name:
            loop = asyncio.get_running_loop()
            arguments[task.context_name] = ThreadContext(ctx, loop) if task.threaded else ctx
        return arguments

    async def _in_thread(self, task: Task[..., Any], arguments: Mapping[str, Any]) -> Any:
        # The trace and the ids of log lines go along into the thread.
        work = partial(contextvars.copy_context().run, task.function, **arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _null(output: Any) -> bool:
    """Whether its JSON holds the word, or there is none of it, which the worker will say."""
    try:
        return b"null" in orjson.dumps(output)
    except TypeError:
        return True


def _places(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'value'}: {item['msg']}"
        for item in error.errors(include_input=False, include_context=False, include_url=False)[
            :PLACES
        ]
    )
