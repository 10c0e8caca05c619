"""The frames of a socket: the protocol of y-websocket, and two kinds of message of our own.

Reading is total: bytes that are no frame give None. docs/reference/draft-document.md
says what each means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

SYNC, AWARENESS, ASKED = 0, 1, 3
SAVED, NOTICE = 100, 101
STEP1, STEP2, UPDATE = 0, 1, 2
EMPTY = b"\x00\x00"  # an update without anything

_MORE = 128  # another byte follows
_LONGEST = 10  # bytes of a number
_STATES = 1_000  # of one awareness message


class Asked(NamedTuple):
    """Somebody tells what they have (a state vector) and wants the rest."""

    state: bytes


class Changed(NamedTuple):
    """An update."""

    update: bytes


class State(NamedTuple):
    """What one client says of itself; None when it leaves."""

    client: int
    clock: int
    state: dict[str, Any] | None


class Told(NamedTuple):
    """Awareness."""

    states: tuple[State, ...]


class Who(NamedTuple):
    """Somebody wants to know everybody's state."""


Frame = Asked | Changed | Told | Who


class _Broken(Exception):  # noqa: N818 - never leaves this module
    pass


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        value = 0
        for shift in range(_LONGEST):
            if self._at >= len(self._data):
                raise _Broken
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << (7 * shift)
            if byte < _MORE:
                return value
        raise _Broken

    def bytes(self) -> bytes:
        length = self.number()
        if self._at + length > len(self._data):
            raise _Broken
        self._at += length
        return self._data[self._at - length : self._at]


def read(frame: bytes) -> Frame | None:
    """What a frame says; None if it says nothing that we understand."""
    reader = _Reader(frame)
    try:
        kind = reader.number()
        if kind == SYNC:
            step = reader.number()
            if step == STEP1:
                return Asked(reader.bytes())
            return Changed(reader.bytes()) if step in {STEP2, UPDATE} else None
        if kind == AWARENESS:
            return Told(_states(_Reader(reader.bytes())))
        return Who() if kind == ASKED else None
    except (_Broken, ValueError, RecursionError):
        return None


def _states(reader: _Reader) -> tuple[State, ...]:
    count = reader.number()
    if count > _STATES:
        raise _Broken
    found = []
    for _ in range(count):
        client, clock, text = reader.number(), reader.number(), reader.bytes()
        state = orjson.loads(text)
        if state is not None and not isinstance(state, dict):
            raise _Broken
        found.append(State(client, clock, state))
    return tuple(found)


def number(value: int) -> bytes:
    """A number as the protocol writes it."""
    out = bytearray()
    while value >= _MORE:
        out.append(value & 127 | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)


def _sized(data: bytes) -> bytes:
    return number(len(data)) + data


def asking(state: bytes) -> bytes:
    """Sync step 1: what we have."""
    return bytes((SYNC, STEP1)) + _sized(state)


def answering(update: bytes) -> bytes:
    """Sync step 2: what they lack."""
    return bytes((SYNC, STEP2)) + _sized(update)


def changing(update: bytes) -> bytes:
    """A change, to everybody."""
    return bytes((SYNC, UPDATE)) + _sized(update)


def telling(states: Mapping[int, tuple[int, dict[str, Any] | None]]) -> bytes:
    """Awareness of clients, by clock and state."""
    body = number(len(states)) + b"".join(
        number(client) + number(clock) + _sized(orjson.dumps(state))
        for client, (clock, state) in states.items()
    )
    return number(AWARENESS) + _sized(body)


def saved(count: int) -> bytes:
    """How many frames with changes of this connection are stored."""
    return number(SAVED) + number(count)


def notice(kind: str, **told: Any) -> bytes:
    """Something to know."""
    return number(NOTICE) + _sized(orjson.dumps({"kind": kind, **told}))


def state_of(vector: bytes) -> dict[int, int] | None:
    """A state vector by client; None if the bytes are none."""
    reader = _Reader(vector)
    try:
        return {reader.number(): reader.number() for _ in range(min(reader.number(), 1 << 20))}
    except _Broken:
        return None


def covers(have: bytes, wanted: bytes) -> bool:
    """Whether one state vector has everything of another; False if that is none."""
    there, asked = state_of(have), state_of(wanted)
    if there is None or asked is None:
        return False
    return all(there.get(client, 0) >= clock for client, clock in asked.items())
