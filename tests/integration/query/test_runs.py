"""Runs over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.scribe import event_of
from tests.waiting import eventually
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import (
    BlobRef,
    Error,
    LogBatch,
    LogLine,
    RegistryRecord,
    RunFailed,
    RunPaused,
    RunSucceeded,
    StepCompleted,
    StepEntered,
    StepFailed,
    TimerSet,
    WorkflowSaved,
)
from weir.ports.log import Append
from weir.runtime.archive import Archive, read_run

if TYPE_CHECKING:
    from tests.integration.query.conftest import Site

UNKNOWN = ids.derived("run", "unknown")


async def test_a_run_is_shown_as_soon_as_it_was_started(site: Site) -> None:
    """Who starts a run and looks at once sees it, without naming a sequence."""
    scribe = site.scribe()
    await scribe.start(labels={"team": "ops"}, trigger={"method": "POST"})
    run = await site.get(f"/runs/{scribe.run_id}")
    assert run == {
        "id": scribe.run_id,
        "workflow_id": "wf_a",
        "workflow_name": "",
        "version": "ver_a",
        "status": "queued",
        "trigger": {"node": "hook", "kind": "webhook", "data": {"method": "POST"}},
        "started_by": "hook_1",
        "labels": {"team": "ops"},
        "input": {"n": 1},
        "output": None,
        "error": None,
        "started_at": times.from_ms(scribe.now_ms),
        "ended_at": None,
        "duration_ms": None,
        "waiting_for": [{"reason": "decision"}],
    }


async def test_a_read_can_ask_for_what_was_written(site: Site) -> None:
    """`min_sequence` waits for the views, tells how far they are, and is refused when in vain."""
    scribe = site.scribe()
    await scribe.simple()
    last = scribe.seqs[-1]
    async with site.client.get("/api/v1/runs", params={"min_sequence": str(last)}) as response:
        assert int(response.headers["Weir-Sequence"]) >= last
        [run] = (await response.json())["items"]
    assert (run["status"], run["duration_ms"]) == ("succeeded", 1_000)
    site.service.projectors[0].progress.patience_s = 0.05
    beyond = {"min_sequence": str(last + 1_000)}
    assert await site.refused("/runs", 503, **beyond) == "VIEWS_BEHIND"
    assert await site.refused(f"/runs/{scribe.run_id}", 503, **beyond) == "VIEWS_BEHIND"


async def test_a_waiting_run_says_what_for(site: Site) -> None:
    """Room in a queue, a worker, a retry, a timer, a person: each is named with its time."""
    scribe = site.scribe()
    await scribe.start()
    await scribe.dispatch("called")
    due = times.from_ms(1_700_000_100_000)
    seq = await scribe.decide(
        event_of(StepEntered(queue="slow"), "entered"),
        event_of(TimerSet(timer="a", due_at=due, reason="retry"), "again"),
        event_of(TimerSet(timer="b", due_at=due, reason="delay"), "pause"),
    )
    run = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq))
    waits = {(one["reason"], one["step"], one["queue"]) for one in run["waiting_for"]}
    assert waits == {
        ("worker", "called", "default"),
        ("room", "entered", "slow"),
        ("retry", "again", None),
        ("timer", "pause", None),
    }
    assert {one["until"] for one in run["waiting_for"]} == {None, due}
    seq = await scribe.decide(event_of(RunPaused(reason="parked")))
    run = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq))
    assert run["waiting_for"][0] == {"reason": "resume"}
    seq = await scribe.decide(event_of(RunFailed(error=Error(code="X", message="no"))))
    run = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq))
    assert (run["waiting_for"], run["error"]) == ([], {"code": "X", "message": "no"})


async def test_steps_come_with_their_attempts_page_by_page(site: Site) -> None:
    """All steps once, in the order they were reached, each with the attempts it took."""
    scribe = site.scribe()
    await scribe.start()
    await scribe.dispatch("call")
    await scribe.fail("call")
    retry = TimerSet(timer="r", due_at=times.from_ms(scribe.now_ms), reason="retry")
    await scribe.decide(event_of(retry, "call"))
    await scribe.dispatch("call", 2)
    await scribe.succeed("call", 2, {"ok": True})
    seq = await scribe.decide(
        *(event_of(StepCompleted(output=n), f"s{n}") for n in range(5)),
        event_of(RunSucceeded(output="done")),
    )
    path, steps, query = f"/runs/{scribe.run_id}/steps", [], {"min_sequence": str(seq)}
    while True:
        page = await site.get(path, limit=3, **query)
        steps += page["items"]
        if page["next_cursor"] is None:
            break
        query = {"cursor": page["next_cursor"]}
    assert [step["step"] for step in steps] == ["hook", "call", "s0", "s1", "s2", "s3", "s4"]
    call = steps[1]
    assert (call["status"], call["attempt"], call["output"]) == ("succeeded", 2, {"ok": True})
    assert [(one["attempt"], one["status"]) for one in call["attempts"]] == [
        (1, "failed"),
        (2, "succeeded"),
    ]
    assert call["attempts"][0]["error"] == {"code": "BROKEN", "message": "it broke"}
    assert steps[2]["attempts"] == []


async def test_lists_are_filtered_and_paged(site: Site) -> None:
    """Filters, order and cursors of a list, also below a workflow."""
    scribes = [site.scribe(str(n)) for n in range(5)]
    for number, scribe in enumerate(scribes):
        scribe.now_ms += number * 60_000
        await scribe.simple(labels={"n": str(number % 2)})
    seq = str(scribes[-1].seqs[-1])
    ordered = [scribe.run_id for scribe in reversed(scribes)]
    first = await site.get("/runs", limit=2, min_sequence=seq)
    second = await site.get("/runs", limit=2, cursor=first["next_cursor"])
    third = await site.get("/runs", limit=2, cursor=second["next_cursor"])
    found = [run["id"] for page in (first, second, third) for run in page["items"]]
    assert (found, third["next_cursor"]) == (ordered, None)
    since = times.from_ms(scribes[3].now_ms - 30_000)
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"sort": "started_at"}, ordered[::-1]),
        ({"status": "succeeded,failed"}, ordered),
        ({"status": "failed"}, []),
        ({"trigger": "webhook"}, ordered),
        ({"label.n": "1"}, [ordered[1], ordered[3]]),
        ({"started_from": since}, ordered[:2]),
        ({"started_before": since}, ordered[2:]),
        ({"q": ordered[0]}, ordered[:1]),
        ({"workflow_id": "wf_b"}, []),
    ]
    for query, expected in cases:
        assert [run["id"] for run in (await site.get("/runs", **query))["items"]] == expected
    workflow = ids.derived("wf", "none")
    assert await site.get(f"/workflows/{workflow}/runs") == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"sort": "name"},
        {"limit": "0"},
        {"limit": "x"},
        {"started_from": "yesterday"},
        {"cursor": "AAAA"},
        {"label": "x"},
        {"q": "a\x00b"},
        {"label.\x00": "b"},
        {"min_sequence": "-1"},
    ],
)
async def test_what_cannot_be_asked_is_refused(site: Site, query: dict[str, str]) -> None:
    """A parameter that means nothing is a 400 that names it."""
    answer = await site.get("/runs", 400, **query)
    assert answer["error"]["code"] == "INVALID_PARAMETER"


async def test_a_cursor_belongs_to_its_list(site: Site) -> None:
    """The cursor of another filter, or a made-up position, is refused."""
    for n in range(2):
        scribe = site.scribe(str(n))
        await scribe.simple()
    page = await site.get("/runs", limit=1, min_sequence=str(scribe.seqs[-1]))
    cursor = page["next_cursor"]
    assert await site.refused("/runs", 400, status="failed", cursor=cursor) == "INVALID_PARAMETER"
    path = f"/runs/{scribe.run_id}/steps"
    assert await site.refused(path, 400, cursor=cursor) == "INVALID_PARAMETER"


async def test_runs_carry_the_name_of_their_workflow(site: Site) -> None:
    """The registry's name is shown and found."""
    scribe = site.scribe()
    await scribe.simple()
    saved = WorkflowSaved(workflow_id="wf_a", name="Deployment notifier")
    record = RegistryRecord.of(saved, tenant="acme")
    await site.platform.registry.append(
        Append(subjects.workflow("acme", "wf_a"), codec.encode(record))
    )

    async def named() -> bool:
        runs = (await site.get("/runs", q="notif"))["items"]
        return [run["workflow_name"] for run in runs] == ["Deployment notifier"]

    await eventually(named)


async def append_lines(site: Site, run_id: str, *levels: str) -> None:
    """One batch of lines."""
    lines = tuple(
        LogLine(at=times.from_ms(n), step=f"s{n % 2}", level=level, message=f"{level} {n}")
        for n, level in enumerate(levels)
    )
    batch = LogBatch(tenant="acme", run_id=run_id, lines=lines)
    await site.platform.logs.append(Append(subjects.logs("acme", run_id), codec.encode(batch)))


async def test_log_lines_are_listed(site: Site) -> None:
    """In order, by level and step, page by page."""
    scribe = site.scribe()
    await scribe.start()
    await append_lines(site, scribe.run_id, "info", "error", "debug", "warning")
    path = f"/runs/{scribe.run_id}/logs"

    async def there() -> bool:
        return len((await site.get(path))["items"]) == 4

    await eventually(there)
    first = await site.get(path, limit=3)
    rest = await site.get(path, limit=3, cursor=first["next_cursor"])
    lines = first["items"] + rest["items"]
    assert [line["message"] for line in lines] == ["info 0", "error 1", "debug 2", "warning 3"]
    assert rest["next_cursor"] is None
    severe = await site.get(path, level="warning,error")
    assert [line["level"] for line in severe["items"]] == ["error", "warning"]
    of_step = await site.get(path, step="s0")
    assert [line["step"] for line in of_step["items"]] == ["s0", "s0"]
    assert await site.refused(path, 400, level="loud") == "INVALID_PARAMETER"


async def test_events_are_the_log_itself(site: Site) -> None:
    """Every message in order with its sequence, page by page."""
    scribe = site.scribe()
    await scribe.simple()
    path = f"/runs/{scribe.run_id}/events"
    first = await site.get(path, limit=1)
    rest = await site.get(path, limit=1, cursor=first["next_cursor"])
    messages = first["items"] + rest["items"]
    assert [message["sequence"] for message in messages] == [str(seq) for seq in scribe.seqs]
    assert [message["kind"] for message in messages] == ["in", "ev"]
    started = messages[0]["envelope"]["events"][0]["run_started"]
    assert started["input"] == {"n": 1}
    assert rest["next_cursor"] is None


async def test_values_outside_the_log_are_read_through_their_run(site: Site) -> None:
    """A value is given to who may read a run that refers to it, as nothing a browser runs."""
    content = b'{"big": true}'
    key = await site.platform.blobs.put("acme", content)
    scribe, other = site.scribe("1"), site.scribe("2")
    html = BlobRef(key=key, size=len(content), media_type="text/html")
    await scribe.start(input=None, input_ref=html)
    await other.start()
    name = key.partition("/")[2]
    run = await site.get(f"/runs/{scribe.run_id}")
    assert run["input"]["$blob"]["key"] == key
    async with site.client.get(f"/api/v1/runs/{scribe.run_id}/blobs/{name}") as response:
        assert await response.read() == content
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"
    elsewhere = f"/runs/{other.run_id}/blobs/{name}"
    assert await site.refused(elsewhere, 404) == "BLOB_NOT_FOUND"
    missing = hashlib.sha256(b"no").hexdigest()
    for wrong in (missing, "x", "%2e%2e%2fx"):
        path = f"/runs/{scribe.run_id}/blobs/{wrong}"
        assert await site.refused(path, 404) == "BLOB_NOT_FOUND"
    await site.platform.blobs.delete(key)
    path = f"/runs/{scribe.run_id}/blobs/{name}"
    assert await site.refused(path, 404) == "BLOB_NOT_FOUND"


ROUTES = ["", "/steps", "/logs", "/events", f"/blobs/{'0' * 64}"]


@pytest.mark.parametrize("rest", ROUTES)
async def test_an_unknown_run_is_not_found(site: Site, rest: str) -> None:
    """A run that was never started, or whose id cannot be one, is a 404 everywhere."""
    assert await site.refused(f"/runs/{UNKNOWN}{rest}", 404) == "RUN_NOT_FOUND"
    assert await site.refused(f"/runs/nonsense{rest}", 404) == "RUN_NOT_FOUND"


@pytest.mark.parametrize("rest", ROUTES)
async def test_a_run_of_another_tenant_is_not_found(site: Site, rest: str) -> None:
    """Nothing tells that it exists."""
    scribe = site.scribe(tenant="other")
    await scribe.simple()
    assert await site.refused(f"/runs/{scribe.run_id}{rest}", 404) == "RUN_NOT_FOUND"
    listed = await site.get("/runs", min_sequence=str(scribe.seqs[-1]))
    assert listed["items"] == []


async def test_a_purged_run_stays_readable(site: Site) -> None:
    """Archived and purged, it is listed as before and its events come from the archive."""
    scribe = site.scribe()
    await scribe.simple()
    before = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(scribe.seqs[-1]))
    messages = await read_run(site.platform.runs, archive(site), scribe.key)
    await archive(site).put(scribe.key, messages)
    await scribe.confirm(messages[-1].seq)
    await scribe.purge()
    assert await site.get(f"/runs/{scribe.run_id}") == before
    events = await site.get(f"/runs/{scribe.run_id}/events")
    assert [one["sequence"] for one in events["items"]][:2] == [str(seq) for seq in scribe.seqs[:2]]


@pytest.mark.parametrize("rest", ["", "/steps", "/logs"])
async def test_what_is_gone_for_good_says_so(site: Site, rest: str) -> None:
    """A tombstone, or an archive without rows, is a 410 and not a 404."""
    purged, archived = site.scribe("1", "gone"), site.scribe("2", "gone")
    site.client.headers.update(await site.token("gone"))
    await purged.purge()
    await archived.simple()
    await site.get(f"/runs/{archived.run_id}", min_sequence=str(archived.seqs[-1]))
    assert await site.refused(f"/runs/{purged.run_id}{rest}", 410) == "RUN_PURGED"


def archive(site: Site) -> Archive:
    """The archive of the platform."""
    return Archive(site.platform.blobs)


async def test_ended_runs_are_archived_by_the_service(site: Site) -> None:
    """The service's own archiver moves what has ended a while ago."""
    scribe = site.scribe()  # its runs ended years ago
    await scribe.simple()
    await site.get(f"/runs/{scribe.run_id}", min_sequence=str(scribe.seqs[-1]))
    await site.service._archiver.sweep()
    assert await archive(site).find("acme", scribe.run_id) is not None
    assert await site.platform.runs.last(scribe.key.fact("archived")) is not None


async def test_reading_needs_a_key(site: Site) -> None:
    """Without one, nothing is answered."""
    del site.client.headers["Authorization"]
    for path in ("/runs", f"/runs/{UNKNOWN}", f"/runs/{UNKNOWN}/logs", "/ws"):
        assert await site.refused(path, 401) == "UNAUTHORIZED"


async def test_concurrent_reads_stay_apart(site: Site) -> None:
    """Many tenants reading at once over few connections each see their own runs alone."""
    tenants = [f"t{n}" for n in range(6)]
    for tenant in tenants:
        scribe = site.scribe("1", tenant)
        await scribe.simple()
    headers = {tenant: await site.token(tenant) for tenant in tenants}
    seq = {"min_sequence": str(scribe.seqs[-1])}

    async def seen(tenant: str) -> Any:
        async with site.client.get("/api/v1/runs", params=seq, headers=headers[tenant]) as answer:
            return [run["id"] for run in (await answer.json())["items"]]

    asked = tenants * 10
    found = await asyncio.gather(*map(seen, asked))
    assert found == [[site.scribe("1", tenant).run_id] for tenant in asked]


async def test_a_caught_failure_is_no_failed_run(site: Site) -> None:
    """A step whose policy goes on shows as caught, with its error and the port it left by."""
    scribe = site.scribe()
    await scribe.start()
    caught = StepFailed(error=Error(code="X", message="no"), handling="route")
    seq = await scribe.decide(event_of(caught, "call"), event_of(RunSucceeded(output=1)))
    steps = await site.get(f"/runs/{scribe.run_id}/steps", min_sequence=str(seq))
    call = steps["items"][1]
    assert (call["status"], call["port"], call["error"]["code"]) == ("caught", "error", "X")
