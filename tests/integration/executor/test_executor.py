"""The executor on a real NATS server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.executor.service import build
from tests.integration.executor.world import TENANT, World
from tests.waiting import eventually, within
from weir.adapters.jetstream.link import Link
from weir.contract import codec, subjects
from weir.contract.messages import CredentialSaved, RegistryRecord, TaskFailed, TaskSucceeded
from weir.ports.log import Append
from weir.ports.secrets import Place

TOKEN = "t0ken-of-the-test"


class Receiver:
    """What nodes call; it counts, and holds back its answer while the gate is closed."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self, request: web.Request) -> web.Response:
        """Says who called, and how it was authorised."""
        self.calls.append(request.headers["Idempotency-Key"])
        await self.gate.wait()
        return web.json_response(
            {"n": len(self.calls), "you_sent": request.headers.get("Authorization")}
        )


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, TestServer]]:
    """A receiver on loopback."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.answer)
    async with TestServer(app) as server:
        yield receiver, server


async def test_a_step_runs_from_its_task_to_its_result(link: Link, tmp_path: Path) -> None:
    """Taken from the queue, its secret opened, called, stored without the secret, acknowledged."""
    async with receiving() as (receiver, server):
        world = World(link, tmp_path, outbound_allow=[f"127.0.0.1:{server.port}"])
        platform = world.platform
        place = Place(TENANT, "cred_1", "site")
        sealed = await platform.secrets.seal(orjson.dumps({"token": TOKEN}), place)
        saved = CredentialSaved(
            credential_id="cred_1", name="site", sealed=sealed.data, key_id=sealed.key_id
        )
        record = RegistryRecord.of(saved, id="evt_1", tenant=TENANT)
        subject = subjects.credential(TENANT, "site")
        await platform.registry.append(Append(subject, codec.encode(record)))
        executor = build(platform)
        await executor.start()
        config = {"url": str(server.make_url("/x")), "auth": "{{ credentials.site }}"}
        await world.schedule("http_request", config)
        result = await world.result()
        await world.all_acknowledged()
        await executor.stop()
        assert isinstance(result, TaskSucceeded), result
        assert result.output["body"] == {"n": 1, "you_sent": "Bearer ********"}
        assert receiver.calls == ["run_a/a"]
        lines = [
            message.data
            async for batch in platform.logs.read(subjects.logs(TENANT, "run_a"))
            for message in batch
        ]
        assert lines
        assert TOKEN.encode() not in b"".join(lines)


async def test_loopback_is_closed_unless_it_is_allowed(link: Link, tmp_path: Path) -> None:
    """The default refuses what only our own machine can reach."""
    async with receiving() as (receiver, server):
        world = World(link, tmp_path)
        executor = build(world.platform)
        await executor.start()
        await world.schedule("http_request", {"url": str(server.make_url("/"))})
        result = await world.result()
        await executor.stop()
        assert isinstance(result, TaskFailed)
        assert result.error is not None
        assert result.error.code == "ADDRESS_REFUSED"
        assert receiver.calls == []


async def test_a_stopped_executors_step_goes_to_another_at_once(link: Link, tmp_path: Path) -> None:
    """It is given back, and done again with the same idempotency key."""
    async with receiving() as (receiver, server):
        receiver.gate.clear()
        world = World(
            link, tmp_path, outbound_allow=[f"127.0.0.1:{server.port}"], stop_deadline="100ms"
        )
        first, second = build(world.platform), build(world.platform)
        await first.start()
        await world.schedule("http_request", {"url": str(server.make_url("/"))})

        async def called() -> bool:
            return bool(receiver.calls)

        await eventually(called)
        await within(first.stop())
        await second.start()
        receiver.gate.set()
        result = await world.result()
        await world.all_acknowledged()
        await second.stop()
        assert isinstance(result, TaskSucceeded)
        assert receiver.calls == ["run_a/a", "run_a/a"]


async def test_many_steps_leave_one_result_each(link: Link, tmp_path: Path) -> None:
    """Two executors share a queue; every task is done once and acknowledged."""
    async with receiving() as (receiver, server):
        world = World(link, tmp_path, outbound_allow=[f"127.0.0.1:{server.port}"])
        executors = [build(world.platform), build(world.platform)]
        for executor in executors:
            await executor.start()
        runs = [f"run_{number}" for number in range(100)]
        for run in runs:
            await world.schedule("http_request", {"url": str(server.make_url("/"))}, run=run)
        results = [await world.result(run) for run in runs]
        await world.all_acknowledged()
        for executor in executors:
            await executor.stop()
        assert all(isinstance(result, TaskSucceeded) for result in results)
        assert sorted(receiver.calls) == sorted(f"{run}/a" for run in runs)
        assert await world.platform.runs.last_seq() == 200
