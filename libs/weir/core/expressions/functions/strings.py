"""Functions on strings. Positions count characters (code points) from 0."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from weir.core.expressions.budget import SLOT, Meter
from weir.core.expressions.errors import DomainError, Fault, OperandError
from weir.core.expressions.functions.table import function
from weir.core.expressions.values import kind, sequence, utf8, want

GROUP = "Strings"
MAX_PATTERN = 1_000

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


@lru_cache(maxsize=256)
def pattern(text: str) -> Any:
    """A regular expression of RE2, which takes linear time; ValueError says what is wrong."""
    if len(text) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
    try:
        return re2.compile(text, _OPTIONS)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0] if error.args else "it cannot be read"
        raise ValueError(said.decode() if isinstance(said, bytes) else str(said)) from None


def _search(meter: Meter, own: str, text: Any, who: str) -> Any:
    """The first match or None. Linear in the text, but for each character as long as the pattern.

    What counts is the size of the compiled pattern: `(a?b?){900}` is short to write.
    """
    meter.work(len(want(text, str, who)))
    utf8(own)
    try:
        compiled = pattern(text)
    except ValueError as error:
        raise Fault(
            DomainError,
            f"this is no regular expression: {error}",
            "Patterns are those of RE2: no look-around, no back-references.",
        ) from None
    size = compiled.programsize
    meter.work((size >> 4) + (len(own) * size >> 8))
    return compiled.search(own)


def _read(meter: Meter, text: Any, who: str) -> str:
    own: str = want(text, str, who)
    meter.work(1 + (len(own) >> 6))
    return own


@function("contains", "text.contains(part)", GROUP, ("'weir'.contains('ei')", True), result="bool")
def contains(meter: Meter, text: Any, part: Any) -> bool:
    """Whether the part occurs in the text."""
    return want(part, str, "contains()") in _read(meter, text, "contains()")


@function(
    "startsWith", "text.startsWith(part)", GROUP, ("'weir'.startsWith('we')", True), result="bool"
)
def starts_with(meter: Meter, text: Any, part: Any) -> bool:
    """Whether the text begins with the part."""
    return _read(meter, text, "startsWith()").startswith(want(part, str, "startsWith()"))


@function("endsWith", "text.endsWith(part)", GROUP, ("'weir'.endsWith('ir')", True), result="bool")
def ends_with(meter: Meter, text: Any, part: Any) -> bool:
    """Whether the text ends with the part."""
    return _read(meter, text, "endsWith()").endswith(want(part, str, "endsWith()"))


@function(
    "matches",
    "text.matches(pattern)",
    GROUP,
    ("'v1.20'.matches(r'^v\\d+')", True),
    ("'abc'.matches('d')", False),
    result="bool",
)
def matches(meter: Meter, text: Any, regex: Any) -> bool:
    """Whether the RE2 pattern is found in the text; `^` and `$` bind it to the ends."""
    return _search(meter, _read(meter, text, "matches()"), regex, "matches()") is not None


@function(
    "find",
    "text.find(pattern)",
    GROUP,
    ("'order 4711, 2 items'.find(r'\\d+')", "4711"),
    ("'v1.20'.find(r'v(\\d+)\\.')", "1"),
    ("'abc'.find('x')", None),
)
def find(meter: Meter, text: Any, regex: Any) -> str | None:
    """The first match of the RE2 pattern, or its first group; null if there is none."""
    found = _search(meter, _read(meter, text, "find()"), regex, "find()")
    if found is None:
        return None
    part: str | None = found.group(1 if found.re.groups else 0)
    meter.make(len(part or ""))
    return part


@function("lower", "text.lower()", GROUP, ("'WeIR'.lower()", "weir"))
def lower(meter: Meter, text: Any) -> str:
    """In lower case."""
    own = _read(meter, text, "lower()")
    meter.make(2 * len(own))
    return own.lower()


@function("upper", "text.upper()", GROUP, ("'weir'.upper()", "WEIR"))
def upper(meter: Meter, text: Any) -> str:
    """In upper case."""
    own = _read(meter, text, "upper()")
    meter.make(2 * len(own))
    return own.upper()


@function("trim", "text.trim()", GROUP, ("'  weir\\n'.trim()", "weir"))
def trim(meter: Meter, text: Any) -> str:
    """Without white space at both ends."""
    own = _read(meter, text, "trim()")
    meter.make(len(own))
    return own.strip()


@function(
    "split",
    "text.split(separator), text.split(separator, most)",
    GROUP,
    ("'a,b,c'.split(',')", ["a", "b", "c"]),
    ("'a,b,c'.split(',', 2)", ["a", "b,c"]),
    ("'abc'.split('')", ["a", "b", "c"]),
)
def split(meter: Meter, text: Any, separator: Any, most: Any = -1) -> list[str]:
    """The parts between the separators, at most so many; without a separator the characters."""
    own = _read(meter, text, "split()")
    mark = want(separator, str, "split()")
    limit = want(most, int, "split()")
    pieces = own.count(mark) + 1 if limit < 0 else min(limit, own.count(mark) + 1)
    meter.make(len(own) + SLOT * pieces)
    meter.work(pieces >> 2)
    if limit == 0:
        return []
    if not mark:
        parts = list(own)
        return (
            parts if limit < 0 or limit >= len(parts) else [*parts[: limit - 1], own[limit - 1 :]]
        )
    return own.split(mark, limit - 1 if limit > 0 else -1)


@function(
    "join",
    "list.join(), list.join(separator)",
    GROUP,
    ("['a', 'b'].join(', ')", "a, b"),
    ("['a', 'b'].join()", "ab"),
)
def join(meter: Meter, items: Any, separator: Any = "") -> str:
    """The strings of the list as one text."""
    parts = sequence(items, "join()")
    mark = want(separator, str, "join()")
    meter.work(1 + (len(parts) >> 2))
    for part in parts:
        if type(part) is not str:
            raise Fault(
                OperandError,
                f"join() takes strings, not {kind(part)}",
                "Turn each into text: list.map(x, string(x)).join(…).",
            )
    meter.make(sum(map(len, parts)) + len(mark) * len(parts))
    return str(mark.join(parts))


@function(
    "replace",
    "text.replace(old, new), text.replace(old, new, most)",
    GROUP,
    ("'a-b-c'.replace('-', '+')", "a+b+c"),
    ("'a-b-c'.replace('-', '+', 1)", "a+b-c"),
)
def replace(meter: Meter, text: Any, old: Any, new: Any, most: Any = -1) -> str:
    """With each occurrence replaced, or the first so many."""
    own = _read(meter, text, "replace()")
    gone, put = want(old, str, "replace()"), want(new, str, "replace()")
    limit = want(most, int, "replace()")
    times = own.count(gone) if limit < 0 else min(limit, own.count(gone))
    meter.make(len(own) + times * max(0, len(put) - len(gone)))
    return own.replace(gone, put, limit)


@function(
    "substring",
    "text.substring(from), text.substring(from, to)",
    GROUP,
    ("'weir'.substring(1)", "eir"),
    ("'weir'.substring(1, 3)", "ei"),
)
def substring(meter: Meter, text: Any, first: Any, last: Any = None) -> str:
    """The characters from one position up to, without, another; to the end if not said."""
    own = _read(meter, text, "substring()")
    start = want(first, int, "substring()")
    stop = len(own) if last is None else want(last, int, "substring()")
    if not 0 <= start <= stop <= len(own):
        raise Fault(
            DomainError,
            f"substring({start}, {stop}) lies outside the text of {len(own)} characters",
            "Ask size(text) first.",
        )
    meter.make(stop - start)
    return own[start:stop]


@function(
    "indexOf",
    "text.indexOf(part), text.indexOf(part, from)",
    GROUP,
    ("'weir'.indexOf('i')", 2),
    ("'weir'.indexOf('x')", -1),
)
def index_of(meter: Meter, text: Any, part: Any, first: Any = 0) -> int:
    """The first position of the part, -1 if it does not occur."""
    own = _read(meter, text, "indexOf()")
    start = want(first, int, "indexOf()")
    return own.find(want(part, str, "indexOf()"), max(0, start))


@function("lastIndexOf", "text.lastIndexOf(part)", GROUP, ("'abab'.lastIndexOf('a')", 2))
def last_index_of(meter: Meter, text: Any, part: Any) -> int:
    """The last position of the part, -1 if it does not occur."""
    return _read(meter, text, "lastIndexOf()").rfind(want(part, str, "lastIndexOf()"))


@function("padStart", "text.padStart(width, fill)", GROUP, ("string(7).padStart(3, '0')", "007"))
def pad_start(meter: Meter, text: Any, width: Any, fill: Any = " ") -> str:
    """With the fill character in front until it is that wide."""
    own = _read(meter, text, "padStart()")
    wide, mark = want(width, int, "padStart()"), want(fill, str, "padStart()")
    if len(mark) != 1:
        raise Fault(DomainError, "padStart() fills with one character")
    meter.make(max(len(own), wide))
    return own.rjust(wide, mark)
