"""Runs the embedded servers for as long as the platform runs.

Those that the settings do not place elsewhere are started together, started
again on the same port if one dies by itself, and stopped at the end. A server
that keeps dying ends the platform with what it said last.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from pydantic import SecretStr

from weir.contract.errors import ServerFailedError
from weir.runtime.background import Background
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.nats_users import ISSUER, SYSTEM
from weir.runtime.servers.postgres import PostgresServer
from weir.settings import Settings

DEATHS = 5
WITHIN_S = 60.0

_log = structlog.get_logger()

Server = NatsServer | PostgresServer


@asynccontextmanager
async def embedded_servers(
    settings: Settings, background: Background, user: str = "embedded"
) -> AsyncIterator[Settings]:
    """Start what the settings leave to us; yields settings that say where everything is.

    Holds the data directory all the while. Raises DataDirInUseError and
    ServerFailedError. `user` is whom the yielded settings sign in to NATS as.
    """
    directory = DataDir(settings.data_dir)
    with directory.locked():
        servers: list[Server] = []
        if not settings.nats_url:
            servers.append(NatsServer(directory, settings))
        if not settings.postgres_dsn.get_secret_value():
            servers.append(PostgresServer(directory, settings))
        try:
            await _start(servers)
            for server in servers:
                background.spawn(_keep(server), f"keep {server.name}")
            yield settings.model_copy(update=_places(servers, user))
        finally:
            await background.stop()
            await asyncio.gather(*(server.stop() for server in servers))


async def _start(servers: list[Server]) -> None:
    results = await asyncio.gather(*(server.start() for server in servers), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _places(servers: list[Server], user: str) -> dict[str, object]:
    places: dict[str, object] = {}
    for server in servers:
        if isinstance(server, NatsServer):
            places["nats_url"] = server.url
            places["nats_seed_file"] = server.seed_file(user)
            places["bus_issuer_seed_file"] = server.seed_file(ISSUER)
            places["bus_system_seed_file"] = server.seed_file(SYSTEM)
        else:
            places["postgres_dsn"] = SecretStr(server.dsn)
    return places


async def _keep(server: Server) -> None:
    deaths: list[float] = []
    while server.child is not None:
        code = await server.child.ended()
        now = time.monotonic()
        deaths = [at for at in deaths if now - at < WITHIN_S] + [now]
        program = server.child.program
        if len(deaths) >= DEATHS:
            raise ServerFailedError(
                f"{program.name} died {DEATHS} times within {WITHIN_S:g} s, the last time with "
                f"code {code}: {server.child.last_words()}\nThe whole log is {program.log_file}."
            )
        _log.warning("server died and is started again", server=server.name, code=code)
        await asyncio.sleep(0.2 * (len(deaths) - 1))
        with contextlib.suppress(ServerFailedError):  # its end is counted as another death
            await server.start()
