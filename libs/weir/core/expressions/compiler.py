"""Tree to Python.

Looks names and functions up, keeps count of what straight-line code costs, and
knows of each value what is needed to treat its numbers and its way back to
JSON right. All that is wrong is collected; the code is then not run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from weir.core.expressions.budget import SLOT
from weir.core.expressions.emitter import METER, ROOTS, Emitter, Place
from weir.core.expressions.errors import ARGUMENTS, UNKNOWN_FUNCTION, Flaw, suggest
from weir.core.expressions.functions import FUNCTIONS, strings
from weir.core.expressions.tree import (
    Binary,
    Call,
    Choice,
    Expr,
    Index,
    ListOf,
    Literal,
    Logic,
    MapOf,
    Member,
    Name,
    Unary,
)

_BINARY = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "remainder",
    "<": "less",
    "<=": "at_most",
    ">": "greater",
    ">=": "at_least",
    "==": "equal",
    "!=": "differ",
    "in": "within",
}
_TRUE_OR_FALSE = frozenset({"<", "<=", ">", ">=", "==", "!=", "in"})
_LOOPS = {
    "all": "every",
    "exists": "exists",
    "exists_one": "exists_one",
    "filter": "select",
    "map": "collect",
    "sortBy": "sort_by",
}
_NAMESPACES = frozenset(name.partition(".")[0] for name in FUNCTIONS if "." in name)


class Made(NamedTuple):
    """Python for a sub-expression and what is known of its value.

    `raw`: it may be a number as it stands in data. `inner`: it may hold such
    numbers. `boolean`: it is a bool. `built`: it may be something that JSON does
    not know, or whose parts are shared.
    """

    code: ast.expr
    raw: bool = False
    inner: bool = False
    boolean: bool = False
    built: bool = False


class Compiler(Emitter):
    """One pass over a tree. `careful`: && and || absorb errors, which costs a little."""

    def __init__(self, *, careful: bool) -> None:
        super().__init__()
        self.careful = careful
        self.refs: set[tuple[str, ...]] = set()
        self.asked: set[tuple[str, ...]] = set()
        self.names: list[Name] = []
        self.flaws: list[tuple[int, Flaw]] = []
        self.steps = 0
        self.size = 0
        self.logical = False
        self._variables: dict[str, tuple[str, bool, bool]] = {}  # Python's name, inner, built

    def whole(self, tree: Expr) -> ast.Expression:
        """The function of roots and meter that yields the value as JSON."""
        made = self.visit(tree)
        at = self.place(tree)
        code = made.code
        if not (made.boolean or isinstance(tree, Literal)) or made.built:
            code = self.call(at, "export" if made.built else "leave", code)
        return ast.Expression(self.function(at, [ROOTS, METER], code))

    def visit(self, node: Expr) -> Made:
        """Python for a sub-expression; each costs a step."""
        self.steps += 1
        return self._VISITS[type(node)](self, node)

    def _value(self, node: Expr) -> ast.expr:
        """Python for a value whose number matters: integral data is an int."""
        return self._settle(node, self.visit(node))

    def _settle(self, node: Expr, made: Made) -> ast.expr:
        if made.raw and not made.boolean:
            return self.call(self.place(node), "exact", made.code)
        return made.code

    def _condition(self, node: Expr) -> ast.expr:
        """Python for a value that must be a bool."""
        made = self.visit(node)
        return made.code if made.boolean else self.call(self.place(node), "truth", made.code)

    def _later(self, node: Expr, body: ast.expr) -> ast.expr:
        return self.function(self.place(node), [], body)

    def _literal(self, node: Literal) -> Made:
        value = node.value
        code = self.constant(self.place(node), value)
        return Made(code, boolean=isinstance(value, bool), built=isinstance(value, bytes))

    def _name(self, node: Name) -> Made:
        known = self._variables.get(node.name)
        if known:
            variable, inner, built = known
            return Made(self.name(self.place(node), variable), inner, inner, built=built)
        self.names.append(node)
        return self._reach(node, (node.name,))

    def _reach(self, node: Expr, path: tuple[str, ...]) -> Made:
        self.refs.add(path)
        return Made(self.path(self.place(node, path), path), raw=True, inner=True)

    def _member(self, node: Member) -> Made:
        root, path = self._static(node)
        if root is not None:
            self.names.append(root)
            return self._reach(node, path)
        base = self.visit(node.base)
        at = self.place(node)
        code = self.call(at, "member", base.code, self.constant(at, node.key))
        return Made(code, base.inner, base.inner, built=base.built)

    def _static(self, node: Expr) -> tuple[Name | None, tuple[str, ...]]:
        """The root and path of a plain reference, else None."""
        keys: list[str] = []
        while isinstance(node, Member):
            keys.append(node.key)
            node = node.base
        if isinstance(node, Name) and node.name not in self._variables:
            return node, (node.name, *reversed(keys))
        return None, ()

    def _index(self, node: Index) -> Made:
        base = self.visit(node.base)
        code = self.call(self.place(node), "index", base.code, self._value(node.index))
        return Made(code, base.inner, base.inner, built=base.built)

    def _list(self, node: ListOf) -> Made:
        items = [self.visit(item) for item in node.items]
        self.size += SLOT * (len(items) + 1)
        codes = [self._settle(at, made) for at, made in zip(node.items, items, strict=True)]
        at = self.place(node)
        return Made(
            ast.List(codes, ast.Load(), lineno=at, col_offset=0),
            inner=any(made.inner for made in items),
            built=True,
        )

    def _map(self, node: MapOf) -> Made:
        inner = False
        codes: list[ast.expr] = []
        for key, item in node.pairs:
            named = self._value(key)
            made = self.visit(item)
            inner = inner or made.inner
            codes += named, self._settle(item, made)
        code = self.call(self.place(node), "build_map", *codes)
        return Made(code, inner=inner, built=True)

    def _unary(self, node: Unary) -> Made:
        if node.operator == "!":
            inner = self._condition(node.operand)
            at = self.place(node)
            return Made(ast.UnaryOp(ast.Not(), inner, lineno=at, col_offset=0), boolean=True)
        made = self.visit(node.operand)
        code = self._settle(node.operand, made)
        return Made(self.call(self.place(node), "negative", code), built=made.built)

    def _binary(self, node: Binary) -> Made:
        boolean = node.operator in _TRUE_OR_FALSE
        left, right = self.visit(node.left), self.visit(node.right)
        at = self.place(node)
        if node.operator in {"==", "!="} and (code := self._quick(at, node, left, right)):
            return Made(code, boolean=True)
        self._ask_within(node)
        if boolean and node.operator != "in":  # 3 and 3.0 compare the same
            return Made(self.call(at, _BINARY[node.operator], left.code, right.code), boolean=True)
        codes = self._settle(node.left, left), self._settle(node.right, right)
        joined = node.operator == "+"  # may be of lists
        return Made(
            self.call(at, _BINARY[node.operator], *codes),
            inner=joined and (left.inner or right.inner),
            boolean=boolean,
            built=not boolean and (joined or left.built or right.built),
        )

    def _quick(self, at: int, node: Binary, left: Made, right: Made) -> ast.expr | None:
        """Comparison with a literal on which Python and CEL agree."""
        for side, other in ((node.right, left), (node.left, right)):
            if isinstance(other.code, ast.Constant) or not isinstance(side, Literal):
                continue
            if side.value is None or type(side.value) in {str, bool}:
                same = type(side.value) is str
                operator: ast.cmpop = ast.Eq() if same else ast.Is()
                if node.operator == "!=":
                    operator = ast.NotEq() if same else ast.IsNot()
                return self.compare(at, other.code, operator, side.value)
        return None

    def _ask_within(self, node: Binary) -> None:
        """`'parse' in steps` asks for steps.parse, as has(steps.parse) does."""
        if node.operator == "in" and isinstance(node.left, Literal):
            root, path = self._static(node.right)
            if root is not None and isinstance(node.left.value, str):
                self.asked.add((*path, node.left.value))

    def _logic(self, node: Logic) -> Made:
        self.logical = True
        parts = [self._condition(item) for item in node.items]
        if self.careful:
            lazily = [self._later(at, part) for at, part in zip(node.items, parts, strict=True)]
            name = "all_of" if node.operator == "&&" else "any_of"
            return Made(self.call(self.place(node), name, *lazily), boolean=True)
        operator: ast.boolop = ast.And() if node.operator == "&&" else ast.Or()
        at = self.place(node)
        return Made(ast.BoolOp(operator, parts, lineno=at, col_offset=0), boolean=True)

    def _choice(self, node: Choice) -> Made:
        test = self._condition(node.test)
        yes, no = self.visit(node.yes), self.visit(node.no)
        at = self.place(node)
        return Made(
            ast.IfExp(test, yes.code, no.code, lineno=at, col_offset=0),
            yes.raw or no.raw,
            yes.inner or no.inner,
            yes.boolean and no.boolean,
            yes.built or no.built,
        )

    # -- calls --

    def _call(self, node: Call) -> Made:
        args = node.args if node.receiver is None else (node.receiver, *node.args)
        name = node.name
        space = node.receiver.name if isinstance(node.receiver, Name) else ""
        if space in _NAMESPACES and space not in self._variables:
            name, args = f"{space}.{node.name}", node.args
        entry = FUNCTIONS.get(name)
        if entry is None or entry.form == "operator":
            flaw = Flaw(
                UNKNOWN_FUNCTION, f"there is no function {name}", self._close(name), name=name
            )
            self.flaws.append((node.name_at, flaw))
            return self._broken(node, args)
        if entry.form == "macro":
            return self._macro(node, args)
        if len(args) < entry.least or (entry.most is not None and len(args) > entry.most):
            self._flaw(
                node,
                ARGUMENTS,
                f"{name}() cannot be called with {len(args)} arguments",
                f"It is written {entry.signature}.",
            )
            return self._broken(node, args)
        if name in {"matches", "find"}:
            self._check_pattern(args[1])
        made = [self.visit(arg) for arg in args]
        inner = any(part.inner for part in made)
        codes = [self._settle(arg, part) for arg, part in zip(args, made, strict=True)]
        at = self.place(node)
        if entry.numbers and made[0].inner:
            codes[0] = self.call(at, "numbers", codes[0])
        code = self.call(at, f"call_{name.replace('.', '_')}", *codes)
        return Made(
            code,
            raw=entry.result == "data" or (inner and entry.result == "part"),
            inner=entry.result == "data" or (inner and entry.result in {"part", "made"}),
            boolean=entry.result == "bool",
            built=entry.result == "made"
            or (entry.result == "part" and any(part.built for part in made)),
        )

    def _check_pattern(self, arg: Expr) -> None:
        if isinstance(arg, Literal) and isinstance(arg.value, str):
            try:
                strings.pattern(arg.value)
            except ValueError as error:
                self._flaw(
                    arg,
                    ARGUMENTS,
                    f"this is no regular expression: {error}",
                    "Patterns are those of RE2: no look-around, no back-references.",
                )

    def _close(self, name: str) -> str:
        callable_names = [n for n, f in FUNCTIONS.items() if f.form != "operator"]
        advice = suggest(name, callable_names)
        return advice if advice.startswith("Did") else "The reference lists all functions."

    def _flaw(self, node: Expr, code: str, message: str, advice: str) -> None:
        at = node.name_at if isinstance(node, Call) else node.start
        self.flaws.append((at, Flaw(code, message, advice)))

    def _broken(self, node: Expr, args: tuple[Expr, ...]) -> Made:
        """Go on behind an error, to find the next one."""
        for arg in args:
            self.visit(arg)
        return Made(self.constant(self.place(node), None))

    # -- macros --

    def _macro(self, node: Call, args: tuple[Expr, ...]) -> Made:
        match node.name, args:
            case "has", (Member() | Index() as asked,):
                return self._has(node, asked)
            case "get", (value, path, fallback):
                return self._get(node, value, path, fallback)
            case "map", (over, Name() as variable, test, body):
                return self._loop(node, "collect_if", over, variable, (test, body))
            case name, (over, Name() as variable, body) if name in _LOOPS:
                return self._loop(node, _LOOPS[name], over, variable, (body,))
        self._flaw(
            node,
            ARGUMENTS,
            f"{node.name}() cannot be called like this",
            f"It is written {FUNCTIONS[node.name].signature}.",
        )
        return Made(self.constant(self.place(node), None))

    def _has(self, node: Call, asked: Member | Index) -> Made:
        root, path = self._static(asked)
        if root is not None:
            self.names.append(root)
            self.refs.add(path)
            self.asked.add(path)
            at = self.place(node, path)
            code = self.call(at, "has_path", self.name(at, ROOTS), self.constant(at, path))
            return Made(code, boolean=True)
        base = self._later(asked.base, self._asking(asked.base).code)
        key = (
            self.constant(self.place(asked), asked.key)
            if isinstance(asked, Member)
            else self._value(asked.index)
        )
        return Made(self.call(self.place(node), "has_member", base, key), boolean=True)

    def _get(self, node: Call, value: Expr, path: Expr, fallback: Expr) -> Made:
        found = self._asking(value)
        steps = self._value(path)
        other = self.visit(fallback)
        code = self.call(
            self.place(node),
            "get",
            self._later(value, found.code),
            steps,
            self._later(fallback, other.code),
        )
        inner = found.inner or other.inner
        return Made(code, inner or other.raw, inner, built=found.built or other.built)

    def _asking(self, node: Expr) -> Made:
        """A part whose references may lead to nothing."""
        outer, self.refs = self.refs, set()
        made = self.visit(node)
        self.asked |= self.refs
        self.refs |= outer
        return made

    def _loop(
        self, node: Call, name: str, over: Expr, variable: Name, bodies: tuple[Expr, ...]
    ) -> Made:
        source = self.visit(over)
        outer = self._variables
        steps, size = self.steps, self.size
        own = f"v{len(outer)}_{variable.name}"
        self._variables = {**outer, variable.name: (own, source.inner, source.built)}
        made = [self.visit(body) for body in bodies]
        codes = [
            self.function(self.place(body), [own], self._settle(body, part))
            for body, part in zip(bodies, made, strict=True)
        ]
        self._variables = outer
        cost, weight = self.steps - steps + 1, self.size - size
        self.steps, self.size = steps, size
        at = self.place(node)
        code = self.call(
            at, name, source.code, self.constant(at, cost), self.constant(at, weight), *codes
        )
        if name in {"every", "exists", "exists_one"}:
            return Made(code, boolean=True)
        kept = source if name in {"select", "sort_by"} else made[-1]
        return Made(code, inner=kept.inner, built=True)

    _VISITS: ClassVar[dict[type, Callable[[Compiler, Any], Made]]] = {
        Literal: _literal,
        Name: _name,
        Member: _member,
        Index: _index,
        Call: _call,
        ListOf: _list,
        MapOf: _map,
        Unary: _unary,
        Binary: _binary,
        Logic: _logic,
        Choice: _choice,
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an expression without running it."""

    places: tuple[Place, ...]
    refs: frozenset[tuple[str, ...]]
    asked: frozenset[tuple[str, ...]]
    names: tuple[Name, ...]
    flaws: tuple[tuple[int, Flaw], ...]
    steps: int
    size: int
    logical: bool


class Compiled(NamedTuple):
    """Python code for a tree, and what is known of it."""

    code: ast.Expression
    known: Known


def compile_tree(tree: Expr, *, careful: bool = False) -> Compiled:
    """Translate; the flaws say what cannot be run."""
    compiler = Compiler(careful=careful)
    code = compiler.whole(tree)
    known = Known(
        tuple(compiler.places),
        frozenset(compiler.refs),
        frozenset(compiler.asked),
        tuple(compiler.names),
        tuple(compiler.flaws),
        compiler.steps,
        compiler.size,
        compiler.logical,
    )
    return Compiled(code, known)
