"""A role and a database of the example's own in the embedded Postgres."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit, urlunsplit

import asyncpg

NAME = "deployments"
TABLE = """
create table if not exists deployments (
  id bigint generated always as identity primary key,
  run_id text not null unique,
  repository text not null,
  environment text not null,
  state text not null,
  commit text not null,
  reported_at timestamptz not null
)
"""


async def prepare(platform_dsn: str) -> str:
    """Make what is missing, with a password that only this start knows; the role's DSN."""
    password = secrets.token_urlsafe(24)
    administrator = await asyncpg.connect(_place(platform_dsn, user="postgres", path="/postgres"))
    try:
        there = await administrator.fetchval("select 1 from pg_roles where rolname = $1", NAME)
        verb = "alter" if there else "create"
        await administrator.execute(f"{verb} role {NAME} login password '{password}'")
        if not await administrator.fetchval("select 1 from pg_database where datname = $1", NAME):
            await administrator.execute(f"create database {NAME} owner {NAME}")
    finally:
        await administrator.close()
    dsn = _place(platform_dsn, user=NAME, path=f"/{NAME}", password=password)
    owner = await asyncpg.connect(dsn)
    try:
        await owner.execute(TABLE)
    finally:
        await owner.close()
    return dsn


async def row(dsn: str, run_id: str) -> str:
    """What the workflow has written down of a run."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetchrow("select * from deployments where run_id = $1", run_id)
        count = await connection.fetchval("select count(*) from deployments")
    finally:
        await connection.close()
    if found is None:
        return f"no row of this run among {count}"
    told = {name: str(value) for name, value in found.items() if name != "run_id"}
    return f"{told} (row {found['id']} of {count})"


def _place(dsn: str, *, user: str, path: str, password: str = "") -> str:
    # The embedded cluster's administrator has the password of the platform's own role.
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(netloc=f"{user}:{password or parts.password}@{host}", path=path)
    )
