"""A service, and the life of a process that runs some.

The services start, all at once as those in processes of their own do, then the
HTTP server opens; at a signal it closes, then they stop in reverse order within
the deadline. A background task that
fails ends the process with its error: what is stored is enough to start again,
and a half-dead process is worse than none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from weir.core.expressions import prepare
from weir.runtime import metrics, telemetry
from weir.runtime.audit import Audit
from weir.runtime.background import Background
from weir.runtime.http.app import application
from weir.runtime.http.relay import Relayed
from weir.runtime.http.route import Route
from weir.runtime.http.server import Server, tls_context
from weir.runtime.lifetime import unless_crashed
from weir.runtime.platform import Platform

_LAG_EVERY_S = 0.5

_log = structlog.get_logger()


class Service(Protocol):
    """One of the platform's services. Made by its module's `build(platform)`."""

    @property
    def name(self) -> str:
        """The service's name, as in `python -m services.<name>`."""
        ...

    @property
    def routes(self) -> tuple[Route, ...]:
        """What it answers over HTTP."""
        ...

    @property
    def background(self) -> Background:
        """Its tasks; the first that fails ends the process."""
        ...

    async def start(self) -> None:
        """Begin; returns when it can do its work, or when it goes on trying in the background."""
        ...

    async def stop(self) -> None:
        """End in order; called once, also after a start that failed."""
        ...

    def health(self) -> dict[str, bool]:
        """What it depends on, and whether that is there. All true: ready."""
        ...


Announce = Callable[[str], Awaitable[None]]


async def _silently(_: str) -> None:
    """Announce nothing."""


async def run_services(
    platform: Platform,
    services: Sequence[Service],
    *,
    stop: asyncio.Event,
    announce: Announce = _silently,
    watched: Sequence[Background] = (),
) -> None:
    """Run the services until `stop` is set; `announce` gets the server's address once it answers.

    Raises what a background task failed with, of a service or of `watched`.
    """
    prepare()  # here nobody waits yet; later the whole loop would
    settings = platform.settings
    deadline_s = settings.stop_deadline / 1000
    metrics.BUILD.labels(telemetry.release()).set(1)
    measuring = Background()
    measuring.spawn(_measure_lag(), "measure loop lag")
    if platform.storage is not None:
        measuring.spawn(platform.storage.run(), "watch the broker's storage")
    routes = [route for service in services for route in service.routes]
    audit = Audit(platform.notes, platform.clock)
    app = application(platform, routes, lambda: _health(platform, services), audit)
    certificate, key = settings.tls_cert_file, settings.tls_key_file
    server = Server(
        app,
        settings.http_host,
        settings.http_port,
        stop_s=deadline_s / 4,
        tls=tls_context(certificate, key) if certificate and key else None,
    )
    relayed = Relayed(platform.live, app, routes)
    backgrounds = [*watched, *(service.background for service in services)]
    try:
        await unless_crashed(_start(services), backgrounds, stop)
        if stop.is_set():
            return
        await server.start()
        await relayed.start()
        _log.info("ready", url=server.url, services=[service.name for service in services])
        await unless_crashed(announce(server.url), backgrounds, stop)
        await unless_crashed(stop.wait(), backgrounds, stop)
    finally:
        await relayed.stop()
        await server.stop()
        await audit.stop()
        await _stop(services, deadline_s)
        await measuring.stop()


def _health(platform: Platform, services: Sequence[Service]) -> dict[str, bool]:
    found = {name: check() for name, check in platform.checks.items()}
    if platform.storage is not None:
        found["nats_room"] = not platform.storage.full
    for service in services:
        found |= {f"{service.name}.{name}": good for name, good in service.health().items()}
    return found


async def _start(services: Sequence[Service]) -> None:
    """All of them; the first that fails ends what the others are doing."""
    starting = [asyncio.create_task(service.start()) for service in services]
    try:
        await asyncio.gather(*starting)
    finally:
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)


async def _stop(services: Sequence[Service], deadline_s: float) -> None:
    until = asyncio.get_running_loop().time() + deadline_s
    for service in reversed(services):
        try:
            async with asyncio.timeout_at(until):
                await service.stop()
        except TimeoutError:
            _log.warning("stopping took too long and was cut off", service=service.name)
        except Exception:  # noqa: BLE001 - the others must be stopped too
            _log.exception("stopping failed", service=service.name)
        await service.background.stop()


async def _measure_lag() -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + _LAG_EVERY_S
        await asyncio.sleep(_LAG_EVERY_S)
        metrics.LOOP_LAG.observe(max(0.0, clock() - due))
