"""Retries and forks: what had ended before the place is not executed again, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from services.trigger.service import build
from tests.http_house import TENANT, House, house_on_memory
from tests.lived import Owner
from tests.unit.core.played import frozen, node, task
from tests.unit.core.test_containers import box, calc
from weir.contract import codec, ids
from weir.core.canonical import to_json
from weir.core.graph import compile_graph
from weir.core.runlog import RunLog
from weir.core.scope import labels_of, search_of
from weir.core.snapshot import restore, take
from weir.core.state import RunState
from weir.runtime.replay import replay_state


@pytest.fixture
async def house() -> Any:
    """A trigger behind a server."""
    async with house_on_memory(build) as house:
        yield house


class Life:
    """A workflow whose runs are owned by the test."""

    def __init__(self, house: House, workflow: str, version: str, graph: Any) -> None:
        self.house, self.workflow, self.version, self.graph = house, workflow, version, graph

    def owner(self, run_id: str) -> Owner:
        """The owner of a run."""
        owner = Owner(self.house.platform.runs, run_id, self.graph, tenant=TENANT)
        owner.now_ms = self.house.platform.clock.now_ms()  # the starts have it too
        return owner

    async def start(self, given: Any = None) -> Owner:
        """A run that was started and decided."""
        path = f"/api/v1/workflows/{self.workflow}/runs"
        answer = await self.house.ask("POST", path, json={"input": given or {}})
        assert answer.status == 202, answer.body
        owner = self.owner(answer.body["run_id"])
        await owner.settle()
        return owner

    async def again(self, parent: Owner, how: str, **body: Any) -> tuple[Owner, dict[str, Any]]:
        """A retry or a fork, decided; and what was answered."""
        path = f"/api/v1/runs/{parent.key.run_id}/{how}"
        answer = await self.house.ask("POST", path, key="operator", json=body)
        assert answer.status == 202, answer.body
        owner = self.owner(answer.body["run_id"])
        await owner.settle()
        return owner, answer.body


async def live(
    house: House, nodes: list[Any], edges: list[str], name: str = "w", **more: Any
) -> Life:
    """Publish a frozen definition, containers and all."""
    content = frozen(nodes, edges, **more)
    workflow, version = await house.publish(content["nodes"], name, **_rest(content))
    return Life(house, workflow, version, compile_graph(content, version))


def _rest(content: dict[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in ("vars", "output", "settings", "edges")}


CHAIN = [
    node("go", "manual"),
    *(task(f"s{n}") for n in range(1, 7)),
]
EDGES = ["go>s1", *(f"s{n}>s{n + 1}" for n in range(1, 6))]


async def test_a_retry_goes_on_from_the_failed_step(house: House) -> None:
    """What succeeded is taken over with its outputs; the failed step is sent anew."""
    life = await live(house, CHAIN, EDGES, output="{{ steps.s1 + steps.s6 }}")
    run = await life.start({"n": 1})
    for n in range(1, 5):
        await run.succeed(f"s{n}", n)
    assert (await run.fail("s5")).status == "failed"
    new, told = await life.again(run, "retry")
    assert told["origin"] == {"run_id": run.key.run_id, "step": "s5"}
    assert told["carried"] == 5
    assert told["repeats"] == [{"step": "s5", "node_type": "task"}]
    assert await new.sent() == ["s5"]
    await new.succeed("s5", 5)
    state = await new.succeed("s6", 6)
    assert (state.status, state.output) == ("succeeded", 7)
    assert state.start.origin == run.key.run_id
    assert state.start.input == {"n": 1}


async def test_a_fork_begins_anywhere_with_another_input(house: House) -> None:
    """Steps before it are not sent again, all behind it are named and sent; also of a good run."""
    life = await live(house, CHAIN, EDGES, output="{{ input.n }}")
    run = await life.start({"n": 1})
    for n in range(1, 7):
        state = await run.succeed(f"s{n}", n)
    assert state.status == "succeeded"
    new, told = await life.again(run, "fork", step="s3", input={"n": 2})
    assert [one["step"] for one in told["repeats"]] == ["s3", "s4", "s5", "s6"]
    for n in range(3, 7):
        assert (await new.sent())[-1] == f"s{n}"
        state = await new.succeed(f"s{n}", n)
    assert (state.status, state.output) == ("succeeded", 2)
    assert await new.sent() == ["s3", "s4", "s5", "s6"]
    # A fork of a fork: what the first one took over is as if it had run there.
    third, told = await life.again(new, "fork", step="s2")
    assert [one["step"] for one in told["repeats"]] == ["s2", "s3", "s4", "s5", "s6"]
    assert await third.sent() == ["s2"]


async def test_the_same_key_is_the_same_fork(house: House) -> None:
    """Repeated it is the same run; with another wish it is refused; a dry run does nothing."""
    life = await live(house, CHAIN, EDGES)
    run = await life.start()
    await run.succeed("s1", 1)
    path, headers = f"/api/v1/runs/{run.key.run_id}/fork", {"Idempotency-Key": "k"}
    body = {"step": "s2"}
    before = len(await house.facts())
    dry = await house.ask("POST", path, json=body | {"dry_run": True})
    assert (dry.status, dry.body["run_id"]) == (200, None)
    assert [one["step"] for one in dry.body["repeats"]] == ["s2"]
    assert len(await house.facts()) == before
    first = await house.ask("POST", path, json=body, headers=headers)
    again = await house.ask("POST", path, json=body, headers=headers)
    assert first.body["run_id"] == again.body["run_id"]
    assert (first.body["duplicate"], again.body["duplicate"]) == (False, True)
    other = await house.ask("POST", path, json={"step": "s1"}, headers=headers)
    assert (other.status, other.code) == (409, "IDEMPOTENCY_CONFLICT")


LOOP = [
    node("go", "manual"),
    task("first"),
    box("each", "for_each", {"items": "{{ input.n }}", "concurrency": 1}),
    task("one", parent="each"),
    task("two", parent="each"),
    task("last"),
]
LOOP_EDGES = ["go>first", "first>each", "one>two", "each>last"]


async def _in_the_seventh(life: Life) -> Owner:
    run = await life.start({"n": list(range(9))})
    await run.succeed("first", "f")
    for n in range(7):
        await run.succeed(f"each[{n}]/one", n)
        if n < 6:
            await run.succeed(f"each[{n}]/two", n * 10)
    return run


async def test_a_fork_inside_the_seventh_iteration(house: House) -> None:
    """Six iterations and the step before it are taken over, results in order; the rest runs."""
    life = await live(house, LOOP, LOOP_EDGES, output="{{ steps.each }}")
    run = await _in_the_seventh(life)
    assert (await run.fail("each[6]/two")).status == "failed"
    new, told = await life.again(run, "fork", step="each[6]/two")
    assert told["repeats"] == [{"step": "each[6]/two", "node_type": "task"}]
    assert await new.sent() == ["each[6]/two"]
    restores(await new.read())
    await new.succeed("each[6]/two", 60)
    for n in (7, 8):
        await new.succeed(f"each[{n}]/one", n)
        await new.succeed(f"each[{n}]/two", n * 10)
    state = await new.succeed("last", "l")
    assert (state.status, state.output) == ("succeeded", [n * 10 for n in range(9)])
    done = [f"each[{n}]/{name}" for n in (7, 8) for name in ("one", "two")]
    assert await new.sent() == ["each[6]/two", *done, "last"]


async def test_a_retry_inside_a_loop_keeps_what_others_did(house: House) -> None:
    """Iterations that ended beside the failed one, after it had begun, are not done again."""
    nodes = [dict(one) for one in LOOP]
    nodes[2]["config"] = {"items": "{{ input.n }}", "concurrency": 3}
    life = await live(house, nodes, LOOP_EDGES, output="{{ steps.each }}")
    run = await life.start({"n": [0, 1, 2]})
    await run.succeed("first", "f")
    for n in (0, 2):
        await run.succeed(f"each[{n}]/one", n)
        await run.succeed(f"each[{n}]/two", n * 10)
    await run.succeed("each[1]/one", 1)
    assert (await run.fail("each[1]/two")).status == "failed"
    new, told = await life.again(run, "retry")
    assert told["origin"]["step"] == "each[1]/two"
    assert await new.sent() == ["each[1]/two"]
    await new.succeed("each[1]/two", 10)
    state = await new.succeed("last", "l")
    assert (state.status, state.output) == ("succeeded", [0, 10, 20])


async def test_a_fork_in_a_catch_section(house: House) -> None:
    """The body is over and stays so: only the section's own steps count towards its end."""
    life = await live(
        house,
        [
            node("go", "manual"),
            box("guard", "try", {}),
            task("a", parent="guard"),
            task("b", parent="guard"),
            task("c", parent="guard", section="catch"),
            task("d", parent="guard", section="catch"),
            task("after"),
        ],
        ["go>guard", "a>b", "c>d", "guard>after"],
    )
    run = await life.start()
    await run.succeed("guard/a", 1)
    await run.fail("guard/b")
    await run.succeed("guard/c", 3)
    new, told = await life.again(run, "fork", step="guard/d")
    assert [one["step"] for one in told["repeats"]] == ["guard/d"]
    restores(await new.read())
    await agrees(new)
    assert await new.sent() == ["guard/d"]
    await new.succeed("guard/d", 4)
    assert (await new.sent())[-1] == "after"
    assert (await new.succeed("after", 5)).status == "succeeded"


async def test_variables_go_along(house: House) -> None:
    """What steps before the place have set is set in the fork too."""
    life = await live(
        house,
        [
            node("go", "manual"),
            node("set_it", "set_variables", {"values": {"who": "Ada"}}),
            task("work"),
            calc("say", "{{ vars.who }}"),
        ],
        ["go>set_it", "set_it>work", "work>say"],
        vars={"who": "nobody"},
    )
    run = await life.start()
    await run.succeed("work")
    new, _ = await life.again(run, "fork", step="work")
    state = await new.succeed("work")
    assert state.steps["say"].output == "Ada"


NAMED = [
    node("go", "manual"),
    node("mark", "set_labels", {"labels": {"stage": "paid", "old": None}, "search": {"at": "2"}}),
    task("work"),
    node("later", "set_labels", {"labels": {"stage": "late"}}),
    calc("say", "{{ run.labels }}"),
]


async def test_labels_and_attributes_go_along(house: House) -> None:
    """As steps had set them before the place; what the version evaluates at the start is anew."""
    life = await live(
        house,
        NAMED,
        ["go>mark", "mark>work", "work>later", "later>say"],
        settings={"search": {"n": "{{ input.n }}", "at": "1"}},
    )
    run = await life.start({"n": "old"})
    await run.succeed("work")
    new, _ = await life.again(run, "fork", step="work", input={"n": "new"})
    log = await new.read()
    restores(log)
    state = await new.state()
    assert dict(labels_of(state)) == {"stage": "paid"}
    assert dict(search_of(state)) == {"n": "new", "at": "2"}
    third, _ = await life.again(new, "fork", step="work", input={"n": "third"})
    assert dict(search_of(await third.state())) == {"n": "third", "at": "2"}
    assert (await third.succeed("work")).steps["say"].output == {"stage": "late"}


WAITS = [
    node("go", "manual"),
    task("first"),
    task("aside"),
    node("early", "wait_signal", {"name": "paid"}),
    task("work"),
    node("wait", "wait_signal", {"name": "paid"}),
]
WAIT_EDGES = ["go>first", "go>aside", "aside>early", "first>work", "work>wait"]


async def test_signals_that_nobody_had_taken_go_along(house: House) -> None:
    """Once each: not those that a step took which is taken over, nor those that came later."""
    life = await live(house, WAITS, WAIT_EDGES, output="{{ steps.wait }}")
    run = await life.start()
    for n in (1, 2):
        await _signal(house, run, f"s{n}", n)
    await run.succeed("first")
    await run.succeed("aside")
    assert (await run.state()).steps["early"].status == "succeeded"
    await _signal(house, run, "s3", 3)
    new, _ = await life.again(run, "fork", step="work")
    state = await new.state()
    assert _early(state) == [2]
    restores(await new.read())
    done = await new.succeed("work")
    assert (done.status, done.output) == ("succeeded", 2)
    # Whoever took one does so again if it is not taken over.
    other, _ = await life.again(run, "fork", step="early")
    state = await other.state()
    assert (state.steps["early"].output, _early(state)) == (1, [2])


def _early(state: RunState) -> list[Any]:
    return [one.payload for one in state.nest.signals.get("paid", ())]


async def test_a_retry_of_a_cancelled_run_has_its_variables(house: House) -> None:
    """As they were before it was cancelled, and with the signals that had come."""
    nodes = [node("go", "manual"), node("set_it", "set_variables", {"values": {"who": "Ada"}})]
    nodes += [task("work"), calc("say", "{{ vars.who }}")]
    life = await live(house, nodes, ["go>set_it", "set_it>work", "work>say"])
    run = await life.start()
    await _signal(house, run, "s1", 1)
    path = f"/api/v1/runs/{run.key.run_id}/cancel"
    assert (await house.ask("POST", path, key="operator", json={})).status == 202
    assert (await run.settle()).status == "cancelled"
    new, _ = await life.again(run, "retry")
    state = await new.succeed("work")
    assert state.steps["say"].output == "Ada"


async def _signal(house: House, run: Owner, signal_id: str, payload: Any) -> None:
    path = f"/api/v1/runs/{run.key.run_id}/signals"
    body = {"name": "paid", "payload": payload, "id": signal_id}
    answer = await house.ask("POST", path, key="operator", json=body)
    assert answer.status == 202, answer.body
    await run.settle()


async def test_what_was_undone_can_be_undone_again(house: House) -> None:
    """Undone steps run again, and the undo of one that is taken over is not taken for done."""
    life = await live(
        house,
        [
            node("go", "manual"),
            task("book", compensate="unbook"),
            task("unbook"),
            task("pay", compensate="unpay"),
            task("unpay"),
            task("ship"),
        ],
        ["go>book", "book>pay", "pay>ship"],
    )
    run = await life.start()
    await run.succeed("book")
    await run.succeed("pay")
    await run.fail("ship")
    await run.succeed("unpay")
    assert (await run.succeed("unbook")).status == "failed"
    new, told = await life.again(run, "retry")
    assert [one["step"] for one in told["repeats"]] == ["book", "pay", "ship"]
    assert await new.sent() == ["book"]
    await new.succeed("book")
    await new.succeed("pay")
    await new.fail("ship")
    assert (await new.sent())[-1] == "unpay"


async def test_what_cannot_be_forked_says_why(house: House) -> None:
    """Not failed, not reached, not in the version, no such run, too much to take over."""
    life = await live(house, CHAIN, EDGES)
    run = await life.start()
    await run.succeed("s1", "x" * 60_000)
    base = f"/api/v1/runs/{run.key.run_id}"
    missing = f"/api/v1/runs/{ids.derived('run', 'none')}"
    for path, body, status, code in (
        (f"{base}/retry", {}, 409, "NOTHING_TO_RETRY"),
        (f"{base}/fork", {"step": "s5"}, 422, "STEP_NOT_REACHED"),
        (f"{base}/fork", {"step": "s2", "version": "ver_no"}, 404, "VERSION_NOT_FOUND"),
        (f"{missing}/fork", {"step": "s2"}, 404, "RUN_NOT_FOUND"),
        (f"{missing}/retry", {}, 404, "RUN_NOT_FOUND"),
    ):
        answer = await house.ask("POST", path, json=body)
        assert (answer.status, answer.code) == (status, code), path
    wide = [node("go", "manual"), *(task(f"w{n}") for n in range(20)), task("end")]
    edges = [f"go>w{n}" for n in range(20)] + [f"w{n}>end" for n in range(20)]
    life = await live(house, wide, edges, "wide", output=None)
    run = await life.start()
    for n in range(20):
        await run.succeed(f"w{n}", "x" * 60_000)
    answer = await house.ask("POST", f"/api/v1/runs/{run.key.run_id}/fork", json={"step": "end"})
    assert (answer.status, answer.code) == (422, "FORK_TOO_LARGE"), answer.body
    assert answer.body["error"]["details"]["limit"] == codec.MESSAGE_LIMIT


async def test_a_fork_with_another_version(house: House) -> None:
    """Its own nodes run; what the old version had and it does not is left out."""
    life = await live(house, CHAIN, EDGES)
    run = await life.start({"n": 1})
    for n in range(1, 4):
        await run.succeed(f"s{n}", n)
    await run.fail("s4")
    nodes = [one for one in CHAIN if one["id"] not in {"s2", "s5"}]
    newer = await live(house, nodes, ["go>s1", "s1>s3", "s3>s4", "s4>s6"], output="{{ steps.s6 }}")
    assert newer.workflow == life.workflow
    assert newer.version != life.version
    new, told = await newer.again(run, "retry", version=newer.version)
    assert told["version"] == newer.version
    assert await new.sent() == ["s4"]
    await new.succeed("s4")
    assert (await new.succeed("s6", "end")).output == "end"


BOXED = [
    node("go", "manual"),
    box("guard", "try", {}),
    task("a", parent="guard"),
    task("b", parent="guard"),
    task("c", parent="guard", section="catch"),
    task("after"),
]
BOXED_EDGES = ["go>guard", "a>b", "guard>after"]


def boxed(**changed: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The same with some nodes changed; None: without it."""
    kept = [one for one in BOXED if changed.get(one["id"], {}) is not None]
    return [{**one, **(changed.get(one["id"]) or {})} for one in kept]


async def test_what_has_no_place_in_another_version_is_left_out(house: House) -> None:
    """Whoever reads the fork, with the version at hand or without it, finds the same."""
    life = await live(house, BOXED, BOXED_EDGES)
    run = await life.start()
    await run.succeed("guard/a", 1)
    newer = await live(house, boxed(a=None), ["go>guard", "guard>after"])
    new, _ = await newer.again(run, "fork", step="guard/b", version=newer.version)
    assert set((await new.state()).steps) == {"go", "guard", "guard/b"}
    await agrees(new)
    moved = await live(house, boxed(b={"parent": ""}), ["go>guard", "go>b", "guard>after"])
    body = {"step": "guard/b", "version": moved.version}
    path = f"/api/v1/runs/{run.key.run_id}/fork"
    answer = await house.ask("POST", path, key="operator", json=body)
    assert (answer.status, answer.code) == (422, "STEP_NOT_REACHED")


@pytest.mark.parametrize(
    "changed", [{"guard": {"type": "scope"}, "c": None}, {"b": {"section": "catch"}}]
)
async def test_a_container_that_is_another_one_in_another_version_comes_again(
    house: House, changed: dict[str, Any]
) -> None:
    """It is of another type, or the step stands in another section of it."""
    life = await live(house, BOXED, BOXED_EDGES)
    run = await life.start()
    await run.succeed("guard/a", 1)
    edges = [edge for edge in BOXED_EDGES if edge != "a>b"]
    newer = await live(house, boxed(**changed), edges)
    new, told = await newer.again(run, "fork", step="guard/b", version=newer.version)
    assert told["origin"]["step"] == "guard"
    assert "guard/a" in await new.sent()
    await agrees(new)


async def agrees(run: Owner) -> None:
    """Who has not the version folds the same state."""
    parts = [one async for batch in run.log.read(run.key.everything) for one in batch]
    assert replay_state(parts) == replay_state(parts, lambda _: run.graph)


def restores(log: RunLog) -> None:
    """A snapshot of a fork decides as the fork does."""
    state = log.tentative
    assert state is not None
    again = restore(take(state), state.graph)
    assert to_json(again) == to_json(state)
