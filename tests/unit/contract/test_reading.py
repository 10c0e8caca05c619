"""What a reader makes of a message that is newer than it, or wrong."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic_core import to_json

from services.scheduler.service import build as build_scheduler
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, House, house_on_memory
from tests.scribe import Scribe, event_of
from tests.unit.projector.projecting import World, last_of_runs, project, run_of
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.contract import codec, subjects
from weir.contract.messages import (
    Envelope,
    Event,
    RegistryRecord,
    RunSucceeded,
    StepCompleted,
    TaskSucceeded,
)
from weir.ports.log import Append
from weir.runtime import metrics
from weir.runtime.projector.workflows import WorkflowsFold

NEWER = {"step": "away", "attempt": 1, "step_teleported": {"to": "mars", "lives": 9}}
FAR: list[dict[str, Any]] = [
    {"id": "start", "type": "manual"},
    {
        "id": "far",
        "type": "http_request",
        "type_version": 1,
        "kind": "task",
        "ports": ["out"],
        "queue": "nobody",
        "timeout_ms": 60_000,
    },
]
WRONG = [
    ({"id": 7}, "id", "valid string"),
    ({"id": None}, "id", "valid string"),
    ({"turn": "3"}, "turn", "valid integer"),
    ({"turn": 1.5}, "turn", "valid integer"),
    ({"turn": True}, "turn", "valid integer"),
    ({"turn": -1}, "turn", "greater than or equal to 0"),
    ({"turn": 2**32}, "turn", "less than or equal to 4294967295"),
    ({"at": "yesterday"}, "at", "match pattern"),
    ({"at": "2026-13-01T00:00:00Z"}, "at", "match pattern"),
    ({"at": "2026-01-01T00:00:00+01:00"}, "at", "match pattern"),
    ({"at": ""}, "at", "match pattern"),
    ({"events": {}}, "events", "valid array"),
    ({"events": [7]}, "events.0", "should be an object"),
    ({"events": [{"task_failed": {"retryable": "yes"}}]}, "retryable", "valid boolean"),
    ({"events": [{"task_failed": {"retryable": 1}}]}, "retryable", "valid boolean"),
    ({"events": [{"task_failed": {"error": "broken"}}]}, "error", "should be an object"),
    ({"events": [{"task_scheduled": {"timeout_ms": "9"}}]}, "timeout_ms", "valid number"),
    ({"events": [{"run_started": {"labels": {"n": 1}}}]}, "labels.n", "valid string"),
    ({"events": [{"run_started": {"input_ref": []}}]}, "input_ref", "should be an object"),
    (
        {"events": [{"timer_fired": {}, "run_started": {}}]},
        "events.0",
        "only one of 'kind' can be set, not run_started and timer_fired",
    ),
]


@pytest.mark.parametrize(("message", "place", "reason"), WRONG)
def test_a_wrong_type_is_refused_with_its_place(
    message: dict[str, Any], place: str, reason: str
) -> None:
    """The error names the field and what it should hold."""
    with pytest.raises(ValueError, match="Envelope") as refused:
        codec.decode(orjson.dumps(message))
    assert place in str(refused.value)
    assert reason in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b'{"id":"a"', b"\xff", b'{"id":NaN}'])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """Nothing but a JSON object is one."""
    with pytest.raises(ValueError, match="Envelope"):
        codec.decode(data)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [{}],
        [NEWER],
        [{"step": "a", "attempt": 2**32 - 1, "task_succeeded": {"output": 2**70}}],
        [{"step": "a", "step_completed": {"output": [1.0, None, {"a": "é"}]}}, NEWER],
        [{"run_started": None, "timer_fired": {"timer": "t"}}],
        [{"task_failed": {"error": {"code": "X", "details": {"deep": [[[]]]}}, "retryable": True}}],
    ],
)
def test_the_short_way_reads_what_the_model_reads(events: list[dict[str, Any]]) -> None:
    """Both give equal envelopes, which are written alike."""
    data = to_json({"id": "x", "turn": 3, "trace_parent": "t", "events": events})
    read, slowly = codec.decode(data), Envelope.model_validate_json(data)
    assert read == slowly
    assert [event.kind for event in read.events] == [event.kind for event in slowly.events]
    assert codec.encode(read) == codec.encode(slowly)


def test_an_absent_member_is_no_member() -> None:
    """`null` in a oneof means that it is not set, beside another one too."""
    data = b'{"events":[{"run_started":null,"timer_fired":{"timer":"t"}},{"run_started":null}]}'
    fired, none = codec.decode(data).events
    assert fired.kind == fired.timer_fired
    assert none.kind is None


def test_what_a_newer_writer_added_is_skipped() -> None:
    """Fields at every depth, and an event whose kind is not known."""
    newer = {
        "id": "x",
        "mood": "good",
        "events": [
            {"step": "a", "weight": 3, "step_completed": {"output": 1, "colour": {"r": 1}}},
            NEWER,
        ],
    }
    read = codec.decode(orjson.dumps(newer))
    known = Event.of(StepCompleted(output=1), step="a")
    assert read == Envelope(id="x", events=(known, Event(step="away", attempt=1)))
    assert read.events[1].kind is None


async def test_events_that_are_not_known_change_no_run() -> None:
    """With them, in facts and in decisions, a run comes to the same as without."""
    states = []
    for extra in ((), (Event(step="away", attempt=1), Event(), Event(step="a"))):
        scribe = Scribe(MemoryLog(Broker(LoopClock()).connect(), subjects.RUNS))
        await scribe.start()
        for number, _ in enumerate(extra):
            await newer_fact(scribe, f"newer.{number}")
        await scribe.decide(*extra, event_of(StepCompleted(output=1), "a"), *extra)
        await scribe.dispatch("b")
        await scribe.succeed("b", output=2)
        await scribe.decide(*extra, event_of(RunSucceeded(output=3)), *extra)
        assert scribe.read.broken == ""
        assert scribe.read.state is not None
        states.append(scribe.read.state)
    plain, mixed = states
    assert (plain.status, plain.output) == (mixed.status, mixed.output) == ("succeeded", 3)
    for path in ("a", "b", "hook"):
        one, other = plain.steps[path], mixed.steps[path]
        assert (one.status, one.output, one.attempt) == (other.status, other.output, other.attempt)
    assert set(plain.steps) == set(mixed.steps)


async def newer_fact(scribe: Scribe, name: str) -> None:
    """A fact of a newer writer, as the scribe's reader will read it."""
    data = orjson.dumps({"id": name, "at": "2026-01-01T00:00:00.000Z", "events": [NEWER]})
    seq = await scribe.log.append(Append(scribe.key.fact(name), data))
    scribe.read.feed(seq, data, codec.decode(data))


def unknown() -> float:
    """How many events this process has skipped."""
    value: float = metrics.UNKNOWN_EVENTS._value.get()
    return value


async def test_the_projection_counts_what_it_skips() -> None:
    """One by one: in a fact and in a decision, of runs and of the registry."""
    world, before = World(), unknown()
    scribe = Scribe(world.log())
    await scribe.start()
    await newer_fact(scribe, "newer.1")
    await scribe.decide(Event(step="x"), event_of(RunSucceeded(output=3)), Event(step="y"))
    await project(world)
    assert await last_of_runs(world) == 3
    assert unknown() - before == 3
    assert (await run_of(world, scribe)).status == "succeeded"
    fold = WorkflowsFold()
    log = MemoryLog(world.broker.connect(), subjects.REGISTRY)
    data = orjson.dumps({"id": "r", "tenant": "acme", "workflow_archived": {"workflow_id": "w"}})
    await log.append(Append(subjects.workflow("acme", "w"), data))
    async for batch in log.read(subjects.EVERY_WORKFLOW):
        fold.add(batch)
    assert unknown() - before == 4
    assert fold.take().workflows == []


async def test_the_owner_counts_what_it_skips() -> None:
    """A fact that the owner does not know is counted, and its run goes on."""
    async with house_on_memory(build_trigger, build_scheduler) as house:
        before = unknown()
        workflow, _ = await house.publish(
            FAR,
            edges=[{"source": "start", "port": "out", "target": "far"}],
        )
        answer = await house.ask("POST", f"/api/v1/workflows/{workflow}/runs", json={})
        assert answer.status == 202, answer.body
        key = subjects.run_key(TENANT, answer.body["run_id"])
        await stored(house, key.task("nobody"))
        data = orjson.dumps({"id": "n", "at": "2026-01-01T00:00:00.000Z", "events": [NEWER]})
        await house.platform.runs.append(Append(key.fact("newer.1"), data))

        async def counted() -> bool:
            return unknown() - before == 1

        await eventually(counted)
        done = TaskSucceeded(output=5, started_at="2026-01-01T00:00:00.000Z", worker="w")
        result = Envelope(
            id="r",
            at="2026-01-01T00:00:00.000Z",
            events=(Event.of(done, step="far", attempt=1),),
        )
        fact = key.fact(subjects.result_fact("far", 1))
        await house.platform.runs.append(Append(fact, codec.encode(result)))
        end = await stored(house, key.events)
        assert end.events[-1].run_succeeded == RunSucceeded(output={"far": 5})
        assert unknown() - before == 1


async def stored(house: House, subject: str) -> Envelope:
    """The message on a subject, once there is one."""

    async def there() -> bool:
        return await house.platform.runs.last(subject) is not None

    await eventually(there)
    found = await house.platform.runs.last(subject)
    assert found is not None
    return codec.decode(found.data)


def test_a_record_that_is_not_known_is_read() -> None:
    """Its kind is none, and what is known of it is there."""
    read = RegistryRecord.model_validate_json(b'{"id":"r","tenant":"acme","moon_saved":{}}')
    assert (read.tenant, read.kind) == ("acme", None)
