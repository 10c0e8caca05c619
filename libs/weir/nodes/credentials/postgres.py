"""A PostgreSQL database, and who we are there."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Self

import asyncpg
from pydantic import Field, model_validator

from weir.nodes.credentials.base import Credential, FieldsModel, Secret
from weir.nodes.postgres import Connection, SslMode, guarded_loop
from weir.ports.credential_types import Probe
from weir.ports.node_context import Retryable, Terminal

TIMEOUT_S = 10.0


class Fields(FieldsModel):
    """All in one `dsn`, or each by itself."""

    dsn: Secret | None = Field(
        None, description="postgresql://user:password@host:port/database, instead of all others."
    )
    host: str | None = Field(None, description="Name or address of the server.")
    port: int | None = Field(None, ge=1, le=65535, description="5432 if empty.")
    user: str | None = Field(None, description="Role that signs in.")
    password: Secret | None = None
    database: str | None = Field(None, description="Which database.")
    sslmode: SslMode | None = Field(None, description="As libpq means it; prefer if empty.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        others = self.model_dump(exclude={"dsn"}, exclude_none=True)
        if self.dsn is not None and others:
            raise ValueError("give `dsn`, or the other fields, not both")
        self.connection()
        return self

    def connection(self) -> Connection:
        """As the nodes use it; ValueError names what is missing, without any value."""
        given: Mapping[str, Any] = self.model_dump(exclude_none=True)
        try:
            return Connection.model_validate(given)
        except ValueError as error:
            raise ValueError(_without_values(error)) from None


class Postgres(Credential[Fields]):
    """A PostgreSQL database: where it is, and who signs in."""

    type = "postgres"
    title = "PostgreSQL"
    icon = "database"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """`select 1`."""
        wanted = fields.connection()
        try:
            connection = await asyncpg.connect(
                host=wanted.host,
                port=wanted.port,
                user=wanted.user,
                password=wanted.password,
                database=wanted.database,
                ssl=wanted.sslmode,
                timeout=TIMEOUT_S,
                server_settings={"application_name": "weir test"},
                loop=guarded_loop(probe.http),
            )
        except asyncpg.PostgresError as error:
            raise Terminal(str(error), code=f"SQLSTATE_{error.sqlstate or 'XX000'}") from None
        except (asyncpg.InterfaceError, ValueError) as error:
            raise Terminal(
                f"the database cannot be used so: {type(error).__name__}", code="CONFIG_INVALID"
            ) from None
        except (OSError, TimeoutError, ssl.SSLError) as error:
            raise Retryable(
                f"the database cannot be reached: {error or type(error).__name__}",
                code="POSTGRES_UNREACHABLE",
            ) from None
        try:
            await connection.fetchval("select 1", timeout=TIMEOUT_S)
            version = ".".join(str(part) for part in connection.get_server_version()[:2])
        finally:
            await connection.close(timeout=TIMEOUT_S)
        return f"PostgreSQL {version} lets {wanted.user} into {wanted.database}"


def _without_values(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'dsn'}: {one['msg']}"
        for one in errors(include_input=False, include_context=False, include_url=False)
    )
