"""What is told to a run: one fact per id, judged by the code that owners run."""

from __future__ import annotations

from typing import Any

import pytest

from services.trigger.service import build
from tests.http_house import House, house_on_memory
from tests.unit.core.played import node, task
from tests.unit.core.test_containers import box
from tests.unit.trigger.test_forks import Life, live
from weir.contract import ids, times
from weir.contract.messages import RunSucceeded
from weir.ports.views import Batch, Position, RunRow


@pytest.fixture
async def house() -> Any:
    """A trigger behind a server."""
    async with house_on_memory(build) as house:
        yield house


WAITS = [node("go", "manual"), node("wait", "wait_signal", {"name": "order.paid"})]


async def _waiting(house: House) -> tuple[Life, Any, str]:
    life = await live(house, WAITS, ["go>wait"], output="{{ steps.wait }}")
    run = await life.start()
    return life, run, f"/api/v1/runs/{run.key.run_id}"


async def test_a_signal_is_heard_once(house: House) -> None:
    """The waiting step shows its payload; the same id again is the same fact, any id is legal."""
    _, run, base = await _waiting(house)
    body = {"name": "order.paid", "payload": {"sum": 5}, "id": "shop. > * 17"}
    refused = await house.ask("POST", f"{base}/signals", json=body)
    assert (refused.status, refused.code) == (422, "INVALID_REQUEST")  # an id has no spaces
    body["id"] = "shop.>*17"
    first = await house.ask("POST", f"{base}/signals", key="operator", json=body)
    again = await house.ask("POST", f"{base}/signals", key="operator", json=body)
    assert (first.status, again.status) == (202, 202)
    assert first.body == again.body
    assert first.headers["Weir-Sequence"] == again.headers["Weir-Sequence"]
    other = await house.ask("POST", f"{base}/signals", json=body | {"payload": 6})
    assert (other.status, other.code) == (409, "IDEMPOTENCY_CONFLICT")
    state = await run.settle()
    assert state.status == "succeeded"
    assert state.output == {"sum": 5}
    # After the end: what was said before is still said, anything new is refused.
    late = await house.ask("POST", f"{base}/signals", json=body)
    assert late.body == first.body
    new = await house.ask("POST", f"{base}/signals", json={"name": "order.paid"})
    assert (new.status, new.code) == (409, "RUN_ENDED")
    assert new.body["error"]["details"]["status"] == "succeeded"


async def test_a_signal_for_one_step_is_taken_by_it_or_refused(house: House) -> None:
    """With `step` nothing is kept for later: the step waits for it now, or took the same one."""
    _, run, base = await _waiting(house)
    for step, name in (("go", "order.paid"), ("nowhere", "order.paid"), ("wait", "other")):
        early = {"name": name, "step": step, "id": "s-0"}
        refused = await house.ask("POST", f"{base}/signals", json=early)
        assert (refused.status, refused.code) == (409, "STEP_NOT_WAITING")
        assert refused.body["error"]["details"]["step"] == step
    body: dict[str, Any] = {"name": "order.paid", "step": "wait", "payload": 1, "id": "s-1"}
    first = await house.ask("POST", f"{base}/signals", json=body)
    second = await house.ask("POST", f"{base}/signals", json={**body, "id": "s-2"})
    assert (first.status, second.code) == (202, "STEP_NOT_WAITING")
    again = await house.ask("POST", f"{base}/signals", json=body)
    assert again.body == first.body
    assert (await run.settle()).output == 1
    assert (await house.ask("POST", f"{base}/signals", json=body)).body == first.body
    late = await house.ask("POST", f"{base}/signals", json={**body, "id": "s-3"})
    assert late.code == "RUN_ENDED"


async def test_a_run_is_paused_and_resumed(house: House) -> None:
    """It stands still with the reason, and goes on."""
    life = await live(house, [node("go", "manual"), task("a"), task("b")], ["go>a", "a>b"])
    run = await life.start()
    base = f"/api/v1/runs/{run.key.run_id}"
    told = await house.ask("POST", f"{base}/pause", key="operator", json={"reason": "look"})
    assert (told.status, told.body["recorded"]) == (202, True)
    assert (await run.settle()).status == "paused"
    assert (await run.succeed("a")).status == "paused"
    assert await run.sent() == ["a"]
    assert (await house.ask("POST", f"{base}/resume", key="operator")).status == 202
    await run.settle()
    assert await run.sent() == ["a", "b"]


async def test_a_run_is_ended_softly_or_at_once(house: House) -> None:
    """`graceful` undoes what was done, `terminate` does not, even after it."""
    nodes = [node("go", "manual"), task("a", compensate="undo"), task("undo"), task("b")]
    life = await live(house, nodes, ["go>a", "a>b"])
    run = await life.start()
    await run.succeed("a")
    base = f"/api/v1/runs/{run.key.run_id}"
    assert (await house.ask("POST", f"{base}/cancel", json={"mode": "graceful"})).status == 202
    assert (await run.settle()).status == "cancelling"
    assert (await run.sent())[-1] == "undo"
    assert (await house.ask("POST", f"{base}/cancel", json={"mode": "terminate"})).status == 202
    assert (await run.settle()).status == "cancelled"
    gone = await house.ask("POST", f"{base}/cancel", json={})
    assert (gone.status, gone.code) == (409, "RUN_ENDED")


async def test_a_person_decides_about_a_step(house: House) -> None:
    """In a loop too; only a step that asks takes it, and only once."""
    life = await live(
        house,
        [
            node("go", "manual"),
            box("each", "for_each", {"items": "{{ [1] }}"}),
            task("risky", parent="each", on_error="ask"),
        ],
        ["go>each"],
        output="{{ steps.each }}",
    )
    run = await life.start()
    path = f"/api/v1/runs/{run.key.run_id}/steps/each[0]%2Frisky/decision"
    body = {"decision": "skip", "output": "by hand", "reason": "known"}
    early = await house.ask("POST", path, json=body)
    assert (early.status, early.code) == (409, "STEP_NOT_WAITING")
    assert early.body["error"]["details"] == {"step": "each[0]/risky", "status": "queued"}
    await run.fail("each[0]/risky")
    for bad in ({"decision": "perhaps"}, {}):
        assert (await house.ask("POST", path, json=bad)).status == 422
    headers = {"Idempotency-Key": "d"}
    told = await house.ask("POST", path, key="operator", json=body, headers=headers)
    assert told.status == 202, told.body
    state = await run.settle()
    assert (state.status, state.output) == ("succeeded", ["by hand"])
    again = await house.ask("POST", path, json=body, headers=headers)
    assert again.body == told.body
    for step in ("a b", "each[0]", "x" * 2_000, "%2A", "each[0]%2F%3E"):
        nowhere = f"/api/v1/runs/{run.key.run_id}/steps/{step}/decision"
        assert (await house.ask("POST", nowhere, json=body)).status == 409


async def test_a_deadline_is_moved(house: House) -> None:
    """The step waits until then; what is no time is refused, and so is a step without one."""
    nodes = [node("go", "manual"), node("nap", "delay", {"duration": "1h"}), task("a")]
    life = await live(house, nodes, ["go>nap", "go>a"])
    run = await life.start()
    base = f"/api/v1/runs/{run.key.run_id}/steps"
    due = times.from_ms(run.now_ms + 60_000)
    told = await house.ask("POST", f"{base}/nap/deadline", json={"due_at": due})
    assert told.status == 202, told.body
    assert (await run.settle()).steps["nap"].wake_ms == run.now_ms + 60_000
    run.now_ms += 60_000
    assert (await run.settle()).steps["nap"].status == "succeeded"
    wrong = await house.ask("POST", f"{base}/nap/deadline", json={"due_at": "soon"})
    assert (wrong.status, wrong.code) == (422, "INVALID_REQUEST")
    none = await house.ask("POST", f"{base}/a/deadline", json={"due_at": due})
    assert (none.status, none.code) == (409, "STEP_NOT_WAITING")


KINDS: tuple[tuple[str, Any], ...] = (
    ("signals", {"name": "x"}),
    ("pause", {}),
    ("resume", {}),
    ("cancel", {}),
    ("steps/a/decision", {"decision": "retry"}),
    ("steps/a/deadline", {"due_at": "2026-03-01T12:00:00Z"}),
)


@pytest.mark.parametrize(("what", "body"), KINDS)
async def test_runs_that_are_not_there_say_so(house: House, what: str, body: Any) -> None:
    """Unknown, purged, ended; and nothing was stored."""
    life = await live(house, [node("go", "manual"), task("a")], ["go>a"])
    purged, ended = await life.start(), await life.start()
    await house.purge(purged.key.run_id)
    await ended.succeed("a")
    before = await house.platform.runs.last_seq()
    for run_id, status, code in (
        (ids.derived("run", "none"), 404, "RUN_NOT_FOUND"),
        ("run.>", 404, "RUN_NOT_FOUND"),
        (purged.key.run_id, 410, "RUN_PURGED"),
        (ended.key.run_id, 409, "RUN_ENDED"),
    ):
        answer = await house.ask("POST", f"/api/v1/runs/{run_id}/{what}", json=body)
        assert (answer.status, answer.code) == (status, code)
    assert await house.platform.runs.last_seq() == before


async def test_too_large_a_signal_is_refused(house: House) -> None:
    """What goes into the log by value has its limit."""
    _, _, base = await _waiting(house)
    body = {"name": "order.paid", "payload": "x" * 70_000}
    answer = await house.ask("POST", f"{base}/signals", json=body)
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")


def _row(owner: Any, status: str, number: int) -> RunRow:
    return RunRow(
        tenant=owner.key.tenant,
        run_id=owner.key.run_id,
        workflow_id="wf_a",
        version="ver_a",
        trigger_node="go",
        trigger_kind="manual",
        started_by="key_1",
        labels='{"team": "ops"}' if number % 2 else "{}",
        started_ms=number,
        first_seq=number,
        input="{}",
        trigger=None,
        status=status,
        output=None,
        error=None,
        ended_ms=None if status in {"running", "paused"} else number,
        seq=number,
    )


async def _five(house: House) -> list[Any]:
    """Runs that go on, as the views know them; the last one has ended since."""
    life = await live(house, [node("go", "manual"), task("a")], ["go>a"])
    runs = [await life.start() for _ in range(5)]
    await house.end(runs[4].key.run_id, RunSucceeded())
    assert house.platform.views is not None
    projecting = await house.platform.views.project("runs")
    rows = [_row(run, "running", number) for number, run in enumerate(runs)]
    await projecting.apply(Batch(Position("RUNS", 9, "", "x"), runs=rows))
    await projecting.close()
    return runs


async def test_many_runs_are_steered_by_the_filters_of_the_list(house: House) -> None:
    """A dry run names them; then each has its answer, also the one that had ended meanwhile."""
    runs = await _five(house)
    path = "/api/v1/runs:cancel?label.team=ops"
    dry = await house.ask("POST", path, key="operator", json={"dry_run": True})
    assert dry.status == 200, dry.body
    assert {one["run_id"] for one in dry.body["items"]} == {runs[n].key.run_id for n in (1, 3)}
    assert (dry.body["matched"], dry.body["done"], dry.body["more"]) == (2, 0, False)
    assert (await runs[1].settle()).status == "running"
    done = await house.ask("POST", path, json={"reason": "all of them"})
    assert (done.body["matched"], done.body["done"], done.body["refused"]) == (2, 2, 0)
    assert [(await runs[n].settle()).status for n in (0, 1, 3)] == [
        "running",
        "cancelled",
        "cancelled",
    ]
    part = await house.ask("POST", "/api/v1/runs:pause", json={"limit": 4})
    assert (part.body["matched"], part.body["more"]) == (4, True)
    rest = await house.ask("POST", "/api/v1/runs:pause", json={})
    refused = [one for one in rest.body["items"] if one.get("error")]
    assert {one["error"]["code"] for one in refused} == {"RUN_ENDED"}
    assert rest.body["refused"] == len(refused) == 3
    none = await house.ask("POST", "/api/v1/runs:resume", json={})
    assert none.body["matched"] == 0  # the views know of no paused run
    other = await house.ask("POST", "/api/v1/runs:cancel?status=failed", json={})
    assert other.body["matched"] == 0


async def test_many_failed_runs_are_retried(house: House) -> None:
    """Each gets a new run; one that did not fail says why not."""
    life = await live(house, [node("go", "manual"), task("a"), task("b")], ["go>a", "a>b"])
    runs = [await life.start() for _ in range(3)]
    for run in runs[:2]:
        await run.succeed("a")
        await run.fail("b")
    assert house.platform.views is not None
    projecting = await house.platform.views.project("runs")
    rows = [_row(run, "failed", number) for number, run in enumerate(runs)]
    await projecting.apply(Batch(Position("RUNS", 9, "", "x"), runs=rows))
    await projecting.close()
    told = await house.ask("POST", "/api/v1/runs:retry?status=failed", json={})
    assert (told.body["matched"], told.body["done"], told.body["refused"]) == (3, 2, 1)
    for item in told.body["items"]:
        if "error" in item:
            assert item["error"]["code"] == "NOTHING_TO_RETRY"
            continue
        new = life.owner(item["new_run_id"])
        await new.settle()
        assert await new.sent() == ["b"]
