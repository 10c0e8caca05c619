"""The adapter on a server that dies, stands still, or feeds it faster than it reads."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from tests.nats_server import NatsServer, empty_streams
from tests.tcp_proxy import proxied
from tests.waiting import eventually, everything, within
from weir.adapters import wire
from weir.adapters.jetstream import link as link_module
from weir.adapters.jetstream import publishing, pull
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.following import BUFFER, BUFFER_BYTES, JetStreamFollowing
from weir.adapters.jetstream.link import Link, publication
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.jetstream.refusals import InFlightError
from weir.adapters.jetstream.tasks import JetStreamTasks
from weir.contract import subjects
from weir.contract.errors import OutcomeUnknownError, UnavailableError
from weir.ports.log import Append

EVENTS = "run.1.acme.r1.ev"


class Load:
    """Writers at full speed, what they learnt, and a reading of all of it."""

    def __init__(self, log: JetStreamLog) -> None:
        self.log = log
        self.acknowledged: dict[int, bytes] = {}
        self.refused: set[bytes] = set()
        self.read: dict[int, bytes] = {}
        self.stop = False

    async def write(self, run: int) -> None:
        """Append pipelines of 50 until told to stop."""
        number = 0
        while not self.stop:
            numbers = range(number, number + 50)
            number += 50
            appends = [Append(f"run.1.acme.r{run}.ev", b"%d.%d" % (run, n)) for n in numbers]
            results = await self.log.append_all(appends)
            for append, result in zip(appends, results, strict=True):
                if isinstance(result, int):
                    self.acknowledged[result] = append.data
                elif not isinstance(result, OutcomeUnknownError):
                    self.refused.add(append.data)
            if not isinstance(results[-1], int):
                await asyncio.sleep(0.02)

    async def follow(self, reading: JetStreamFollowing) -> None:
        """Note what the reading yields."""
        async for batch in reading:
            for message in batch:
                assert message.seq not in self.read
                self.read[message.seq] = message.data

    async def more(self, count: int) -> None:
        """Until so many more are acknowledged."""
        goal = len(self.acknowledged) + count

        async def reached() -> bool:
            return len(self.acknowledged) >= goal

        await eventually(reached)


@pytest.mark.parametrize("rest_s", [0.0, 0.005])
async def test_no_acknowledged_append_is_lost_by_kill_9(
    own_nats_server: NatsServer, rest_s: float
) -> None:
    """Killed three times under load: all that was acknowledged is there, and a reading goes on."""
    async with empty_streams(own_nats_server) as link:
        load = Load(JetStreamLog(link, subjects.RUNS))
        reading = load.log.follow("run.>", rest_s=rest_s)
        follower = asyncio.create_task(load.follow(reading))
        writers = [asyncio.create_task(load.write(run)) for run in range(4)]
        for _ in range(3):
            await load.more(2_000)
            own_nats_server.restart()
        await load.more(2_000)
        load.stop = True
        await within(asyncio.gather(*writers))
        last = await load.log.last_seq()

        async def caught_up() -> bool:
            return last in load.read

        await eventually(caught_up)
        await reading.close()
        await within(follower)
        stored = {m.seq: m.data for m in await everything(load.log.read("run.>"))}
        assert load.acknowledged.items() <= stored.items()
        assert not load.refused & set(stored.values())
        assert load.read == stored
        assert list(load.read) == sorted(load.read)


async def test_a_reading_that_rests_takes_what_came_at_once(own_nats_server: NatsServer) -> None:
    """The first message after a silence comes at once, what follows on it in one batch a rest."""
    rest_s = 0.5
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        following = log.follow("run.>", rest_s=rest_s)
        reading = aiter(following)
        await log.append(Append("run.1.acme.r1.in.x", b"first"))
        assert [message.seq for message in await within(anext(reading))] == [1]
        begun = time.monotonic()
        for number in range(59):
            await log.append(Append(f"run.1.acme.r1.in.x{number}", b"more"))
        batches = [await within(anext(reading))]
        while batches[-1][-1].seq < 60:
            batches.append(await within(anext(reading)))
        assert [message.seq for batch in batches for message in batch] == list(range(2, 61))
        assert len(batches) <= (time.monotonic() - begun) / rest_s + 1
        await log.append(Append("run.1.acme.r1.in.y", b"last"))
        assert [message.seq for message in await within(anext(reading))] == [61]
        await following.close()


async def test_a_queue_goes_on_after_kill_9(own_nats_server: NatsServer) -> None:
    """Every task is delivered; one that comes again, though acknowledged, is marked as doubtful.

    The server forgets its newest acknowledgements with the count of deliveries.
    """
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        worker = await JetStreamTasks(link).work("q", capacity=5, patience_s=0.5)
        await log.append_all([Append("run.1.acme.r.task.q", b"%d" % n) for n in range(20)])
        done: list[bytes] = []
        async with asyncio.timeout(30):
            async for delivery in worker:
                assert (delivery.message.data in done) <= (delivery.delivered > 1)
                done.append(delivery.message.data)
                await delivery.ack()
                if len(done) == 10:
                    await link.flush()
                    own_nats_server.restart()
                if len(set(done)) == 20:
                    break
        assert sorted(set(done), key=int) == [b"%d" % number for number in range(20)]
        await worker.close()


async def test_live_listeners_are_renewed(own_nats_server: NatsServer) -> None:
    """After a restart the same listener hears again, and whoever asked is told of the hole."""
    async with empty_streams(own_nats_server) as link:
        live = JetStreamLive(link)
        heard: list[bytes] = []
        back = asyncio.Event()

        async def reconnected() -> None:
            back.set()

        live.on_reconnect(reconnected)
        await live.listen("beat", lambda _subject, data: heard.append(data))
        own_nats_server.restart()
        await within(back.wait())
        await live.publish("beat", b"again")

        async def arrived() -> bool:
            return heard == [b"again"]

        await eventually(arrived)


async def test_a_standing_server_leaves_the_outcome_unknown(
    own_nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An append that is not answered in time may be stored later, and the error says unknown."""
    monkeypatch.setattr(publishing, "TIMEOUT_S", 0.3)
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        own_nats_server.signal(signal.SIGSTOP)
        results = await within(log.append_all([Append(EVENTS, b"1"), Append(EVENTS, b"2")]))
        assert all(isinstance(result, OutcomeUnknownError) for result in results)
        with pytest.raises(OutcomeUnknownError):
            await within(log.append_atomic([Append(EVENTS, b"3"), Append(EVENTS, b"4")]))
        own_nats_server.signal(signal.SIGCONT)

        async def stored() -> bool:
            return await log.last_seq() == 4

        await eventually(stored)


async def test_a_lost_delivery_is_fetched_again(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hole in the consumer's numbers, in the middle or at the end, starts the reading over."""
    monkeypatch.setattr(pull, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(pull, "_FIRST_HEARTBEAT_S", 0.1)
    log = JetStreamLog(link, subjects.RUNS)
    lost: list[bytes] = []
    take = JetStreamFollowing._take

    def lossy(
        self: JetStreamFollowing, reply: bytes, subject: bytes, header: bytes, data: bytes
    ) -> None:
        if data in (b"3", b"9") and data not in lost:
            lost.append(data)
        else:
            take(self, reply, subject, header, data)

    monkeypatch.setattr(JetStreamFollowing, "_take", lossy)
    reading = log.follow("run.>")
    await log.append_all([Append(EVENTS, b"%d" % number) for number in range(10)])
    found: list[bytes] = []
    async with asyncio.timeout(20):
        async for batch in reading:
            found += [message.data for message in batch]
            if len(found) == 10:
                break
    assert lost == [b"3", b"9"]
    assert found == [b"%d" % number for number in range(10)]
    await reading.close()


async def test_silence_starts_a_reading_over(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the heartbeats stop, the reading does not wait for ever."""
    monkeypatch.setattr(pull, "_SILENT_BEATS", 0.3)
    log = JetStreamLog(link, subjects.RUNS)
    reading = log.follow("run.>")
    waiting = asyncio.create_task(anext(aiter(reading)))

    async def pulling() -> bool:
        return reading._pull is not None

    await eventually(pulling)
    deaf = reading._pull
    assert deaf is not None
    link._direct[deaf._sid] = lambda *_message: None

    async def begun_again() -> bool:
        return reading._pull not in (None, deaf)

    await eventually(begun_again)
    await log.append(Append(EVENTS, b"heard"))
    assert [message.data for message in await within(waiting)] == [b"heard"]
    await reading.close()


async def test_a_slow_reader_bounds_its_memory(link: Link) -> None:
    """What nobody reads stays at the broker: so many messages, and so many megabytes."""
    log = JetStreamLog(link, subjects.RUNS)
    for size, count in ((10, 20_000), (500_000, 60)):
        await log.append_all([Append(EVENTS, b"x" * size) for _ in range(count)])
        reading = log.follow(EVENTS)
        await anext(aiter(reading))

        async def full(reading: JetStreamFollowing = reading) -> bool:
            return reading._room() <= 0 and bool(reading._pull) and reading._pull._asked == 0

        await eventually(full)
        assert len(reading._buffer) <= BUFFER
        assert reading._bytes <= 4 * BUFFER_BYTES
        await reading.close()
        await log.purge("run.>")


async def test_a_reading_survives_its_consumer(link: Link) -> None:
    """A consumer that the broker drops is made anew behind what was read."""
    log = JetStreamLog(link, subjects.RUNS)
    await log.append(Append(EVENTS, b"1"))
    reading = log.follow("run.>")
    batches = aiter(reading)
    assert [m.data for m in await within(anext(batches))] == [b"1"]
    link.tell(f"$JS.API.CONSUMER.DELETE.{subjects.RUNS}.{reading._consumer}", b"")
    await log.append(Append(EVENTS, b"2"))
    assert [m.data for m in await within(anext(batches))] == [b"2"]
    await reading.close()


async def test_a_reading_that_cannot_be_says_so(link: Link) -> None:
    """Overlapping filters and a missing stream are errors of the iteration, not silence."""
    log = JetStreamLog(link, subjects.RUNS)
    for reading in (
        log.follow(["run.>", "run.1.>"]),
        JetStreamLog(link, "NOWHERE").follow("run.>"),
    ):
        with pytest.raises(UnavailableError):
            await within(anext(aiter(reading)))
        await reading.close()


async def test_a_closed_connection_ends_everything(nats_server: NatsServer) -> None:
    """Readers, workers and writers get an error instead of waiting for ever."""
    async with empty_streams(nats_server):
        link = await connect(nats_server.url)
        log = JetStreamLog(link, subjects.RUNS)
        reading = asyncio.create_task(everything(aiter(log.follow("run.>"))))
        worker = await JetStreamTasks(link).work("q", capacity=1)
        working = asyncio.create_task(anext(aiter(worker)))
        await log.append(Append(EVENTS, b""))
        await link.close()
        for waiting in (reading, working, log.append(Append(EVENTS, b"")), log.last(EVENTS)):
            with pytest.raises(UnavailableError):
                await within(waiting)


async def test_a_batch_waits_for_room(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the stream holds as many open batches as it can, another one backs off (P24)."""
    log = JetStreamLog(link, subjects.RUNS)

    def part(batch: int, number: int, *commit: tuple[str, str]) -> bytes:
        append = Append("run.1.acme.other.ev", b"")
        marks = (("Nats-Batch-Id", f"open{batch}"), ("Nats-Batch-Sequence", str(number)))
        header = wire.header_block(append, *marks, *commit)
        return publication(append.subject, b"", header, b"")

    refused = asyncio.Event()
    committed = publishing._committed

    def note(*answers: Any) -> list[int]:
        try:
            return committed(*answers)
        except InFlightError:
            refused.set()
            raise

    monkeypatch.setattr(publishing, "_committed", note)
    link.post([part(batch, 1) for batch in range(50)])
    batch = asyncio.create_task(log.append_atomic([Append(EVENTS, b"")] * 3))
    await within(refused.wait())
    link.post([part(batch, 2, ("Nats-Batch-Commit", "1")) for batch in range(50)])
    assert len(await within(batch)) == 3
    assert len(await everything(log.read("run.>"))) == 103


async def test_a_restart_is_short(own_nats_server: NatsServer) -> None:
    """Killed and started again, the first append succeeds as soon as the server is there."""
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        await log.append_all([Append(EVENTS, b"x" * 250) for _ in range(20_000)])
        began = time.monotonic()
        own_nats_server.restart()
        async with asyncio.timeout(20):
            while True:
                try:
                    await log.append(Append(EVENTS, b"first"))
                    break
                except (UnavailableError, OutcomeUnknownError):
                    await asyncio.sleep(0.01)
        print(f"restart to first append: {time.monotonic() - began:.2f} s")  # noqa: T201


async def test_what_is_stuck_at_a_standing_server_is_dropped(
    own_nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection given up with much in its buffers ends at once, and sends none of it later."""
    monkeypatch.setattr(publishing, "TIMEOUT_S", 30.0)
    async with empty_streams(own_nats_server) as link:
        log = JetStreamLog(link, subjects.RUNS)
        link.options["connect_timeout"] = 0.3
        own_nats_server.signal(signal.SIGSTOP)
        appends = [Append(EVENTS, b"x" * 100_000) for _ in range(300)]
        stuck = asyncio.create_task(log.append_all(appends))
        socket = link._transport._io_writer.transport

        async def full() -> bool:
            return socket.get_write_buffer_size() > 1_000_000

        await eventually(full)
        await link._process_op_err(ConnectionError("given up"))  # as after missing pings
        results = await within(stuck)
        assert all(isinstance(result, OutcomeUnknownError) for result in results[:50])
        assert socket.get_write_buffer_size() == 0
        own_nats_server.signal(signal.SIGCONT)

        async def back() -> bool:
            return link.is_connected

        await eventually(back)
        await log.append(Append("run.1.acme.r2.ev", b"after"))
        # What the kernel had taken from the first connection is stored beside the second's.
        stored = await everything(log.read("run.>"))
        assert len(stored) < len(appends)
        assert b"after" in {message.data for message in stored}


async def test_a_worker_that_closes_gives_back_what_was_under_way(
    nats_server: NatsServer,
) -> None:
    """A task that arrives while a worker ends goes to the next at once, not after the patience."""
    async with empty_streams(nats_server) as direct, proxied(nats_server.port) as proxy:
        link = await connect(f"nats://127.0.0.1:{proxy.port}")
        leaving = await JetStreamTasks(link).work("q", capacity=1, patience_s=60)
        proxy.hold(answers=True)
        await JetStreamLog(direct, subjects.RUNS).append(Append("run.1.acme.r.task.q", b"due"))

        async def under_way() -> bool:
            info = await call(direct, f"CONSUMER.INFO.{subjects.RUNS}.queue_q")
            return bool(info["num_ack_pending"])

        await eventually(under_way)
        closing = asyncio.create_task(leaving.close())
        await asyncio.sleep(0)
        proxy.let_through()
        await within(closing)
        next_one = await JetStreamTasks(direct).work("q", capacity=1, patience_s=60)
        assert (await within(anext(aiter(next_one)))).message.data == b"due"
        await next_one.close()
        await link.close()


async def test_what_waited_while_a_worker_stood_still_is_doubtful(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task read only after a pause may be with another worker by then: it counts as repeated."""
    monkeypatch.setattr(link_module, "SILENCE_S", 0.3)

    async def write(name: bytes) -> None:
        another = await connect(nats_server.url, name="another")
        await JetStreamLog(another, subjects.RUNS).append(Append("run.1.acme.r.task.q", name))
        await another.close()

    async with empty_streams(nats_server) as link:
        worker = await JetStreamTasks(link).work("q", capacity=5)
        reading = aiter(worker)
        await write(b"before")
        assert (await within(anext(reading))).delivered == 1
        writing = threading.Thread(target=asyncio.run, args=(write(b"meanwhile"),))
        writing.start()
        writing.join()  # this loop stands still, as a stopped process does
        time.sleep(0.4)  # noqa: ASYNC251  # the fault itself
        assert (await within(anext(reading))).delivered == 2
        assert worker._asking is not None
        await within(worker._asking)
        await write(b"after")
        assert (await within(anext(reading))).delivered == 1
        await worker.close()


async def test_attempts_on_a_silent_server_leave_no_connections(
    own_nats_server: NatsServer,
) -> None:
    """Whoever accepts and says nothing holds one connection of ours at a time."""
    taken: list[asyncio.StreamReader] = []
    gone = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(reader)
        with suppress(ConnectionResetError):
            await reader.read()
        gone.set()
        writer.close()

    link = await connect(own_nats_server.url, name="test")
    link.options["connect_timeout"] = 0.1
    own_nats_server.kill()
    silent = await asyncio.start_server(accept, "127.0.0.1", own_nats_server.port)
    await within(gone.wait())
    assert len(taken) <= 2
    silent.close()
    await link.close()
