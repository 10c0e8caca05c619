"""Who is in a room and what they look at; never stored.

A connection speaks for one client id, the first that it names and nobody else
holds, and who that is stamps the server: what a client says of others, or of
who it is, counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import orjson

from services.collab.protocol import State, telling

STATE_LIMIT = 16 * 1024
_CLOCK = 2**31


class Somebody(Protocol):
    """A connection, as presence knows it."""

    @property
    def user(self) -> Mapping[str, Any]:
        """Who it is: `id`, `name`."""
        ...


class _Here(NamedTuple):
    clock: int
    state: dict[str, Any] | None
    by: Somebody


class Presence:
    """The states of one room."""

    def __init__(self) -> None:
        self._here: dict[int, _Here] = {}

    def take(self, by: Somebody, states: Iterable[State]) -> bytes | None:
        """What to tell the others of what a connection said; None if nothing of it counts."""
        told: dict[int, tuple[int, dict[str, Any] | None]] = {}
        for client, clock, state in states:
            before = self._here.get(client)
            if not self._may(by, client, before) or not 0 <= clock < _CLOCK:
                continue
            if (
                before is not None
                and clock <= before.clock
                and not (clock == before.clock and state is None and before.state is not None)
            ):
                continue
            if state is not None and len(orjson.dumps(state)) > STATE_LIMIT:
                continue
            stamped = None if state is None else {**state, "user": dict(by.user)}
            self._here[client] = _Here(clock, stamped, by)
            told[client] = clock, stamped
        return telling(told) if told else None

    def _may(self, by: Somebody, client: int, before: _Here | None) -> bool:
        mine = next((one for one, here in self._here.items() if here.by is by), None)
        if mine is not None:
            return mine == client
        # Somebody who comes back speaks for the client that their old connection spoke for.
        return before is None or before.by.user.get("id") == by.user.get("id")

    def leave(self, by: Somebody) -> bytes | None:
        """What to tell the others when a connection ends; None if nobody knew of it."""
        mine = {client: here for client, here in self._here.items() if here.by is by}
        for client in mine:
            del self._here[client]
        gone = {client: here for client, here in mine.items() if here.state is not None}
        return (
            telling({client: (here.clock + 1, None) for client, here in gone.items()})
            if gone
            else None
        )

    def everybody(self) -> bytes | None:
        """All states, for one who comes; None if nobody has one."""
        there = {
            client: (here.clock, here.state)
            for client, here in self._here.items()
            if here.state is not None
        }
        return telling(there) if there else None
