"""What a run asks of people, and what they said, as the socket shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.integration.query.test_sockets import connected
from tests.scribe import Scribe, event_of
from weir.contract import subjects
from weir.contract.messages import (
    ApprovalDecided,
    Error,
    RunSucceeded,
    SignalReceived,
    StepCompleted,
    StepDecided,
    WaitStarted,
)

if TYPE_CHECKING:
    from tests.integration.query.conftest import Site

ASKED = {
    "kind": "user_input",
    "title": "How many?",
    "message": "Count them.",
    "options": [{"value": "submitted", "label": "Submit"}],
    "form": {"type": "object", "properties": {"n": {"type": "integer"}}},
    "timeout_ms": 60_000,
    "assignees": ["user:admin@example.com"],
}


async def signal(scribe: Scribe, name: str, payload: Any, number: int) -> None:
    """A signal as the trigger stores it."""
    kind = SignalReceived(signal_id=f"sig_{number}", name=name, payload=payload, sent_by="key_a")
    await scribe.fact(subjects.signal_fact(kind.signal_id), kind)


def waits(path: str, what: str, **more: Any) -> Any:
    """The owner's word that a step waits."""
    return event_of(WaitStarted(what=what, **more), path)


def inputs(frames: list[dict[str, Any]]) -> list[tuple[str, str, dict[str, Any]]]:
    """Those about people."""
    return [
        (one["type"], one["step"], one["data"])
        for one in frames
        if one["type"].startswith("input:")
    ]


async def test_what_is_asked_and_answered_is_shown(site: Site) -> None:
    """Each kind of wait says what an answer needs, and its answer who gave it."""
    scribe = site.scribe()
    await scribe.start()
    error = Error(code="BROKEN", message="it broke")
    await scribe.decide(
        waits("people", "approval:apr_a", approval=ASKED),
        waits("paid", "signal:payment"),
        waits("risky", "ask", error=error),
    )
    said = StepDecided(request_id="req_a", decision="retry", reason="again", decided_by="key_a")
    await scribe.fact(subjects.decision_fact("risky", "req_a"), said, "risky")
    await signal(scribe, "payment", {"paid": True}, 1)
    decided = ApprovalDecided(
        approval_id="apr_a",
        outcome="decided",
        option="submitted",
        output={"n": 3},
        decided_by="usr_a",
    )
    await scribe.fact(subjects.approval_fact("apr_a"), decided, "people")
    await scribe.decide(event_of(RunSucceeded(output=1)))
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        frames = await socket.until("connection:completed")
        for place, one in enumerate(frames[1:-1], start=1):
            await socket.subscribe(scribe, one["seq"])
            rest = await socket.until("connection:completed")
            assert rest[1:-1] == frames[place + 1 : -1], "no gap and no repeat behind any of them"
    asked = [one for one in inputs(frames) if one[0] == "input:required"]
    assert [(step, data["kind"], data["what"]) for _, step, data in asked] == [
        ("people", "approval", "apr_a"),
        ("paid", "signal", "payment"),
        ("risky", "ask", None),
    ]
    people, paid, risky = (data for _, _, data in asked)
    assert (people["title"], people["form"]) == ("How many?", ASKED["form"])
    assert people["options"] == ASKED["options"]
    assert people["until"] is not None
    assert paid["until"] is None
    assert risky["error"]["code"] == "BROKEN"
    assert [one["value"] for one in risky["options"]] == ["retry", "skip", "fail"]
    answered = {step: data for name, step, data in inputs(frames) if name == "input:response"}
    assert answered["risky"]["input"] == {"decision": "retry", "output": None, "reason": "again"}
    assert answered["paid"] == {
        "kind": "signal",
        "what": "payment",
        "input": {"paid": True},
        "by": "key_a",
    }
    assert answered["people"]["input"]["output"] == {"n": 3}
    assert answered["people"]["by"] == "usr_a"


async def test_a_signal_answers_the_one_step_that_took_it(site: Site) -> None:
    """One that came early answers whoever asks for it later; of two that wait, the first."""
    scribe = site.scribe()
    await scribe.start()
    await signal(scribe, "go", "early", 1)
    await scribe.decide(event_of(StepCompleted(output=1), "other"))
    await scribe.decide(waits("one", "signal:go"))
    await scribe.decide(waits("two", "signal:go"), waits("three", "signal:go"))
    await signal(scribe, "go", "first", 2)
    await signal(scribe, "go", "second", 3)
    await signal(scribe, "nobody", "x", 4)
    await scribe.decide(event_of(RunSucceeded(output=1)))
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        found = inputs(await socket.until("connection:completed"))
    assert [(name, step) for name, step, _ in found] == [
        ("input:required", "one"),
        ("input:response", "one"),
        ("input:required", "two"),
        ("input:required", "three"),
        ("input:response", "two"),
        ("input:response", "three"),
    ]
    answers = [data["input"] for name, _, data in found if name == "input:response"]
    assert answers == ["early", "first", "second"]
    assert [data["by"] for name, _, data in found if name == "input:response"] == [
        None,
        "key_a",
        "key_a",
    ]
