"""The Postgres of the peers that need one: the same server, as Weir embeds it, syncing commits."""

from __future__ import annotations

import asyncpg

from benchmarks.peers.processes import Processes
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.postgres import PostgresServer
from weir.settings import Settings


class Postgres:
    """One server in the directory of these processes, ended and killed with them."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        directory = DataDir(processes.data)
        self._server = PostgresServer(directory, Settings(data_dir=processes.data))

    async def start(self) -> None:
        """Start it, or start it again."""
        await self._server.start()
        assert self._server.child is not None
        self._processes.adopt(self._server.child.pid)

    async def stop(self) -> None:
        """End it."""
        await self._server.stop()

    @property
    def dsn(self) -> str:
        """How its administrator connects."""
        return self._server.superuser_dsn

    async def rows(self, statement: str) -> list[asyncpg.Record]:
        """Ask it."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    async def size(self) -> int:
        """Bytes of all tables and indexes of the database, its own log aside."""
        (row,) = await self.rows("select pg_database_size(current_database()) as bytes")
        return int(row["bytes"])
