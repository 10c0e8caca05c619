"""The expression as a tree: what the grammar's many levels come down to.

`start` and `end` are offsets into the source; `depth` is the height of the
tree below a node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True)
class Literal(_Place):
    """A value written down."""

    value: str | bytes | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name(_Place):
    """A root or a variable of a macro."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(_Place):
    """`base.key`, or `base["key"]` with the key written down."""

    base: Expr
    key: str


@dataclass(frozen=True, slots=True)
class Index(_Place):
    """`base[index]`."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Call(_Place):
    """`name(args)` or `receiver.name(args)`."""

    name: str
    name_at: int
    receiver: Expr | None
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ListOf(_Place):
    """`[a, b]`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class MapOf(_Place):
    """`{a: b}`."""

    pairs: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True, slots=True)
class Unary(_Place):
    """`!a` or `-a`."""

    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(_Place):
    """`a + b` and all that take both sides."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logic(_Place):
    """`a && b && c` or `a || b || c`."""

    operator: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Choice(_Place):
    """`test ? yes : no`."""

    test: Expr
    yes: Expr
    no: Expr


Expr: TypeAlias = (
    Literal | Name | Member | Index | Call | ListOf | MapOf | Unary | Binary | Logic | Choice
)
