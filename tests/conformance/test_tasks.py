"""The queues port: each task to one worker at a time, until it is acknowledged."""

from __future__ import annotations

import asyncio

import pytest

from tests.conformance.conftest import Ports
from tests.waiting import within
from weir.ports.log import Append
from weir.ports.tasks import Delivery, Worker

SHORT_S = 0.4


async def put(ports: Ports, *names: str, queue: str = "default", run: str = "r1") -> None:
    """Store tasks."""
    results = await ports.log.append_all(
        [Append(f"run.1.acme.{run}.task.{queue}", name.encode()) for name in names]
    )
    assert all(isinstance(result, int) for result in results)


async def get(worker: Worker) -> Delivery:
    """The next delivery."""
    return await within(anext(aiter(worker)))


async def nothing(worker: Worker, seconds: float = 0.15) -> None:
    """The worker gets nothing for a while."""
    with pytest.raises(TimeoutError):
        await within(anext(aiter(worker)), seconds)


async def test_tasks_come_in_order_each_once(ports: Ports) -> None:
    """First in, first out, counted from 1, with the message as it lies in the log."""
    worker = await ports.tasks.work("default", capacity=10)
    await put(ports, "a", "b")
    await put(ports, "c")
    found = [await get(worker) for _ in range(3)]
    assert [(d.message.data, d.delivered) for d in found] == [(b"a", 1), (b"b", 1), (b"c", 1)]
    assert found[2].message == await ports.log.last("run.1.acme.r1.task.default")
    for delivery in found:
        await delivery.ack()
    await nothing(worker)
    await worker.close()


async def test_what_was_stored_before_the_worker_may_be_a_repetition(ports: Ports) -> None:
    """Only what is stored while a worker works is surely handed over for the first time."""
    await put(ports, "before")
    worker = await ports.tasks.work("default", capacity=10)
    await put(ports, "after")
    assert [(await get(worker)).delivered for _ in range(2)] == [2, 1]
    await worker.close()


async def test_a_queue_gets_its_own_tasks_only(ports: Ports) -> None:
    """Tasks of another queue, and other messages, are not for this worker."""
    await put(ports, "slow", queue="slow")
    await ports.log.append(Append("run.1.acme.r1.ev", b"no task"))
    await put(ports, "mine")
    worker = await ports.tasks.work("default", capacity=10)
    assert (await get(worker)).message.data == b"mine"
    await nothing(worker)
    await worker.close()


async def test_two_workers_share_a_queue(ports: Ports) -> None:
    """Each task goes to one of them; together they get all."""
    workers = [await ports.tasks.work("default", capacity=5) for _ in range(2)]
    await put(ports, *(f"t{number}" for number in range(40)))
    done: list[bytes] = []

    async def run(worker: Worker) -> None:
        async for delivery in worker:
            done.append(delivery.message.data)
            await delivery.ack()
            if len(done) == 40:
                for each in workers:
                    await each.close()

    await within(asyncio.gather(*(run(worker) for worker in workers)))
    assert sorted(done) == sorted(b"t%d" % number for number in range(40))


async def test_a_worker_holds_no_more_than_its_capacity(ports: Ports) -> None:
    """The third task waits until one of two is acknowledged."""
    await put(ports, "a", "b", "c")
    worker = await ports.tasks.work("default", capacity=2)
    first, _second = await get(worker), await get(worker)
    await nothing(worker)
    await first.ack()
    assert (await get(worker)).message.data == b"c"
    await worker.close()


async def test_hung_tasks_do_not_block_other_workers(ports: Ports) -> None:
    """A full worker leaves the rest of the queue to others."""
    await put(ports, *(f"t{number}" for number in range(6)))
    stuck = await ports.tasks.work("default", capacity=3)
    for _ in range(3):
        await get(stuck)
    other = await ports.tasks.work("default", capacity=3)
    assert [(await get(other)).message.data for _ in range(3)] == [b"t3", b"t4", b"t5"]
    await stuck.close()
    await other.close()


async def test_what_is_not_acknowledged_comes_again(ports: Ports) -> None:
    """After the patience, counted one higher, also to another worker."""
    dead = await ports.tasks.work("default", capacity=1, patience_s=SHORT_S)
    await put(ports, "a")
    assert (await get(dead)).delivered == 1
    await dead.close()
    worker = await ports.tasks.work("default", capacity=1, patience_s=SHORT_S)
    again = await get(worker)
    assert (again.message.data, again.delivered) == (b"a", 2)
    await again.ack()
    await nothing(worker, 2 * SHORT_S)
    await worker.close()


async def test_progress_restarts_the_patience(ports: Ports) -> None:
    """A task that reports in time stays with its worker."""
    await put(ports, "a")
    worker = await ports.tasks.work("default", capacity=2, patience_s=1.0)
    delivery = await get(worker)
    for _ in range(15):
        await nothing(worker, 0.1)
        await delivery.in_progress()
    await delivery.ack()
    await worker.close()


async def test_a_task_given_back_comes_again(ports: Ports) -> None:
    """At once, or after the delay that was asked for."""
    worker = await ports.tasks.work("default", capacity=1)
    await put(ports, "a")
    first = await get(worker)
    await first.nak()
    second = await get(worker)
    assert second.delivered == 2
    loop = asyncio.get_running_loop()
    before = loop.time()
    await second.nak(0.3)
    third = await get(worker)
    assert third.delivered == 3
    assert loop.time() - before >= 0.29
    await third.ack()
    await worker.close()


async def test_a_purged_task_is_not_delivered(ports: Ports) -> None:
    """A purge takes undelivered tasks from their queue."""
    await put(ports, "gone")
    await put(ports, "kept", run="r2")
    await ports.log.purge("run.1.acme.r1.>")
    worker = await ports.tasks.work("default", capacity=5)
    assert (await get(worker)).message.data == b"kept"
    await nothing(worker)
    await worker.close()


async def test_an_acknowledged_task_stays_in_the_log(ports: Ports) -> None:
    """The queue delivers; the log keeps."""
    await put(ports, "a")
    worker = await ports.tasks.work("default", capacity=1)
    await (await get(worker)).ack()
    await worker.close()
    assert await ports.log.last("run.1.acme.r1.task.default") is not None


async def test_closing_gives_back_nothing_that_was_handed_on(ports: Ports) -> None:
    """A task in hand can be acknowledged after the worker took its last."""
    await put(ports, "a", "b")
    worker = await ports.tasks.work("default", capacity=5, patience_s=SHORT_S)
    first = await get(worker)
    await worker.close()
    with pytest.raises(StopAsyncIteration):
        await anext(aiter(worker))
    await first.ack()
    other = await ports.tasks.work("default", capacity=5, patience_s=SHORT_S)
    second = await get(other)
    assert second.message.data == b"b"
    await second.ack()
    await nothing(other, 2 * SHORT_S)
    await other.close()


async def test_closing_ends_a_waiting_worker(ports: Ports) -> None:
    """Who waits for a task gets the end of the iteration."""
    worker = await ports.tasks.work("default", capacity=1)
    waiting = asyncio.create_task(anext(aiter(worker)))
    await asyncio.sleep(0)
    await worker.close()
    with pytest.raises(StopAsyncIteration):
        await within(waiting)


async def test_queues_are_first_in_first_out_across_tenants(ports: Ports) -> None:
    """A flood of one tenant stands before a later task of another: why owners dispatch windows."""
    flood = [Append("run.1.big.r1.task.default", b"big") for _ in range(500)]
    await ports.log.append_all([*flood, Append("run.1.small.r2.task.default", b"small")])
    worker = await ports.tasks.work("default", capacity=20)
    seen: list[bytes] = []
    while not seen or seen[-1] != b"small":
        delivery = await get(worker)
        seen.append(delivery.message.data)
        await delivery.ack()
    assert len(seen) == 501
    await worker.close()


async def test_where_a_task_stands_is_told(ports: Ports) -> None:
    """Its place among those that wait, by queue; none once it was handed over; who listens."""
    await put(ports, "a", "b", "c")
    await put(ports, "other", queue="slow")
    await put(ports, "d")
    last = await ports.log.last_seq()
    assert await ports.tasks.standing("default", last) == (4, 0)
    assert await ports.tasks.standing("default", last - 4) == (1, 0)
    assert await ports.tasks.standing("slow", last - 1) == (1, 0)
    worker = await ports.tasks.work("default", capacity=2)
    held = [await get(worker), await get(worker)]
    assert await ports.tasks.standing("default", last - 4) == (None, 1)
    assert await ports.tasks.standing("default", last) == (2, 1)
    for delivery in held:
        await delivery.ack()
    held = [await get(worker), await get(worker)]
    assert await ports.tasks.standing("default", last) == (None, 1)
    for delivery in held:
        await delivery.ack()
    await worker.close()
