"""Connecting, refusing what we cannot stand on, and setting up the streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nkeys
import orjson
import pytest

from tests.nats_server import NatsServer, empty_streams
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.streams import ensure_streams
from weir.adapters.streams import STREAMS
from weir.contract import subjects
from weir.contract.errors import BrokerTooOldError, ShardsMismatchError, UnavailableError
from weir.ports.log import Append


@asynccontextmanager
async def pretender(version: str) -> AsyncIterator[str]:
    """Something that greets like a NATS server of that version."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        info = {"server_id": "X", "version": version, "max_payload": 1 << 20, "headers": True}
        writer.write(b"INFO " + orjson.dumps({**info, "jetstream": True}) + b"\r\n")
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        yield f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("version", ["2.10.27", "2.13.9", "1.4.1", "strange"])
async def test_an_older_server_is_refused(version: str) -> None:
    """The error names the version that is there and the one that is needed."""
    async with pretender(version) as url:
        with pytest.raises(BrokerTooOldError, match=rf"{version}.*2\.14"):
            await connect(url)


@pytest.mark.parametrize("version", ["2.14.0", "2.15.1-RC.1", "3.0.0"])
async def test_a_newer_server_is_taken(version: str) -> None:
    """Two numbers are compared, not text."""
    async with pretender(version) as url:
        link = await connect(url)
        await link.close()


async def test_a_server_without_jetstream_is_refused(tmp_path: Path) -> None:
    """The error says how to switch it on."""
    server = NatsServer(tmp_path, jetstream=False)
    server.start()
    try:
        with pytest.raises(BrokerTooOldError, match="without JetStream"):
            await connect(server.url)
    finally:
        server.kill()


async def test_no_server_is_an_error_in_time() -> None:
    """Nobody listens: an error with the address, after the time that was given."""
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1 within 0\.2 s"):
        await connect("nats://127.0.0.1:1", timeout_s=0.2)


async def test_a_server_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    """Who connects first does not lose."""
    server = NatsServer(tmp_path)
    connecting = asyncio.create_task(connect(server.url))
    await asyncio.sleep(0.05)
    server.start()
    try:
        link = await connecting
        await link.close()
    finally:
        server.kill()


async def test_credentials_are_used_and_needed(tmp_path: Path) -> None:
    """A password or an nkey opens; a wrong one is refused with the server's reason."""
    seed = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER)
    public = nkeys.from_seed(seed).public_key.decode()
    lines = f"authorization {{ users: [{{user: weir, password: secret}}, {{nkey: {public}}}] }}"
    server = NatsServer(tmp_path, lines=lines)
    server.start()
    try:
        for given in (
            await connect(server.url, user="weir", password="secret"),
            await connect(server.url, nkey_seed=seed.decode()),
        ):
            await ensure_streams(given)
            await given.close()
        with pytest.raises(UnavailableError, match=r"(?i)let us in.*authorization"):
            await connect(server.url, user="weir", password="wrong")
    finally:
        server.kill()


async def test_setting_up_twice_changes_nothing(link: Link) -> None:
    """Every service does it at its start, at once."""
    log = JetStreamLog(link, subjects.RUNS)
    await log.append(Append("run.1.acme.r.ev", b""))
    await asyncio.gather(*(ensure_streams(link) for _ in range(3)))
    assert await log.last_seq() == 1


async def test_many_set_up_empty_servers_at_once(own_nats_server: NatsServer) -> None:
    """Services that start together make each stream once."""
    links = [await connect(own_nats_server.url) for _ in range(4)]
    await asyncio.gather(*(ensure_streams(link) for link in links))
    names = (await call(links[0], "STREAM.NAMES"))["streams"]
    assert sorted(names) == sorted(spec.name for spec in STREAMS)
    for link in links:
        await link.close()


async def test_another_number_of_shards_is_refused(link: Link) -> None:
    """P22: it stands in the stream's metadata and never changes."""
    with pytest.raises(ShardsMismatchError, match=r"32 shards.*say 16"):
        await ensure_streams(link, shards=16)
    config = (await call(link, f"STREAM.INFO.{subjects.RUNS}"))["config"]
    assert config["metadata"]["weir.shards"] == "32"


async def test_settings_of_an_older_release_are_brought_up_to_date(link: Link) -> None:
    """A stream that lacks a setting gets it, and keeps its messages."""
    log = JetStreamLog(link, subjects.RUNS)
    await log.append(Append("run.1.acme.r.ev", b""))
    found = (await call(link, f"STREAM.INFO.{subjects.RUNS}"))["config"]
    older = {key: value for key, value in found.items() if key != "republish"}
    await call(link, f"STREAM.UPDATE.{subjects.RUNS}", {**older, "allow_rollup_hdrs": False})
    await ensure_streams(link)
    now = (await call(link, f"STREAM.INFO.{subjects.RUNS}"))["config"]
    assert now["republish"]["src"] == "run.*.*.*.>"
    assert now["allow_rollup_hdrs"] is True
    assert await log.last_seq() == 1


async def test_the_log_of_steps_ends_after_its_days(nats_server: NatsServer) -> None:
    """LOGS forgets by age, RUNS never does; limits count for two days, events lie for seven."""
    async with empty_streams(nats_server) as link:
        ages = {
            spec.name: (await call(link, f"STREAM.INFO.{spec.name}"))["config"]["max_age"]
            for spec in STREAMS
        }
    assert ages.pop("LOGS") == 30 * 86_400 * 1_000_000_000
    assert ages.pop("DELIVERIES") == 30 * 86_400 * 1_000_000_000
    assert ages.pop("BUS") == 7 * 86_400 * 1_000_000_000
    assert ages.pop("RATES") == 2 * 86_400 * 1_000_000_000
    assert set(ages.values()) == {0}
