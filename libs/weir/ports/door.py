"""The door of the bus: who of the tenants' publishers is let in at the broker, and to do what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol


class Knock(NamedTuple):
    """Somebody who wants in: what their client sent."""

    user: str
    password: str


class Welcome(NamedTuple):
    """Who they are (the user they came as), and the subjects that they may publish on.

    Answers come under their name.
    """

    name: str
    publish: tuple[str, ...]


class Inside(NamedTuple):
    """A connection that was let in."""

    name: str
    server: str
    number: int


Decide = Callable[[Knock], Awaitable[Welcome | None]]
"""None: they are not let in."""


class Door(Protocol):
    """The broker's door."""

    async def keep(self, decide: Decide) -> None:
        """Ask this for everybody who is no service, from now on."""
        ...

    async def inside(self) -> list[Inside]:
        """Who was let in and is still there; UnavailableError."""
        ...

    async def send_away(self, one: Inside) -> None:
        """End a connection."""
        ...
