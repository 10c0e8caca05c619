"""JSONPath as a condition, translated into an expression of ours.

What is accepted of RFC 9535: names, indices, `[*]`, filters `[?…]`, existence,
comparison, `&&`, `||`, `!` and length(). So it counts its steps and keeps to
the budget as any other expression does. A query alone asks whether it finds
anything; `$` is the payload. A filter looks at the elements of a list; of an
object it tests the object itself, as most senders' tools do.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple, NoReturn

from weir.core.expressions.errors import SYNTAX, ExpressionError, Flaw

PAYLOAD = "trigger.payload"
DEPTH = 16
LONGEST = 2_000

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<name>[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)"
    r"|(?P<sign>\.\.|==|!=|<=|>=|&&|\|\||[$@.\[\]()?*<>!,:]))"
)
_BEGIN = re.compile(r"[\s(!]*(length\()?\$(?!\{)")
_ADVICE = "Write names, [0], [*], [?…], comparisons, &&, || and !, or write CEL in {{ }}."
_NUMBERS = "['int', 'double']"
_ORDER = frozenset({"<", "<=", ">", ">="})
_LITERALS = {"true": "true", "false": "false", "null": "null"}


def is_jsonpath(text: object) -> bool:
    """Whether a condition is written as JSONPath: it begins with `$`, after signs."""
    return isinstance(text, str) and _BEGIN.match(text) is not None and "{{" not in text


def from_jsonpath(text: str, *, path: str = "") -> str:
    """The condition as a template; ExpressionError where it is no JSONPath we take."""
    return "{{ " + _Reader(text, path).whole() + " }}"


class _Token(NamedTuple):
    kind: str  # text, number, name, sign, end
    text: str
    at: int


class _Many(NamedTuple):
    """A part of a path that stands for several places: with a test, or any."""

    test: str  # over the name it is written for; empty: any
    name: str


class _Path(NamedTuple):
    root: str
    parts: tuple[str | int | _Many, ...]


class _Value(NamedTuple):
    """Something that can be compared. `kind`: path, string, number, other."""

    kind: str
    code: str
    path: _Path | None = None


class _Reader:
    def __init__(self, text: str, path: str) -> None:
        self.field = path
        self.names = 0
        self.depth = 0
        self.around = ""  # what `@` is here
        if len(text) > LONGEST:
            self.wrong(f"this is longer than {LONGEST} characters", 0)
        self.tokens = list(self.split(text))
        self.next = 0

    def split(self, text: str) -> list[_Token]:
        found, at = [], 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                blank = len(text[at:]) - len(text[at:].lstrip())
                self.wrong("this cannot be read as JSONPath", at + blank)
            found.append(
                _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
            )
            at = match.end()
        return [*found, _Token("end", "", len(text))]

    def wrong(self, message: str, at: int | None = None) -> NoReturn:
        place = self.tokens[self.next].at if at is None else at
        raise ExpressionError([Flaw(SYNTAX, message, _ADVICE, self.field, 1, place + 1)])

    # -- tokens --

    def sees(self, *signs: str) -> bool:
        token = self.tokens[self.next]
        return token.kind == "sign" and token.text in signs

    def takes(self, *signs: str) -> str:
        if not self.sees(*signs):
            return ""
        self.next += 1
        return self.tokens[self.next - 1].text

    def needs(self, sign: str) -> None:
        if not self.takes(sign):
            self.wrong(f"{sign} is missing here")

    # -- conditions --

    def whole(self) -> str:
        code = self.either()
        if self.tokens[self.next].kind != "end":
            self.wrong("nothing more is expected here")
        return code

    def either(self) -> str:
        self.depth += 1
        if self.depth > DEPTH:
            self.wrong(f"this is nested more than {DEPTH} deep")
        parts = [self.both()]
        while self.takes("||"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"

    def both(self) -> str:
        parts = [self.basic()]
        while self.takes("&&"):
            parts.append(self.basic())
        return parts[0] if len(parts) == 1 else f"({' && '.join(parts)})"

    def basic(self) -> str:
        if self.takes("!"):
            self.depth += 1
            if self.depth > DEPTH:
                self.wrong(f"this is nested more than {DEPTH} deep")
            code = f"!({self.basic()})"
            self.depth -= 1
            return code
        if self.takes("("):
            code = self.either()
            self.needs(")")
            return code
        left = self.value()
        sign = self.takes("==", "!=", "<", "<=", ">", ">=")
        if sign:
            return _compared(left, sign, self.value())
        if left.path is None:
            self.wrong("this is compared with nothing")
        return _there(left.path.root, left.path.parts)

    def value(self) -> _Value:
        token = self.tokens[self.next]
        if self.sees("$", "@"):
            found = self.path()
            if any(isinstance(part, _Many) for part in found.parts) and self.compares():
                self.wrong("what stands for several values is not compared", token.at)
            return _Value("path", "", found)
        self.next += 1
        if token.kind == "text":
            return _Value("string", json.dumps(_unquoted(token.text), ensure_ascii=False))
        if token.kind == "number":
            return _Value("number", token.text)
        if token.kind == "name" and token.text in _LITERALS:
            return _Value("other", _LITERALS[token.text])
        if token.kind == "name" and token.text == "length" and self.takes("("):
            of = self.path()
            self.needs(")")
            if any(isinstance(part, _Many) for part in of.parts):
                self.wrong("what stands for several values has no length", token.at)
            return _Value("length", "", of)
        self.next -= 1
        return self.wrong("a path, a text or a number is missing here")

    def compares(self) -> bool:
        return self.sees("==", "!=", *_ORDER)

    # -- paths --

    def path(self) -> _Path:
        root = self.takes("$", "@")
        if not root:
            self.wrong("a path begins with $ or @")
        if root == "@" and not self.around:
            self.wrong("@ is read inside of [?…]", self.tokens[self.next - 1].at)
        parts: list[str | int | _Many] = []
        while self.sees(".", "[", ".."):
            if self.takes(".."):
                self.wrong(".. is not taken: write the way down", self.tokens[self.next - 1].at)
            parts.append(self.member() if self.takes(".") else self.bracket())
        return _Path(PAYLOAD if root == "$" else self.around, tuple(parts))

    def member(self) -> str | _Many:
        token = self.tokens[self.next]
        if self.takes("*"):
            return self.many()
        if token.kind != "name":
            self.wrong("a name is missing here")
        self.next += 1
        return token.text

    def bracket(self) -> str | int | _Many:
        self.needs("[")
        token = self.tokens[self.next]
        found: str | int | _Many
        if self.takes("*"):
            found = self.many()
        elif self.takes("?"):
            found = self.many(tested=True)
        elif token.kind == "text":
            self.next += 1
            found = _unquoted(token.text)
        elif token.kind == "number" and token.text.isdigit():
            self.next += 1
            found = int(token.text)
        else:
            self.wrong("a name in quotes, an index, * or ? is missing here")
        if self.sees(",", ":"):
            self.wrong("slices and lists of places are not taken")
        self.needs("]")
        return found

    def many(self, *, tested: bool = False) -> _Many:
        self.names += 1
        name, around = f"at{self.names}", self.around
        if not tested:
            return _Many("", name)
        self.around = name
        test = self.either()
        self.around = around
        return _Many(test, name)


def _unquoted(text: str) -> str:
    inside = text[1:-1]
    if text[0] == "'":
        inside = inside.replace("\\'", "'").replace('"', '\\"')
    try:
        found: str = json.loads(f'"{inside}"', strict=False)
    except ValueError:
        return inside
    return found


def _got(root: str, keys: tuple[str | int | _Many, ...], fallback: str = "null") -> str:
    if not keys:
        return root
    listed = ", ".join(json.dumps(key, ensure_ascii=False) for key in keys)
    return f"get({root}, [{listed}], {fallback})"


def _there(root: str, parts: tuple[str | int | _Many, ...]) -> str:
    """Whether a path leads to anything."""
    for place, part in enumerate(parts):
        if isinstance(part, _Many):
            found, rest = _got(root, parts[:place]), parts[place + 1 :]
            inside = " && ".join(filter(None, (part.test, _there(part.name, rest))))
            listed = f"(type({found}) == 'list' && {found}.exists({part.name}, {inside}))"
            if not part.test:
                return listed
            alone = f"[{found}].exists({part.name}, {inside})"
            return f"({listed} || (type({found}) == 'map' && {alone}))"
    if not parts:
        return "true"
    holder, last = _got(root, parts[:-1]), parts[-1]
    if isinstance(last, int):
        return f"(type({holder}) == 'list' && size({holder}) > {last})"
    return f"(type({holder}) == 'map' && {json.dumps(last, ensure_ascii=False)} in {holder})"


def _compared(left: _Value, sign: str, right: _Value) -> str:
    if sign in _ORDER:
        return _ordered(left, sign, right)
    # What is missing equals nothing: its fallback is something the other side is not.
    first = _code(left, "false" if right.code == "null" else "null")
    second = _code(right, "false" if left.code == "null" else "null")
    return f"({first} == {second})" if sign == "==" else f"!({first} == {second})"


def _ordered(left: _Value, sign: str, right: _Value) -> str:
    first, second = _code(left, "null"), _code(right, "null")
    of = [value for value in (left, right) if value.kind == "path"]
    known = {value.kind for value in (left, right) if value.kind != "path"}
    kinds = [known.pop()] if known else ["number", "string"]
    tests = []
    for kind in kinds:
        if kind == "string":
            guards = [f"type({_code(value, 'null')}) == 'string'" for value in of]
        else:
            guards = [f"type({_code(value, 'null')}) in {_NUMBERS}" for value in of]
        tests.append("(" + " && ".join([*guards, f"{first} {sign} {second}"]) + ")")
    return tests[0] if len(tests) == 1 else f"({' || '.join(tests)})"


def _code(value: _Value, fallback: str) -> str:
    if value.path is None:
        return value.code
    got = _got(value.path.root, value.path.parts, fallback)
    if value.kind == "length":
        return f"(type({got}) in ['string', 'list', 'map'] ? size({got}) : -1)"
    return got
