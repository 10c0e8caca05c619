"""The embedded Postgres: its cluster, its start, its end.

A cluster is made aside and moved into place when it is whole, so that a start
that was killed leaves nothing half done.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from weir.contract.errors import ServerFailedError
from weir.runtime.servers.child import Child, Program
from weir.runtime.servers.datadir import DataDir, write_private
from weir.runtime.servers.postgres_place import Place, settle
from weir.settings import Settings

ROLE = "weir"
DATABASE = "weir"
READY_S = 120.0  # a crash leaves a log to replay
ATTEMPTS = 20
_CONFIG = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}


class PostgresServer:
    """One Postgres 18 on the loopback, with a database whose owner may make roles."""

    name = "postgres"

    def __init__(self, directory: DataDir, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings
        self._port = 0
        self._password_file = directory.path / "postgres.password"
        self.child: Child | None = None

    @property
    def dsn(self) -> str:
        """How clients connect, once started."""
        return self._dsn(ROLE, DATABASE)

    async def start(self) -> None:
        """Start it, making the cluster first if there is none, and wait until it answers."""
        place = settle(self._directory.path / "postgres")
        programs = await asyncio.to_thread(place.programs)
        self._port = self._directory.port(self.name, self._port or self._settings.postgres_port)
        self.child = child = Child(self._program(place, programs))
        await child.end_orphan()
        if not (place.data / "PG_VERSION").exists():
            await asyncio.to_thread(self._make_cluster, place, programs)
        lock = place.data / "postmaster.pid"
        _take_over(lock)
        for attempt in range(ATTEMPTS):
            child.start()
            try:
                await child.ready(lambda: _says_ready(lock, child.pid), READY_S)
            except ServerFailedError:
                # Backends outlive a killed postmaster for a moment and hold its shared memory.
                if attempt == ATTEMPTS - 1 or "shared memory" not in child.last_words():
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    def _program(self, place: Place, programs: Path) -> Program:
        options = {**_CONFIG, "port": str(self._port)}
        command = [str(programs / "postgres"), "-D", str(place.data)]
        command += [part for item in options.items() for part in ("-c", "=".join(item))]
        return Program(
            name="the embedded Postgres",
            command=command,
            mark=str(place.data),
            pid_file=self._directory.path / "postgres.pid",
            log_file=self._directory.path / "postgres.log",
            stop_signal=signal.SIGINT,  # its fast shutdown
            hard_signal=signal.SIGQUIT,  # its immediate one
            account=place.account,
        )

    async def stop(self) -> None:
        """Stop it; what is stored stays."""
        if self.child:
            await self.child.stop(patience_s=1.5)

    def _dsn(self, role: str, database: str) -> str:
        password = self._password_file.read_text().strip()
        return f"postgresql://{role}:{password}@127.0.0.1:{self._port}/{database}"

    @property
    def superuser_dsn(self) -> str:
        """The administrator's way in, for tests that make databases."""
        return self._dsn("postgres", "postgres")

    def _make_cluster(self, place: Place, programs: Path) -> None:
        password = secrets.token_urlsafe(24)
        write_private(self._password_file, password.encode())
        aside = place.home / "data.part"
        shutil.rmtree(aside, ignore_errors=True)
        given = place.home / "password.part"
        write_private(given, password.encode())
        place.own(given)
        initdb = [str(programs / "initdb"), "-D", str(aside), "-U", "postgres"]
        initdb += ["--auth=scram-sha-256", f"--pwfile={given}", "--encoding=UTF8", "--locale=C"]
        initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        _run(initdb, place)
        given.unlink()
        statements = (
            f"create role {ROLE} login createrole password '{password}'\n"
            f"create database {DATABASE} owner {ROLE}\n"
        )
        single = [str(programs / "postgres"), "--single", "-D", str(aside), "postgres"]
        _run(single, place, statements)
        aside.rename(place.data)


def _run(command: list[str], place: Place, given: str = "") -> None:
    account = place.account
    done = subprocess.run(  # noqa: S603 - the command is ours
        command,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode or "FATAL" in done.stderr or "ERROR" in done.stderr:
        said = (done.stderr or done.stdout).strip()
        raise ServerFailedError(f"{Path(command[0]).name} could not make the cluster: {said}")


def _says_ready(lock: Path, pid: int | None) -> bool:
    """Whether the server says "ready", on the eighth line of the file that pg_ctl reads too."""
    try:
        lines = lock.read_text().splitlines()
    except OSError:
        return False
    return lines[:1] == [str(pid)] and [line.strip() for line in lines[7:]] == ["ready"]


def _take_over(lock: Path) -> None:
    """Let the lock file of a killed postmaster not stop the next one.

    Postgres refuses to start while the recorded process id exists, even if it
    is a zombie or was given to somebody else. Its parent's id it accepts, and
    goes on to make sure by the shared memory that no backend is left; that
    check is why the file is not simply removed.
    """
    try:
        pid, rest = lock.read_text().split("\n", 1)
    except (OSError, ValueError):
        return
    if pid.strip() != str(os.getpid()):
        lock.write_text(f"{os.getpid()}\n{rest}")
