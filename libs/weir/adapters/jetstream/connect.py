"""Connecting: waits for the server, checks that it is one we can stand on."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nats.errors
import structlog

from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.served import Served, serves
from weir.contract.errors import BrokerTooOldError, UnavailableError

NEEDED = (2, 14)
BATCHES = 8
_LOG = structlog.get_logger(__name__)
_DEFAULT_PORT = 4222
_DENIED = "authorization"
_POLL_S = 0.02
_PROBE_S = 2.0


async def connect(  # noqa: PLR0913  # each is a thing an operator sets
    url: str,
    *,
    name: str = "weir",
    user: str | None = None,
    password: str | None = None,
    nkey_seed: str | None = None,
    credentials: Path | None = None,
    tls: ssl.SSLContext | None = None,
    timeout_s: float = 10.0,
    open_batches: int = BATCHES,
    inbox: str = "_INBOX",
    watched: bool = True,
) -> Link:
    """A connection that renews itself for ever.

    Several servers of a cluster are joined by commas. `open_batches` is this
    process's share of the atomic batches that may be open at once: all
    processes together must stay below 40 (log-protocol P24). `inbox` begins the
    subjects of answers, where the server gives each user its own. One that is not
    `watched` may ask nothing of the run log. Raises
    UnavailableError if no server can be reached within `timeout_s`,
    BrokerTooOldError if it lacks what Weir needs.
    """
    servers = [part.strip() for part in url.split(",") if part.strip()]
    options: dict[str, Any] = {
        "name": name,
        "user": user,
        "password": password,
        "nkeys_seed_str": nkey_seed,
        "user_credentials": None if credentials is None else str(credentials),
        "tls": tls,
        "inbox_prefix": inbox,
    }
    last_error = "nobody listens there"
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                await _reachable(servers)
                try:
                    link = await _once(servers, options, open_batches)
                    break
                except (OSError, nats.errors.Error) as failed:
                    last_error = str(failed) or type(failed).__name__
                    if _DENIED in last_error.lower():
                        raise UnavailableError(
                            f"the NATS server at {url} does not let us in: {last_error}; "
                            "check the user and its credentials"
                        ) from failed
                    await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise UnavailableError(
            f"no NATS server at {url} within {timeout_s:g} s: {last_error}"
        ) from None
    try:
        check_server(link)
    except BrokerTooOldError:
        await link.close()
        raise
    if watched:
        Served(link, partial(_serves, options))
    return link


async def _serves(options: dict[str, Any], server: str) -> bool:
    try:
        async with asyncio.timeout(_PROBE_S):
            link = await _once([server], options, 1, _ignored)
            try:
                return await serves(link)
            finally:
                await link.close()
    except (OSError, nats.errors.Error):  # among them TimeoutError
        return False


async def _failed(error: Exception) -> None:
    _LOG.warning("nats_error", error=str(error) or type(error).__name__)


async def _ignored(_error: Exception) -> None:
    pass


async def _once(
    servers: list[str],
    options: dict[str, Any],
    open_batches: int,
    failed: Callable[[Exception], Awaitable[None]] = _failed,
) -> Link:
    link = Link(open_batches)

    try:
        await link.connect(
            servers,
            **options,
            error_cb=failed,
            disconnected_cb=link.lost,
            reconnected_cb=link.back,
            # The first attempt fails with its reason; afterwards we never give up.
            allow_reconnect=False,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,  # type: ignore[arg-type]  # any number does
            connect_timeout=2,
            # A server that stands still without closing the connection is noticed in 9 s.
            ping_interval=3,
            max_outstanding_pings=2,
        )
    except BaseException:
        await link.close()
        raise
    link.options["allow_reconnect"] = True
    return link


def check_server(link: Link) -> None:
    """BrokerTooOldError unless the server has the version and the JetStream that Weir needs."""
    there = str(link.info.get("version", "unknown"))
    found = re.match(r"(\d+)\.(\d+)", there)
    needed = ".".join(str(part) for part in NEEDED)
    if found is None or (int(found[1]), int(found[2])) < NEEDED:
        raise BrokerTooOldError(
            f"the NATS server is version {there}, Weir needs {needed} or newer: "
            "install a newer nats-server"
        )
    if not link.info.get("jetstream", False):
        raise BrokerTooOldError(
            f"the NATS server (version {there}) runs without JetStream: start it with "
            "`-js`, or with a `jetstream` block in its configuration"
        )


async def _reachable(servers: list[str]) -> None:
    # nats-py waits 2 s after a first failure; a port that opens is seen at once here.
    while True:
        for server in servers:
            parts = urlsplit(server if "://" in server else f"nats://{server}")
            with suppress(OSError):
                _, writer = await asyncio.open_connection(
                    parts.hostname or "127.0.0.1", parts.port or _DEFAULT_PORT
                )
                writer.close()
                return
        await asyncio.sleep(_POLL_S)
