"""Well-typed expressions at random, in the part of CEL that all evaluators share.

What is left out, because evaluators differ on purpose, is the list in
`test_against_oracles.py`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SCOPE: dict[str, Any] = {
    "i": 7,
    "j": -3,
    "zero": 0,
    "big": 2**62,
    "d": 2.5,
    "e": -0.75,
    "s": "weir",
    "t": "",
    "b": True,
    "n": None,
    "xs": [3, 1, 2],
    "ss": ["a", "bc", ""],
    "m": {"a": 1, "b": "two", "c": {"d": [4, 5]}},
}

Draw = Any


@st.composite
def expressions(draw: Draw) -> tuple[str, str]:
    """The kind of an expression and its text."""
    kind = draw(st.sampled_from(["int", "double", "bool", "string", "ints", "strings"]))
    return kind, _make(draw, kind, draw(st.integers(1, 4)), ())


def _make(draw: Draw, kind: str, depth: int, variables: tuple[str, ...]) -> str:
    makers = _LEAVES[kind] if depth <= 0 else (*_LEAVES[kind], *_INNER[kind] * 3)
    return str(draw(st.sampled_from(makers))(draw, depth - 1, variables))


def _sub(kind: str, pattern: str, *more: str) -> Any:
    """A maker that fills the places of a pattern with expressions of these kinds."""
    kinds = (kind, *more)

    def make(draw: Draw, depth: int, variables: tuple[str, ...]) -> str:
        return pattern.format(*(_make(draw, each, depth, variables) for each in kinds))

    return make


def _leaf(strategy: st.SearchStrategy[str]) -> Any:
    return lambda draw, _depth, _variables: draw(strategy)


def _variable(draw: Draw, depth: int, variables: tuple[str, ...]) -> str:
    return draw(st.sampled_from(variables)) if variables else draw(_INTS)


def _macro(pattern: str, over: str, body: str) -> Any:
    """A macro over a list of ints; its variable is an int."""

    def make(draw: Draw, depth: int, variables: tuple[str, ...]) -> str:
        name = f"v{len(variables)}"
        listed = _make(draw, over, depth, variables)
        inner = _make(draw, body, depth, (*variables, name))
        return pattern.format(listed, name, inner)

    return make


_INTS = st.integers(-(2**63), 2**63 - 1).map(lambda n: str(n) if n >= 0 else f"({n})")
_SMALL = st.integers(-5, 12).map(lambda n: str(n) if n >= 0 else f"({n})")
_REALS = st.floats(-1e6, 1e6).map(lambda x: f"({x!r})" if "e" in repr(x) else f"({x:.4f})")
_TEXTS = st.text("ab'\\ \n{}", max_size=5).map(
    lambda t: "'" + t.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
)

_INDEXES = ("0", "1", "5", "size(ss) - 1", "m.a")

_CHOICE = {
    kind: _sub("bool", "({} ? {} : {})", kind, kind)
    for kind in ("int", "double", "bool", "string", "ints", "strings")
}
_LEAVES: dict[str, tuple[Any, ...]] = {
    "int": (
        _leaf(_SMALL),
        _leaf(_INTS),
        _leaf(st.sampled_from(["i", "j", "zero", "big", "m.a", "xs[0]", "m.c.d[1]", "m['a']"])),
        _variable,
    ),
    "double": (_leaf(_REALS), _leaf(st.sampled_from(["d", "e"]))),
    "bool": (_leaf(st.sampled_from(["true", "false", "b", "n == null", "has(m.a)", "has(m.z)"])),),
    "string": (_leaf(_TEXTS), _leaf(st.sampled_from(["s", "t", "ss[1]", "m.b"]))),
    "ints": (_leaf(st.sampled_from(["xs", "[]", "[1, 2]", "m.c.d"])),),
    "strings": (_leaf(st.sampled_from(["ss", "['a', 'b']"])),),
}
_INNER: dict[str, tuple[Any, ...]] = {
    "int": (
        *(_sub("int", f"({{}} {op} {{}})", "int") for op in "+-*/%"),
        _leaf(st.sampled_from(["-i", "-(j)", "-m.a", "--i", "int(d)", "int(e)", "int(-7.9)"])),
        _sub("string", "size({})"),
        _sub("ints", "size({})"),
        *(_sub("ints", f"{{}}[{at}]") for at in _INDEXES),
        _CHOICE["int"],
    ),
    "double": (
        *(_sub("double", f"({{}} {op} {{}})", "double") for op in "+-*"),
        _sub("double", "({} / 2.5)"),
        _sub("double", "(1.5 / d - {})"),
        _sub("int", "double({})"),
        _CHOICE["double"],
    ),
    "bool": (
        *(
            _sub(kind, f"({{}} {op} {{}})", kind)
            for kind in ("int", "double", "string")
            for op in ("<", "<=", ">", ">=", "==", "!=")
        ),
        _sub("bool", "({} && {})", "bool"),
        _sub("bool", "({} || {})", "bool"),
        _sub("bool", "!{}"),
        _sub("ints", "({} == {})", "ints"),
        _sub("int", "({} in {})", "ints"),
        _sub("string", "({} in {})", "strings"),
        _sub("string", "({} in m)"),
        _sub("string", "{}.contains({})", "string"),
        _sub("string", "{}.startsWith({})", "string"),
        _sub("string", "{}.endsWith({})", "string"),
        _macro("{}.all({}, {})", "ints", "bool"),
        _macro("{}.exists({}, {})", "ints", "bool"),
        _macro("{}.exists_one({}, {})", "ints", "bool"),
        _CHOICE["bool"],
    ),
    "string": (
        _sub("string", "({} + {})", "string"),
        _sub("int", "string({})"),
        *(_sub("strings", f"{{}}[{at}]") for at in _INDEXES),
        _CHOICE["string"],
    ),
    "ints": (
        _sub("int", "[{}, {}]", "int"),
        _sub("ints", "({} + {})", "ints"),
        _macro("{}.map({}, {})", "ints", "int"),
        _macro("{}.filter({}, {})", "ints", "bool"),
        _CHOICE["ints"],
    ),
    "strings": (
        _sub("string", "[{}, {}]", "string"),
        _macro("{}.map({}, {})", "ints", "string"),
        _CHOICE["strings"],
    ),
}
