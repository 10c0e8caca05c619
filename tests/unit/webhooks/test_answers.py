"""What a webhook answers: at a step of the run, and with a response of the author's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.trigger.service import build
from tests.http_house import NOW, TENANT, Answer, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, subjects
from weir.contract.messages import (
    BlobRef,
    Envelope,
    Error,
    Event,
    Message,
    RunSucceeded,
    StepCompleted,
    StepFailed,
    StepSkipped,
    TaskSucceeded,
)
from weir.core.validate import validate
from weir.nodes.registry import catalogue
from weir.ports.log import Append

AT_STEP = {"scheme": "none", "answer": "node", "answer_node": "call", "wait": "20s"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A trigger behind a server."""
    async with house_on_memory(build) as house:
        yield house


async def first_run(house: House) -> subjects.RunKey:
    """The run that a delivery has started."""

    async def there() -> bool:
        return bool(await house.facts())

    await eventually(there)
    return subjects.parse_run((await house.facts())[0].subject)[0]


async def say(house: House, key: subjects.RunKey, kind: Message, step: str = "call") -> None:
    """What a worker, or the owner, writes of a step."""
    fact = isinstance(kind, TaskSucceeded)
    event = Event.of(kind, step=step, attempt=1)  # type: ignore[arg-type]
    envelope = Envelope(
        id=f"{key.run_id}/x", tenant=TENANT, run_id=key.run_id, at=NOW, events=(event,)
    )
    subject = key.fact(subjects.result_fact(step, 1)) if fact else key.events
    await house.platform.runs.append(Append(subject, codec.encode(envelope)))


async def asked(house: House, config: dict[str, Any]) -> tuple[asyncio.Task[Answer], Any]:
    """A delivery that waits, and its run."""
    path = await house.webhook(config)
    asking = asyncio.create_task(house.ask("POST", path, key=None, json={"n": 1}))
    return asking, await first_run(house)


@pytest.mark.parametrize(
    ("kind", "status", "output"),
    [
        (TaskSucceeded(output={"sum": 3}), "succeeded", {"sum": 3}),
        (StepCompleted(output=5), "succeeded", 5),
        (StepSkipped(), "skipped", None),
        (
            StepFailed(error=Error(code="HTTP_503", message="down"), handling="continue"),
            "failed",
            None,
        ),
        (
            TaskSucceeded(output_ref=BlobRef(key="acme/1", size=7.0, media_type="a/b")),
            "succeeded",
            {"$blob": {"key": "acme/1", "size": 7, "media_type": "a/b"}},
        ),
    ],
)
async def test_a_step_answers(house: House, kind: Message, status: str, output: Any) -> None:
    """As soon as it has an outcome, while the run goes on."""
    asking, key = await asked(house, AT_STEP)
    await say(house, key, StepCompleted(output="other"), "before")
    await say(house, key, kind)
    answer = await asyncio.wait_for(asking, 10)
    assert answer.status == 200
    body = answer.body
    assert (body["run_id"], body["step"], body["step_status"]) == (key.run_id, "call", status)
    assert (body["status"], body["output"]) == ("running", output)


async def test_a_failure_that_is_asked_about_is_no_answer(house: House) -> None:
    """A person may yet have it done again."""
    asking, key = await asked(house, AT_STEP)
    await say(house, key, StepFailed(error=Error(code="X", message="x"), handling="ask"))
    await say(house, key, TaskSucceeded(output="after all"))
    assert (await asyncio.wait_for(asking, 10)).body["output"] == "after all"


async def test_a_run_that_ends_before_the_step_answers(house: House) -> None:
    """With how it ended."""
    asking, key = await asked(house, AT_STEP)
    await house.end(key.run_id, RunSucceeded(output="end"))
    answer = await asyncio.wait_for(asking, 10)
    assert (answer.body["status"], answer.body["output"]) == ("succeeded", "end")


async def test_a_step_that_takes_too_long_is_answered_202(house: House) -> None:
    """The run goes on."""
    path = await house.webhook(AT_STEP | {"wait": "50ms"})
    answer = await house.ask("POST", path, key=None, json={})
    assert (answer.status, answer.body["status"]) == (202, "queued")


async def test_a_response_at_once(house: House) -> None:
    """As Slack wants its challenge; a repetition hears the same."""
    response = {
        "status": 201,
        "headers": {"X-Run": "{{ run.id }}", "Content-Type": "text/plain"},
        "body": "{{ trigger.payload.challenge }}",
    }
    path = await house.webhook({"scheme": "none", "response": response})
    for duplicate in range(2):
        answer = await house.ask(
            "POST",
            path,
            key=None,
            json={"challenge": "abc"},
            headers={"X-Weir-Delivery-ID": "one"},
        )
        assert (answer.status, answer.body) == (201, b"abc")
        assert answer.headers["Content-Type"] == "text/plain"
        assert answer.headers["X-Run"].startswith("run_")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(await house.facts()) == 1, duplicate


async def test_a_response_of_the_runs_output(house: House) -> None:
    """Any JSON value, made of the end."""
    config = {
        "scheme": "none",
        "answer": "finished",
        "wait": "20s",
        "response": {"body": {"sum": "{{ run.output.sum }}", "how": "{{ run.status }}"}},
    }
    asking, key = await asked(house, config)
    await house.end(key.run_id, RunSucceeded(output={"sum": 3}))
    answer = await asyncio.wait_for(asking, 10)
    assert (answer.status, answer.body) == (200, {"sum": 3, "how": "succeeded"})


async def test_no_content_has_no_body(house: House) -> None:
    """As 204 means."""
    path = await house.webhook({"scheme": "none", "response": {"status": 204, "body": "x"}})
    answer = await house.ask("POST", path, key=None, json={})
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize(
    "response",
    [
        {"body": "{{ trigger.payload.missing }}"},
        {"status": "{{ trigger.payload.n }}"},
        {"status": "{{ trigger.payload.text }}"},
        {"headers": {"X-A": "{{ trigger.payload.lines }}"}},
        {"headers": {"X-A": "{{ trigger.payload }}"}},
        {"headers": {"Set-Cookie": "a=b"}},
        {"headers": {"Content-Security-Policy": "default-src *"}},
        {"headers": {"Location": "https://elsewhere.example"}},
        {"headers": {"Transfer-Encoding": "chunked"}},
    ],
)
async def test_a_response_that_cannot_be_made_costs_no_run(
    house: House, response: dict[str, Any]
) -> None:
    """The sender hears our answer with the reason, and need not send again."""
    path = await house.webhook({"scheme": "none", "response": response})
    sent = {"n": 302, "text": "many", "lines": "a\r\nSet-Cookie: b"}
    answer = await house.ask("POST", path, key=None, json=sent)
    assert answer.status == 202
    assert answer.body["response_error"]["code"] == "RESPONSE_FAILED"
    assert answer.body["run_id"]
    assert "Set-Cookie" not in answer.headers


def problems(config: dict[str, Any]) -> list[tuple[str, str]]:
    """What publishing such a webhook would say."""
    definition = {
        "schema": "weir/v1",
        "name": "w",
        "nodes": [
            {"id": "hook", "type": "webhook", "config": config},
            {"id": "call", "type": "set", "config": {"values": {"a": 1}}},
            {"id": "each", "type": "for_each", "config": {"items": [1]}},
            {"id": "inside", "type": "set", "parent": "each", "config": {"values": {"a": 1}}},
        ],
        "edges": [{"source": "hook", "target": "call"}, {"source": "call", "target": "each"}],
    }
    return [(one.code, one.path) for one in validate(definition, catalogue()).errors]


@pytest.mark.parametrize(
    ("config", "code", "field"),
    [
        ({"answer": "node"}, "CONFIG_MISSING", "answer_node"),
        ({"answer": "node", "answer_node": "nobody"}, "CONFIG_INVALID", "answer_node"),
        ({"answer": "node", "answer_node": "hook"}, "CONFIG_INVALID", "answer_node"),
        ({"answer": "node", "answer_node": "inside"}, "CONFIG_INVALID", "answer_node"),
        ({"response": {"status": 302}}, "CONFIG_INVALID", "response/status"),
        ({"response": {"headers": {"Set-Cookie": "x"}}}, "CONFIG_INVALID", "response/headers"),
        ({"response": {"body": "{{ steps.call.a }}"}}, "EXPRESSION_UNKNOWN_NAME", "response/body"),
        ({"filter": "{{ run.id == 'x' }}"}, "EXPRESSION_UNKNOWN_NAME", "filter"),
        ({"filter": "$.a =="}, "EXPRESSION_SYNTAX", "filter"),
        ({"filter": "a text"}, "CONFIG_INVALID", "filter"),
    ],
)
def test_publishing_finds_what_could_not_be_answered(
    config: dict[str, Any], code: str, field: str
) -> None:
    """Before the first sender does."""
    assert problems(config) == [(code, f"/nodes/0/config/{field}")]


@pytest.mark.parametrize(
    "config",
    [
        {"answer": "node", "answer_node": "call", "response": {"body": "{{ run.output }}"}},
        {"answer": "node", "answer_node": "each"},
        {"response": {"status": "{{ trigger.payload.n }}", "headers": {"X-A": "{{ run.id }}"}}},
        {"filter": "$.labels[?@.name == 'bug']"},
        {"filter": "{{ trigger.payload.a == 1 }}"},
    ],
)
def test_what_can_be_answered_is_published(config: dict[str, Any]) -> None:
    """With the names that are there."""
    assert problems(config) == []


async def test_a_path_filters(house: House) -> None:
    """JSONPath over the payload, as CEL over the trigger."""
    path = await house.webhook({"scheme": "none", "filter": "$.labels[?@.name == 'bug']"})
    taken = await house.ask("POST", path, key=None, json={"labels": [{"name": "bug"}]})
    assert taken.body["run_id"]
    others: tuple[Any, ...] = ({"labels": []}, [], {"labels": 3})
    for other in others:
        dropped = await house.ask("POST", path, key=None, json=other)
        assert "filter" in dropped.body["dropped"]
