"""Brings the database to the schema of this code: numbered SQL files, each applied once.

The owner of the database runs them under an advisory lock, so that processes
that start together do not meet. A file that was applied is never changed; a
database that is ahead of the code is refused. Postgres 16 or newer.
"""

from __future__ import annotations

import asyncio
import re
import time
from importlib.resources import files
from typing import NamedTuple

import asyncpg

from weir.adapters.postgres.connection import unavailable
from weir.contract.codec import digest
from weir.contract.errors import SchemaMismatchError

_LOCK = 0x57454952  # "WEIR"
_POLL_S = 0.05
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

_BOOK = """
create schema if not exists weir;
create table if not exists weir.migrations (
  number integer primary key,
  name text not null,
  digest text not null,
  applied_at timestamptz not null default now()
);
"""

_JOIN = "grant weir_query, weir_projector to current_user with inherit false, set true"


class Migration(NamedTuple):
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """By which a changed file is noticed."""
        return digest(self.sql.encode())


def migrations() -> list[Migration]:
    """All of them, in order."""
    folder = files("weir.adapters.postgres").joinpath("migrations")
    return sorted(
        Migration(int(match[1]), file.name, file.read_text("utf-8"))
        for file in folder.iterdir()
        if (match := _NAME.fullmatch(file.name))
    )


async def migrate(dsn: str, *, patience_s: float = 10.0) -> list[str]:
    """Apply what is missing and return the names; SchemaMismatchError, UnavailableError.

    `dsn` belongs to the owner of the database, who must be able to make roles,
    unless weir_query and weir_projector are there. A server that is not there
    yet, or is starting, is waited for.
    """
    with unavailable():
        connection = await _connected(dsn, patience_s)
        try:
            await connection.execute("select pg_advisory_lock($1)", _LOCK)
            return await _apply(connection, migrations())
        finally:
            await connection.close(timeout=5)


async def _connected(dsn: str, patience_s: float) -> asyncpg.Connection:
    """The first connection: servers and services may have been started together."""
    until = time.monotonic() + patience_s
    while True:
        try:
            return await asyncpg.connect(dsn, timeout=10)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(_POLL_S)


async def _apply(connection: asyncpg.Connection, wanted: list[Migration]) -> list[str]:
    await connection.execute(_BOOK)
    rows = await connection.fetch("select number, name, digest from weir.migrations")
    applied = {row["number"]: (row["name"], row["digest"]) for row in rows}
    _refuse_what_differs(applied, {each.number: each for each in wanted})
    done = []
    for each in wanted:
        if each.number in applied:
            continue
        async with connection.transaction():
            await connection.execute(each.sql)
            await connection.execute(
                "insert into weir.migrations (number, name, digest) values ($1, $2, $3)",
                *(each.number, each.name, each.digest),
            )
        done.append(each.name)
    await _join_roles(connection)
    return done


def _refuse_what_differs(applied: dict[int, tuple[str, str]], wanted: dict[int, Migration]) -> None:
    for number, (name, stored) in sorted(applied.items()):
        if number not in wanted:
            raise SchemaMismatchError(
                f"the database has migration {name}, which this version of Weir does not know: "
                "start a version at least as new as the one that last used the database"
            )
        if wanted[number].digest != stored:
            raise SchemaMismatchError(
                f"migration {name} was applied with another text: "
                "undo the change to the file and write a new migration instead"
            )


async def _join_roles(connection: asyncpg.Connection) -> None:
    """Let the owner act as both roles, without having what they may by itself.

    Two databases of one server may do so at once.
    """
    for attempt in range(5):
        try:
            await connection.execute(_JOIN)
        except asyncpg.InternalServerError:  # "tuple concurrently updated"
            await asyncio.sleep(0.05 * 2**attempt)
        else:
            return
    await connection.execute(_JOIN)
