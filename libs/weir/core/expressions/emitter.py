"""The Python that expressions become, and nothing else.

The code reaches into the roots in place, by subscripts alone, and calls the
helpers listed here; it has no attributes, no imports, no builtins and no names
but these, its two parameters and the variables of macros. `load` makes sure of
that for every expression. The line number of each Python node is the number of
the sub-expression it came from: so an error finds its place, and it costs
nothing while all goes well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from weir.core.expressions import macros, operators
from weir.core.expressions.functions import FUNCTIONS
from weir.core.expressions.tree import Expr
from weir.core.expressions.values import equal, exact, export, leave, numbers, truth

FILENAME = "<expression>"
ROOTS, METER = "roots", "meter"

_METERED: dict[str, Callable[..., Any]] = {
    "add": operators.add,
    "equal": equal,
    "differ": operators.differ,
    "within": operators.within,
    "build_map": macros.build_map,
    "get": macros.get,
    "numbers": numbers,
    "leave": leave,
    "export": export,
    "exists": macros.exists,
    "every": macros.every,
    "exists_one": macros.exists_one,
    "collect": macros.collect,
    "collect_if": macros.collect_if,
    "select": macros.select,
    "sort_by": macros.sort_by,
}
_PLAIN: dict[str, Callable[..., Any]] = {
    "subtract": operators.subtract,
    "multiply": operators.multiply,
    "divide": operators.divide,
    "remainder": operators.remainder,
    "negative": operators.negative,
    "less": operators.less,
    "at_most": operators.at_most,
    "greater": operators.greater,
    "at_least": operators.at_least,
    "member": operators.member,
    "index": operators.index,
    "any_of": macros.any_of,
    "all_of": macros.all_of,
    "has_path": macros.has_path,
    "has_member": macros.has_member,
    "exact": exact,
    "truth": truth,
}
_CALLED = {f"call_{name.replace('.', '_')}": f.impl for name, f in FUNCTIONS.items() if f.impl}
HELPERS: dict[str, Any] = {**_METERED, **_PLAIN, **_CALLED}
_WORLD: dict[str, Any] = {"__builtins__": {}, **HELPERS}

_VARIABLE = re.compile(r"v\d+_[A-Za-z0-9_]+")
_ALLOWED = (
    ast.Expression,
    ast.Lambda,
    ast.arguments,
    ast.arg,
    ast.Call,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.Subscript,
    ast.List,
    ast.IfExp,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Is,
    ast.IsNot,
)


class Place(NamedTuple):
    """Where a sub-expression stands, and the plain path of a root that it is, if it is one."""

    start: int
    end: int
    path: tuple[str, ...] = ()


class Emitter:
    """Makes Python nodes, each with the number of the place it belongs to."""

    def __init__(self) -> None:
        self.places: list[Place] = []

    def place(self, node: Expr, path: tuple[str, ...] = ()) -> int:
        """The number of a sub-expression's place."""
        self.places.append(Place(node.start, node.end, path))
        return len(self.places)

    def name(self, at: int, name: str) -> ast.expr:
        """A helper, a parameter or a variable."""
        return ast.Name(name, ast.Load(), lineno=at, col_offset=0)

    def constant(self, at: int, value: Any) -> ast.expr:
        """A value."""
        return ast.Constant(value, lineno=at, col_offset=0)

    def call(self, at: int, name: str, *args: ast.expr) -> ast.expr:
        """A call of a helper, with the meter in front if it takes it."""
        given = list(args)
        if name in _METERED or name in _CALLED:
            given.insert(0, self.name(at, METER))
        return ast.Call(self.name(at, name), given, [], lineno=at, col_offset=0)

    def function(self, at: int, parameters: list[str], body: ast.expr) -> ast.expr:
        """A part to be evaluated by a helper."""
        args = [ast.arg(name, lineno=at, col_offset=0) for name in parameters]
        signature = ast.arguments([], args, None, [], [], None, [])
        return ast.Lambda(signature, body, lineno=at, col_offset=0)

    def path(self, at: int, path: tuple[str, ...]) -> ast.expr:
        """What lies at a plain path of the roots."""
        code = self.name(at, ROOTS)
        for key in path:
            code = ast.Subscript(code, self.constant(at, key), ast.Load(), lineno=at, col_offset=0)
        return code

    def compare(self, at: int, left: ast.expr, operator: ast.cmpop, value: Any) -> ast.expr:
        """A comparison by Python itself."""
        right = self.constant(at, value)
        return ast.Compare(left, [operator], [right], lineno=at, col_offset=0)


def _is_variable(name: str) -> bool:
    return _VARIABLE.fullmatch(name) is not None


def check(code: ast.Expression) -> None:
    """Refuse Python that the compiler has no reason to make: the second lock on the door."""
    for node in ast.walk(code):
        match node:
            case ast.Name(name) | ast.arg(name):
                ours = name in HELPERS or name in {ROOTS, METER} or _is_variable(name)
            case ast.Call(ast.Name(name), _, []):
                ours = name in HELPERS
            case ast.Call():
                ours = False
            case _:
                ours = isinstance(node, _ALLOWED)
        if not ours:
            raise RuntimeError(f"an expression became Python it must not be: {ast.dump(node)}")


def load(code: ast.Expression) -> Callable[[Any, Any], Any]:
    """The function of roots and meter."""
    check(code)
    made: Callable[[Any, Any], Any] = eval(  # noqa: S307 - checked just above
        compile(code, FILENAME, "eval"), _WORLD
    )
    return made
