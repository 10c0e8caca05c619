"""Starting runs through the API: one start is one run, and the caller learns how it went."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from services.trigger.service import build
from tests.http_house import TENANT, Answer, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, ids, subjects
from weir.contract.messages import (
    Envelope,
    Error,
    RunCancelled,
    RunFailed,
    RunSucceeded,
    WorkflowDeleted,
    WorkflowSaved,
)

MANUAL = [{"id": "start", "type": "manual"}]


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A trigger behind a server; `REGION` is an allowed variable."""
    monkeypatch.setenv("REGION", "north")
    monkeypatch.setenv("PASSWORD", "hidden")
    async with house_on_memory(build, env_allow=("REGION",)) as house:
        yield house


def runs_of(workflow: str) -> str:
    """Where runs of a workflow are started."""
    return f"/api/v1/workflows/{workflow}/runs"


async def start(house: House, workflow: str, query: str = "", **rest: Any) -> Answer:
    """A start as an operator."""
    return await house.ask("POST", runs_of(workflow) + query, key="operator", **rest)


async def fact_of(house: House, run_id: str) -> Envelope:
    """The start fact."""
    stored = await house.platform.runs.last(subjects.run_key(TENANT, run_id).fact("start"))
    assert stored is not None
    return codec.decode(stored.data)


async def test_a_start_is_recorded_whole(house: House) -> None:
    """Version, trigger, input, labels, environment and who it was are in the fact."""
    workflow, version = await house.publish(
        MANUAL, settings={"timeout_ms": None, "labels": {"team": "ops"}, "search": {}}
    )
    answer = await start(
        house,
        workflow,
        json={"input": {"n": 1}, "labels": {"ticket": "7"}},
        headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )
    assert answer.status == 202
    assert answer.body["status"] == "queued"
    assert answer.headers["Location"] == f"/api/v1/runs/{answer.body['run_id']}"
    envelope = await fact_of(house, answer.body["run_id"])
    fact = envelope.events[0].run_started
    assert fact is not None
    assert (envelope.workflow_id, envelope.version) == (workflow, version)
    assert envelope.trace_parent.startswith("00-aaaa")
    assert (fact.trigger_node, fact.trigger_kind) == ("start", "manual")
    assert fact.input == {"n": 1}
    assert fact.labels == {"team": "ops", "ticket": "7"}
    assert fact.env == {"REGION": "north"}
    assert fact.started_by.startswith("key_")
    stored = await house.platform.runs.get(int(answer.headers["Weir-Sequence"]))
    assert stored is not None


async def test_the_fact_is_what_the_contract_would_have_written(house: House) -> None:
    """The hot path writes the wire form without the models; both are the same bytes."""
    workflow, _ = await house.publish(MANUAL)
    answer = await start(house, workflow, json={"input": {"ä": [1, 2.5, None]}})
    stored = await house.platform.runs.last(
        subjects.run_key(TENANT, answer.body["run_id"]).fact("start")
    )
    assert stored is not None
    assert orjson.loads(codec.encode(codec.decode(stored.data))) == orjson.loads(stored.data)


async def test_a_start_without_a_body_has_an_empty_input(house: House) -> None:
    """Everything may be left out."""
    workflow, _ = await house.publish(MANUAL)
    answer = await start(house, workflow)
    fact = (await fact_of(house, answer.body["run_id"])).events[0].run_started
    assert fact is not None
    assert fact.input == {}


async def test_the_same_key_is_the_same_run(house: House) -> None:
    """Twenty at once make one run; the repetitions say so."""
    workflow, _ = await house.publish(MANUAL)
    answers = await asyncio.gather(
        *(
            start(house, workflow, json={"input": 1}, headers={"Idempotency-Key": "k"})
            for _ in range(20)
        )
    )
    assert len({answer.body["run_id"] for answer in answers}) == 1
    assert sum(not answer.body["duplicate"] for answer in answers) == 1
    assert len(await house.facts()) == 1


async def test_the_same_key_with_another_request_is_refused(house: House) -> None:
    """409; and a key is of one workflow alone."""
    workflow, _ = await house.publish(MANUAL)
    other, _ = await house.publish(MANUAL, "other")
    key = {"Idempotency-Key": "k"}
    first = await start(house, workflow, json={"input": {"a": 1, "b": 2}}, headers=key)
    same = await start(house, workflow, json={"input": {"b": 2, "a": 1}}, headers=key)
    changed = await start(house, workflow, json={"input": {"a": 2}}, headers=key)
    elsewhere = await start(house, other, json={"input": {"a": 2}}, headers=key)
    assert same.body["run_id"] == first.body["run_id"]
    assert (changed.status, changed.code) == (409, "IDEMPOTENCY_CONFLICT")
    assert elsewhere.status == 202
    assert elsewhere.body["run_id"] != first.body["run_id"]


async def test_a_purged_run_still_answers_for_its_key(house: House) -> None:
    """The tombstone holds the request's hash: the same is answered, another refused."""
    workflow, _ = await house.publish(MANUAL)
    key = {"Idempotency-Key": "k"}
    first = await start(house, workflow, json={"input": 1}, headers=key)
    await house.purge(first.body["run_id"], "failed")
    same = await start(house, workflow, json={"input": 1}, headers=key)
    waited = await start(house, workflow, "?wait=1s", json={"input": 1}, headers=key)
    changed = await start(house, workflow, json={"input": 2}, headers=key)
    assert (same.status, same.body["status"]) == (200, "failed")
    assert (waited.status, waited.body["status"]) == (200, "failed")
    assert same.body["run_id"] == first.body["run_id"]
    assert changed.status == 409


async def test_a_large_input_lies_in_the_object_store(house: House) -> None:
    """The fact names it; it is there before the fact is."""
    workflow, _ = await house.publish(MANUAL)
    text = "x" * 100_000
    answer = await start(house, workflow, json={"input": text})
    fact = (await fact_of(house, answer.body["run_id"])).events[0].run_started
    assert fact is not None
    assert fact.input is None
    assert fact.input_ref is not None
    assert await house.platform.blobs.get(fact.input_ref.key) == orjson.dumps(text)
    assert fact.input_ref.size == len(text) + 2


async def test_an_input_that_does_not_fit_is_refused(house: House) -> None:
    """422 with each place, and nothing is stored."""
    schema = {"type": "object", "required": ["a"], "properties": {"b": {"maximum": 3}}}
    workflow, _ = await house.publish(MANUAL, input_schema=schema)
    answer = await start(house, workflow, json={"input": {"b": 4}})
    assert (answer.status, answer.code) == (422, "INPUT_INVALID")
    paths = {one["path"] for one in answer.body["error"]["details"]["errors"]}
    assert paths == {"input", "input.b"}
    assert await house.facts() == []


@pytest.mark.parametrize(
    ("nodes", "named", "fired"),
    [
        ([], None, ""),
        ([("m", "manual")], None, "m"),
        ([("h", "webhook")], None, "h"),
        ([("h", "webhook"), ("m", "manual")], None, "m"),
        ([("h", "webhook"), ("m", "manual")], "h", "h"),
        ([("h", "webhook"), ("i", "webhook")], None, None),
        ([("m", "manual")], "x", None),
    ],
)
async def test_a_start_fires_one_trigger(
    house: House, nodes: list[tuple[str, str]], named: str | None, fired: str | None
) -> None:
    """The named one, else the manual one, else the only one; otherwise it must say which."""
    workflow, _ = await house.publish([{"id": node, "type": kind} for node, kind in nodes])
    answer = await start(house, workflow, json={"trigger": named})
    if fired is None:
        assert (answer.status, answer.code) == (422, "TRIGGER_UNKNOWN")
        return
    fact = (await fact_of(house, answer.body["run_id"])).events[0].run_started
    assert fact is not None
    assert fact.trigger_node == fired


async def test_a_start_can_name_a_version(house: House) -> None:
    """One of this workflow, and no other."""
    workflow, old = await house.publish(MANUAL)
    _, new = await house.publish([{"id": "later", "type": "manual"}])
    other, others = await house.publish(MANUAL, "other")
    current = await start(house, workflow)
    named = await start(house, workflow, json={"version": old})
    foreign = await start(house, workflow, json={"version": others})
    nonsense = await start(house, workflow, json={"version": "a.b"})
    assert other != workflow
    assert (current.body["version"], named.body["version"]) == (new, old)
    assert (foreign.status, foreign.code) == (404, "VERSION_NOT_FOUND")
    assert nonsense.status == 404


async def test_what_was_published_can_be_demanded(house: House) -> None:
    """With `min_revision` a start never runs what was current before."""
    workflow, old = await house.publish(MANUAL)
    assert (await start(house, workflow)).body["version"] == old
    _, new = await house.publish([{"id": "later", "type": "manual"}])
    revision = await house.platform.registry.last_seq()
    answer = await start(house, workflow, f"?min_revision={revision}")
    assert answer.body["version"] == new


async def test_workflows_that_cannot_run_say_why(house: House) -> None:
    """Unknown, deleted, of another tenant, never published."""
    unknown = ids.derived("wf", "x")
    gone, version = await house.publish(MANUAL, "gone")
    await house.record(subjects.workflow(TENANT, gone), WorkflowDeleted(workflow_id=gone))
    draft = ids.derived("wf", "draft")
    await house.record(
        subjects.workflow(TENANT, draft), WorkflowSaved(workflow_id=draft, name="d", definition={})
    )
    foreign = ids.derived("wf", "foreign")
    await house.record(
        subjects.workflow("other", foreign), WorkflowSaved(workflow_id=foreign, name="f")
    )
    for workflow, status, code in (
        (unknown, 404, "WORKFLOW_NOT_FOUND"),
        (gone, 404, "WORKFLOW_NOT_FOUND"),
        (foreign, 404, "WORKFLOW_NOT_FOUND"),
        ("a.b", 404, "WORKFLOW_NOT_FOUND"),
        (draft, 409, "WORKFLOW_NOT_PUBLISHED"),
    ):
        answer = await start(house, workflow)
        assert (answer.status, answer.code) == (status, code)
    named = await start(house, gone, json={"version": version})
    assert (named.status, named.code) == (404, "WORKFLOW_NOT_FOUND")
    assert await house.facts() == []


async def test_viewers_start_nothing(house: House) -> None:
    """Operators, editors and administrators do."""
    workflow, _ = await house.publish(MANUAL)
    statuses = {
        role: (await house.ask("POST", runs_of(workflow), key=role)).status
        for role in ("viewer", "operator", "editor", "admin")
    }
    assert statuses == {"viewer": 403, "operator": 202, "editor": 202, "admin": 202}


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (RunSucceeded(output={"sum": 3}), {"status": "succeeded", "output": {"sum": 3}}),
        (
            RunFailed(error=Error(code="BOOM", message="it broke", step="a")),
            {"status": "failed", "error": {"code": "BOOM", "message": "it broke", "step": "a"}},
        ),
        (
            RunCancelled(reason="enough", requested_by="key_1"),
            {"status": "cancelled", "error": None, "reason": "enough"},
        ),
        (
            RunSucceeded.model_validate({"output_ref": {"key": "acme/1", "size": 9}}),
            {"status": "succeeded", "output": {"$blob": {"key": "acme/1", "size": 9}}},
        ),
    ],
)
async def test_a_waiting_start_tells_how_it_ended(
    house: House, end: Any, told: dict[str, Any]
) -> None:
    """200 with the output, or with the run's own error, or why it was cancelled."""
    workflow, _ = await house.publish(MANUAL)
    asking = asyncio.create_task(start(house, workflow, "?wait=20s"))
    await house.end(await _first_run(house), end)
    answer = await asking
    assert answer.status == 200
    assert {name: answer.body[name] for name in told} == told
    shown = answer.body.get("output")
    assert "9.0" not in str(shown)  # a size is a whole number wherever it is shown


async def test_a_wait_that_is_over_is_202(house: House) -> None:
    """The run goes on, its id is in the answer."""
    workflow, _ = await house.publish(MANUAL)
    answer = await start(house, workflow, "?wait=20ms")
    assert (answer.status, answer.body["status"]) == (202, "queued")


@pytest.mark.parametrize("wait", ["x", "-1s", "301s", "1000d"])
async def test_a_wait_is_a_duration(house: House, wait: str) -> None:
    """What is none, or too long, is refused before anything is started."""
    workflow, _ = await house.publish(MANUAL)
    answer = await start(house, workflow, f"?wait={wait}")
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")
    assert await house.facts() == []


async def test_a_repeated_wait_finds_the_end_that_was(house: House) -> None:
    """No live message will come for a run that is over: its log is read."""
    workflow, _ = await house.publish(MANUAL)
    key = {"Idempotency-Key": "k"}
    first = await start(house, workflow, headers=key)
    await house.end(first.body["run_id"], RunSucceeded(output=5))
    again = await start(house, workflow, "?wait=20s", headers=key)
    assert (again.status, again.body["output"], again.body["duplicate"]) == (200, 5, True)


async def test_a_repeated_start_tells_how_the_run_stands(house: House) -> None:
    """A run that has ended is not told to be queued, alone or in a batch."""
    workflow, _ = await house.publish(MANUAL)
    key = {"Idempotency-Key": "k"}
    first = await start(house, workflow, headers=key)
    again = await start(house, workflow, headers=key)
    assert (again.status, again.body["status"]) == (202, "queued")
    await house.end(first.body["run_id"], RunSucceeded(output=5))
    again = await start(house, workflow, headers=key)
    assert (again.status, again.body["status"], again.body["output"]) == (200, "succeeded", 5)
    many = await house.ask(
        "POST", f"{runs_of(workflow)}:batch", json={"items": [{"idempotency_key": "k"}]}
    )
    assert many.body["items"][0]["status"] == "succeeded"


async def test_many_starts_have_an_answer_each(house: House) -> None:
    """In order; one that is refused leaves the others alone."""
    schema = {"properties": {"n": {"type": "integer"}}}
    workflow, _ = await house.publish(MANUAL, input_schema=schema)
    items = [
        {"input": {"n": 1}, "idempotency_key": "a"},
        {"input": {"n": "x"}},
        {"input": {"n": 2}, "idempotency_key": "a"},
        {"input": {"n": 3}},
    ]
    answer = await house.ask("POST", f"{runs_of(workflow)}:batch", json={"items": items})
    assert answer.status == 202
    codes = [item.get("error", {}).get("code", "ok") for item in answer.body["items"]]
    assert codes == ["ok", "INPUT_INVALID", "IDEMPOTENCY_CONFLICT", "ok"]
    assert len(await house.facts()) == 2


async def test_a_repeated_batch_starts_nothing_new(house: House) -> None:
    """Its key stands for each of its items, in order."""
    workflow, _ = await house.publish(MANUAL)
    sent = {
        "json": {"items": [{"input": n} for n in range(5)]},
        "headers": {"Idempotency-Key": "b"},
    }
    first = await house.ask("POST", f"{runs_of(workflow)}:batch", **sent)
    again = await house.ask("POST", f"{runs_of(workflow)}:batch", **sent)
    ids_of = [[item["run_id"] for item in one.body["items"]] for one in (first, again)]
    assert ids_of[0] == ids_of[1]
    assert all(item["duplicate"] for item in again.body["items"])
    assert len(await house.facts()) == 5


async def test_a_cancel_is_recorded_and_says_no_more(house: House) -> None:
    """The fact holds who and why; what came of it is read from the run."""
    workflow, _ = await house.publish(MANUAL)
    run_id = (await start(house, workflow)).body["run_id"]
    answer = await house.ask(
        "POST", f"/api/v1/runs/{run_id}/cancel", key="operator", json={"reason": "enough"}
    )
    assert (answer.status, answer.body["recorded"]) == (202, True)
    key = subjects.run_key(TENANT, run_id)
    stored = await house.platform.runs.last(key.fact(f"cancel.{answer.body['request_id']}"))
    assert stored is not None
    wish = codec.decode(stored.data).events[0].cancel_requested
    assert wish is not None
    assert wish.reason == "enough"
    assert wish.requested_by.startswith("key_")


async def test_a_repeated_cancel_is_one_fact(house: House) -> None:
    """By its key; without one every cancel is a wish of its own, which does no harm."""
    workflow, _ = await house.publish(MANUAL)
    run_id = (await start(house, workflow)).body["run_id"]
    headers = {"Idempotency-Key": "c"}
    answers = [
        await house.ask("POST", f"/api/v1/runs/{run_id}/cancel", headers=headers) for _ in range(3)
    ]
    assert len({answer.body["request_id"] for answer in answers}) == 1
    assert len({answer.headers["Weir-Sequence"] for answer in answers}) == 1
    assert len(await house.facts()) == 2
    other = await house.ask(
        "POST", f"/api/v1/runs/{run_id}/cancel", headers=headers, json={"reason": "else"}
    )
    assert (other.status, other.code) == (409, "IDEMPOTENCY_CONFLICT")


async def test_runs_that_cannot_be_cancelled_say_why(house: House) -> None:
    """Unknown, of another tenant, purged."""
    workflow, _ = await house.publish(MANUAL)
    purged = (await start(house, workflow)).body["run_id"]
    await house.purge(purged)
    for run_id, status, code in (
        (ids.derived("run", "x"), 404, "RUN_NOT_FOUND"),
        ("a.b", 404, "RUN_NOT_FOUND"),
        (purged, 410, "RUN_PURGED"),
    ):
        answer = await house.ask("POST", f"/api/v1/runs/{run_id}/cancel")
        assert (answer.status, answer.code) == (status, code)


async def _first_run(house: House) -> str:
    async def there() -> bool:
        return bool(await house.facts())

    await eventually(there)
    return subjects.parse_run((await house.facts())[0].subject)[0].run_id


SAMPLE = {"headers": {"x-id": "7"}, "method": "POST", "query": {}}


async def test_a_trial_reads_what_its_trigger_is_said_to_have_seen(house: House) -> None:
    """Beside the payload, which is the input; another sample makes it another start."""
    workflow, _ = await house.publish(MANUAL, trial=True)
    asked = {"input": {"n": 1}, "trigger_data": {**SAMPLE, "fired_at": "2026-01-02T03:04:05.000Z"}}
    once = {"Idempotency-Key": "k"}
    answer = await start(house, workflow, json=asked, headers=once)
    assert answer.status == 202, answer.body
    fact = (await fact_of(house, answer.body["run_id"])).events[0].run_started
    assert fact is not None
    assert (fact.input, fact.trigger) == ({"n": 1}, asked["trigger_data"])
    other = await start(house, workflow, json={**asked, "trigger_data": SAMPLE}, headers=once)
    assert (other.status, other.code) == (409, "IDEMPOTENCY_CONFLICT")


async def test_what_was_published_reads_what_happened(house: House) -> None:
    """Nobody makes a run of production believe in a delivery that never came."""
    workflow, _ = await house.publish(MANUAL)
    answer = await start(house, workflow, json={"trigger_data": SAMPLE})
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize("data", [{"x": "y" * 70_000}, [], "text", 1, None])
async def test_what_is_no_sample_is_refused(house: House, data: Any) -> None:
    """Too large for the start of a run, or no object."""
    workflow, _ = await house.publish(MANUAL, trial=True)
    answer = await start(house, workflow, json={"trigger_data": data})
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
