"""Runs that runs start: begun once, waited for, cancelled, whoever owns them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.sim.virtual_loop import run
from tests.unit.core.played import frozen, node
from tests.unit.runtime.house import SHARDS, TENANT, House
from weir.adapters.memory.log import MemoryLog
from weir.contract import ids, subjects
from weir.contract.codec import decode
from weir.contract.errors import UnavailableError
from weir.contract.messages import CancelRequested, Event
from weir.core.state import RunState
from weir.ports.log import Append
from weir.runtime.plans import Plans


def calling(target: str, **config: Any) -> dict[str, Any]:
    """A workflow that calls another one and outputs what that yields."""
    call = node("call", "sub_workflow", {"workflow": target, "input": "{{ input }}", **config})
    return frozen([node("go", "manual"), call], ["go>call"], output="{{ steps.call }}")


def working(seconds: float = 1.0, **more: Any) -> dict[str, Any]:
    """A workflow of one task."""
    config = {"task": "work", "input": {"value": "{{ input }}", "seconds": seconds}}
    work = node("work", "task", config, **more)
    return frozen([node("go", "manual"), work], ["go>work"], output="{{ steps.work }}")


def child_of(parent: str, step: str = "call", attempt: int = 1) -> subjects.RunKey:
    """The run that a step starts."""
    return subjects.run_key(TENANT, ids.derived("run", parent, step, str(attempt)), SHARDS)


def play(story: Callable[[House], Awaitable[None]]) -> None:
    """In virtual time."""

    async def main() -> None:
        async with House() as house:
            await story(house)

    run(main())


def test_the_output_comes_back() -> None:
    """The step's output is that of the run it started, which names its parent."""

    async def story(house: House) -> None:
        await house.publish("wf_child", working())
        await house.publish("wf_parent", calling("wf_child"))
        key = await house.start("wf_parent", {"n": 1})
        assert (await house.end(key)).output == {"n": 1}
        child = await house.state(child_of("run_first"))
        assert child is not None
        assert child.start.parent is not None
        assert (child.start.parent.run_id, child.start.parent.step) == ("run_first", "call")
        assert len(house.done) == 1

    play(story)


def test_a_child_that_fails_fails_the_step() -> None:
    """With the child's error."""

    async def story(house: House) -> None:
        fail = node("stop", "fail", {"code": "NO", "message": "not like this"})
        await house.publish("wf_child", frozen([node("go", "manual"), fail], ["go>stop"]))
        await house.publish("wf_parent", calling("wf_child"))
        state = await house.end(await house.start("wf_parent"))
        assert state.status == "failed"
        assert state.error is not None
        assert (state.error.code, state.error.step) == ("NO", "call")

    play(story)


def test_a_workflow_that_is_not_there_fails_the_step() -> None:
    """Nothing is started."""

    async def story(house: House) -> None:
        await house.publish("wf_parent", calling("wf_nobody"))
        state = await house.end(await house.start("wf_parent"))
        assert state.error is not None
        assert state.error.code == "WORKFLOW_NOT_FOUND"

    play(story)


def test_a_workflow_that_calls_itself_comes_to_an_end() -> None:
    """At the depth that is allowed."""

    async def story(house: House) -> None:
        await house.publish("wf_self", calling("wf_self"))
        state = await house.end(await house.start("wf_self"))
        assert state.error is not None
        assert state.error.code == "CHILD_TOO_DEEP"

    play(story)


@pytest.mark.parametrize(
    ("caller", "callee", "written", "begins"),
    [
        ("prj_a", "prj_a", False, True),
        ("prj_a", "prj_b", False, False),
        ("prj_a", "", False, False),
        ("", "prj_b", False, True),
        ("prj_a", "prj_b", True, True),  # its publisher was asked
    ],
)
def test_a_call_reaches_what_its_run_or_its_publisher_may_start(
    caller: str, callee: str, *, written: bool, begins: bool
) -> None:
    """What the definition writes down counts as asked; what it computes stays in the project."""

    async def story(house: House) -> None:
        stop = node("stop", "set", {"values": {}})
        await house.publish(
            "wf_child", frozen([node("go", "manual"), stop], ["go>stop"]), project=callee
        )
        target = "wf_child" if written else "{{ input.workflow }}"
        await house.publish("wf_parent", calling(target), project=caller)
        key = await house.start("wf_parent", {"workflow": "wf_child"}, project=caller)
        state = await house.end(key)
        child = await house.state(child_of("run_first"))
        if begins:
            assert state.status == "succeeded"
            assert child is not None
            assert child.start.project == callee
        else:
            assert state.error is not None
            assert (state.error.code, child) == ("WORKFLOW_NOT_FOUND", None)

    play(story)


async def _cancelled(house: House, *, takeover: bool) -> tuple[RunState, RunState]:
    await house.publish("wf_child", working(seconds=5_000, timeout_ms=9_000_000.0))
    await house.publish("wf_parent", calling("wf_child"))
    key = await house.start("wf_parent")
    child = child_of("run_first")
    async with asyncio.timeout(60):
        while await house.state(child) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    if takeover:
        await house.kill_schedulers()
    wish = CancelRequested(request_id="req_1", reason="enough", requested_by="key_1")
    await house.tell(key, subjects.cancel_fact("req_1"), Event.of(wish))
    if takeover:
        house.start_scheduler()
    return await house.end(key), await house.end(child, within_s=1)


def test_a_cancel_goes_to_the_children_first() -> None:
    """The run above is cancelled when they are, also under a new owner."""

    async def story(house: House) -> None:
        above, below = await _cancelled(house, takeover=False)
        assert (above.status, below.status) == ("cancelled", "cancelled")
        assert below.ended_ms <= above.ended_ms

    async def again(house: House) -> None:
        above, below = await _cancelled(house, takeover=True)
        assert (above.status, below.status) == ("cancelled", "cancelled")

    play(story)
    play(again)


def test_a_child_that_ends_while_nobody_owns_its_parent_is_noticed() -> None:
    """All owners die at every tenth of a second of the story: it ends, once, the same."""
    for tick in range(1, 60, 3):

        async def story(house: House, tick: int = tick) -> None:
            await house.publish("wf_child", working(seconds=3))
            await house.publish("wf_parent", calling("wf_child"))
            key = await house.start("wf_parent", tick)
            await asyncio.sleep(tick / 10)
            await house.kill_schedulers()
            await asyncio.sleep(tick % 7)
            house.start_scheduler()
            assert (await house.end(key)).output == tick
            assert len(house.done) == 1

        play(story)


def test_children_of_a_loop_run_side_by_side() -> None:
    """Each iteration has a run of its own, and the results are in order."""

    async def story(house: House) -> None:
        loop = node("each", "for_each", {"items": "{{ input }}"}, kind="container", timeout_ms=0.0)
        call = node(
            "call", "sub_workflow", {"workflow": "wf_child", "input": "{{ item }}"}, parent="each"
        )
        await house.publish("wf_child", working(seconds=5))
        await house.publish(
            "wf_parent",
            frozen([node("go", "manual"), loop, call], ["go>each"], output="{{ steps.each }}"),
        )
        key = await house.start("wf_parent", [1, 2, 3])
        before = house.clock.now_ms()
        assert (await house.end(key)).output == [1, 2, 3]
        assert house.clock.now_ms() - before < 10_000

    play(story)


def test_a_loop_that_stops_cancels_the_runs_it_started() -> None:
    """Nobody waits for them any more."""

    async def story(house: House) -> None:
        loop = node("each", "for_each", {"items": "{{ input }}"}, kind="container", timeout_ms=0.0)
        config = {"workflow": "{{ item }}", "input": 1}
        call = node("call", "sub_workflow", config, parent="each")
        fail = node("stop", "fail", {"code": "NO", "message": "no"})
        wait = node("wait", "delay", {"duration": "5s"})
        bad = frozen([node("go", "manual"), wait, fail], ["go>wait", "wait>stop"])
        await house.publish("wf_bad", bad)
        await house.publish("wf_long", working(seconds=5_000, timeout_ms=9_000_000.0))
        await house.publish("wf_parent", frozen([node("go", "manual"), loop, call], ["go>each"]))
        key = await house.start("wf_parent", ["wf_long", "wf_bad"])
        assert (await house.end(key)).status == "failed"
        left = await house.end(child_of("run_first", "each[0]/call"), within_s=60)
        assert left.status == "cancelled"

    play(story)


def test_a_run_whose_start_is_late_is_born_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cancel takes the place of a start that could not be made yet (P18)."""

    async def away(*_: object, **__: object) -> None:
        raise UnavailableError("the registry does not answer")

    monkeypatch.setattr(Plans, "current", away)

    async def story(house: House) -> None:
        await house.publish("wf_parent", calling("wf_child"))
        key = await house.start("wf_parent")
        await asyncio.sleep(5)
        wish = CancelRequested(request_id="req_1", reason="enough", requested_by="key_1")
        await house.tell(key, subjects.cancel_fact("req_1"), Event.of(wish))
        assert (await house.end(key, within_s=60)).status == "cancelled"
        start = await house.log.last(child_of("run_first").fact(subjects.start_fact()))
        assert start is not None
        assert decode(start.data).events[0].run_purged is not None

    play(story)


def test_a_refused_timer_keeps_no_child_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else the turn decided is in the log: the run that it starts begins all the same."""
    append_all = MemoryLog.append_all

    async def refuse(log: MemoryLog, appends: Sequence[Append]) -> list[int | Exception]:
        stored = await append_all(log, [one for one in appends if one.schedule is None])
        rest = iter(stored)
        return [
            next(rest) if one.schedule is None else UnavailableError("no schedules now")
            for one in appends
        ]

    monkeypatch.setattr(MemoryLog, "append_all", refuse)
    waiting = node("later", "delay", {"duration": "20s"})
    parent = calling("wf_child")
    both = {
        **parent,
        "nodes": [*parent["nodes"], waiting],
        "edges": [*parent["edges"], {"source": "go", "port": "out", "target": "later"}],
    }

    async def story(house: House) -> None:
        await house.publish("wf_child", working())
        await house.publish("wf_parent", both)
        key = await house.start("wf_parent", {"n": 1})
        assert (await house.end(child_of("run_first"), within_s=15)).status == "succeeded"
        assert (await house.end(key, within_s=60)).status == "succeeded"

    play(story)
