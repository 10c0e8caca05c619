"""The life of a run on the whole platform: loops, signals, pauses, forks, bulk forms, batches.

Versions are put into the registry as they are frozen, so that what runs do is
tested apart from what may be published.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.integration.acceptance.house import TENANT, House
from tests.unit.core.played import frozen, node
from tests.unit.core.test_containers import box, calc
from tests.waiting import eventually
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import Message, RegistryRecord, WorkflowPublished, WorkflowSaved
from weir.ports.log import Append

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = "2026-01-01T00:00:00.000Z"


async def put(house: House, name: str, nodes: list[Any], edges: list[str], **more: Any) -> str:
    """A workflow whose current version is this frozen one; returns its id."""
    workflow = ids.derived("wf", TENANT, name)
    content = {**frozen(nodes, edges), "name": name, "input_schema": None, **more}
    version = ids.derived("ver", workflow, codec.canonical(content).decode())

    async def record(subject: str, kind: Message) -> None:
        clock = house.platform.clock
        about = {"id": clock.new_id("rec"), "tenant": TENANT, "by": "test"}
        whole = RegistryRecord.of(kind, at=times.from_ms(clock.now_ms()), **about)  # type: ignore[arg-type]
        await house.platform.registry.append(Append(subject, codec.encode(whole)))

    made = WorkflowPublished(
        workflow_id=workflow, version=version, number=1, definition={}, frozen=content
    )
    await record(subjects.version(TENANT, version), made)
    head = WorkflowSaved(
        workflow_id=workflow,
        name=name,
        definition={},
        current_version=version,
        current_number=1,
        created_at=NOW,
        created_by="test",
    )
    await record(subjects.workflow(TENANT, workflow), head)
    return workflow


def call(house: House, name: str, mark: str, **more: Any) -> dict[str, Any]:
    """A node whose calls an outside server counts under this mark."""
    config = {
        "method": "POST",
        "url": f"{house.outside.url}/marks",
        "body": {"run": "{{ run.id }}", "step": mark},
    }
    return node(name, "http_request", config, **more)


def calls(house: House, mark: str) -> int:
    """How often it was called."""
    return sum(one.step == mark for one in house.outside.marks)


async def started(house: House, workflow: str, given: Any = None) -> str:
    """A run that goes on."""
    run_id: str = (await house.run(workflow, given, wait=""))["run_id"]
    return run_id


async def become(house: House, run_id: str, status: str) -> dict[str, Any]:
    """The run once the views show it so."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        found.update((await house.ask("GET", f"/runs/{run_id}")).body)
        return bool(found.get("status") == status)

    await eventually(there)
    return found


async def tell(house: House, run_id: str, what: str, **body: Any) -> dict[str, Any]:
    """Something is told to the run."""
    answer = await house.ask("POST", f"/runs/{run_id}/{what}", key="operator", json=body)
    assert answer.status == 202, answer.body
    told: dict[str, Any] = answer.body
    return told


async def steps(house: House, run_id: str, **query: Any) -> dict[str, Any]:
    """All steps of a run by path."""
    found: dict[str, Any] = {}
    cursor: str | None = ""
    while cursor is not None:
        asked = {"limit": 200, **query} | ({"cursor": cursor} if cursor else {})
        page = (await house.ask("GET", f"/runs/{run_id}/steps", params=asked)).body
        found |= {one["step"]: one for one in page["items"]}
        cursor = page["next_cursor"]
    return found


async def test_a_run_waits_for_a_signal_and_says_so(house: House) -> None:
    """It is listed with what it waits for; sent twice it counts once; the payload is the output."""
    nodes = [node("go", "manual"), node("paid", "wait_signal", {"name": "order.paid"})]
    workflow = await put(house, "Signalled", nodes, ["go>paid"], output="{{ steps.paid }}")
    run_id = await started(house, workflow)
    waiting = await become(house, run_id, "waiting")
    [wait] = waiting["waits_for"]
    assert (wait["kind"], wait["text"], wait["step"]) == ("signal", "signal order.paid", "paid")
    listed = await house.ask("GET", f"/runs?workflow_id={workflow}")
    assert listed.body["items"][0]["waits_for"][0]["text"] == "signal order.paid"
    for _ in range(2):
        await tell(house, run_id, "signals", name="order.paid", payload={"sum": 7}, id="shop-1")
    assert (await become(house, run_id, "succeeded"))["output"] == {"sum": 7}
    state = (await house.ask("GET", f"/runs/{run_id}/state")).body
    assert state["status"] == "succeeded"


async def test_a_run_stands_still_and_goes_on(house: House) -> None:
    """Paused it says that somebody must resume it."""
    nodes = [node("go", "manual"), node("nap", "delay", {"duration": "1h"})]
    workflow = await put(house, "Paused", nodes, ["go>nap"])
    run_id = await started(house, workflow)
    await become(house, run_id, "waiting")
    await tell(house, run_id, "pause", reason="lunch")
    assert (await become(house, run_id, "paused"))["waits_for"][0]["kind"] == "paused"
    await tell(house, run_id, "resume")
    await become(house, run_id, "waiting")
    await tell(house, run_id, "steps/nap/deadline", due_at="2026-01-01T00:00:00Z")
    await become(house, run_id, "succeeded")


async def test_a_fork_in_the_seventh_iteration_repeats_nothing_before_it(house: House) -> None:
    """Shown by calls that an outside server counts: six iterations and the step before, once."""
    nodes = [
        node("go", "manual"),
        call(house, "first", "life first"),
        box("each", "for_each", {"items": "{{ input.n }}", "concurrency": 1}),
        call(house, "one", "life {{ index }}", parent="each"),
        calc("check", "{{ input.bad == index ? 1 / 0 : index }}", parent="each"),
    ]
    edges = ["go>first", "first>each", "one>check"]
    workflow = await put(house, "Seventh", nodes, edges, output="{{ steps.each }}")
    run_id = await started(house, workflow, {"n": list(range(9)), "bad": 6})
    await become(house, run_id, "failed")
    told = await tell(
        house, run_id, "fork", step="each[6]/check", input={"n": list(range(9)), "bad": -1}
    )
    assert told["repeats"] == []
    new = await become(house, told["run_id"], "succeeded")
    assert new["output"] == list(range(9))
    assert new["origin"] == {"run_id": run_id, "step": "each[6]/check"}
    assert calls(house, "life first") == 1
    assert [calls(house, f"life {n}") for n in range(9)] == [1] * 9
    forks = await house.ask("GET", f"/runs?origin_run_id={run_id}")
    assert [one["id"] for one in forks.body["items"]] == [told["run_id"]]
    every = await steps(house, run_id)
    assert every["each[6]"]["status"] == "cancelled"
    assert every["each"]["inside"] == {"total": 9, "done": 6, "failed": 0}
    inside = await steps(house, run_id, under="each[2]")
    assert set(inside) == {"each[2]/one", "each[2]/check"}


async def test_a_failed_run_is_retried(house: House) -> None:
    """Under the same version, from the step that failed; what it repeats is named."""
    nodes = [
        node("go", "manual"),
        call(house, "before", "before"),
        node("broken", "http_request", {"url": f"{house.outside.url}/nowhere"}),
    ]
    workflow = await put(house, "Retried", nodes, ["go>before", "before>broken"])
    run_id = await started(house, workflow)
    await become(house, run_id, "failed")
    told = await tell(house, run_id, "retry")
    assert told["repeats"] == [{"step": "broken", "node_type": "http_request"}]
    await become(house, told["run_id"], "failed")
    assert calls(house, "before") == 1


async def test_many_items_are_batched_and_steered(house: House) -> None:
    """Hundreds of starts in one request, each once; then all of them ended by a filter."""
    nodes = [node("go", "manual"), node("nap", "delay", {"duration": "1h"})]
    workflow = await put(house, "Many", nodes, ["go>nap"])
    items = [{"input": {"n": n}, "idempotency_key": f"k{n}"} for n in range(300)]
    path = f"/workflows/{workflow}/runs:batch"
    first = await house.ask("POST", path, json={"items": items})
    assert first.status == 202, first.body
    again = await house.ask("POST", path, json={"items": items})
    ids_of = [[one["run_id"] for one in answer.body["items"]] for answer in (first, again)]
    assert ids_of[0] == ids_of[1]

    async def all_wait() -> bool:
        asked = f"/runs?workflow_id={workflow}&status=waiting&limit=200"
        page = (await house.ask("GET", asked)).body
        return len(page["items"]) == 200 and page["next_cursor"] is not None

    await eventually(all_wait)
    dry = await house.ask(
        "POST", f"/runs:cancel?workflow_id={workflow}", json={"dry_run": True, "limit": 1000}
    )
    assert (dry.body["matched"], dry.body["done"]) == (300, 0)
    done = await house.ask("POST", f"/runs:cancel?workflow_id={workflow}", json={"limit": 1000})
    assert (done.body["done"], done.body["refused"], done.body["more"]) == (300, 0, False)
    await asyncio.gather(*(become(house, run_id, "cancelled") for run_id in ids_of[0][:20]))


async def test_a_long_loop_is_shown_whole(house: House) -> None:
    """Each of two thousand iterations and its step has a row; the loop counts them."""
    nodes = [
        node("go", "manual"),
        box("each", "for_each", {"items": "{{ range(input.n) }}", "concurrency": 50}),
        calc("twice", "{{ item * 2 }}", parent="each"),
    ]
    workflow = await put(house, "Long", nodes, ["go>each"], output="{{ size(steps.each) }}")
    run_id = await started(house, workflow, {"n": 2_000})
    assert (await become(house, run_id, "succeeded"))["output"] == 2_000
    top = await steps(house, run_id, levels=1)
    assert top["each"]["inside"] == {"total": 2_000, "done": 2_000, "failed": 0}
    rows = await steps(house, run_id)
    assert len(rows) == 2 + 2 * 2_000
    assert {one["status"] for one in rows.values()} == {"succeeded"}
    assert rows["each[1999]/twice"]["output"] == 3_998
