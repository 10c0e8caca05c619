"""The fixture that other tests stand on: its streams are empty, whatever was there before."""

from __future__ import annotations

import asyncio
import shutil

from tests.nats_server import NatsServer, empty_streams
from tests.tcp_proxy import proxied
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.log import JetStreamLog
from weir.contract import subjects
from weir.ports.log import Append

EVENTS = "run.1.acme.r1.ev"


async def test_a_deletion_that_goes_on_is_waited_for(own_nats_server: NatsServer) -> None:
    """A server that has not removed an old stream's files would keep the next one's messages."""
    async with empty_streams(own_nats_server) as link:
        assert await JetStreamLog(link, subjects.RUNS).append(Append(EVENTS, b"old")) == 1
    left = own_nats_server.directory / "store/jetstream/$G/streams/.RUNS"
    left.mkdir()
    (left / "block").write_bytes(b"")

    async def first_of_new() -> int:
        async with empty_streams(own_nats_server) as link:
            return await JetStreamLog(link, subjects.RUNS).append(Append(EVENTS, b"new"))

    making = asyncio.create_task(first_of_new())
    done, _ = await asyncio.wait([making], timeout=0.3)
    assert not done
    shutil.rmtree(left)
    assert await making == 1


async def test_what_a_proxy_holds_is_lost_with_it(own_nats_server: NatsServer) -> None:
    """An append that was held reaches no stream once the proxy is closed; one let through does."""
    async with empty_streams(own_nats_server) as direct:
        log = JetStreamLog(direct, subjects.RUNS)
        async with proxied(own_nats_server.port) as proxy:
            link = await connect(f"nats://127.0.0.1:{proxy.port}", name="proxied")
            far = JetStreamLog(link, subjects.RUNS)
            await far.append(Append(EVENTS, b"let through"))
            proxy.hold(requests=True, answers=True)
            held = asyncio.create_task(far.append(Append(EVENTS, b"held")))
            await link.drained()
            await asyncio.sleep(0)
        await asyncio.gather(held, return_exceptions=True)
        await link.close()
        assert await log.last_seq() == 1
