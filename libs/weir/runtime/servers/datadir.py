"""The directory of an embedded platform: who holds it, and where the platform can be found.

lock            held by the platform that runs here
platform.json   how to reach it, while it runs (mode 0600: it holds a password)
ports.json      the ports of the last time, taken again so that clients find them
secrets.keys    the keys that seal credentials
blobs/  nats/  postgres/
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from weir.contract.errors import DataDirInUseError, ServerFailedError


@dataclass(frozen=True, slots=True)
class Running:
    """How other processes reach a running platform."""

    pid: int
    url: str
    nats_url: str
    nats_seed_file: str
    postgres_dsn: str


class DataDir:
    """One directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory. DataDirInUseError if another living process does."""
        # Others may pass through: as root, Postgres runs as somebody else.
        self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                raise DataDirInUseError(
                    f"{self.path} is in use by process {holder}: stop that platform, or choose "
                    "another directory with WEIR_DATA_DIR.",
                    details={"path": str(self.path), "pid": holder},
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            try:
                yield
            finally:
                self._announcement.unlink(missing_ok=True)

    def announce(self, running: Running) -> None:
        """Tell other commands where the platform is."""
        write_private(self._announcement, json.dumps(asdict(running), indent=2).encode())

    def running(self) -> Running | None:
        """The platform that runs here, None if none does (whatever a crash left behind)."""
        try:
            told = Running(**json.loads(self._announcement.read_bytes()))
            with (self.path / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return told
        except (OSError, ValueError, TypeError):
            return None
        return None

    def port(self, name: str, wanted: int) -> int:
        """A port to listen on: the wanted one, else the one of last time, else any free one."""
        if wanted:
            if not _is_free(wanted):
                raise ServerFailedError(
                    f"Port {wanted}, set for {name}, is taken: stop what holds it, or set "
                    f"WEIR_{name.upper()}_PORT to another one or to 0."
                )
            return wanted
        file = self.path / "ports.json"
        try:
            ports: dict[str, int] = json.loads(file.read_bytes())
        except (FileNotFoundError, ValueError):
            ports = {}
        if not _is_free(ports.get(name, 0)):
            with socket.create_server(("127.0.0.1", 0)) as free:
                ports[name] = free.getsockname()[1]
            write_private(file, json.dumps(ports).encode())
        return ports[name]

    @property
    def _announcement(self) -> Path:
        return self.path / "platform.json"


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _is_free(port: int) -> bool:
    if not port:
        return False
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
