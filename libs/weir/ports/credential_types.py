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
        """Guarded calls."""
        ...

    @property
    def now_ms(self) -> int:
        """The time, for what is signed."""
        ...

    async def address(self, host: str, port: int) -> str:
        """An address of the host that may be called: connect to this one.

        Raises Terminal (ADDRESS_REFUSED) or Retryable (HTTP_UNREACHABLE).
        """
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

    async def test(self, fields: Mapping[str, Any], probe: Probe) -> str:
        """Sign in with it and say what was seen, without secrets; raises NodeError."""
        ...
