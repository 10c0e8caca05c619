"""The one list of what expressions can call.

The compiler looks functions up here, the reference page is printed from here,
every example here is evaluated by a test, and the editor's completion will
read it. `text.lower()` and `lower(text)` are the same call: a function takes
its receiver as its first argument.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Result = Literal["plain", "bool", "part", "data", "made"]
"""What comes out, for the compiler: plain JSON of its own; a bool; a part of the
arguments as it is; data read from elsewhere, whose integral numbers are ints;
or something made, which JSON may not know (a timestamp) or which may share
parts many times over."""

Example = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A name expressions can call. `most` is None where any number of arguments is taken.

    `numbers` says that the first argument is a list whose numbers are read.
    A macro or an operator has no `impl`: the compiler knows it.
    """

    name: str
    signature: str
    group: str
    doc: str
    examples: tuple[Example, ...]
    form: Literal["function", "macro", "operator"] = "function"
    impl: Callable[..., Any] | None = None
    least: int = 0
    most: int | None = 0
    result: Result = "plain"
    numbers: bool = False


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str,
    signature: str,
    group: str,
    *examples: Example,
    result: Result = "plain",
    numbers: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function: its docstring is the help, its parameters but the meter are the call's."""

    def enter(impl: Callable[..., Any]) -> Callable[..., Any]:
        _, *parameters = inspect.signature(impl).parameters.values()
        single = [p for p in parameters if p.kind is not p.VAR_POSITIONAL]
        _put(
            Function(
                name,
                signature,
                group,
                inspect.getdoc(impl) or "",
                examples,
                impl=impl,
                least=sum(1 for p in single if p.default is p.empty),
                most=len(single) if len(single) == len(parameters) else None,
                result=result,
                numbers=numbers,
            )
        )
        return impl

    return enter


def known(
    form: Literal["macro", "operator"],
    name: str,
    signature: str,
    group: str,
    doc: str,
    *examples: Example,
) -> None:
    """Enter what the compiler itself knows."""
    _put(Function(name, signature, group, doc, examples, form=form))


def _put(entry: Function) -> None:
    if entry.name in FUNCTIONS:
        raise ValueError(f"the function {entry.name} is entered twice")
    FUNCTIONS[entry.name] = entry
