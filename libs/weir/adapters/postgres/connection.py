"""Connections that act as one of the two roles, and what a lost one is called."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import asyncpg

from weir.contract.errors import UnavailableError

Role = Literal["weir_query", "weir_projector"]

QUERY_TIMEOUT_S = 10.0
# For what takes the server no time: a connection, the begin of a transaction. A database that says
# nothing for so long stands still or is cut off, and whoever asked is better told than kept.
FIRST_WORD_S = 2.0

_LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # used in the moment it was lost
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)


@contextmanager
def unavailable() -> Iterator[None]:
    """Turns a database that is away, starting, stopping, full or too slow into UnavailableError."""
    try:
        yield
    except _LOST as error:
        raise UnavailableError(
            f"the database of the views did not answer ({type(error).__name__}: {error}): "
            "try again; if it stays so, look whether Postgres runs and has room"
        ) from error


@contextmanager
def cut_off(connection: Any, seconds: float) -> Iterator[asyncio.TimerHandle]:
    """Ends the connection if the block takes longer; what waits for it then fails as lost.

    Cancelling would not do: it asks the server to break off and to roll back, and waits for the
    answers of one that may stand still.
    """
    timer = asyncio.get_running_loop().call_later(seconds, connection.terminate)
    try:
        yield timer
    finally:
        timer.cancel()


def settings(role: Role) -> dict[str, str]:
    """What a connection of this role starts with; `role` survives every reset of the session."""
    common = {"application_name": role, "role": role, "jit": "off", "search_path": "weir"}
    if role == "weir_query":
        return common | {
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(QUERY_TIMEOUT_S * 1000)),
            # Filters differ from call to call; a plan for all of them serves none.
            "plan_cache_mode": "force_custom_plan",
        }
    # What is lost here with a power cut is read from the log again, position included.
    return common | {"synchronous_commit": "off"}


async def pool(dsn: str, role: Role, size: int, *, at_once: bool = True) -> asyncpg.Pool:
    """A pool whose connections act as the role; the first one is made `at_once`, to see it can be.

    It keeps none alive by itself: while the database is away there is nothing to complain about
    but the reads that fail.
    """
    with unavailable():
        made = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            timeout=5,
            command_timeout=QUERY_TIMEOUT_S + 5,
            server_settings=settings(role),
        )
        try:
            if at_once:
                await made.fetchval("select 1")
        except BaseException:
            made.terminate()
            raise
    return made
