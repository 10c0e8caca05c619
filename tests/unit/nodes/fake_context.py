"""A `NodeContext` without an engine: what a node writes and stores can be looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from weir.core.cloudevents import Event
from weir.ports.node_context import Http


class FakeLog:
    """Keeps the lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, message: str, **fields: Any) -> None:
        """For the curious."""
        self.lines.append(("debug", message, fields))

    def info(self, message: str, **fields: Any) -> None:
        """What was done."""
        self.lines.append(("info", message, fields))

    def warning(self, message: str, **fields: Any) -> None:
        """What looks wrong."""
        self.lines.append(("warning", message, fields))

    def error(self, message: str, **fields: Any) -> None:
        """What went wrong."""
        self.lines.append(("error", message, fields))


class FakeBlobs:
    """Keeps the values."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Keep it."""
        key = f"acme/{len(self.values)}"
        self.values[key] = data
        return {"$blob": {"key": key, "size": len(data), "media_type": media_type}}

    async def get(self, reference: Mapping[str, Any]) -> bytes:
        """Give it."""
        return self.values[reference["$blob"]["key"]]


class NoHttp:
    """Nothing can be called."""

    async def request(self, *_: Any, **__: Any) -> Any:
        """Wait for ever."""
        await asyncio.Event().wait()

    async def address(self, host: str, _port: int) -> str:
        """Every address may be called."""
        return host


class FakeEvents:
    """A bus that keeps what is published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Event, bytes]] = []

    async def publish(self, subject: str, event: Event, data: bytes) -> int:
        """Keep it."""
        self.published.append((subject, event, data))
        return len(self.published)


class FakeContext:
    """One attempt."""

    tenant = "acme"
    run_id = "run_a"
    step = "call"
    attempt = 1
    idempotency_key = "run_a/call"

    def __init__(self, http: Http | None = None) -> None:
        self.http: Http = http or NoHttp()
        self.blobs = FakeBlobs()
        self.log = FakeLog()
        self.cancelled = False
        self.events = FakeEvents()
        self.streamed: list[Any] = []

    def stream(self, value: Any) -> None:
        """Remember it."""
        self.streamed.append(value)

    def heartbeat(self) -> None:
        """Stop once cancelled."""
        if self.cancelled:
            raise asyncio.CancelledError

    async def secret(self, name: str) -> Mapping[str, Any]:
        """One for every name."""
        return {"secret": f"of-{name}"}
