"""What a handler gets and what it gives back.

A `Call` reads the request on demand and refuses in the words of the edge, so a
handler holds no parsing. A `Reply` is data; the edge makes a response of it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import orjson
from aiohttp import web
from multidict import CIMultiDict, istr
from pydantic import BaseModel, ValidationError

from weir.contract import ids
from weir.contract.errors import (
    ForbiddenError,
    InvalidParameterError,
    InvalidRequestError,
    PreconditionRequiredError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
    WeirError,
)
from weir.runtime.access import Permission, Principal
from weir.runtime.http import body
from weir.runtime.http.gate import Gate
from weir.runtime.http.headers import tell
from weir.runtime.http.limits import Standing
from weir.runtime.http.route import Route

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')
_TRACE_HEADER = istr("traceparent")
_TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

B = TypeVar("B", bound=BaseModel)
Again = Callable[[], Awaitable[Principal | None]]


class Reply(NamedTuple):
    """An answer: a JSON value (or bytes, with their own type), a status, headers.

    `sequence` becomes `Weir-Sequence`, `revision` the `ETag` that `If-Match` takes.
    """

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})
    sequence: int | None = None
    revision: int | None = None
    media_type: str = "application/json"

    def content(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.value, bytes):
            return self.value
        return orjson.dumps(self.value)


class Call:
    """One request on its way through the edge; `segments` is what its path said.

    `trace_parent` is the W3C context that what it causes belongs to, or empty; `to_audit` what
    the handler knows better than the edge; `standing` how the limit stands that it counted to.
    `standard` are the headers of every answer.
    """

    __slots__ = (
        "_again",
        "_asked",
        "_body",
        "_principal",
        "body_limit",
        "gate",
        "request",
        "request_id",
        "route",
        "segments",
        "standard",
        "standing",
        "to_audit",
        "trace_parent",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - what the edge knows of it
        self,
        request: web.BaseRequest,
        route: Route,
        segments: Mapping[str, str],
        request_id: str,
        body_limit: int,
        gate: Gate,
        standard: CIMultiDict[str],
    ) -> None:
        self.request = request
        self.route = route
        self.segments = segments
        self.request_id = request_id
        self.body_limit = body_limit
        self.gate = gate
        self.standard = standard
        self.standing: Standing | None = None
        traced = request.headers.get(_TRACE_HEADER)
        self.trace_parent = traced if traced is not None and _TRACE.fullmatch(traced) else ""
        self._body: bytes | None = None
        self._principal: Principal | None = None
        self._again: Again | None = None
        self._asked = False
        self.to_audit: dict[str, Any] = {}

    def audited(self, **known: Any) -> None:
        """Say more exactly what the audit is told of this: fields of `Noted`, the last one counts.

        `tenant` and `actor` where nobody is known before the handler (signing in), `resource`
        where neither path nor answer names it, `changes` as old and new by field, without secrets.
        """
        self.to_audit |= known

    @property
    def address(self) -> str:
        """Where it comes from; behind trusted proxies, whom they name."""
        return self.gate.address(self.request)

    async def stream(self, media_type: str) -> web.StreamResponse:
        """Begin an answer that is written piece by piece, with the headers of every answer."""
        response = web.StreamResponse(headers=self.standard)
        tell(response.headers, self.request_id, self.standing)
        response.content_type = media_type
        response.enable_chunked_encoding()
        await response.prepare(self.request)
        return response

    async def counted(self, tenant: str, limit: str) -> None:
        """Count a request on a public route, once its tenant is known.

        RateLimitedError if the tenant's limit is used up.
        """
        await self.gate.count(self, tenant, limit)

    @property
    def principal(self) -> Principal:
        """Who asks; UnauthorizedError on a public route asked without a key."""
        if self._principal is None:
            raise UnauthorizedError("This needs an API key: send Authorization: Bearer weir_….")
        return self._principal

    @property
    def known_principal(self) -> Principal | None:
        """Who asks, if that is known."""
        return self._principal

    def admit(self, principal: Principal, again: Again) -> None:
        """Called by the edge once it knows who asks; `again` looks the key up anew."""
        self._principal = principal
        self._again = again

    async def still_admitted(self) -> bool:
        """Whether who asked could still ask: for answers that last longer than a key may.

        While the keys cannot be looked up, nobody is sent away.
        """
        if self._again is None:
            return True
        try:
            now = await self._again()
        except WeirError:
            return True
        return now == self._principal and now is not None and admits(self.route, now)

    def require(
        self, permission: Permission, project: str, unseen: Callable[[], WeirError]
    ) -> None:
        """Go on only if this may be done to what belongs to this project; empty: to none.

        Raises ForbiddenError where the caller may look but not do it, and `unseen()` where they
        may not even look: what is said of a thing that is not there. What a route `by_project`
        answers without this (or `reach`) is thrown away by the edge.
        """
        self._asked = True
        principal = self.principal
        if principal.may(permission, project):
            return
        if not principal.sees(project):
            raise unseen()
        raise forbidden(principal, permission, project)

    def reach(self, permission: Permission) -> frozenset[str] | None:
        """The projects in which the caller may do this; None: everywhere, in no project too."""
        self._asked = True
        return self.principal.reach(permission)

    def must_have_asked(self) -> None:
        """RuntimeError if the route counts roles in projects and nobody asked for any."""
        if self.route.by_project and not self._asked:
            raise RuntimeError(f"{self.route.pattern} never asked in which project it may be done")

    @property
    def tenant(self) -> str:
        """The principal's tenant."""
        return self.principal.tenant

    def segment(self, name: str) -> str:
        """A `{name}` of the pattern, as it was written."""
        return self.segments[name]

    def id(self, name: str, prefix: str, missing: type[WeirError], what: str) -> str:
        """A segment that must be an id of this kind; raises `missing` if it cannot be one."""
        given = self.segments[name]
        if not ids.is_id(given, prefix):
            raise missing(
                f"There is no {what} {given[:60]!r}: an id looks like {prefix}_… (26 characters).",
                details={f"{what.replace(' ', '_')}_id": given[:60]},
            )
        return given

    def query(self, name: str, default: str = "") -> str:
        """A query parameter, the last one if it is repeated."""
        values = self.request.query.getall(name, None)
        return values[-1] if values else default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from the query; InvalidParameterError outside low..high."""
        given = self.query(name)
        if not given:
            return default
        if not re.fullmatch(r"-?[0-9]{1,18}", given) or not low <= int(given) <= high:
            raise InvalidParameterError(
                f"{name}={given[:40]!r} is no whole number from {low} to {high}.",
                details={"parameter": name},
            )
        return int(given)

    @property
    def limit(self) -> int:
        """`?limit=`, 1 to 200."""
        return self.number("limit", LIMIT_DEFAULT, 1, LIMIT_MAX)

    @property
    def min_revision(self) -> int:
        """`?min_revision=`: what is read must not be older than this record revision."""
        return self.number("min_revision", 0, 0, 2**62)

    async def body(self) -> bytes:
        """The raw body within the route's limit; it can be asked for again."""
        if self._body is None:
            self._body = await body.read(self.request, self.body_limit)
        return self._body

    async def json(self) -> Any:
        """The body as JSON; the content type must say so."""
        self.accepted()
        return body.parse(await self.body())

    async def model(self, kind: type[B], *, optional: bool = False) -> B:
        """The body as this model; InvalidRequestError lists every problem with its place.

        With `optional` no body at all is an empty object.
        """
        if optional and not await self.body():
            return checked(kind, {})
        return checked(kind, await self.json())

    def accepted(self) -> str:
        """The body's media type; UnsupportedMediaTypeError if the route does not read it."""
        given = self.request.content_type.lower()
        if given not in self.route.accepts and not (
            given.endswith("+json") and "application/json" in self.route.accepts
        ):
            raise UnsupportedMediaTypeError(
                f"This route reads {' or '.join(self.route.accepts)}, not {given[:60]!r}: "
                "set Content-Type.",
                details={"accepts": list(self.route.accepts)},
            )
        return given

    def if_match(self) -> int | None:
        """The revision in `If-Match`; None for `*`, which takes any.

        PreconditionRequiredError without the header.
        """
        given = self.request.headers.get("If-Match", "").strip()
        if not given:
            raise PreconditionRequiredError(
                "Send If-Match with the ETag you read, so that nobody's change is overwritten."
            )
        if given == "*":
            return None
        found = _ETAG.fullmatch(given)
        if found is None:
            raise InvalidParameterError(
                'If-Match holds a quoted revision as the ETag gave it, like "42".',
                details={"parameter": "If-Match"},
            )
        return int(found[1])

    def idempotency_key(self) -> str | None:
        """The `Idempotency-Key`, None without one; InvalidParameterError if it cannot be one."""
        given = self.request.headers.get("Idempotency-Key")
        if given is None:
            return None
        if not _KEY.fullmatch(given):
            raise InvalidParameterError(
                "Idempotency-Key has 1 to 200 visible ASCII characters.",
                details={"parameter": "Idempotency-Key"},
            )
        return given


def admits(route: Route, principal: Principal) -> bool:
    """Whether a route is open to somebody; one `by_project` to whoever may do it anywhere."""
    if route.by_project:
        return principal.reach(route.permission) != frozenset()
    return principal.may(route.permission)


def forbidden(principal: Principal, permission: Permission, project: str = "") -> ForbiddenError:
    """The refusal of what somebody's role does not hold."""
    role = principal.projects.get(project, "") or principal.role
    return ForbiddenError(
        f"The role {role!r} does not hold {permission.value!r}"
        f"{f' in {project}' if project else ''}: ask an administrator for another role.",
        details={"permission": permission.value, "role": role},
    )


def wrong(path: str, message: str, advice: str, code: str = "VALUE") -> InvalidRequestError:
    """The refusal of one field that no schema could refuse."""
    problem = {"code": code, "path": path, "node": None, "message": message, "advice": advice}
    return InvalidRequestError(f"{path}: {message}.", details={"errors": [problem]})


def checked(kind: type[B], value: Any) -> B:
    """The value as this model; InvalidRequestError lists every problem with its place."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems = [
            {
                "code": problem["type"].upper(),
                "path": ".".join(str(part) for part in problem["loc"]),
                "node": None,
                "message": problem["msg"],
                "advice": "Compare the body with the schema in /api/v1/openapi.json.",
            }
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise InvalidRequestError(
            f"The body does not fit: {problems[0]['path'] or 'at the top'}: "
            f"{problems[0]['message']}.",
            details={"errors": problems},
        ) from None
