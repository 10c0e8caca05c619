"""PostgreSQL for nodes: connections from a credential, pools kept within bounds, values both ways.

Nothing of the process's own environment (PGHOST, pgpass, sockets) is ever used:
a credential names its database whole, or it is refused.
"""

from __future__ import annotations

import asyncio
import base64
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
import orjson
from pydantic import Field, model_validator

from weir.nodes.base import NodeContext, NodeModel, Retryable
from weir.ports.node_context import Http

POOLS = 32
CONNECTIONS = 4
IDLE_S = 60.0
CONNECT_S = 10.0

SslMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]
_DSN_SETTINGS = {"sslmode": "sslmode"}


class Connection(NodeModel):
    """Where a database is and who we are there."""

    host: str = Field(min_length=1, pattern=r"^[^/@]")
    port: int = Field(5432, ge=1, le=65535)
    user: str = Field(min_length=1)
    password: str
    database: str = Field(min_length=1)
    sslmode: SslMode = "prefer"

    @model_validator(mode="before")
    @classmethod
    def _from_dsn(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "dsn" not in value:
            return value
        # Nothing of it is quoted: of one that is broken any part could be the password.
        try:
            parts = urlsplit(str(value["dsn"]))
            port = parts.port or 5432
        except ValueError:
            raise ValueError("dsn cannot be read: write / ? # @ : in a password as %2F …") from None
        if parts.scheme not in {"postgres", "postgresql"} or not parts.hostname:
            raise ValueError("dsn must read postgresql://user:password@host:port/database")
        settings = dict(parse_qsl(parts.query))
        if settings.keys() - _DSN_SETTINGS.keys():
            raise ValueError(f"dsn takes no setting but {', '.join(_DSN_SETTINGS)}")
        return {
            "host": parts.hostname,
            "port": port,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "database": unquote(parts.path.removeprefix("/")),
            **settings,
        }


class Pools:
    """At most `POOLS` pools of `CONNECTIONS` connections; what was unused longest goes first."""

    def __init__(self) -> None:
        self._pools: OrderedDict[tuple[str, Connection], asyncpg.Pool] = OrderedDict()
        self._users: dict[asyncpg.Pool, int] = {}
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def borrow(
        self, connection: Connection, ctx: NodeContext
    ) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy[Any]]:
        """A connection of this credential's pool; its tenant must be allowed to call the host."""
        pool = await self._pool(connection, ctx)
        self._users[pool] = self._users.get(pool, 0) + 1
        try:
            async with pool.acquire() as borrowed:
                yield borrowed
        finally:
            self._users[pool] -= 1

    async def _pool(self, connection: Connection, ctx: NodeContext) -> asyncpg.Pool:
        key = ctx.tenant, connection
        async with self._opening:
            if key in self._pools:
                self._pools.move_to_end(key)
                return self._pools[key]
            await self._make_room()
            pool = await asyncpg.create_pool(
                host=connection.host,
                port=connection.port,
                user=connection.user,
                password=connection.password,
                database=connection.database,
                ssl=connection.sslmode,
                min_size=0,
                max_size=CONNECTIONS,
                max_inactive_connection_lifetime=IDLE_S,
                timeout=CONNECT_S,
                init=_json_as_values,
                server_settings={"application_name": "weir"},
                loop=guarded_loop(ctx.http),
            )
            self._pools[key] = pool
            return pool

    async def _make_room(self) -> None:
        for key, pool in list(self._pools.items()):
            if len(self._pools) < POOLS:
                return
            if not self._users.get(pool):
                del self._pools[key]
                self._users.pop(pool, None)
                await pool.close()

    async def close(self) -> None:
        """Close all; what is still borrowed is cut off."""
        pools, self._pools = list(self._pools.values()), OrderedDict()
        for pool in pools:
            if self._users.get(pool):
                pool.terminate()
            else:
                await pool.close()


def guarded_loop(http: Http) -> asyncio.AbstractEventLoop:
    """The running loop for asyncpg, with connections to checked addresses alone."""
    return cast("asyncio.AbstractEventLoop", _Guarded(asyncio.get_running_loop(), http))


class _Guarded:
    """The loop as asyncpg sees it: every connection goes to an address that was checked."""

    def __init__(self, loop: asyncio.AbstractEventLoop, http: Http) -> None:
        self._loop = loop
        self._http = http

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_connection(
        self, factory: Callable[[], Any], host: str, port: int, **options: Any
    ) -> Any:
        """To a checked address of the host; certificates are still of its name."""
        try:
            address = await self._http.address(host, port)
        except Retryable as error:
            raise OSError(error.message) from error
        if options.get("ssl") is not None:
            options.setdefault("server_hostname", host)
        return await self._loop.create_connection(factory, address, port, **options)


async def _json_as_values(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=lambda value: orjson.dumps(value).decode(),
            decoder=orjson.loads,
        )


def bind(types: Sequence[asyncpg.Type], values: Sequence[Any]) -> list[Any]:
    """JSON values as the statement's parameter types want them.

    ValueError says which parameter does not fit.
    """
    if len(types) != len(values):
        raise ValueError(f"the query has {len(types)} parameters, `parameters` has {len(values)}")
    bound = []
    for number, (wanted, value) in enumerate(zip(types, values, strict=True), start=1):
        try:
            bound.append(_to(wanted.name, value))
        except (ValueError, ArithmeticError, TypeError) as error:
            raise ValueError(f"${number} is to be {wanted.name}: {error}") from None
    return bound


def _to(name: str, value: Any) -> Any:  # noqa: C901 - one line per family of types
    if value is None or name in {"json", "jsonb"}:
        return value
    if name.endswith("[]"):
        if not isinstance(value, list):
            raise ValueError("a list is needed")
        return [_to(name[:-2], item) for item in value]
    if name in {"int2", "int4", "int8", "oid"} and isinstance(value, float | str):
        return _integer(value)
    if name in {"float4", "float8"} and isinstance(value, str):
        return float(value)
    if name == "numeric" and not isinstance(value, bool):
        return Decimal(str(value))
    if name in {"text", "varchar", "bpchar", "name"} and not isinstance(value, str):
        return orjson.dumps(value).decode()
    if name == "bytea" and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    if name == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if name in {"timestamp", "timestamptz"} and isinstance(value, str):
        at = datetime.fromisoformat(value)
        return at if name == "timestamptz" else at.replace(tzinfo=None)
    if name in {"time", "timetz"} and isinstance(value, str):
        return time.fromisoformat(value)
    return value


def _integer(value: float | str) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value} is no whole number")
    return int(value)


def jsonable(value: Any) -> Any:
    """A database value as JSON: times in RFC 3339, bytes in base64, rare types as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping | asyncpg.Record):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return str(value)
