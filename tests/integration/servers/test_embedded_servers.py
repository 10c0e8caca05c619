"""The embedded NATS server and Postgres: start, stop, and what every kind of crash leaves."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.places import directory_for
from weir import settings
from weir.adapters.jetstream.connect import connect
from weir.contract.errors import DataDirInUseError, ServerFailedError
from weir.runtime.background import Background
from weir.runtime.servers.child import command_line
from weir.runtime.servers.datadir import DataDir
from weir.runtime.servers.nats import NatsServer
from weir.runtime.servers.postgres import PostgresServer
from weir.runtime.servers.supervisor import embedded_servers


@contextmanager
def directory() -> Iterator[Path]:
    """A directory that an unprivileged Postgres can reach too."""
    path = directory_for("weir-data-")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    """The data directory of a platform that never ran."""
    with directory() as path:
        yield path


@pytest.fixture(scope="module")
def used_dir() -> Iterator[Path]:
    """The data directory of a platform that was stopped; copied, since a cluster takes a second."""

    async def use() -> None:
        async with embedded_servers(settings.load(data_dir=path), Background()):
            pass

    with directory() as path:
        asyncio.run(use())
        yield path


@pytest.fixture
def data_dir(used_dir: Path) -> Iterator[Path]:
    """A directory of the test's own, used before."""
    with directory() as path:
        subprocess.run(["/bin/cp", "-a", f"{used_dir}/.", path], check=True)  # noqa: S603
        yield path


@pytest.fixture
async def watch() -> AsyncIterator[Background]:
    """The tasks of a supervisor."""
    background = Background()
    yield background
    await background.stop()


class Holder:
    """A process that holds a data directory and its servers."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [sys.executable, "-m", "weir.runtime.servers"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "WEIR_DATA_DIR": str(data_dir)},
        )
        assert self.process.stdout is not None
        for _ in range(3):  # one line for each thing a service has to be told
            self.process.stdout.readline()
        told = DataDir(data_dir).running()
        assert told is not None
        self.nats, self.seed, self.postgres = told.nats_url, told.nats_seed_file, told.postgres_dsn

    def told(self) -> tuple[str, str, str]:
        """Where everything is."""
        return self.nats, self.seed, self.postgres

    def servers(self) -> list[int]:
        """The process ids of the servers that are recorded as running."""
        files = (self.data_dir / "nats" / "nats.pid", self.data_dir / "postgres.pid")
        told = [file.read_text() for file in files if file.exists()]
        return [int(text) for text in told if text]  # one is empty while it is written

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(10)


@pytest.fixture
def hold(data_dir: Path) -> Iterator[Callable[[], Holder]]:
    """Starts holders of the directory; those that still run are ended after the test."""
    holders: list[Holder] = []

    def start() -> Holder:
        holders.append(Holder(data_dir))
        return holders[-1]

    yield start
    for holder in holders:
        holder.end(signal.SIGTERM)
        assert holder.process.stdout is not None
        holder.process.stdout.close()


async def until(check: Callable[[], bool]) -> None:
    """Wait for the thing."""
    async with asyncio.timeout(20):
        while not check():  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.01)


async def value(dsn: str, statement: str) -> object:
    """Ask Postgres for one value."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_what_was_stored_is_there_at_the_next_start(
    data_dir: Path, watch: Background
) -> None:
    """A clean stop keeps data, ports and credentials."""
    found = settings.load(data_dir=data_dir)
    async with embedded_servers(found, watch) as first:
        dsn = first.postgres_dsn.get_secret_value()
        await value(dsn, "create table kept as select 42 as answer")
    async with embedded_servers(found, watch) as second:
        assert second == first
        assert await value(dsn, "select answer from kept") == 42
        version = await value(dsn, "show server_version_num")
        assert int(str(version)) >= 180_000
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(dsn, "alter system set fsync to off")


async def test_a_second_platform_on_the_directory_is_refused(
    data_dir: Path, watch: Background
) -> None:
    """The error names who holds it; afterwards the directory is free again."""
    found = settings.load(data_dir=data_dir)
    refused = pytest.raises(DataDirInUseError, match=f"process {os.getpid()}")
    with DataDir(data_dir).locked(), refused:
        async with embedded_servers(found, watch):
            pass
    with DataDir(data_dir).locked():
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(hold: Callable[[], Holder], number: signal.Signals) -> None:
    """Both servers are gone when the platform is, and nothing tells of it any more."""
    holder = hold()
    servers = holder.servers()
    assert holder.end(number) == 0
    assert not [pid for pid in servers if command_line(pid)]
    assert DataDir(holder.data_dir).running() is None


async def test_a_killed_platform_takes_its_servers_along_and_starts_again(
    hold: Callable[[], Holder],
) -> None:
    """After kill -9 of the platform, what was committed is there under the same addresses."""
    holder = hold()
    await value(holder.postgres, "create table kept as select 42 as answer")
    servers = holder.servers()
    holder.end(signal.SIGKILL)
    again = hold()
    assert again.told() == holder.told()
    assert await value(again.postgres, "select answer from kept") == 42
    await until(lambda: not [pid for pid in servers if command_line(pid)])


async def test_everything_killed_at_once_starts_again(hold: Callable[[], Holder]) -> None:
    """After kill -9 of platform and servers together, stale files do not stop the next start."""
    holder = hold()
    await value(holder.postgres, "create table kept as select 42 as answer")
    for pid in [holder.process.pid, *holder.servers()]:
        os.kill(pid, signal.SIGKILL)
    holder.process.wait(10)
    again = hold()
    assert await value(again.postgres, "select answer from kept") == 42


async def test_a_server_that_dies_is_started_again_on_its_port(
    hold: Callable[[], Holder],
) -> None:
    """After kill -9 of NATS and Postgres, clients find them where they were."""
    holder = hold()
    killed = holder.servers()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: len(set(holder.servers()) - set(killed)) == len(killed))
    seed = Path(holder.seed).read_text().strip()
    link = await connect(holder.nats, nkey_seed=seed)
    await link.close()
    async with asyncio.timeout(20):
        while True:
            try:
                assert await value(holder.postgres, "select 1") == 1
                break
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.01)
    assert holder.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("kind", [NatsServer, PostgresServer])
async def test_an_orphan_is_ended_by_the_next_start(
    data_dir: Path, kind: type[NatsServer | PostgresServer]
) -> None:
    """A server that outlived its platform is found by its recorded id and replaced."""
    directory, found = DataDir(data_dir), settings.load(data_dir=data_dir)
    orphan, server = kind(directory, found), kind(directory, found)
    await orphan.start()
    await server.start()
    try:
        assert orphan.child is not None
        assert orphan.child.exit_code() is not None
        assert server.child is not None
        assert server.child.exit_code() is None
    finally:
        await server.stop()


@pytest.mark.parametrize("kind", [NatsServer, PostgresServer])
async def test_a_stranger_with_a_recorded_id_is_left_alone(
    data_dir: Path, kind: type[NatsServer | PostgresServer]
) -> None:
    """Process ids are given out again: only a process of this directory is ever ended."""
    directory, found = DataDir(data_dir), settings.load(data_dir=data_dir)
    first = kind(directory, found)
    await first.start()
    await first.stop()
    stranger = subprocess.Popen([shutil.which("sleep") or "sleep", "60"])  # noqa: ASYNC220, S603
    files = [data_dir / "nats" / "nats.pid", data_dir / "postgres.pid"]
    files += data_dir.rglob("PG_VERSION")
    for file in files:
        if file.name == "PG_VERSION" and file.parent.name == "data":
            file.with_name("postmaster.pid").write_text(f"{stranger.pid}\n")
        elif file.suffix == ".pid" and file.parent.exists():
            file.write_text(str(stranger.pid))
    second = kind(directory, found)
    try:
        await second.start()
        await second.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_taken_port_is_named(data_dir: Path, watch: Background) -> None:
    """A port that was set and is taken is an error that names it; a remembered one is replaced."""
    directory = DataDir(data_dir)
    port = directory.port("nats", 0)
    assert directory.port("nats", 0) == port
    with_port = settings.load(data_dir=data_dir, nats_port=port)
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port):
        assert directory.port("nats", 0) != port
        with pytest.raises(ServerFailedError, match=rf"Port {port}.*WEIR_NATS_PORT"):
            async with embedded_servers(with_port, watch):
                pass


async def test_a_server_that_cannot_start_says_why(empty_dir: Path) -> None:
    """The error holds the last lines of the server's own log."""
    server = NatsServer(DataDir(empty_dir), settings.load(data_dir=empty_dir))
    (empty_dir / "nats").mkdir()
    (empty_dir / "nats" / "store").write_text("a file where a directory should be")
    with pytest.raises(ServerFailedError, match="storage directory is not a directory"):
        await server.start()


async def test_a_start_that_was_killed_half_way_leaves_no_half_cluster(empty_dir: Path) -> None:
    """A cluster is used only when it is whole."""
    server = PostgresServer(DataDir(empty_dir), settings.load(data_dir=empty_dir))
    (empty_dir / "postgres" / "data.part").mkdir(parents=True)
    (empty_dir / "postgres" / "data.part" / "PG_VERSION").write_text("18")
    await server.start()
    try:
        assert await value(server.dsn, "select current_user::text") == "weir"
    finally:
        await server.stop()


@pytest.mark.parametrize(("sync", "line"), [("kill-safe", '"2m"'), ("power-safe", "always")])
async def test_the_promise_of_sync_reaches_the_server(
    empty_dir: Path, sync: str, line: str
) -> None:
    """`power-safe` makes the broker flush every write."""
    server = NatsServer(DataDir(empty_dir), settings.load(data_dir=empty_dir, sync=sync))
    await server.start()
    await server.stop()
    assert f"sync_interval: {line}" in (empty_dir / "nats" / "nats.conf").read_text()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells a process's environment")
@pytest.mark.parametrize("asked", ["", "3"])
async def test_the_broker_leaves_cores_to_the_services(
    empty_dir: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Half of them, unless our own environment says otherwise."""
    monkeypatch.delenv("GOMAXPROCS", raising=False)
    if asked:
        monkeypatch.setenv("GOMAXPROCS", asked)
    server = NatsServer(DataDir(empty_dir), settings.load(data_dir=empty_dir))
    await server.start()
    try:
        given = Path(f"/proc/{server.child.pid}/environ").read_bytes().split(b"\0")
    finally:
        await server.stop()
    told = [one.decode() for one in given if one.startswith(b"GOMAXPROCS=")]
    assert told == [f"GOMAXPROCS={asked or max(1, (os.cpu_count() or 1) // 2)}"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts Postgres as somebody else")
async def test_root_runs_postgres_as_nobody_wherever_the_data_lies(
    empty_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Binaries and data that the account cannot reach are kept where it can."""
    from weir.runtime.servers import postgres_place as postgres  # noqa: PLC0415

    closed = empty_dir / "closed"
    closed.mkdir(mode=0o700)
    package = postgres.find_binaries().parent
    copies = [closed / package.name, closed / f"{package.name}.libs"]
    shutil.copytree(package / "pginstall18", copies[0] / "pginstall18", symlinks=True)
    shutil.copytree(package.with_name(copies[1].name), copies[1])
    monkeypatch.setattr(postgres, "find_binaries", lambda: copies[0] / "pginstall18")
    monkeypatch.setattr(postgres, "SYSTEM_HOME", empty_dir / "system")
    (empty_dir / "system").mkdir(mode=0o755)
    server = PostgresServer(DataDir(closed), settings.load(data_dir=closed))
    for _ in range(2):
        await server.start()
        try:
            assert await value(server.dsn, "select current_user::text") == "weir"
            assert server.child is not None
            assert Path(f"/proc/{server.child.pid}").stat().st_uid == 65534
            assert str(empty_dir / "system") in command_line(server.child.pid or 0)
        finally:
            await server.stop()
    assert len(list((empty_dir / "system").iterdir())) == 1
    assert (closed / "postgres").resolve().parent == empty_dir / "system"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts Postgres as somebody else")
async def test_root_runs_the_cluster_of_a_user_as_that_user(empty_dir: Path) -> None:
    """A directory that an ordinary user made stays that user's."""
    (empty_dir / "postgres").mkdir()
    os.chown(empty_dir / "postgres", 1, 1)
    server = PostgresServer(DataDir(empty_dir), settings.load(data_dir=empty_dir))
    await server.start()
    await server.stop()
    assert (empty_dir / "postgres" / "data").stat().st_uid == 1
