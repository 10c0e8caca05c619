"""A type of credential as who keeps and who opens credentials see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from weir.ports.node_context import Http


class Misfit(NamedTuple):
    """A field that does not fit; nothing of what it holds."""

    path: str
    code: str
    message: str


class Probe(Protocol):
    """What a test may do: the outside by the same guarded ways as a node."""

    @property
    def http(self) -> Http:
        """Guarded calls, and addresses for those of other protocols."""
        ...

    @property
    def now_ms(self) -> int:
        """The time, for what is signed."""
        ...


class CredentialType(Protocol):
    """One type."""

    @property
    def type(self) -> str:
        """As credentials name it."""
        ...

    def misfits(self, fields: Mapping[str, Any]) -> Sequence[Misfit]:
        """What is wrong with these fields; empty: nothing."""
        ...

    def describe(self) -> dict[str, Any]:
        """What a form needs, as `GET /credential-types` gives it."""
        ...

    def secrets(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields that nobody may see."""
        ...

    async def test(self, fields: Mapping[str, Any], probe: Probe) -> str:
        """Sign in with it and say what was seen, without secrets; raises NodeError."""
        ...
