"""A route: what the code answers, `weir routes` prints and OpenAPI shows, in one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp.web import StreamResponse
from pydantic import BaseModel

from weir.contract.errors import WeirError
from weir.runtime.access import Permission

if TYPE_CHECKING:
    from weir.runtime.http.call import Call, Reply

Handler = Callable[["Call"], Awaitable["Reply | StreamResponse"]]

API = "/api/v1"
JSON = ("application/json",)
ANY = "*"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or request header of a route."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Route:
    """One method and pattern. `pattern` is the whole path, with `{name}` for a segment.

    `body` is the model of the request, for documentation and `Call.model`;
    `accepts` the media types it may come in. `creates` announces
    `Idempotency-Key`, `changes` demands `If-Match`. `body_limit` (bytes) and
    `timeout_s` replace the application's; `timeout_s` 0 means without end, for sockets.
    `by_project`: a role in a project may be enough, and the handler must ask which
    (`Call.require`, `Call.reach`); without it the role in the tenant alone counts.
    `audit` names the event ("workflow.updated") that the edge notes when it succeeded, and
    when somebody was refused it; what is noted can be told more exactly by `Call.audited`.
    `closes`: a WebSocket, and one that a browser's library opens: what is refused is said by the
    code that it is closed with, which a page can read, where the status of an upgrade cannot be.
    """

    method: str
    pattern: str
    handler: Handler
    permission: Permission
    summary: str
    tag: str
    status: int = 200
    answer: type[BaseModel] | None = None
    also: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    body: type[BaseModel] | None = None
    accepts: tuple[str, ...] = JSON
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[type[WeirError], ...] = ()
    creates: bool = False
    changes: bool = False
    by_project: bool = False
    audit: str = ""
    body_limit: int | None = None
    timeout_s: float | None = None
    closes: bool = False


LIMIT = Parameter(
    "limit",
    "How many items at most.",
    {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
)
CURSOR = Parameter("cursor", "`next_cursor` of the page before; the filters must be the same.")
PAGED = (LIMIT, CURSOR)
