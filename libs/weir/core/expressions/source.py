"""The surface of expressions: where they begin and end in a text, and their literals.

Strings and comments are taken out before the grammar sees the text, because
the grammar's own string patterns backtrack without bound on unclosed quotes
and misread raw strings. Each becomes a harmless literal of the same length,
so that positions stay true.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from weir.core.expressions.errors import SYNTAX, TOO_LARGE

MAX_TEXT = 256 * 1024
MAX_PARTS = 2_000
MAX_SCAN = 64 * 1024  # how far a }} may be from its {{

_OPENING = re.compile(
    r"\{\{|\$\{(?P<node>[a-z][a-z0-9_]*)\.output(?P<path>(?:\.[A-Za-z_]\w*|\[\d+\])*)\}", re.ASCII
)
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TOKEN = re.compile(
    r"(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<quote>'''|\"\"\"|'|\")|(?P<comment>//[^\n]*)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
)
_PREFIXES = frozenset({"r", "b", "rb", "br"})
_BODY = {  # (quote, raw) -> up to and with the closing quote
    ("'", False): re.compile(r"(?:[^\\'\r\n]|\\[^\r\n])*'"),
    ('"', False): re.compile(r"(?:[^\\\"\r\n]|\\[^\r\n])*\""),
    ("'", True): re.compile(r"[^'\r\n]*'"),
    ('"', True): re.compile(r"[^\"\r\n]*\""),
    ("'''", False): re.compile(r"(?:[^\\']|\\[\s\S]|'(?!''))*'''"),
    ('"""', False): re.compile(r"(?:[^\\\"]|\\[\s\S]|\"(?!\"\"))*\"\"\""),
    ("'''", True): re.compile(r"(?:[^']|'(?!''))*'''"),
    ('"""', True): re.compile(r"(?:[^\"]|\"(?!\"\"))*\"\"\""),
}
_ESCAPE = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\?\"'`])|[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-3][0-7]{2})|(?P<bad>[\s\S]?))"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SURROGATES = "".join(map(chr, range(0xD800, 0xE000)))
_CLOSES = {"(": ")", "[": "]", "{": "}"}


class SourceError(Exception):
    """Something is wrong at an offset of the text."""

    def __init__(self, at: int, message: str, advice: str = "", code: str = SYNTAX) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.advice = advice
        self.code = code


@dataclass(frozen=True, slots=True)
class Source:
    """An expression without its strings. `strings` and `words` are keyed by offset in `text`."""

    text: str
    masked: str
    strings: dict[int, str | bytes]
    words: dict[int, str]


@dataclass(frozen=True, slots=True)
class Segment:
    """An expression in a text, beginning at that offset of it."""

    source: Source
    at: int


def split(text: str) -> list[str | Segment]:
    """The text and the expressions in it, in order; SourceError if one does not end."""
    if len(text) > MAX_TEXT:
        message = f"a text with expressions has at most {MAX_TEXT} characters"
        raise SourceError(0, message, "Keep the long part in a value of its own.", TOO_LARGE)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "the text holds half a surrogate pair, which is no character"
        raise SourceError(error.start, message, "Write the whole character.") from None
    parts: list[str | Segment] = []
    done = 0
    while opening := _OPENING.search(text, done):
        if len(parts) > MAX_PARTS:
            message = f"a text holds at most {MAX_PARTS // 2} expressions"
            raise SourceError(opening.start(), message, "Split it.", TOO_LARGE)
        if opening.start() > done:
            parts.append(text[done : opening.start()])
        if opening["node"]:
            parts.append(_spelled(opening))
            done = opening.end()
            continue
        begin = opening.end()
        try:
            source, length = _scan(text[begin : begin + MAX_SCAN])
        except SourceError as error:
            error.at += begin
            raise
        parts.append(Segment(source, begin))
        done = begin + length + len("}}")
    if done < len(text):
        parts.append(text[done:])
    return parts


def _spelled(opening: re.Match[str]) -> Segment:
    """`${node.output.path}`."""
    text = f"steps.{opening['node']}{opening['path']}"
    words = {found.start(): found[0] for found in _WORD.finditer(text)}
    return Segment(Source(text, text, {}, words), opening.start())


def _scan(text: str) -> tuple[Source, int]:
    """The expression up to its `}}`, which is neither in a string nor closes two maps."""
    masked: list[str] = []
    strings: dict[int, str | bytes] = {}
    words: dict[int, str] = {}
    brackets: list[tuple[str, int]] = []
    done = at = 0
    end = -1
    while found := _TOKEN.search(text, at):
        at = found.end()
        prefix = ""
        begin = found.start()
        if found["word"]:
            if found["word"].lower() in _PREFIXES and text[at : at + 1] in {"'", '"'}:
                prefix = found["word"].lower()
                quote = _TOKEN.match(text, at)
                assert quote is not None  # noqa: S101 - a quote stands there
                found, at = quote, quote.end()
            else:
                words[begin] = found["word"]
                continue
        if found["quote"]:
            at, strings[begin] = _string(text, begin, found, prefix)
            masked += text[done:begin], '"', "x" * (at - begin - 2), '"'
            done = at
        elif found["comment"]:
            stop = text.find("}}", begin, at)
            at = at if stop < 0 else stop  # a comment cannot hide the end
            masked += text[done:begin], " " * (at - begin)
            done = at
        elif found["open"]:
            brackets.append((found["open"], begin))
        elif not brackets and text.startswith("}}", begin):
            end = begin
            break
        else:
            _close(brackets, found["close"], begin)
    if end < 0:
        if brackets:
            bracket, opened = brackets[-1]
            raise SourceError(opened, f"this {bracket} is never closed", "Close it.")
        raise SourceError(
            0, "this {{ is never closed", "Close it with }}; write a literal {{ as {{ '{{' }}."
        )
    masked.append(text[done:end])
    return Source(text[:end], "".join(masked), strings, words), end


def _close(brackets: list[tuple[str, int]], bracket: str, at: int) -> None:
    if not brackets:
        raise SourceError(at, f"this {bracket} closes nothing", "Remove it or open it before.")
    opened, place = brackets.pop()
    if _CLOSES[opened] != bracket:
        raise SourceError(
            place,
            f"this {opened} is not closed before {bracket}",
            f"Close it with {_CLOSES[opened]}.",
        )


def _string(text: str, begin: int, quote: re.Match[str], prefix: str) -> tuple[int, str | bytes]:
    raw = "r" in prefix
    mark = quote["quote"]
    body = _BODY[mark, raw].match(text, quote.end())
    if body is None:
        raise SourceError(begin, "this text is never closed", f"Close it with {mark}.")
    content = body[0][: -len(mark)]
    if "b" in prefix:
        return body.end(), _bytes(content, raw=raw, at=quote.end())
    if raw or "\\" not in content:
        return body.end(), content
    return body.end(), _ESCAPE.sub(lambda found: _character(found, quote.end()), content)


def _character(found: re.Match[str], base: int) -> str:
    if found["simple"]:
        return _SIMPLE.get(found["simple"], found["simple"])
    digits = found["x"] or found["u"] or found["U"]
    code = int(digits, 16) if digits else int(found["o"], 8) if found["o"] else -1
    if code < 0 or code > sys.maxunicode or chr(code) in _SURROGATES:
        raise SourceError(
            base + found.start(),
            f"{found[0]} is no escape",
            r"There is \n \r \t \\ \" \' \xHH \uHHHH \UHHHHHHHH; a raw text r'…' takes \ as it is.",
        )
    return chr(code)


def _bytes(content: str, *, raw: bool, at: int) -> bytes:
    if raw:
        return content.encode()
    parts: list[bytes] = []
    done = 0
    for found in _ESCAPE.finditer(content):
        parts.append(content[done : found.start()].encode())
        if found["u"] or found["U"]:
            raise SourceError(at + found.start(), f"{found[0]} is no escape in bytes", r"Use \xHH.")
        number = found["x"] or found["o"]
        if number:
            parts.append(bytes([int(number, 16 if found["x"] else 8)]))
        else:
            parts.append(_character(found, at).encode())
        done = found.end()
    parts.append(content[done:].encode())
    return b"".join(parts)


def position(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
