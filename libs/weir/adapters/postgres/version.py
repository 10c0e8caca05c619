"""Whether a Postgres can be used, asked by a connection of its own."""

from __future__ import annotations

import asyncpg

from weir.adapters.postgres.connection import unavailable
from weir.contract.errors import UnavailableError

TIMEOUT_S = 5.0


async def server_version(dsn: str) -> str:
    """The server's version; UnavailableError if it cannot be reached or does not let us in."""
    try:
        with unavailable():
            connection = await asyncpg.connect(dsn, timeout=TIMEOUT_S)
            try:
                return str(await connection.fetchval("show server_version"))
            finally:
                await connection.close(timeout=TIMEOUT_S)
    except (asyncpg.PostgresError, ValueError) as error:
        raise UnavailableError(f"Postgres does not let us in: {error}") from error
