"""The worker loop: what it promises about tasks, results and acknowledgements."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from tests.unit.worker.bench import RUN, TENANT, Bench, FakeNode
from tests.waiting import eventually, within
from weir.contract import codec, subjects
from weir.contract.errors import OutcomeUnknownError, UnavailableError
from weir.contract.messages import TaskFailed
from weir.ports.log import Append
from weir.runtime import worker_handling, worker_results


def _healthy(bench: Bench) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return bench.worker.healthy

    return holds


async def _echo(config: Any, ctx: Any) -> Any:
    return {"got": config, "key": ctx.idempotency_key}


async def _for_ever(config: Any, ctx: Any) -> Any:
    await asyncio.Event().wait()


class _Gate:
    """A node that waits for the test."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.open = asyncio.Event()

    async def run(self, config: Any, ctx: Any) -> Any:
        self.begun.set()
        await self.open.wait()
        return "through"


async def test_a_task_is_run_and_its_result_stored() -> None:
    """A task's output becomes the fact of its attempt, with the names of its run."""
    async with Bench(FakeNode(_echo)) as bench:
        delivery = await bench.deliver(config={"n": 1})
        assert await bench.done(delivery) == ["ack"]
        fact = await bench.fact()
        assert fact is not None
        assert (fact.tenant, fact.run_id, fact.workflow_id, fact.version) == (
            TENANT,
            RUN,
            "wf_a",
            "ver_a",
        )
        assert fact.cause == f"{RUN}/1.1"
        event = fact.events[0]
        assert (event.step, event.attempt) == ("a", 1)
        succeeded = await bench.succeeded()
        assert succeeded.output == {"got": {"n": 1}, "key": f"{RUN}/a"}
        assert succeeded.worker == "w1"
        assert succeeded.started_at


async def test_a_task_is_acknowledged_only_after_its_result_is_stored() -> None:
    """Nothing is said to the queue while the append is under way."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:
        delivery = await bench.deliver()
        bench.runs.gate.clear()
        await within(bench.runs.flushing.wait())
        assert delivery.said == []
        assert await bench.fact() is None
        bench.runs.gate.set()
        assert await bench.done(delivery) == ["ack"]
        assert await bench.fact() is not None


async def test_a_redelivered_task_with_a_result_is_not_run_again() -> None:
    """P5: a committed step is never executed again."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:
        first = await bench.deliver()
        await bench.done(first)
        again = bench.again(first.message, delivered=2)
        assert await bench.done(again) == ["ack"]
        assert node.runs == 1


async def test_a_redelivered_task_that_is_gone_is_not_run() -> None:
    """P5: a task whose message was removed from the log is only acknowledged."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:
        first = await bench.deliver()
        await bench.done(first)
        await bench.runs.purge(subjects.run_key(TENANT, RUN).everything)
        again = bench.again(first.message, delivered=2)
        assert await bench.done(again) == ["ack"]
        assert node.runs == 1
        assert await bench.fact() is None


async def test_a_redelivered_task_without_a_result_is_run() -> None:
    """What its first worker did not bring to an end is done by the next."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:
        assert await bench.done(await bench.deliver(delivered=2)) == ["ack"]
        assert node.runs == 1
        await bench.succeeded()


async def test_a_task_that_keeps_coming_back_is_failed_without_being_run() -> None:
    """P16: beyond the limit of deliveries the fact says so and nothing is run."""
    node = FakeNode(_echo)
    async with Bench(node, max_deliveries=3) as bench:
        assert await bench.done(await bench.deliver(delivered=4)) == ["ack"]
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "POISON_TASK"
        assert not failed.retryable
        assert node.runs == 0


async def test_the_last_allowed_delivery_is_still_run() -> None:
    """The limit counts executions, not the one that is refused."""
    node = FakeNode(_echo)
    async with Bench(node, max_deliveries=3) as bench:
        await bench.done(await bench.deliver(delivered=3))
        await bench.succeeded()


async def test_a_second_result_is_late_and_the_task_acknowledged() -> None:
    """Whoever stores a result second learns it from the broker and changes nothing."""
    gate = _Gate()
    async with Bench(FakeNode(gate.run)) as bench:
        delivery = await bench.deliver()
        await gate.begun.wait()
        subject = subjects.run_key(TENANT, RUN).fact(subjects.result_fact("a", 1))
        seq = await bench.runs.append(Append(subject, b"{}", expect=0))
        gate.open.set()
        assert await bench.done(delivery) == ["ack"]
        stored = await bench.runs.last(subject)
        assert stored is not None
        assert stored.seq == seq


@pytest.mark.parametrize("stored", [False, True])
async def test_a_result_of_unknown_outcome_is_stored_once(
    stored: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is appended again until the broker says where it stands, and lies there once."""
    monkeypatch.setattr(worker_results, "PAUSE_S", 0.001)
    async with Bench(FakeNode(_echo)) as bench:
        bench.runs.stores_despite = stored
        bench.runs.failures = [OutcomeUnknownError("lost"), UnavailableError("away")]
        assert await bench.done(await bench.deliver()) == ["ack"]
        await bench.succeeded()
        assert len(bench.runs.flushes) == 3


async def test_results_that_end_together_are_stored_together() -> None:
    """One flush is in flight; what ends meanwhile goes with the next."""
    async with Bench(FakeNode(_echo)) as bench:
        bench.runs.gate.clear()
        deliveries = [await bench.deliver(step=f"s{n}") for n in range(20)]
        await within(bench.runs.flushing.wait())
        for _ in range(50):
            await asyncio.sleep(0)
        bench.runs.gate.set()
        for delivery in deliveries:
            assert await bench.done(delivery) == ["ack"]
        assert len(bench.runs.flushes) <= 2
        assert sum(bench.runs.flushes) == 20


async def test_a_task_delivered_again_while_it_runs_here_is_not_run_twice() -> None:
    """The execution under way answers for both deliveries."""
    gate = _Gate()
    node = FakeNode(gate.run)
    async with Bench(node) as bench:
        first = await bench.deliver()
        await gate.begun.wait()
        second = bench.again(first.message, delivered=2)
        for _ in range(20):
            await asyncio.sleep(0)
        gate.open.set()
        assert await bench.done(first) == ["ack"]
        assert await bench.done(second) == ["ack"]
        assert node.runs == 1


async def test_a_step_that_takes_too_long_fails_at_its_limit() -> None:
    """The node is cancelled; the failure may be tried again."""
    async with Bench(FakeNode(_for_ever)) as bench:
        assert await bench.done(await bench.deliver(timeout_ms=20.0)) == ["ack"]
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "STEP_TIMEOUT"
        assert failed.retryable


async def test_the_owners_deadline_comes_before_the_steps_own_limit() -> None:
    """A task that waited in the queue has only what is left until its deadline."""
    async with Bench(FakeNode(_for_ever)) as bench:
        await bench.done(await bench.deliver(timeout_ms=60_000.0, deadline_in_ms=30))
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "STEP_TIMEOUT"


async def test_a_task_past_its_deadline_is_not_run() -> None:
    """Its owner has counted it as failed; the fact says what happened here."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:
        await bench.done(await bench.deliver(deadline_in_ms=-1))
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "STEP_TIMEOUT"
        assert node.runs == 0


async def test_a_node_that_ignores_its_cancellation_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F4: the step fails at its limit although the node goes on; what it says later is lost."""
    monkeypatch.setattr(worker_handling, "HUNG_S", 0.02)
    release = asyncio.Event()

    async def stubborn(config: Any, ctx: Any) -> Any:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return "too late"

    async with Bench(FakeNode(stubborn), capacity=1) as bench:
        assert await bench.done(await bench.deliver(timeout_ms=10.0)) == ["ack"]
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "STEP_TIMEOUT"
        assert not bench.worker.healthy
        release.set()
        await eventually(_healthy(bench))
        assert (await bench.failed()).error == failed.error


async def test_a_cancelled_runs_step_is_stopped() -> None:
    """A notice of the owner ends the node at once."""
    gate = _Gate()
    async with Bench(FakeNode(gate.run)) as bench:
        delivery = await bench.deliver()
        other = await bench.deliver(run="run_b")
        await gate.begun.wait()
        await bench.live.publish(subjects.cancel_notice(RUN), b"")
        assert await bench.done(delivery) == ["ack"]
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "RUN_CANCELLED"
        assert not failed.retryable
        gate.open.set()
        await bench.done(other)
        await bench.succeeded(run="run_b")


async def test_a_node_can_see_that_it_is_to_stop() -> None:
    """For functions in threads, which nobody can interrupt: the flag is up and heartbeats raise."""
    seen: list[bool] = []

    async def looks(config: Any, ctx: Any) -> Any:
        ctx.heartbeat()
        seen.append(ctx.cancelled)
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(ctx.cancelled)
            with pytest.raises(asyncio.CancelledError):
                ctx.heartbeat()

    async with Bench(FakeNode(looks)) as bench:
        await bench.done(await bench.deliver(timeout_ms=10.0))
        assert seen == [False, True]


async def test_a_queued_task_of_a_cancelled_run_is_not_run() -> None:
    """The notice is remembered for the tasks that come after it."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:
        await bench.live.publish(subjects.cancel_notice(RUN), b"")
        await asyncio.sleep(0)
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "RUN_CANCELLED"
        assert node.runs == 0


async def test_stopping_lets_running_tasks_end() -> None:
    """Within the grace a step ends as if nothing were."""
    gate = _Gate()
    bench = Bench(FakeNode(gate.run))
    await bench.worker.start()
    delivery = await bench.deliver()
    await gate.begun.wait()
    stopping = asyncio.create_task(bench.worker.stop(5))
    await asyncio.sleep(0)
    gate.open.set()
    await stopping
    assert delivery.said == ["ack"]
    await bench.succeeded()


async def test_stopping_gives_back_what_does_not_end() -> None:
    """After the grace a task goes back to the queue at once and leaves no result."""
    gate = _Gate()
    bench = Bench(FakeNode(gate.run))
    await bench.worker.start()
    delivery = await bench.deliver()
    await gate.begun.wait()
    await bench.worker.stop(0.01)
    assert delivery.said == ["nak 0"]
    assert await bench.fact() is None


async def test_a_long_task_keeps_its_delivery_alive() -> None:
    """While a node works the queue hears of it, so nobody else gets the task."""
    gate = _Gate()
    async with Bench(FakeNode(gate.run), patience_s=0.03) as bench:
        delivery = await bench.deliver()
        async with asyncio.timeout(5):
            await delivery.beaten.wait()
        gate.open.set()
        assert (await bench.done(delivery))[-1] == "ack"


async def test_a_type_this_worker_lacks_is_left_to_others() -> None:
    """Another worker of the queue may have it; only the last delivery fails the step."""
    async with Bench(max_deliveries=2) as bench:
        assert await bench.done(await bench.deliver()) == ["nak 2"]
        assert await bench.fact() is None
        assert await bench.done(await bench.deliver(delivered=2)) == ["ack"]
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "NODE_TYPE_NOT_FOUND"


async def test_a_message_that_cannot_be_read_is_parked_and_then_dropped() -> None:
    """F14: it hinders no other task; a newer worker has its chance to read it."""
    async with Bench(FakeNode(_echo), max_deliveries=2) as bench:
        assert await bench.done(await bench.deliver_raw(b"{not json")) == ["nak 2"]
        assert await bench.done(await bench.deliver_raw(b"{}", delivered=3)) == ["ack"]
        await bench.done(await bench.deliver())
        await bench.succeeded()


async def test_the_log_being_away_gives_a_redelivered_task_back() -> None:
    """Without an answer from the log nothing is run a second time."""
    node = FakeNode(_echo)
    async with Bench(node) as bench:

        async def away(_: int) -> None:
            raise UnavailableError("the broker is away")

        bench.runs.get = away  # type: ignore[attr-defined]
        assert await bench.done(await bench.deliver(delivered=2)) == ["nak 2"]
        assert node.runs == 0


async def test_a_failure_is_a_fact_like_a_success() -> None:
    """The attempt's failure lies on the same subject as a success would."""

    async def broken(config: Any, ctx: Any) -> Any:
        raise ValueError("no such thing")

    async with Bench(FakeNode(broken)) as bench:
        await bench.done(await bench.deliver())
        fact = await bench.fact()
        assert fact is not None
        assert isinstance(fact.events[0].kind, TaskFailed)


async def test_a_result_is_written_as_any_message_is() -> None:
    """Its bytes are those of an envelope: its kind last, nothing in it that was not set."""
    async with Bench(FakeNode(_echo)) as bench:
        await bench.done(await bench.deliver(config={"x": 1.5, "y": None, "z": "é"}))
        subject = subjects.run_key(TENANT, RUN).fact(subjects.result_fact("a", 1))
        stored = await bench.runs.last(subject)
        assert stored is not None
        fact = codec.decode(stored.data)
        assert codec.decode(codec.encode(fact)) == fact
        assert orjson.loads(codec.encode(fact)) == orjson.loads(stored.data)
        assert list(orjson.loads(stored.data)["events"][0])[-1] == "task_succeeded"
        assert b"trace_parent" not in stored.data
