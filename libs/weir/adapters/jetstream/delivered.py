"""What a delivery says about its message, in the subject it is to be acknowledged on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from weir.ports.log import Stored

_SHORT = 9
_MILLION = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Position(NamedTuple):
    """Counts of one delivery; `pending` is how many more match at the broker."""

    delivered: int
    stream_seq: int
    consumer_seq: int
    at_ms: int
    pending: int


def position(reply: bytes) -> Position:
    """Read `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<counts>…`."""
    words = reply.split(b".")
    at = 4 if len(words) == _SHORT else 6
    return Position(
        int(words[at]),
        int(words[at + 1]),
        int(words[at + 2]),
        int(words[at + 3]) // _MILLION,
        int(words[at + 4]),
    )


def milliseconds(written: str) -> int:
    """The time as a delivery would count it: whole milliseconds, the rest cut off."""
    return (datetime.fromisoformat(written) - _EPOCH) // _MILLISECOND


def stored(where: Position, subject: bytes, header: bytes, data: bytes) -> Stored:
    """The message as it lies in the log."""
    return Stored(where.stream_seq, subject.decode(), data, where.at_ms, Headers(header))


class Headers(Mapping[str, str]):
    """A header block, read when somebody asks: most readers never do."""

    __slots__ = ("_block", "_found")

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._found: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> dict[str, str]:
        if self._found is None:
            self._found = headers(self._block)
        return self._found


def headers(block: bytes) -> dict[str, str]:
    """Names and values of a header block."""
    found: dict[str, str] = {}
    for line in block.decode(errors="replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found[name] = value.strip()
    return found


def status(header: bytes) -> int:
    """The status code of a control message, 0 if it is none."""
    code = header[9:12]
    return int(code) if header[8:9] == b" " and code.isdigit() else 0
