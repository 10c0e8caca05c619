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
    AttributesSet,
    BlobRef,
    ChildStarted,
    Error,
    IterationCompleted,
    LogBatch,
    LogLine,
    RegistryRecord,
    RunFailed,
    RunParent,
    RunPaused,
    RunSucceeded,
    ScopeEntered,
    StepCompleted,
    StepEntered,
    StepFailed,
    TimerSet,
    WaitStarted,
    WorkflowSaved,
)
from weir.ports.log import Append
from weir.runtime.archive import Archive, Ended, read_run

if TYPE_CHECKING:
    from tests.integration.query.conftest import Site

NOTHING = dict.fromkeys(
    (
        *("step", "attempt", "since", "until", "queue", "position"),
        *("workers", "run_id", "signal", "approval_id"),
    )
)
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
        "project": None,
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
        "search": {},
        "parent": None,
        "origin": None,
        "waits_for": [
            NOTHING | {"kind": "scheduler", "text": "the next decision of its scheduler"}
        ],
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
    """A place in a queue, room, a retry, a timer, a signal, a run, a person: each with its time."""
    scribe, child = site.scribe(), site.scribe("child")
    await scribe.start()
    await child.start(parent=RunParent(run_id=scribe.run_id, step="call", depth=1))
    await scribe.dispatch("called", queue="slow")
    due = times.from_ms(1_700_000_100_000)
    error = Error(code="HTTP_503", message="no")
    later = Error(code="CALL_DEFERRED", message="breaker of api.x open until noon")
    seq = await scribe.decide(
        event_of(StepEntered(queue="slow"), "entered"),
        event_of(TimerSet(timer="a", due_at=due, reason="retry", error=error), "again"),
        event_of(TimerSet(timer="b", due_at=due, reason="delay"), "pause"),
        event_of(WaitStarted(what="breaker:api.x", due_at=due, timer="c", error=later), "broken"),
        event_of(WaitStarted(what="signal:order.paid"), "paid"),
        event_of(WaitStarted(what="ask", error=error), "risky"),
        event_of(ChildStarted(run_id=child.run_id, workflow_id="wf_b"), "call", 1),
    )
    run = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq))
    waits = {one["step"]: (one["kind"], one["text"]) for one in run["waits_for"]}
    assert waits == {
        "called": ("task", "task called queued in `slow`, position ~1, no worker"),
        "entered": ("limit", "room for entered in the queue `slow`"),
        "again": ("timer", f"attempt 1 of again at {due} after HTTP_503"),
        "pause": ("timer", f"timer until {due}"),
        "broken": ("limit", "breaker of api.x open until noon"),
        "paid": ("signal", "signal order.paid"),
        "risky": ("person", "a person's decision about risky"),
        "call": ("child", f"run {child.run_id} of workflow wf_a, queued"),
    }
    assert {one["until"] for one in run["waits_for"]} == {None, due}
    assert {one["signal"] for one in run["waits_for"]} == {None, "order.paid"}
    [shortly] = [one for one in (await site.get("/runs"))["items"] if one["id"] == scribe.run_id]
    assert len(shortly["waits_for"]) == 3
    assert shortly["waits_for"][0].keys() == {"kind", "text", "step", "until"}
    [born] = (await site.get("/runs", parent_run_id=scribe.run_id))["items"]
    assert (born["id"], born["parent_run_id"]) == (child.run_id, scribe.run_id)
    told = await site.get(f"/runs/{child.run_id}")
    assert told["parent"] == {"run_id": scribe.run_id, "step": "call"}
    worker = await site.platform.tasks.work("slow", capacity=1)
    delivery = await anext(aiter(worker))
    run = await site.get(f"/runs/{scribe.run_id}")
    [task] = [one for one in run["waits_for"] if one["kind"] == "task"]
    assert task["text"] == "task called with a worker of `slow`"
    assert (task["position"], task["workers"]) == (None, 1)
    await delivery.ack()
    await worker.close()
    seq = await scribe.decide(event_of(RunPaused(reason="parked")))
    run = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq))
    assert run["waits_for"][0]["kind"] == "paused"
    seq = await scribe.decide(event_of(RunFailed(error=Error(code="X", message="no"))))
    run = await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq))
    assert (run["waits_for"], run["error"]) == ([], {"code": "X", "message": "no"})


async def test_what_a_run_is_found_by_changes(site: Site) -> None:
    """Search attributes and labels that it sets while it goes on; old values find it no more."""
    scribe = site.scribe()
    await scribe.start(labels={"team": "ops"})
    await scribe.decide(event_of(AttributesSet(search={"repo": "weir"})))
    seq = await scribe.decide(event_of(AttributesSet(labels={"team": "dev"}), "say"))
    assert (await site.get(f"/runs/{scribe.run_id}", min_sequence=str(seq)))["search"] == {
        "repo": "weir"
    }
    for query, found in (
        ({"search.repo": "weir"}, 1),
        ({"search.repo": "weir", "label.team": "dev"}, 1),
        ({"label.team": "ops"}, 0),
        ({"label.repo": "weir"}, 0),
        ({"search.repo": "other"}, 0),
    ):
        assert len((await site.get("/runs", **query))["items"]) == found, query
    assert await site.refused("/runs", 400, search="repo") == "INVALID_PARAMETER"


async def test_the_state_is_made_again_from_the_log(site: Site) -> None:
    """Facts that nobody has decided on included; a run that is not there has none."""
    scribe = site.scribe()
    await scribe.start()
    await scribe.dispatch("call")
    await scribe.succeed("call", output={"ok": True})
    state = await site.get(f"/runs/{scribe.run_id}/state")
    assert state["steps"]["call"]["output"] == {"ok": True}
    assert await site.refused(f"/runs/{UNKNOWN}/state", 404) == "RUN_NOT_FOUND"


async def test_steps_of_a_loop_are_listed_by_container(site: Site) -> None:
    """What stands in an iteration, however deep, or only the next level; with counts."""
    scribe = site.scribe()
    await scribe.start()
    await scribe.decide(
        event_of(ScopeEntered(kind="for_each", count=2, concurrency=2, items=[1, 2]), "each"),
        event_of(StepCompleted(output=1), "each[0]/a"),
        event_of(IterationCompleted(index=0, source="a"), "each"),
        event_of(StepCompleted(output=2), "each[1]/a"),
    )
    error = Error(code="X", message="no")
    seq = await scribe.decide(event_of(IterationCompleted(index=1, error=error), "each"))
    path = f"/runs/{scribe.run_id}/steps"

    async def steps(**query: Any) -> list[str]:
        found = await site.get(path, min_sequence=str(seq), **query)
        return [step["step"] for step in found["items"]]

    assert await steps() == ["hook", "each", "each[0]", "each[1]", "each[0]/a", "each[1]/a"]
    assert await steps(levels=1) == ["hook", "each"]
    assert await steps(under="each", levels=1) == ["each[0]", "each[1]"]
    assert await steps(under="each[0]") == ["each[0]/a"]
    [each] = [one for one in (await site.get(path))["items"] if one["step"] == "each"]
    assert each["inside"] == {"total": 2, "done": 2, "failed": 1}
    assert (each["node_type"], each["waits"]) == ("for_each", None)


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


ROUTES = ["", "/steps", "/timeline", "/steps/a", "/logs", "/events", f"/blobs/{'0' * 64}"]


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
    await archive(site).put(Ended(scribe.key, messages))
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
