"""Runs that somebody steers: signals, people, pauses, cancels, forks, limits, other runs."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.replay.control import each, inside
from tests.replay.engine import Engine, Scenario, cancel_soon
from tests.replay.writing import flow, node, work
from weir.contract import subjects, times
from weir.contract.messages import (
    DeadlineMoved,
    PauseRequested,
    ResumeRequested,
    SignalReceived,
    StepDecided,
    TaskDeferred,
    TaskSucceeded,
)


async def _signal(engine: Engine, name: str, number: int, payload: Any) -> None:
    told = SignalReceived(signal_id=f"sig_{number}", name=name, payload=payload, sent_by="somebody")
    await engine.tell(subjects.signal_fact(told.signal_id), told)


async def _signals(engine: Engine) -> None:
    await asyncio.sleep(0.5)
    await _signal(engine, "paid", 1, {"sum": 1})
    await _signal(engine, "other", 2, None)
    await _signal(engine, "paid", 3, {"sum": 2})
    await asyncio.sleep(2)
    await _signal(engine, "paid", 4, {"sum": 3})


async def _wrong_signal(engine: Engine) -> None:
    await asyncio.sleep(0.5)
    await _signal(engine, "paid", 1, {"sum": "much"})


async def _decide(engine: Engine, step: str, number: int, decision: str, output: Any) -> None:
    told = StepDecided(
        request_id=f"req_{number}", decision=decision, output=output, decided_by="somebody"
    )
    await engine.tell(subjects.decision_fact(step, told.request_id), told, step)


async def _people(engine: Engine) -> None:
    await asyncio.sleep(1)
    await _decide(engine, "each[0]/risky", 1, "retry", None)
    await asyncio.sleep(1)
    await _decide(engine, "each[0]/risky", 2, "skip", "by hand")
    await asyncio.sleep(1)
    await _decide(engine, "each[1]/risky", 3, "fail", None)


async def _stand_still(engine: Engine) -> None:
    await asyncio.sleep(0.5)
    pause = PauseRequested(request_id="req_p", reason="partner is down", requested_by="somebody")
    await engine.tell(subjects.pause_fact("req_p"), pause)
    await asyncio.sleep(10)
    resume = ResumeRequested(request_id="req_r", requested_by="somebody")
    await engine.tell(subjects.resume_fact("req_r"), resume)


async def _terminate(engine: Engine) -> None:
    await asyncio.sleep(1.2)
    await engine.cancel("no longer wanted")
    await asyncio.sleep(0.3)
    await engine.cancel("at once", terminate=True)


async def _sooner(engine: Engine) -> None:
    await asyncio.sleep(1.2)
    due = times.from_ms(engine.now_ms() + 5_000)
    moved = DeadlineMoved(request_id="req_m", due_at=due, moved_by="somebody")
    await engine.tell(subjects.deadline_fact("req_m"), moved, "nap")


async def _deferred(engine: Engine) -> None:
    await asyncio.sleep(1)
    until = times.from_ms(engine.now_ms() + 4_000)
    told = TaskDeferred(what="rate:api.x", reason="no more now", until_at=until, worker="w")
    await engine.tell(subjects.result_fact("call", 1), told, "call", 1)
    await asyncio.sleep(5)
    done = TaskSucceeded(output="there", worker="w")
    await engine.tell(subjects.result_fact("call", 2), done, "call", 2)


async def _fork_twice(engine: Engine) -> None:
    await asyncio.sleep(3)
    await engine.fork("each[1]/charge")
    await asyncio.sleep(3)
    await engine.fork("each[2]/charge")


async def _second(engine: Engine) -> None:
    await asyncio.sleep(0.5)
    await engine.start("second")


async def _replaced(engine: Engine) -> None:
    await asyncio.sleep(0.5)
    first = engine.key
    await engine.start("second")
    engine.key = first


def _limited(policy: str) -> dict[str, Any]:
    limit = {"key": "{{ input.repo }}", "limit": 1, "policy": policy}
    return flow([work("slow", value=1, seconds=3)], "start>slow", settings={"concurrency": limit})


CALL = node("call", "sub_workflow", {"workflow": "wf_child", "input": {"n": "{{ input.n }}"}})
CHILD = flow(
    [work("one", value="{{ input.n + 1 }}", seconds=1)], "start>one", output="{{ steps.one }}"
)
BAD_CHILD = flow([work("one", fatal=True)], "start>one")
TWICE = [
    {**each(concurrency=1), "timeout": "1m"},
    *inside(
        "each",
        work("charge", value="{{ item }}", seconds=0.4, more={"compensate": "refund"}),
        work("refund", value="{{ [item, steps.charge] }}"),
        work("tell", fatal="{{ item == 3 }}"),
    ),
]

LIFE = (
    Scenario(
        "signals",
        "one comes early and is kept, one is waited for, one never comes",
        flow(
            [
                work("first", seconds=1),
                node("early", "wait_signal", {"name": "paid"}),
                node("kept", "wait_signal", {"name": "paid"}),
                node("late", "wait_signal", {"name": "paid", "timeout": "1m"}),
                node("never", "wait_signal", {"name": "x", "timeout": "5s"}, on_error="continue"),
            ],
            "start>first first>early early>kept kept>late late>never",
        ),
        meanwhile=_signals,
    ),
    Scenario(
        "signals_in_a_loop",
        "each iteration takes the next one; they came before anybody waited",
        flow(
            [
                work("first", seconds=3),
                node(
                    "each",
                    "for_each",
                    {"items": [1, 2, 3], "acc": [], "output": "{{ acc + [steps.wait.sum] }}"},
                ),
                *inside("each", node("wait", "wait_signal", {"name": "paid"})),
            ],
            "start>first first>each",
        ),
        meanwhile=_signals,
    ),
    Scenario(
        "signal_invalid",
        "a payload that is not what the step declares fails it",
        flow(
            [
                node(
                    "wait",
                    "wait_signal",
                    {"name": "paid"},
                    output_schema={"properties": {"sum": {"type": "number"}}},
                )
            ],
            "start>wait",
        ),
        status="failed",
        meanwhile=_wrong_signal,
    ),
    Scenario(
        "ask",
        "a person lets a failed step be tried again, skips it, and lets another one fail",
        flow(
            [
                node("each", "for_each", {"items": [1, 2], "on_item_error": "collect"}),
                *inside("each", work("risky", fatal=True, more={"on_error": "ask"})),
            ],
            "start>each",
        ),
        meanwhile=_people,
    ),
    Scenario(
        "pause",
        "what runs ends and is kept, a timer waits, nothing begins until it is resumed",
        flow(
            [
                work("one", value=1, seconds=2),
                node("nap", "delay", {"duration": "3s"}),
                work("two", value="{{ steps.one }}"),
                work("three"),
            ],
            "start>one start>nap one>two nap>three",
        ),
        meanwhile=_stand_still,
    ),
    Scenario(
        "pause_in_undo",
        "a run that stands still in the middle of undoing goes on with it afterwards",
        flow(
            [
                work("a", more={"compensate": "undo_a"}),
                work("undo_a"),
                work("b", more={"compensate": "undo_b"}),
                work("undo_b", seconds=2),
                work("bad", fatal=True, seconds=0.2),
            ],
            "start>a a>b b>bad",
        ),
        status="failed",
        meanwhile=_stand_still,
    ),
    Scenario(
        "terminate",
        "ended at once in the middle of undoing, which a cancel had begun",
        flow(
            [
                work("pay", more={"compensate": "refund"}),
                work("refund", seconds=5),
                work("ship", seconds=30),
            ],
            "start>pay pay>ship",
        ),
        status="cancelled",
        meanwhile=_terminate,
    ),
    Scenario(
        "deadline_moved",
        "somebody ends a long wait sooner",
        flow([node("nap", "delay", {"duration": "2d"}), work("then")], "start>nap nap>then"),
        meanwhile=_sooner,
    ),
    Scenario(
        "deferred",
        "what a task calls takes no work now: it waits, and that was no attempt",
        flow([work("call", more={"queue": "nobody"})], "start>call"),
        meanwhile=_deferred,
    ),
    Scenario(
        "attributes",
        "variables, labels and search attributes, of the version and set on the way",
        flow(
            [
                node("count", "set_variables", {"values": {"n": "{{ vars.n + 1 }}"}}),
                node(
                    "mark",
                    "set_labels",
                    {
                        "labels": {"stage": "paid", "team": None},
                        "search": {"n": "{{ string(vars.n) }}"},
                    },
                ),
                node("seen", "set", {"values": {"all": "{{ [vars.n, run.labels] }}"}}),
            ],
            "start>count count>mark mark>seen",
            vars={"n": 1},
            settings={"labels": {"team": "ops"}, "search": {"repo": "{{ input.repo }}"}},
        ),
        input={"repo": "site"},
    ),
    Scenario(
        "child",
        "a run of another workflow yields the step's output",
        flow([CALL, work("then", value="{{ steps.call }}")], "start>call call>then"),
        input={"n": 1},
        others={"wf_child": CHILD},
    ),
    Scenario(
        "child_failed",
        "it fails, and so does the step, which is caught; another workflow is not there",
        flow(
            [
                {**CALL, "on_error": "continue"},
                node("none", "sub_workflow", {"workflow": "wf_none"}, on_error="continue"),
            ],
            "start>call call>none",
        ),
        input={"n": 1},
        others={"wf_child": BAD_CHILD},
    ),
    Scenario(
        "child_cancelled",
        "a run that is cancelled ends after the runs it had started, in a race as well",
        flow(
            [CALL, node("first", "race"), *inside("first", {**CALL, "id": "other"}, work("quick"))],
            "start>call start>first",
        ),
        input={"n": 1},
        status="cancelled",
        others={"wf_child": flow([work("one", seconds=30)], "start>one")},
        meanwhile=cancel_soon,
    ),
    Scenario(
        "fork",
        "a fork of a fork in a loop with a time limit, which undoes what both took over",
        flow(TWICE, "start>each charge>tell"),
        input={"items": [1, 2, 3]},
        status="failed",
        meanwhile=_fork_twice,
    ),
    Scenario(
        "limit_queue",
        "a run waits until another one with its key has ended",
        _limited("queue"),
        input={"repo": "site"},
        meanwhile=_second,
    ),
    Scenario(
        "limit_reject",
        "a run fails, since another one with its key goes on",
        _limited("reject"),
        input={"repo": "site"},
        status="failed",
        meanwhile=_second,
    ),
    Scenario(
        "limit_replace",
        "a run is cancelled, since another one with its key takes its place",
        _limited("replace"),
        input={"repo": "site"},
        status="cancelled",
        meanwhile=_replaced,
    ),
    Scenario(
        "debounce",
        "of starts that follow each other the last one runs, when it has been quiet",
        flow(
            [work("one")],
            "start>one",
            settings={"debounce": {"key": "{{ input.repo }}", "for": "2s"}},
        ),
        input={"repo": "site"},
        meanwhile=_second,
    ),
)
