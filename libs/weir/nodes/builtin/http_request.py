"""Task: one HTTP call."""

from __future__ import annotations

import base64
import email.utils
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

import orjson
from pydantic import ConfigDict, Field

from weir.core.spec import RetryPolicy
from weir.nodes.base import Duration, Node, NodeContext, NodeModel, Retryable, Terminal
from weir.ports.node_context import HttpAnswer

INLINE_BYTES = 1024 * 1024
LIMIT_BYTES = 64 * 1024 * 1024

SUCCESS = range(200, 300)
PASSING = {408, 429, *range(500, 600)}

Scalar = str | int | float | bool


class Auth(NodeModel):
    """A credential for HTTP: a bearer token, a user with password, or a header or query value."""

    model_config = ConfigDict(extra="ignore")

    token: str | None = None
    username: str | None = None
    password: str | None = None
    place: Literal["header", "query"] = "header"
    name: str | None = None
    value: str | None = None


class Config(NodeModel):
    """The request, and what counts as a good answer."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = Field(
        "GET", description="What the call does."
    )
    url: str = Field(
        description="Where to; https:// or http://.", json_schema_extra={"format": "uri"}
    )
    query: dict[str, Scalar | list[Scalar] | None] = Field(
        default_factory=dict, description="Added to the address; a list repeats the name."
    )
    headers: dict[str, str] = Field(
        default_factory=dict, description="Sent as they stand; secrets belong into `auth`."
    )
    body: Any = Field(
        None,
        description="An object or list for json, a text for text, an object of values for form.",
    )
    body_type: Literal["json", "text", "form"] = Field(
        "json", description="How the body is written and labelled."
    )
    auth: Auth | None = Field(
        None, description="A credential: `token`, `username` and `password`, or `name` and `value`."
    )
    expect: list[int] = Field(
        default_factory=list,
        description="Statuses that count as success; all from 200 to 299 if empty.",
    )
    timeout: Duration = Field(
        "30s", validate_default=True, description="For the whole call, redirects included."
    )


class HttpRequest(Node[Config]):
    """Calls an HTTP address and gives what it answers.

    The output is `status`, `headers` and `body`: JSON and text are parsed, all
    else and what is over 1 MB is kept as a file. Every attempt carries the same
    `Idempotency-Key`, so that a careful receiver acts once. 429, 5xx and
    timeouts are tried again, waiting as long as `Retry-After` says; any other
    status fails the step with the code `HTTP_<status>`. Addresses of private
    networks are refused unless the installation allows them.
    """

    type = "http_request"
    title = "HTTP request"
    category = "action"
    icon = "globe"
    retry = RetryPolicy(max_attempts=4)
    timeout_ms = 120_000
    effect = "write"
    secret_fields = frozenset({"auth"})

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """What was answered."""
        return {
            "type": "object",
            "properties": {
                "status": {"type": "integer"},
                "headers": {"type": "object"},
                "body": {},
            },
            "additionalProperties": False,
        }

    async def run(self, config: Config, ctx: NodeContext) -> dict[str, Any]:
        """Send, judge the status, parse."""
        headers = {"Idempotency-Key": ctx.idempotency_key} | dict(config.headers)
        query = [pair for name, value in config.query.items() for pair in _pairs(name, value)]
        if config.auth:
            _authorise(config.auth, headers, query)
        body = _encode(config, headers)
        answer = await ctx.http.request(
            config.method,
            config.url,
            headers=headers,
            query=query,
            body=body,
            timeout_s=config.timeout / 1000,
            max_bytes=LIMIT_BYTES,
        )
        ctx.log.info("answered", status=answer.status, bytes=len(answer.body))
        if answer.status not in (config.expect or SUCCESS):
            raise _refused(config.method, answer)
        return {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": await _parse(answer, ctx),
        }


def _pairs(name: str, value: Scalar | list[Scalar] | None) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, list):
        return [(name, _text(item)) for item in value]
    return [(name, _text(value))]


def _text(value: Scalar) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _authorise(auth: Auth, headers: dict[str, str], query: list[tuple[str, str]]) -> None:
    if auth.token is not None:
        headers["Authorization"] = f"Bearer {auth.token}"
    elif auth.username is not None:
        pair = f"{auth.username}:{auth.password or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    elif auth.name is not None and auth.value is not None:
        if auth.place == "query":
            query.append((auth.name, auth.value))
        else:
            headers[auth.name] = auth.value
    else:
        raise Terminal(
            "the credential in `auth` fits no HTTP call: it needs `token`, `username` and "
            "`password`, or `name` and `value`",
            code="CONFIG_INVALID",
        )


def _encode(config: Config, headers: dict[str, str]) -> bytes | None:
    if config.body is None:
        return None
    if config.body_type == "json":
        media, body = "application/json", orjson.dumps(config.body)
    elif config.body_type == "text":
        text = config.body if isinstance(config.body, str) else orjson.dumps(config.body).decode()
        media, body = "text/plain; charset=utf-8", text.encode()
    elif isinstance(config.body, Mapping):
        pairs = [
            pair
            for name, value in config.body.items()
            for pair in _pairs(name, value if _plain(value) else orjson.dumps(value).decode())
        ]
        media, body = "application/x-www-form-urlencoded", urlencode(pairs).encode()
    else:
        raise Terminal("a form body is an object of values", code="CONFIG_INVALID")
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = media
    return body


def _plain(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(item is None or isinstance(item, str | int | float | bool) for item in items)


def _refused(method: str, answer: HttpAnswer) -> Retryable | Terminal:
    code = f"HTTP_{answer.status}"
    said = answer.body[:500].decode("utf-8", "replace").strip()
    message = f"{method} {answer.url} answered {answer.status}" + (f": {said}" if said else "")
    if answer.status in PASSING:
        after = retry_after(answer.headers) if answer.status in {429, 503} else None
        return Retryable(message, code=code, after=after)
    return Terminal(message, code=code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; a date counts from the answer's own `Date`, so that no clock of ours matters."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(float(text), 86_400.0)
    try:
        due = email.utils.parsedate_to_datetime(text)
        now = email.utils.parsedate_to_datetime(headers.get("date", ""))
        return min(max(0.0, (due - now).total_seconds()), 86_400.0)
    except (ValueError, TypeError):
        return None


async def _parse(answer: HttpAnswer, ctx: NodeContext) -> Any:
    media, charset = _media(answer.headers.get("content-type", ""))
    is_json = media == "application/json" or media.endswith("+json")
    if not answer.body:
        return None
    if len(answer.body) > INLINE_BYTES or not (is_json or _is_text(media)):
        return await ctx.blobs.put(answer.body, media or "application/octet-stream")
    if is_json:
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Terminal(
                f"{answer.url} says it answers JSON, but that cannot be read: {error}",
                code="RESPONSE_INVALID",
            ) from None
    try:
        return answer.body.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return answer.body.decode("utf-8", "replace")


def _media(content_type: str) -> tuple[str, str]:
    media, _, rest = content_type.partition(";")
    charset = "utf-8"
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            charset = value.strip("\"' ")
    return media.strip().lower(), charset


def _is_text(media: str) -> bool:
    return media.startswith("text/") or media in {
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/javascript",
        "application/yaml",
        "image/svg+xml",
    }
