"""Functions as tasks: their annotations are the contract.

The parameter annotated with a context gets one; the other, if there is one,
gets the step's input, checked and converted to its annotation. The result is
checked against the return annotation. Whatever pydantic understands is a type
here: models, dataclasses, plain types.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter

from weir.sdk.context import TaskContext, ThreadContext

P = ParamSpec("P")
R = TypeVar("R")

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,62}")
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Task(Generic[P, R]):
    """A function under its name on its queue. It can still be called like the function itself."""

    name: str
    queue: str
    function: Callable[P, R]
    input: TypeAdapter[Any] | None  # None: it takes no input
    output: TypeAdapter[Any]
    input_name: str
    context_name: str
    threaded: bool

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The function, for tests and other code of yours."""
        return self.function(*args, **kwargs)

    @property
    def input_schema(self) -> dict[str, Any] | None:
        """JSON Schema of what it takes."""
        return None if self.input is None else self.input.json_schema()

    @property
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema of what it gives."""
        return self.output.json_schema(mode="serialization")


def task(name: str, *, queue: str = "default") -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a task.

    `name` is what `task` nodes call it by, `queue` where a worker finds its
    steps. A coroutine function runs on the worker's loop, any other in a thread.
    How often a step is tried is said in the definition; raise `Terminal` where
    no attempt can help and `Retryable(after=…)` where waiting does. ValueError
    for names that no node could use, TypeError for a signature that has no
    place for what a step gives.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"a task's name matches {_NAME.pattern}; {name!r} does not")
    if not _QUEUE.fullmatch(queue):
        raise ValueError(f"a queue's name matches {_QUEUE.pattern}; {queue!r} does not")

    def make(function: Callable[P, R]) -> Task[P, R]:
        hints = get_type_hints(function, include_extras=True)
        parameters = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        ]
        contexts = [p.name for p in parameters if hints.get(p.name) in {TaskContext, ThreadContext}]
        inputs = [p.name for p in parameters if p.name not in contexts]
        if len(contexts) > 1 or len(inputs) > 1:
            raise TypeError(
                f"the task {name!r} takes {', '.join(p.name for p in parameters)}: one parameter "
                "for the input and one annotated TaskContext is all there is; put several values "
                "into one model"
            )
        threaded = not inspect.iscoroutinefunction(function)
        if contexts and hints[contexts[0]] is not (ThreadContext if threaded else TaskContext):
            wanted = "ThreadContext" if threaded else "TaskContext"
            raise TypeError(f"annotate {contexts[0]!r} of the task {name!r} with {wanted}")
        return Task(
            name=name,
            queue=queue,
            function=function,
            input=TypeAdapter(hints.get(inputs[0], Any)) if inputs else None,
            output=TypeAdapter(hints.get("return", Any)),
            input_name=inputs[0] if inputs else "",
            context_name=contexts[0] if contexts else "",
            threaded=threaded,
        )

    return make
