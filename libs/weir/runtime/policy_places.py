"""Where in a text of policies something stands: Cedar names problems without their places.

Pure. A text falls into policies at each `;` outside strings and comments. The
token that cannot be read is the first with which a beginning of a policy fails
otherwise than for its end: parsers that read from left to right see no further.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r'(?P<gap>\s+|//[^\n]*)|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*'
    r"|[0-9]+|::|==|!=|<=|>=|&&|\|\||.",
    re.DOTALL,
)
_NAMED = re.compile(r"`([^`]+)`|: (\S+)$")

Reads = Callable[[str], str | None]
"""Why a text is no policy, None if it is one."""


class Place(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int


class Part(NamedTuple):
    """One policy: its text with the offset at which it begins, and its tokens."""

    text: str
    start: int
    tokens: tuple[tuple[int, int], ...]  # beginning and end of each in `text`


def parts(text: str) -> list[Part]:
    """The policies of a text, in order; the last may lack its `;`."""
    found: list[Part] = []
    start = -1
    tokens: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        if match["gap"]:
            continue
        if start < 0:
            start = match.start()
        tokens.append((match.start() - start, match.end() - start))
        if match[0] == ";":
            found.append(Part(text[start : match.end()], start, tuple(tokens)))
            start, tokens = -1, []
    if tokens:
        found.append(Part(text[start : start + tokens[-1][1]], start, tuple(tokens)))
    return found


def depth(part: Part) -> int:
    """How many brackets stand in each other."""
    deepest = now = 0
    for begin, _ in part.tokens:
        if part.text[begin] in "([{":
            now += 1
            deepest = max(deepest, now)
        elif part.text[begin] in ")]}":
            now -= 1
    return deepest


def place(text: str, offset: int) -> Place:
    """The place of an offset."""
    before = text.rfind("\n", 0, offset)
    return Place(text.count("\n", 0, offset) + 1, offset - before)


def culprit(part: Part, reads: Reads, ended: str) -> int:
    """The offset in the part of the first token that cannot stand where it stands.

    `ended` is what the reader says of a text that only lacks its end. A policy that lacks its end
    itself is told at its last token; one that is found wrong only as a whole, at what is named.
    """

    def fails(count: int) -> bool:
        why = reads(part.text[: part.tokens[count - 1][1]])
        return why is not None and ended not in why

    counts: Sequence[int] = range(1, len(part.tokens) + 1)
    last = len(part.tokens) - 1
    first = bisect_left(counts, True, key=fails)
    if first < last:
        return part.tokens[first][0]
    return named_in(part, reads(part.text) or "") or part.tokens[last][0]


def named_in(part: Part, problem: str) -> int:
    """The offset in the part of what a problem names; 0 if it stands nowhere."""
    for quoted, ending in _NAMED.findall(problem):
        name = quoted or ending
        written = re.sub(r"\s", "", name)
        for begin, _ in part.tokens:
            if re.sub(r"\s", "", part.text[begin : begin + 2 * len(name)]).startswith(written):
                return begin
    return 0
