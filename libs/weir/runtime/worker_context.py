"""What one attempt of a step may ask of this worker: the `NodeContext` that nodes get."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from weir.contract import times
from weir.contract.errors import BlobNotFoundError
from weir.contract.identity_errors import PoliciesUnreadableError, PolicyDeniedError
from weir.contract.messages import Envelope, Event, LogLine
from weir.core.finite import not_finite
from weir.core.sizes import MAX_DEPTH, deeper
from weir.ports.clock import Clock
from weir.ports.live import Live
from weir.ports.node_context import Http, HttpAnswer, Retryable, Terminal
from weir.runtime import telemetry
from weir.runtime.policy import Guard
from weir.runtime.worker_credentials import Credentials
from weir.runtime.worker_events import Bus, RunEvents
from weir.runtime.worker_hosts import AllowedHosts
from weir.runtime.worker_http import OutboundHttp
from weir.runtime.worker_logs import FIELDS_BYTES, MESSAGE_CHARS, PER_ATTEMPT, StepLogs
from weir.runtime.worker_mask import Mask
from weir.runtime.worker_streams import Stream


class Values(Protocol):
    """What a worker needs of the object store (ports/blobs.py)."""

    async def put(self, tenant: str, data: bytes) -> str:
        """Store durably and return the key."""
        ...

    async def get(self, key: str) -> bytes:
        """The content; KeyError if there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What all attempts on a worker share."""

    clock: Clock
    http: OutboundHttp
    blobs: Values
    credentials: Credentials | None  # None: a worker that may open none
    logs: StepLogs
    hosts: AllowedHosts | None = None  # None: a worker of somebody's own
    guard: Guard | None = None  # None: a worker that may open no credentials
    bus: Bus | None = None  # None: a worker that may not publish
    live: Live | None = None  # None: nobody looks at what steps say while they work


def no_credentials() -> Terminal:
    """What a worker without access to credentials says."""
    return Terminal(
        "this worker has no access to credentials: use them in a node that an executor runs",
        code="CREDENTIAL_NOT_FOUND",
    )


class AttemptContext:
    """The context of one attempt."""

    __slots__ = (
        "_host",
        "_lines",
        "_stream",
        "attempt",
        "cancelled",
        "idempotency_key",
        "mask",
        "run_id",
        "step",
        "tenant",
        "trace_parent",
        "version",
        "workflow",
    )

    def __init__(self, host: Host, envelope: Envelope, event: Event, idempotency_key: str) -> None:
        self.tenant = envelope.tenant
        self.run_id = envelope.run_id
        self.step = event.step
        self.attempt = event.attempt
        self.idempotency_key = idempotency_key
        self.workflow = envelope.workflow_id  # whose run it is, and in which version
        self.version = envelope.version
        self.cancelled = False
        self.mask = Mask()
        self.trace_parent = ""
        self._host = host
        self._lines = 0
        self._stream: Stream | None = None

    @property
    def http(self) -> Http:
        """Guarded calls that continue the run's trace."""
        return _TracedHttp(self._host.http, self.trace_parent, self._hosts)

    async def _hosts(self) -> tuple[str, ...]:
        return await self._host.hosts.of(self.tenant) if self._host.hosts else ()

    @property
    def blobs(self) -> TenantBlobs:
        """Large values; secrets are cut out of what is put there."""
        return TenantBlobs(self._host.blobs, self.tenant, self.mask)

    @property
    def events(self) -> RunEvents:
        """The tenant's bus."""
        if self._host.bus is None:
            raise Terminal(
                "this worker may not publish events: use publish_event where an executor runs it",
                code="NODE_FAILED",
            )
        return self._host.bus.of(self.tenant, self.run_id)

    @property
    def log(self) -> AttemptLog:
        """Lines beside the step."""
        return AttemptLog(self)

    def stream(self, value: Any) -> None:
        """Show a piece of text, or a JSON value, to whoever looks at the run now."""
        if self._host.live is None or self.cancelled:
            return
        if self._stream is None:
            names = self.tenant, self.run_id, self.step, self.attempt
            self._stream = Stream(self._host.live, self.mask, *names)
        data = plain_json(value)
        # What is no text after all, such as half a surrogate pair, is told as something else.
        text = value if isinstance(value, str) and data.startswith(b'"') else None
        if value != "":
            self._stream.add(text, data)

    async def end(self) -> None:
        """The attempt is over: what it has said is told."""
        if self._stream is not None:
            await self._stream.end()

    def heartbeat(self) -> None:
        """Say that work goes on."""
        if self.cancelled:
            raise asyncio.CancelledError

    async def secret(self, name: str) -> Mapping[str, Any]:
        """The fields of a credential; from now on they are cut out of what leaves the worker."""
        if self._host.credentials is None:
            raise no_credentials()
        await self.may_use(name)
        fields = await self._host.credentials.get(self.tenant, name, self.run_id)
        self.mask.learn(fields)
        return fields

    async def may_use(self, credential: str) -> None:
        """Terminal if a policy forbids the workflow this credential, Retryable if none knows."""
        if self._host.guard is None:
            return
        try:
            await self._host.guard.use_credential(
                self.tenant, self.workflow, self.version, credential
            )
        except PolicyDeniedError as error:
            raise Terminal(error.message, code=error.code, details=error.details) from None
        except PoliciesUnreadableError as error:
            raise Retryable(error.message, code=error.code) from None

    def write(self, level: str, message: str, fields: Mapping[str, Any]) -> None:
        """One line; beyond a number per attempt lines are not kept."""
        self._lines += 1
        if self._lines > PER_ATTEMPT:
            return
        if self._lines == PER_ATTEMPT:
            level, message, fields = "warning", "further lines of this attempt are not kept", {}
        text = self.mask.text(message[:MESSAGE_CHARS])
        data = self.mask.json(plain_json(fields)) if fields else b""
        if len(data) > FIELDS_BYTES:
            data = orjson.dumps({"too_large": len(data)})
        line = LogLine(
            at=times.from_ms(self._host.clock.now_ms()),
            step=self.step,
            attempt=self.attempt,
            level=level,
            message=text,
            fields=orjson.loads(data) if data else None,
            trace_parent=self.trace_parent,
        )
        self._host.logs.add(self.tenant, self.run_id, line, len(text) + len(data) + 150)


def plain_json(value: Any) -> bytes:
    """What a node says beside its output, as JSON whatever it is: saying it must not fail."""
    try:
        data = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
        if b"null" in data and not_finite(value):
            data = orjson.dumps(_named(value), default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError as error:  # circular, half a surrogate pair, an integer beyond 64 bits
        return orjson.dumps({"unreadable": str(error)})
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and deeper(orjson.loads(data), MAX_DEPTH):
        return orjson.dumps({"unreadable": f"nested more than {MAX_DEPTH} levels deep"})
    return data


def _named(value: Any) -> Any:
    """The value with numbers that JSON does not have as texts: `nan`, `inf`."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _named(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_named(item) for item in value]
    return value


class AttemptLog:
    """The `NodeLog` of an attempt; of its worker's event loop."""

    __slots__ = ("_attempt",)

    def __init__(self, attempt: AttemptContext) -> None:
        self._attempt = attempt

    def debug(self, message: str, **fields: Any) -> None:
        """For the curious."""
        self._attempt.write("debug", message, fields)

    def info(self, message: str, **fields: Any) -> None:
        """What was done."""
        self._attempt.write("info", message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """What looks wrong but did not stop the step."""
        self._attempt.write("warning", message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """What went wrong."""
        self._attempt.write("error", message, fields)


class TenantBlobs:
    """Blobs of one tenant; a reference into another's is refused like one that leads nowhere."""

    __slots__ = ("_blobs", "_mask", "_tenant")

    def __init__(self, blobs: Values, tenant: str, mask: Mask) -> None:
        self._blobs = blobs
        self._tenant = tenant
        self._mask = mask

    async def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Store durably, without secrets, and return the reference."""
        data = self._mask.file(data)
        key = await self._blobs.put(self._tenant, data)
        return {"$blob": {"key": key, "size": len(data), "media_type": media_type}}

    async def get(self, reference: Mapping[str, Any]) -> bytes:
        """The bytes behind a reference."""
        described = reference.get("$blob")
        key = described.get("key") if isinstance(described, Mapping) else None
        if isinstance(key, str) and key.startswith(f"{self._tenant}/"):
            try:
                return await self._blobs.get(key)
            except (KeyError, ValueError):
                pass
        raise Terminal(
            "a value that the step reads by reference is gone, or never was",
            code=BlobNotFoundError.code,
        )


class _TracedHttp:
    __slots__ = ("_hosts", "_http", "_trace_parent")

    def __init__(
        self,
        http: OutboundHttp,
        trace_parent: str,
        hosts: Callable[[], Awaitable[tuple[str, ...]]],
    ) -> None:
        self._http = http
        self._hosts = hosts
        self._trace_parent = trace_parent

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        **options: Any,
    ) -> HttpAnswer:
        parent = telemetry.trace_parent() or self._trace_parent
        known = {name.lower() for name in headers or ()}
        if parent and "traceparent" not in known:
            headers = {**(headers or {}), "traceparent": parent}
        return await self._http.request(
            method, url, headers=headers, query=query, hosts=await self._hosts(), **options
        )

    async def address(self, host: str, port: int) -> str:
        return await self._http.address(host, port, hosts=await self._hosts())
