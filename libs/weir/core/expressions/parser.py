"""Text to tree, by the grammar of cel-python.

Only its grammar file is used: Lark builds our tree directly while it parses,
so an expression costs some 50 microseconds. Length, depth and nesting are
bounded here; everything later may recurse over the tree.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from threading import Lock
from typing import Any, cast

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from weir.core.expressions import grammar
from weir.core.expressions.errors import TOO_LARGE
from weir.core.expressions.source import Source, SourceError
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

MAX_SOURCE = 16_384
MAX_DEPTH = 100
INT_LIMIT = 2**63
_DIGITS = 40  # more than any number of 64 bits is written with
_SHOWN = 30

RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)


def prepare() -> None:
    """Read the grammar now; otherwise the first expression of a process waits for it."""
    _grammar()


def parse(source: Source) -> Expr:
    """The tree; SourceError says what stands where it should not."""
    if len(source.text) > MAX_SOURCE:
        raise SourceError(
            0,
            f"the expression has {len(source.text)} characters, {MAX_SOURCE} are the most",
            "Split it into several nodes.",
            TOO_LARGE,
        )
    if not source.masked.strip():
        raise SourceError(0, "the expression is empty", "Write what it should yield.")
    try:
        with _ONE_AT_A_TIME:
            _BUILDER.source = source
            return cast("Expr", _grammar().parse(source.masked))
    except UnexpectedInput as error:
        raise _syntax_error(source, error) from None


def _syntax_error(source: Source, error: UnexpectedInput) -> SourceError:
    end = len(source.masked.rstrip())
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        at = error.token.start_pos or 0
        word = source.text[at : at + len(error.token)]
    elif isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        word = source.text[at : at + 1]
    else:
        return SourceError(end, "the expression ends too early", "Complete it.")
    return SourceError(at, f"unexpected {_shorten(word)}", _ADVICE.get(word, ""))


_ADVICE = {
    "=": "Compare with ==.",
    "&": "Write &&.",
    "|": "Write ||.",
    "and": "Write &&.",
    "or": "Write ||.",
    "not": "Write !.",
    "True": "Write true.",
    "False": "Write false.",
    "$": "Inside {{ }} write steps.<node>.<field>.",
    "?": "Ask with has(…) or get(value, 'a.b', fallback).",
}


def _shorten(word: str) -> str:
    return repr(word if len(word) <= _SHOWN else word[:_SHOWN] + "…")


class _Builder:
    """What Lark calls as it recognises a rule; the children come with all their tokens."""

    source: Source

    # -- leaves --

    def literal(self, children: list[Token]) -> Expr:
        token = children[0]
        start = token.start_pos or 0
        end = start + len(token)
        text = self.source.text[start:end]
        match token.type:
            case "STRING_LIT" | "MLSTRING_LIT" | "BYTES_LIT":
                return Literal(start, end, 1, self.source.strings[start])
            case "FLOAT_LIT":
                number = float(text)
                if not math.isfinite(number):
                    raise SourceError(start, "this number is too large")
                return Literal(start, end, 1, number)
            case "BOOL_LIT":
                return Literal(start, end, 1, text == "true")
            case "NULL_LIT":
                return Literal(start, end, 1, None)
        return Literal(start, end, 1, _integer(text.rstrip("uU"), start))

    def ident(self, children: list[Token]) -> Expr:
        token = self.word(children[0])
        start = token.start_pos or 0
        if token.value in RESERVED:
            raise SourceError(start, f"{token.value} is a reserved word")
        return Name(start, start + len(token), 1, str(token))

    def word(self, token: Token) -> Token:
        # The grammar reads `x inside` as `x in side`.
        at = token.start_pos or 0
        if self.source.words.get(at) != token:
            raise SourceError(at, f"unexpected {_shorten(str(token))}")
        return token

    # -- members and calls --

    def member_dot(self, children: list[Any]) -> Expr:
        base, _, key = children
        return Member(base.start, _after(self.word(key)), _deeper(base), base, str(key))

    def member_dot_arg(self, children: list[Any]) -> Expr:
        base, _, name, _, *args, close = children
        return _call(base.start, self.word(name), base, args, close)

    def ident_arg(self, children: list[Any]) -> Expr:
        name, _, *args, close = children
        return _call(name.start_pos, self.word(name), None, args, close)

    def member_index(self, children: list[Any]) -> Expr:
        base, _, index, close = children
        if isinstance(index, Literal) and isinstance(index.value, str):
            return Member(base.start, _after(close), _deeper(base), base, index.value)
        return Index(base.start, _after(close), _deeper(base, index), base, index)

    def exprlist(self, children: list[Any]) -> tuple[Expr, ...]:
        return tuple(child for child in children if not isinstance(child, Token))

    def mapinits(self, children: list[Any]) -> tuple[tuple[Expr, Expr], ...]:
        plain = self.exprlist(children)
        return tuple(zip(plain[::2], plain[1::2], strict=True))

    def list_lit(self, children: list[Any]) -> Expr:
        opened, *inner, closed = children
        items = inner[0] if inner else ()
        return ListOf(opened.start_pos, _after(closed), _deeper(*items), items)

    def map_lit(self, children: list[Any]) -> Expr:
        opened, *inner, closed = children
        pairs = inner[0] if inner else ()
        depth = _deeper(*(part for pair in pairs for part in pair))
        return MapOf(opened.start_pos, _after(closed), depth, pairs)

    def member_object(self, children: list[Any]) -> Expr:
        raise SourceError(children[0].start, "there are no message types", "Write {'name': value}.")

    def dot_ident(self, children: list[Any]) -> Expr:
        raise SourceError(children[0].start_pos, "unexpected '.'", "Begin with a name.")

    dot_ident_arg = dot_ident

    # -- operators --

    def paren_expr(self, children: list[Any]) -> Expr:
        opened, inner, closed = children
        widened: Expr = replace(inner, start=opened.start_pos, end=_after(closed))
        return widened

    def unary(self, children: list[Any]) -> Expr:
        if len(children) == 1:
            return _only(children)
        operator, operand = children
        return Unary(operator.start_pos, operand.end, _deeper(operand), str(operator), operand)

    def half(self, children: list[Any]) -> Any:
        """An operator with its left side, if it has one."""
        return children if len(children) > 1 else children[0]

    unary_not = unary_neg = half
    relation_lt = relation_le = relation_gt = relation_ge = half
    relation_eq = relation_ne = relation_in = half
    addition_add = addition_sub = half
    multiplication_mul = multiplication_div = multiplication_mod = half

    def operation(self, children: list[Any]) -> Any:
        if len(children) == 1:
            return _only(children)
        (left, operator), right = children
        return Binary(left.start, right.end, _deeper(left, right), str(operator), left, right)

    relation = addition = multiplication = operation

    def logic(self, children: list[Any]) -> Expr:
        if len(children) == 1:
            return _only(children)
        left, operator, right = children
        items: list[Expr] = []
        for side in (left, right):
            if isinstance(side, Logic) and side.operator == operator:
                items += side.items
            else:
                items.append(side)
        depth = _deeper(*items)
        return Logic(left.start, right.end, depth, str(operator), tuple(items))

    conditionalor = conditionaland = logic

    def expr(self, children: list[Any]) -> Expr:
        if len(children) == 1:
            return _only(children)
        test, _, yes, _, no = children
        return Choice(test.start, no.end, _deeper(test, yes, no), test, yes, no)

    def member(self, children: list[Any]) -> Expr:
        return _only(children)

    primary = member


def _only(children: list[Any]) -> Expr:
    only: Expr = children[0]
    return only


def _after(token: Token) -> int:
    return (token.start_pos or 0) + len(token)


def _deeper(*parts: Expr) -> int:
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > MAX_DEPTH:
        raise SourceError(
            parts[0].start,
            f"the expression is nested or chained more than {MAX_DEPTH} deep",
            "Split it: give parts a name in a set node.",
            TOO_LARGE,
        )
    return depth


def _call(start: int, name: Token, receiver: Expr | None, args: list[Any], close: Token) -> Expr:
    given: tuple[Expr, ...] = args[0] if args else ()
    parts = given if receiver is None else (receiver, *given)
    return Call(
        start, _after(close), _deeper(*parts), str(name), name.start_pos or 0, receiver, given
    )


def _integer(text: str, at: int) -> int:
    digits = text.lstrip("-")
    number = (
        int(digits, 16) if digits[:2] == "0x" else int(digits) if len(digits) <= _DIGITS else 2**64
    )
    number = -number if text[0] == "-" else number
    if not -INT_LIMIT <= number < INT_LIMIT:
        raise SourceError(at, "this whole number does not fit 64 bits", "Write it as 1e19.")
    return number


_BUILDER = _Builder()
_ONE_AT_A_TIME = Lock()  # the builder is bound into the grammar and holds the source


@cache
def _grammar() -> Lark:
    return grammar.parser(transformer=_BUILDER, lexer_callbacks={"IDENT": _boolean})


def _boolean(token: Token) -> Token:
    return Token.new_borrow_pos("BOOL_LIT", token, token) if token in {"true", "false"} else token
