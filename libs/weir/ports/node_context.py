"""What a node may ask of its host while it runs, and how it says that it failed.

A node imports nothing of the engine but this. The host gives it a context per
attempt; what the context promises is the same on an executor, in a worker of
the SDK and in a test with a fake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from weir.contract.errors import WeirError

CREDENTIAL = re.compile(
    r"\s*\{\{\s*credentials\.(?P<path>[a-z][a-z0-9_]{0,62}(?:\.[a-z][a-z0-9_]*)*)\s*\}\}\s*"
)
"""How a secret field of a config names a credential, or a path of it."""


class NodeError(WeirError):
    """A failure that a node reports on purpose; `code` is per instance, SCREAMING_SNAKE."""

    retryable: ClassVar[bool] = False
    code = "NODE_FAILED"
    status = 502

    def __init__(self, message: str, *, code: str = "", details: Any = None) -> None:
        super().__init__(message, details=details)
        self.error_code = code or type(self).code


class Retryable(NodeError):  # noqa: N818 - the word of node authors, as architecture.md has it
    """Another attempt can help. `after` is the wished pause before it, in seconds."""

    retryable = True

    def __init__(
        self, message: str, *, code: str = "", details: Any = None, after: float | None = None
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.after = after


class Terminal(NodeError):  # noqa: N818 - as above
    """No attempt can help: the step has failed whatever its retry policy says."""


class NotHere(NodeError):  # noqa: N818 - as above
    """This worker does not know the task; another worker of its queue may, and gets it."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer, read whole. Header names are in lower case; `url` is the one that answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Http(Protocol):
    """Guarded calls to the outside.

    Private, link-local, loopback and metadata addresses are refused after the
    name was resolved and again at each redirect, unless the installation allows
    them; the connection goes to the address that was checked.
    """

    async def request(  # noqa: PLR0913 - one keyword per part of a call
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        timeout_s: float = 30.0,
        max_bytes: int = 64 * 1024 * 1024,
        max_redirects: int = 5,
    ) -> HttpAnswer:
        """One call; any status is an answer.

        Raises Retryable (HTTP_TIMEOUT, HTTP_UNREACHABLE) or Terminal
        (ADDRESS_REFUSED, RESPONSE_TOO_LARGE, URL_INVALID, TOO_MANY_REDIRECTS).
        """
        ...

    async def address(self, host: str, port: int) -> str:
        """An address of the host, as a number, for calls of another protocol than HTTP.

        Whoever connects must connect to this very address. Raises as `request`.
        """
        ...


class NodeBlobs(Protocol):
    """Large values of the run's tenant; a reference is the `{"$blob": …}` of a run's data."""

    async def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Store durably and return the reference."""
        ...

    async def get(self, reference: Mapping[str, Any]) -> bytes:
        """The bytes; Terminal (BLOB_MISSING) if there are none or they belong to somebody else."""
        ...


class NodeLog(Protocol):
    """Lines that people see beside the step. Values of secrets are cut out."""

    def debug(self, message: str, **fields: Any) -> None:
        """For the curious."""
        ...

    def info(self, message: str, **fields: Any) -> None:
        """What was done."""
        ...

    def warning(self, message: str, **fields: Any) -> None:
        """What looks wrong but did not stop the step."""
        ...

    def error(self, message: str, **fields: Any) -> None:
        """What went wrong."""
        ...


class NodeEvents(Protocol):
    """The bus of the run's tenant."""

    async def publish(self, subject: str, event: Any, data: bytes) -> int:
        """Store a CloudEvent (core/cloudevents.py) with its data; its sequence on the bus.

        Retryable if the bus cannot be reached, Terminal (TOO_LARGE, EVENT_TOO_DEEP).
        """
        ...


class NodeContext(Protocol):
    """One attempt of one step."""

    @property
    def tenant(self) -> str:
        """Whose run it is."""
        ...

    @property
    def run_id(self) -> str:
        """The run."""
        ...

    @property
    def step(self) -> str:
        """The step's path."""
        ...

    @property
    def attempt(self) -> int:
        """Counts from 1."""
        ...

    @property
    def idempotency_key(self) -> str:
        """`<run>/<step>`, the same for all attempts: hand it to the outside world."""
        ...

    @property
    def http(self) -> Http:
        """Calls to the outside."""
        ...

    @property
    def blobs(self) -> NodeBlobs:
        """Large values."""
        ...

    @property
    def events(self) -> NodeEvents:
        """The bus; Terminal where a worker has none."""
        ...

    @property
    def log(self) -> NodeLog:
        """Lines beside the step."""
        ...

    def stream(self, value: Any) -> None:
        """Show a piece of text, or a JSON value, to whoever looks at the run now.

        Live only and lossy: what is too much is dropped, nothing is kept. Secrets are cut out.
        """
        ...

    @property
    def cancelled(self) -> bool:
        """Whether to stop: the run was cancelled or time is over. Coroutines are interrupted."""
        ...

    def heartbeat(self) -> None:
        """Say that work goes on. Raises asyncio.CancelledError once `cancelled` is true."""
        ...

    async def secret(self, name: str) -> Mapping[str, Any]:
        """The fields of a credential of the tenant; Terminal (CREDENTIAL_NOT_FOUND)."""
        ...


class TaskNode(Protocol):
    """A node type as the worker sees it."""

    @property
    def type(self) -> str:
        """The name definitions use."""
        ...

    @property
    def secret_fields(self) -> frozenset[str]:
        """Top-level config fields in which `credentials.<name>` is resolved."""
        ...

    async def execute(self, config: Any, ctx: NodeContext) -> Any:
        """Check the resolved config and run; the result is the step's output, a JSON value.

        Raises Terminal (CONFIG_INVALID) for a config of another shape, and what the node raises.
        """
        ...

    async def close(self) -> None:
        """Free what the type holds between runs, such as connection pools."""
        ...
