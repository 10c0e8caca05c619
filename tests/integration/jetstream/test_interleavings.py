"""The interleavings that the log protocol closes, seen on a real server.

Each test names its rule. Some show the trap itself, on the bare server: they
fail on the day the server no longer sets it, and the rule can be thought over.
"""

from __future__ import annotations

import asyncio
import time

import orjson
import pytest

from tests.nats_server import NatsServer, empty_streams
from tests.tcp_proxy import proxied
from tests.waiting import eventually, everything, take, within
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.delivered import position
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.contract import subjects
from weir.contract.errors import ConflictError, OutcomeUnknownError, UnavailableError
from weir.ports.log import Append, Schedule

START = "run.1.acme.r1.in.start"
EVENTS = "run.1.acme.r1.ev"


@pytest.fixture
def log(link: Link) -> JetStreamLog:
    """The run log on the session's server."""
    return JetStreamLog(link, subjects.RUNS)


async def test_p1_acknowledging_a_later_delivery_loses_the_lost_ones(link: Link) -> None:
    """P1, the trap: with ack_policy=all, what was lost before an acknowledged one never returns."""
    log = JetStreamLog(link, subjects.RUNS)
    await log.append_all([Append(START, b"%d" % number) for number in range(3)])
    config = {"durable_name": "trap", "ack_policy": "all", "ack_wait": 200_000_000}
    body = {"stream_name": subjects.RUNS, "config": config}
    await call(link, f"CONSUMER.DURABLE.CREATE.{subjects.RUNS}.trap", body)
    seen: list[tuple[int, int]] = []
    replies: list[bytes] = []

    def receive(_subject: bytes, reply: bytes, _header: bytes, _data: bytes) -> None:
        if reply:
            replies.append(reply)
            seen.append(position(reply)[:2])

    link.listen("trap.inbox", receive)
    request = orjson.dumps({"batch": 10, "expires": 10_000_000_000})
    link.tell(f"$JS.API.CONSUMER.MSG.NEXT.{subjects.RUNS}.trap", request, "trap.inbox")

    async def three() -> bool:
        return len(seen) == 3

    await eventually(three)
    link.tell(replies[2].decode(), b"+ACK")  # the first two are taken as lost on their way
    await log.append(Append(START, b"3"))

    async def newer() -> bool:
        return (1, 4) in seen

    await eventually(newer)
    await asyncio.sleep(0.5)  # more than twice the time after which a redelivery was due
    assert [seq for delivered, seq in seen if delivered == 1] == [1, 2, 3, 4]
    assert {seq for delivered, seq in seen if delivered > 1} <= {4}


async def test_p1_a_reading_stays_contiguous_over_lost_connections(nats_server: NatsServer) -> None:
    """P1: every message once and in order, though connections break with deliveries under way."""
    async with empty_streams(nats_server) as writer, proxied(nats_server.port) as proxy:
        log = JetStreamLog(writer, subjects.RUNS)
        reader = await connect(f"nats://127.0.0.1:{proxy.port}")
        following = JetStreamLog(reader, subjects.RUNS).follow("run.*.*.*.in.>")
        found: list[int] = []
        total = 12_000

        async def write() -> None:
            for start in range(0, total, 100):
                await log.append_all(
                    [Append(f"run.1.acme.r.in.n{start + n}", b"x" * 200) for n in range(100)]
                )
                await asyncio.sleep(0.002)

        async def disturb() -> None:
            for at in range(total // 6, total, total // 6):
                while len(found) < at:  # noqa: ASYNC110  # what holds is not ours to signal
                    await asyncio.sleep(0.001)
                proxy.hold(answers=True)
                await asyncio.sleep(0.02)
                proxy.cut()
                proxy.let_through()

        async def read() -> None:
            async for batch in following:
                found.extend(message.seq for message in batch)
                if len(found) >= total:
                    return

        await within(asyncio.gather(write(), disturb(), read()), 60)
        assert found == list(range(1, total + 1))
        await following.close()
        await reader.close()


async def test_p4_pipelined_appends_store_the_third_without_the_second(log: JetStreamLog) -> None:
    """P4: a refusal in the middle of a pipeline does not stop what follows it."""
    first, second, third = await log.append_all(
        [Append(EVENTS, b"1"), Append(EVENTS, b"2", expect=99), Append(EVENTS, b"3")]
    )
    assert (first, third) == (1, 2)
    assert isinstance(second, ConflictError)


async def test_p4_a_lost_connection_leaves_outcomes_unknown(nats_server: NatsServer) -> None:
    """P4: the answer lost, or the append itself: the writer learns that it cannot know."""
    async with empty_streams(nats_server) as direct, proxied(nats_server.port) as proxy:
        link = await connect(f"nats://127.0.0.1:{proxy.port}")
        log, truth = JetStreamLog(link, subjects.RUNS), JetStreamLog(direct, subjects.RUNS)
        await log.append(Append(START, b""))

        proxy.hold(answers=True)
        stored = asyncio.create_task(log.append(Append(EVENTS, b"stored")))

        async def arrived() -> bool:
            return await truth.last(EVENTS) is not None

        await eventually(arrived)
        proxy.hold(requests=True)
        lost = asyncio.create_task(log.append(Append(EVENTS, b"lost")))
        await asyncio.sleep(0.05)
        proxy.cut()
        for append in (stored, lost):
            with pytest.raises(OutcomeUnknownError):
                await within(append)
        with pytest.raises(UnavailableError):
            await log.append(Append(EVENTS, b"refused"))
        proxy.let_through()

        async def back() -> bool:
            return link.is_connected

        await eventually(back)
        await log.append(Append(EVENTS, b"after"))
        read = await everything(truth.read(EVENTS))
        assert [message.data for message in read] == [b"stored", b"after"]
        await link.close()


async def test_p7_after_a_purge_a_repeated_start_is_new(log: JetStreamLog) -> None:
    """P7, the trap: neither the expectation nor the message id remembers a purged run."""
    start = Append(START, b"", expect=0, msg_id="start")
    await log.append(start)
    await log.purge("run.1.acme.r1.>")
    assert isinstance(await log.append(Append(START, b"", expect=0)), int)


async def test_p7_a_tombstone_refuses_a_repeated_start(log: JetStreamLog) -> None:
    """P7: a rolled-up start with a time to live outlasts the purge of the run below it."""
    await log.append(Append(START, b"", expect=0))
    tombstone = await log.append(Append(START, b"tombstone", rollup=True, ttl_s=60))
    await log.purge("run.1.acme.r1.>", below=tombstone)
    with pytest.raises(ConflictError):
        await log.append(Append(START, b"", expect=0))


async def test_p8_an_incarnation_ends_with_the_server(own_nats_server: NatsServer) -> None:
    """P8: after a restart the incarnation is another, so an old fence guards nothing new."""
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        before = await log.incarnation()
        lease = await log.append(Append(subjects.lease(1, before), b"", expect=0))
        renewed = asyncio.Event()

        async def noted() -> None:
            renewed.set()

        link.on_reconnect(noted)
        own_nats_server.restart()
        await within(renewed.wait())
        after = await log.incarnation()
        assert after != before
        assert await log.last(subjects.lease(1, after)) is None
        stored = await log.last(subjects.lease(1, before))
        assert stored is not None
        assert stored.seq == lease


async def test_p9_one_duplicate_start_refuses_a_whole_batch(log: JetStreamLog) -> None:
    """P9: the batch must be split to find the culprit; nothing of it is stored."""
    await log.append(Append(START, b"", expect=0))
    batch = [Append(f"run.1.acme.{run}.in.start", b"", expect=0) for run in ("r0", "r1", "r2")]
    with pytest.raises(ConflictError):
        await log.append_atomic(batch)
    assert await log.last_seq() == 1


async def test_p12_a_queue_is_first_in_first_out(link: Link) -> None:
    """P12: one task of B after 2,000 of A comes last, so owners dispatch windows."""
    log = JetStreamLog(link, subjects.RUNS)
    flood = [Append("run.1.a.r1.task.default", b"A")] * 2_000
    await log.append_all([*flood, Append("run.1.b.r2.task.default", b"B")])
    worker = await JetStreamTasks(link).work("default", capacity=500)
    seen: list[bytes] = []
    async for delivery in worker:
        seen.append(delivery.message.data)
        await delivery.ack()
        if len(seen) == 2_001:
            break
    assert seen.index(b"B") == 2_000
    await worker.close()


async def test_p13_a_fire_ignores_what_its_target_holds(log: JetStreamLog) -> None:
    """P13: the second fire of a timer is stored beside the first, so fires are folded by id."""
    target = "run.1.acme.r1.in.timer.t"
    await log.append(Append(target, b"there already", expect=0))
    schedule = Schedule(int(time.time() * 1000), target)
    await log.append(Append("run.1.acme.r1.timer.t", b"fired", schedule=schedule))
    following = log.follow(target)
    assert [m.data for m in await take(aiter(following), 2)] == [b"there already", b"fired"]
    await following.close()


async def test_p20_core_subscribers_see_what_was_refused(link: Link) -> None:
    """P20, the trap: a raw subject shows what was published, the republished what is stored."""
    log, live = JetStreamLog(link, subjects.RUNS), JetStreamLive(link)
    raw: list[bytes] = []
    stored: list[bytes] = []
    await live.listen(EVENTS, lambda _subject, data: raw.append(data))
    await live.listen("live.*.*.r1.ev", lambda _subject, data: stored.append(data))
    await log.append(Append(EVENTS, b"1"))
    with pytest.raises(ConflictError):
        await log.append(Append(EVENTS, b"refused", expect=0))
    await log.append(Append(EVENTS, b"2"))

    async def arrived() -> bool:  # on either subject; neither waits for the other
        return len(stored) == 2 and len(raw) == 3

    await eventually(arrived)
    assert raw == [b"1", b"refused", b"2"]
    assert stored == [b"1", b"2"]


async def test_p20_republished_facts_show_no_last_sequence(link: Link) -> None:
    """P20, the trap: each fact has a subject of its own, so gaps among facts cannot be seen."""
    log = JetStreamLog(link, subjects.RUNS)
    told: list[bytes] = []

    def receive(_subject: bytes, _reply: bytes, header: bytes, _data: bytes) -> None:
        told.append(header)

    link.listen("live.*.*.r1.in.>", receive)
    await log.append(Append(START, b""))
    await log.append(Append("run.1.acme.r1.in.cancel.x", b""))

    async def arrived() -> bool:
        return len(told) == 2

    await eventually(arrived)
    assert all(b"Nats-Last-Sequence: 0\r\n" in header for header in told)


async def test_a_firing_timer_is_not_published(link: Link) -> None:
    """The trap: only consumers and the republished subject see a timer fire."""
    log, live = JetStreamLog(link, subjects.RUNS), JetStreamLive(link)
    target = "run.1.acme.r1.in.timer.t"
    raw: list[bytes] = []
    stored: list[bytes] = []
    await live.listen(target, lambda _subject, data: raw.append(data))
    await live.listen(f"live.{target[4:]}", lambda _subject, data: stored.append(data))
    schedule = Schedule(int(time.time() * 1000), target)
    await log.append(Append("run.1.acme.r1.timer.t", b"fired", schedule=schedule))

    async def arrived() -> bool:
        return bool(stored)

    await eventually(arrived)
    assert (raw, stored) == ([], [b"fired"])
