"""Timelines and single steps over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scribe import event_of
from weir.contract import ids, times
from weir.contract.marks import sequence_of
from weir.contract.messages import (
    ChildStarted,
    Error,
    RunParent,
    RunSucceeded,
    StepCompleted,
    StepEntered,
    StepFailed,
    TaskScheduled,
    TimerSet,
)

if TYPE_CHECKING:
    from tests.integration.query.conftest import Site


async def test_a_timeline_tells_all_steps_without_their_values(site: Site) -> None:
    """Attempts, times and short errors of everything, and a mark that frames go on behind."""
    scribe = site.scribe()
    await scribe.start()
    await scribe.dispatch("call")
    await scribe.fail("call")
    retry = TimerSet(timer="r", due_at=times.from_ms(scribe.now_ms), reason="retry")
    await scribe.decide(event_of(retry, "call"))
    await scribe.dispatch("call", 2)
    last = await scribe.succeed("call", 2, {"big": "x" * 10_000})
    long = Error(code="X", message="m" * 1_000, details={"secret": 1})
    seq = await scribe.decide(event_of(StepFailed(error=long, handling="continue"), "call"))
    told = await site.get(f"/runs/{scribe.run_id}/timeline", min_sequence=str(seq))
    assert (told["status"], told["ended_at"], told["next_cursor"]) == ("running", None, None)
    assert sequence_of(int(told["seq"])) == seq
    hook, call = told["items"]
    assert "output" not in call
    assert [(one["attempt"], one["status"]) for one in call["attempts"]] == [
        (1, "failed"),
        (2, "succeeded"),
    ]
    assert call["attempts"][0]["error"] == {"code": "BROKEN", "message": "it broke"}
    assert sequence_of(int(hook["seq"])) < last
    assert sequence_of(int(call["seq"])) >= last


async def test_a_timeline_shortens_errors(site: Site) -> None:
    """Thousands of failed steps are not megabytes of details."""
    scribe = site.scribe()
    await scribe.start()
    long = Error(code="X", message="m" * 1_000, details={"rows": "d" * 5_000})
    seq = await scribe.decide(event_of(StepFailed(error=long, handling="continue"), "risky"))
    told = await site.get(f"/runs/{scribe.run_id}/timeline", min_sequence=str(seq))
    assert told["items"][1]["error"] == {"code": "X", "message": "m" * 300}


async def test_a_timeline_of_many_steps_comes_in_one_page_or_several(site: Site) -> None:
    """Beyond the pages of other lists; each step once, in order, also page by page."""
    scribe = site.scribe()
    await scribe.start()
    names = [f"s{n}" for n in range(450)]
    seq = await scribe.decide(*(event_of(StepCompleted(output=n), n) for n in names))
    path = f"/runs/{scribe.run_id}/timeline"
    whole = await site.get(path, min_sequence=str(seq))
    assert [step["step"] for step in whole["items"]] == ["hook", *names]
    first = await site.get(path, limit=300)
    rest = await site.get(path, limit=300, cursor=first["next_cursor"])
    assert first["items"] + rest["items"] == whole["items"]
    assert await site.refused(path, 400, limit=5_001) == "INVALID_PARAMETER"


async def test_a_step_shows_what_each_attempt_was_given(site: Site) -> None:
    """The configuration as it was resolved for each attempt, with the output in full."""
    scribe = site.scribe()
    await scribe.start()
    for attempt, config, scope in ((1, {"url": "a"}, None), (2, {"url": "{{ 1 }}"}, {"input": 1})):
        task = TaskScheduled(node_type="http_request", queue="q", config=config, scope=scope)
        entered = [event_of(StepEntered(queue="q"), "call")] if attempt == 1 else []
        await scribe.decide(*entered, event_of(task, "call", attempt), task="q")
        if attempt == 1:
            await scribe.fail("call")
            retry = TimerSet(timer="r", due_at=times.from_ms(scribe.now_ms), reason="retry")
            await scribe.decide(event_of(retry, "call"))
    await scribe.succeed("call", 2, {"ok": True})
    seq = await scribe.decide(event_of(StepCompleted(output={"x": 1}), "call_too"))
    found = await site.get(f"/runs/{scribe.run_id}/steps/call", min_sequence=str(seq))
    assert (found["output"], found["status"]) == ({"ok": True}, "succeeded")
    assert found["inputs"] == [
        {"attempt": 1, "value": {"url": "a"}, "evaluated": True},
        {"attempt": 2, "value": {"url": "{{ 1 }}"}, "evaluated": False},
    ]
    assert len(found["attempts"]) == 2
    inline = await site.get(f"/runs/{scribe.run_id}/steps/call_too")
    assert (inline["inputs"], inline["output"]) == ([], {"x": 1})


async def test_a_step_names_the_run_that_it_started(site: Site) -> None:
    """Also after that has ended; and the list of its runs says whose step each is."""
    scribe = site.scribe()
    await scribe.start()
    child = site.scribe("child")
    started = ChildStarted(run_id=child.run_id, workflow_id="wf_b", input={"n": 2})
    await scribe.decide(event_of(StepEntered(), "each[0]/sub"), event_of(started, "each[0]/sub"))
    await child.start(parent=RunParent(run_id=scribe.run_id, step="each[0]/sub"))
    seq = await child.decide(event_of(RunSucceeded(output=1)))
    listed = await site.get("/runs", parent_run_id=scribe.run_id, min_sequence=str(seq))
    assert [(run["id"], run["parent_step"]) for run in listed["items"]] == [
        (child.run_id, "each[0]/sub")
    ]
    found = await site.get(f"/runs/{scribe.run_id}/steps/each[0]%2Fsub")
    assert found["child_run_id"] == child.run_id
    assert found["inputs"] == [{"attempt": 1, "value": {"n": 2}, "evaluated": True}]


async def test_a_step_that_is_not_there_is_refused(site: Site) -> None:
    """By name, by what can be no name, and by what no database keeps."""
    scribe = site.scribe()
    await scribe.simple()
    seq = str(scribe.seqs[-1])
    for wrong in ("nothing", "big%2Fx", "a" * 1_001, "%00", "%EF%BF%BF"):
        path = f"/runs/{scribe.run_id}/steps/{wrong}"
        assert await site.refused(path, 422, min_sequence=seq) == "STEP_NOT_REACHED"
    unknown: Any = ids.derived("run", "unknown")
    assert await site.refused(f"/runs/{unknown}/steps/big", 404) == "RUN_NOT_FOUND"
