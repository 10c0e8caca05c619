"""The views port: one suite for the store in memory and the one in Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from weir.adapters.memory.views import MemoryViews
from weir.adapters.postgres.migrate import migrate
from weir.adapters.postgres.views import PostgresViews
from weir.contract import ids
from weir.contract.errors import ConflictError
from weir.ports.views import (
    Archived,
    AttemptRow,
    Batch,
    LogQuery,
    LogRow,
    Position,
    RunQuery,
    RunRow,
    RunSummary,
    StepRow,
    Views,
    WorkflowRow,
    level_of,
    sort_key,
)

NAMES = ("runs", "logs", "workflows", "letters", "deliveries")


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """Every test's database has the schema."""
    return migrate


@pytest.fixture(params=["memory", "postgres"])
async def views(request: pytest.FixtureRequest) -> AsyncIterator[Views]:
    """An empty store."""
    if request.param == "memory":
        yield MemoryViews()
        return
    store = await PostgresViews.connect(request.getfixturevalue("postgres_dsn"))
    yield store
    await store.close()


def at(sequence: int) -> Position:
    """A position of the run log."""
    return Position("RUNS", sequence, f"digest {sequence}", "first")


def run(number: int = 1, **fields: Any) -> RunRow:
    """A run that has just started; `number` orders runs in time and in the log."""
    row = RunRow(
        tenant="acme",
        run_id=ids.derived("run", str(number)),
        workflow_id="wf_a",
        version="ver_a",
        trigger_node="hook",
        trigger_kind="webhook",
        started_by="hook_1",
        labels="{}",
        started_ms=1_000 * number,
        first_seq=10 * number,
        input='{"n": 1}',
        trigger='{"method": "POST"}',
        status="running",
        output=None,
        error=None,
        ended_ms=None,
        seq=10 * number,
    )
    return row._replace(**fields)


def step(path: str, place: int, **fields: Any) -> StepRow:
    """A step of run 1 that has succeeded."""
    row = StepRow(
        *("acme", 10, place, path, "succeeded", 1, "set", "", "out"),
        *('{"x": 1}', None, 1_000, 1_000, 1_001, None, 11),
    )
    return row._replace(**fields)


def attempt(path: str, number: int, **fields: Any) -> AttemptRow:
    """An attempt of a step of run 1."""
    row = AttemptRow(
        *("acme", 10, path, number, "queued", "", None),
        *(1_000, None, None, 11),
    )
    return row._replace(**fields)


def line(identity: int, **fields: Any) -> LogRow:
    """A log line of run 1."""
    row = LogRow(
        *("acme", ids.derived("run", "1"), identity, 1_000, 1_001, "notify", 1),
        *("info", f"line {identity}", '{"a": 1}', ""),
    )
    return row._replace(**fields)


async def write(views: Views, batch: Batch, name: Any = "runs") -> None:
    """Apply one batch as the projection's writer."""
    projecting = await views.project(name)
    await projecting.apply(batch)
    await projecting.close()


async def listed(views: Views, **query: Any) -> list[str]:
    """The ids of the runs that a query gives."""
    return [found.run_id for found in await views.runs("acme", RunQuery(**query))]


async def test_rows_and_position_are_read_as_written(views: Views) -> None:
    """What was applied is read back, with the position it brought the projection to."""
    assert await views.position("runs") is None
    await write(
        views,
        Batch(
            at(11),
            runs=[run()],
            steps=[step("b", 1), step("a", 0)],
            attempts=[attempt("a", 2), attempt("a", 1), attempt("b", 1)],
        ),
    )
    assert await views.position("runs") == at(11)
    run_id = run().run_id
    assert await views.run("acme", run_id) == (run(), "")
    assert await views.steps("acme", 10) == [step("a", 0), step("b", 1)]
    assert await views.steps("acme", 10, after=0, limit=1) == [step("b", 1)]
    assert await views.attempts("acme", 10, ["a"]) == [attempt("a", 1), attempt("a", 2)]
    assert await views.run("acme", ids.derived("run", "2")) is None


async def test_a_writer_finds_the_position(views: Views) -> None:
    """A writer goes on from what the one before it stored."""
    first = await views.project("runs")
    assert first.position is None
    await first.apply(Batch(at(3)))
    assert first.position == at(3)
    await first.close()
    second = await views.project("runs")
    assert second.position == at(3)
    await second.close()


async def test_one_writer_at_a_time(views: Views) -> None:
    """Who wants to write a projection waits until its writer has let go; others do not."""
    first = await views.project("runs")
    waiting = asyncio.create_task(views.project("runs"))
    other = await views.project("logs")
    assert not waiting.done()
    await first.close()
    second = await waiting
    await second.close()
    await other.close()


async def test_a_position_never_goes_back(views: Views) -> None:
    """A batch that would move the projection back, or to another stream, stores nothing."""
    await write(views, Batch(at(20)))
    projecting = await views.project("runs")
    for position in (at(19), at(21)._replace(stream="OTHER")):
        with pytest.raises(ConflictError):
            await projecting.apply(Batch(position, runs=[run()]))
    await projecting.close()
    assert await views.position("runs") == at(20)
    assert await views.run("acme", run().run_id) is None


async def test_applying_again_changes_nothing(views: Views) -> None:
    """The same batch twice is the same as once."""
    batch = Batch(
        at(11), runs=[run()], steps=[step("a", 0)], attempts=[attempt("a", 1)], archived=[]
    )
    await write(views, batch)
    await write(views, batch)
    assert await views.run("acme", run().run_id) == (run(), "")
    assert await views.steps("acme", 10) == [step("a", 0)]


async def test_a_row_never_goes_back(views: Views) -> None:
    """A row of an earlier sequence does not replace a later one."""
    late = run(status="succeeded", ended_ms=2_000, output='"done"', seq=19)
    await write(views, Batch(at(19), runs=[late], steps=[step("a", 0, seq=19, status="caught")]))
    await write(views, Batch(at(20), runs=[run()], steps=[step("a", 0)]))
    assert await views.run("acme", run().run_id) == (late, "")
    assert [s.status for s in await views.steps("acme", 10)] == ["caught"]


async def test_a_later_row_keeps_what_the_start_fixed(views: Views) -> None:
    """Input and trigger are written with the first row and need not come again."""
    await write(views, Batch(at(11), runs=[run()]))
    later = run(input=None, trigger=None, status="succeeded", ended_ms=2_000, seq=19)
    await write(views, Batch(at(19), runs=[later]))
    stored = await views.run("acme", run().run_id)
    assert stored is not None
    assert stored[0] == later._replace(input=run().input, trigger=run().trigger)


async def test_an_id_that_begins_another_run_replaces_the_old_one(views: Views) -> None:
    """After a purge the same idempotency key may start again: nothing of the old run shows."""
    old = run(status="failed", ended_ms=2_000, seq=19)
    await write(
        views,
        Batch(at(19), runs=[old], steps=[step("gone", 0)], attempts=[attempt("gone", 1)]),
    )
    await write(views, Batch(at(20), archived=[Archived("acme", old.run_id, 19)]))
    new = run(first_seq=90, seq=91, input='"new"', started_ms=9_000)
    await write(views, Batch(at(91), runs=[new], steps=[step("here", 0, run=90, seq=91)]))
    assert await views.run("acme", new.run_id) == (new, "")
    assert [s.path for s in await views.steps("acme", 90)] == ["here"]
    assert await views.attempts("acme", 90, ["gone"]) == []
    await write(views, Batch(at(95), runs=[new._replace(ended_ms=9_500, seq=95)]))
    assert [o.run_id for o in await views.unarchived(10_000, 10)] == [new.run_id]


async def test_values_that_a_database_dislikes_do_not_stop_the_others(views: Views) -> None:
    """A NUL character in a label or a log line stores that row in some form, and all the rest."""
    await write(
        views,
        Batch(at(30), runs=[run(labels='{"a":"x\\u0000y"}'), run(2), run(3, started_by="a\x00b")]),
    )
    assert len(await listed(views)) == 3
    await write(views, Batch(at(2), logs=[line(1, message="a\x00b"), line(2)]), name="logs")
    assert len(await views.logs("acme", run().run_id, LogQuery())) == 2


async def test_tenants_do_not_see_each_other(views: Views) -> None:
    """A read of one tenant gives nothing of another, whatever it asks for."""
    await write(
        views, Batch(at(11), runs=[run()], steps=[step("a", 0)], attempts=[attempt("a", 1)])
    )
    await write(views, Batch(at(1), logs=[line(1)]), name="logs")
    run_id = run().run_id
    assert await views.runs("other", RunQuery()) == []
    assert await views.run("other", run_id) is None
    assert await views.steps("other", 10) == []
    assert await views.waiting("other", 10, 10) == []
    assert await views.attempts("other", 10, ["a"]) == []
    assert await views.logs("other", run_id, LogQuery()) == []


async def test_runs_are_filtered(views: Views) -> None:
    """Every filter narrows the list, and all that are set must hold."""
    a, b, c = (
        run(1, labels='{"team": "ops", "env": "prod"}'),
        run(2, workflow_id="wf_b", status="failed", error='{"code": "X"}', ended_ms=2_500),
        run(3, trigger_kind="manual", status="succeeded", ended_ms=3_500),
    )
    await write(views, Batch(at(33), runs=[a, b, c]))
    await write(
        views, Batch(at(1), workflows=[WorkflowRow("acme", "wf_b", "Nightly 100%", 1)]), "workflows"
    )
    cases: list[tuple[dict[str, Any], list[RunRow]]] = [
        ({}, [c, b, a]),
        ({"workflow_id": "wf_a"}, [c, a]),
        ({"statuses": ["failed"]}, [b]),
        ({"statuses": ["failed", "succeeded"]}, [c, b]),
        ({"triggers": ["manual"]}, [c]),
        ({"started_from_ms": 2_000}, [c, b]),
        ({"started_from_ms": 2_000, "started_before_ms": 3_000}, [b]),
        ({"labels": {"team": "ops"}}, [a]),
        ({"labels": {"team": "ops", "env": "test"}}, []),
        ({"text": a.run_id}, [a]),
        ({"text": b.run_id[:12]}, [b]),
        ({"text": "wf_b"}, [b]),
        ({"text": "night"}, [b]),
        ({"text": "100%"}, [b]),
        ({"text": "%"}, [b]),
        ({"text": "_ightly"}, []),
        ({"workflow_id": "wf_a", "statuses": ["failed"]}, []),
        ({"limit": 1}, [c]),
    ]
    for query, expected in cases:
        assert await listed(views, **query) == [each.run_id for each in expected], query
    found = (await views.runs("acme", RunQuery(statuses=["failed"])))[0]
    assert found == RunSummary(
        *(b.run_id, "wf_b", "Nightly 100%", "ver_a", "hook", "webhook", "hook_1", "{}"),
        *("failed", '{"code": "X"}', 2_000, 2_500),
        first_seq=20,
    )


@pytest.mark.parametrize("sort", ["started_at", "ended_at"])
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_cover_the_list_once(views: Views, sort: Any, *, descending: bool) -> None:
    """Going from cursor to cursor gives every run once, in order, also where times are equal."""
    rows = [
        run(n, started_ms=1_000 * (n // 3), ended_ms=None if n % 4 == 0 else 7_000 + n // 2)
        for n in range(1, 12)
    ]
    await write(views, Batch(at(200), runs=rows))
    seen: list[RunSummary] = []
    after = None
    while True:
        query = RunQuery(sort=sort, descending=descending, after=after, limit=3)
        page = await views.runs("acme", query)
        if not page:
            break
        seen += page
        after = sort_key(page[-1], sort)
    assert len(seen) == len(rows)
    keys = [sort_key(each, sort) for each in seen]
    assert keys == sorted(keys, reverse=descending)


async def test_what_a_run_waits_for(views: Views) -> None:
    """Only open steps are named, those that wake first come first, outputs are left out."""
    await write(
        views,
        Batch(
            at(11),
            runs=[run()],
            steps=[
                step("done", 0),
                step("late", 1, status="waiting", wake_ms=9_000),
                step("soon", 2, status="retrying", wake_ms=5_000),
                step("now", 3, status="queued", queue="default"),
            ],
        ),
    )
    waiting = await views.waiting("acme", 10, 10)
    assert [each.path for each in waiting] == ["now", "soon", "late"]
    assert {each.output for each in waiting} == {None}
    assert len(await views.waiting("acme", 10, 1)) == 1


async def test_log_lines_are_paged_and_filtered(views: Views) -> None:
    """Lines come in order beyond a cursor, of the levels and the step that were asked for."""
    lines = [line(3, level="error"), line(1), line(2, path="other")]
    await write(views, Batch(at(3), logs=lines), name="logs")
    await write(views, Batch(at(3), logs=[line(1, message="again")]), name="logs")
    run_id = run().run_id

    async def ids_of(**query: Any) -> list[int]:
        return [each.id for each in await views.logs("acme", run_id, LogQuery(**query))]

    assert await views.logs("acme", run_id, LogQuery(limit=1)) == [line(1)]
    assert await ids_of() == [1, 2, 3]
    assert await ids_of(after=1) == [2, 3]
    assert await ids_of(levels=["error", "warning"]) == [3]
    assert await ids_of(path="other") == [2]


async def test_old_lines_are_pruned_in_bounded_steps(views: Views) -> None:
    """Pruning removes lines by the age the broker gave them, at most so many at once."""
    lines = [line(n, stored_ms=1_000 * n) for n in range(1, 6)]
    await write(views, Batch(at(5), logs=lines), name="logs")
    assert await views.prune_logs(4_000, 2) == 2
    assert await views.prune_logs(4_000, 2) == 1
    assert await views.prune_logs(4_000, 2) == 0
    assert [each.id for each in await views.logs("acme", run().run_id, LogQuery())] == [4, 5]


async def test_a_tenant_is_erased_alone(views: Views) -> None:
    """Every row of it goes, of every projection, and as many of the others stay as there were."""
    runs = [run(1), run(2, tenant="other")]
    workflow = WorkflowRow("acme", "wf_1", "w", 1)
    await write(views, Batch(at(35), runs=runs))
    await write(views, Batch(at(5), logs=[line(1), line(2)]), name="logs")
    named = [workflow, workflow._replace(tenant="other")]
    await write(views, Batch(at(5), workflows=named), name="workflows")
    assert sum((await views.left("acme")).values()) == 4
    before = await views.left("other")
    assert sum(before.values()) == 2
    assert await views.erase("acme") == 4
    assert set((await views.left("acme")).values()) == {0}
    assert await views.erase("acme") == 0
    assert await views.left("other") == before
    assert await views.run("other", runs[1].run_id) is not None


async def test_runs_are_found_in_the_log(views: Views) -> None:
    """Projector and archive learn where runs of any tenant begin, which are open, which are due."""
    ended = run(2, status="failed", ended_ms=2_500, seq=25)
    other = run(3, tenant="other", status="failed", ended_ms=2_400, seq=35)
    await write(views, Batch(at(35), runs=[run(1), ended, other]))
    origins = await views.origins([run(1)[:2], other[:2], ("other", run(1).run_id)])
    assert sorted(o[:5] for o in origins) == sorted(
        [("acme", run(1).run_id, 10, 10, None), ("other", other.run_id, 30, 35, 2_400)]
    )
    assert [o.run_id for o in await views.open_runs(10)] == [run(1).run_id]
    to_archive = await views.unarchived(2_501, 10)
    assert [o.run_id for o in to_archive] == [other.run_id, ended.run_id]
    assert await views.unarchived(2_400, 10) == []
    first = to_archive[0]
    assert first.ended_ms is not None
    rest = await views.unarchived(2_501, 10, after=(first.ended_ms, first.run_id))
    assert [o.run_id for o in rest] == [ended.run_id]
    await write(views, Batch(at(36), archived=[Archived("acme", ended.run_id, 25)]))
    assert [o.run_id for o in await views.unarchived(2_501, 10)] == [other.run_id]


async def test_a_run_may_end_and_be_archived_in_one_batch(views: Views) -> None:
    """A confirmation counts for the row that its own batch brings."""
    ended = run(status="failed", ended_ms=2_500, seq=25)
    batch = Batch(at(26), runs=[ended], archived=[Archived("acme", ended.run_id, 25)])
    await write(views, batch)
    assert await views.unarchived(9_000, 10) == []


async def test_reset_empties_one_projection(views: Views) -> None:
    """A reset drops the rows and the position of its projection and of no other."""
    await write(views, Batch(at(11), runs=[run()], steps=[step("a", 0)]))
    await write(views, Batch(at(1), logs=[line(1)]), name="logs")
    projecting = await views.project("runs")
    await projecting.reset()
    assert projecting.position is None
    await projecting.apply(Batch(at(1)))
    await projecting.close()
    assert await views.runs("acme", RunQuery()) == []
    assert await views.steps("acme", 10) == []
    assert await views.position("runs") == at(1)
    assert len(await views.logs("acme", run().run_id, LogQuery())) == 1


async def test_what_stands_in_a_container_is_found(views: Views) -> None:
    """By the path of a container or an iteration, so many levels deep, page by page."""
    paths = ["each", "each[1]", "each[1]/a", "each[1]/in[0]", "each[1]/in[0]/x", "each[10]"]
    paths += ["each[10]/a", "each_too", "guard", "guard/a"]
    rows = [step(path, place, level=level_of(path)) for place, path in enumerate(paths)]
    await write(views, Batch(at(11), runs=[run()], steps=rows))

    async def found(under: str = "", levels: int | None = None, after: int = -1) -> list[str]:
        steps = await views.steps("acme", 10, under=under, levels=levels, after=after)
        return [one.path for one in steps]

    assert await found() == paths
    assert await found(levels=1) == ["each", "each_too", "guard"]
    assert await found("each") == paths[1:7]
    assert await found("each", levels=1) == ["each[1]", "each[10]"]
    assert await found("each", levels=2) == [*paths[1:3], "each[10]", "each[10]/a"]
    assert await found("each", levels=3) == [*paths[1:4], "each[10]", "each[10]/a"]
    assert await found("each[1]") == paths[2:5]
    assert await found("each[1]", after=2) == paths[3:5]
    assert await found("guard") == ["guard/a"]
    assert await found("nothing") == []


async def test_a_step_is_found_by_its_path(views: Views) -> None:
    """At the top or within, of one run and one tenant alone; lists may leave outputs out."""
    rows = [step(path, place, level=level_of(path)) for place, path in enumerate(("a", "in/a"))]
    rows = [row._replace(output='"kept"') for row in rows]
    await write(views, Batch(at(11), runs=[run()], steps=rows))
    assert [await views.step("acme", 10, row.path) for row in rows] == rows
    for tenant, begin, path in (("acme", 10, "in/b"), ("acme", 9, "a"), ("other", 10, "a")):
        assert await views.step(tenant, begin, path) is None
    assert await views.steps("acme", 10) == rows
    light = await views.steps("acme", 10, outputs=False)
    assert light == [row._replace(output=None) for row in rows]


async def test_what_runs_wait_for_is_found_for_all_of_them_at_once(views: Views) -> None:
    """The soonest of each; a container that goes on is not among them, nor what has ended."""
    rows = [
        step("a", 0, status="waiting", wake_ms=9, waits="signal:paid"),
        step("b", 1, status="retrying", wake_ms=5),
        step("c", 2, status="running"),
        step("d", 3, status="queued"),
        step("z", 0, run=20, status="waiting", waits="ask"),
        step("o", 0, run=30),
    ]
    await write(views, Batch(at(11), runs=[run(), run(2), run(3)], steps=rows))
    found = await views.waiting_of("acme", [10, 20, 30, 40], 2)
    assert {run: [one.path for one in steps] for run, steps in found.items()} == {
        10: ["d", "b"],
        20: ["z"],
    }
    assert found[20][0].waits == "ask"
    assert [one.path for one in await views.waiting("acme", 10, 9)] == ["d", "b", "a"]
    assert await views.waiting_of("other", [10, 20], 2) == {}


async def test_runs_are_found_by_whom_they_come_from(views: Views) -> None:
    """Children by the run whose step started them, forks by the run they go on from."""
    rows = [
        run(1),
        run(2, parent_run_id=run(1).run_id, parent_step="call"),
        run(3, origin_run_id=run(1).run_id, origin_step="each[6]/b"),
    ]
    await write(views, Batch(at(11), runs=rows))
    assert await listed(views, parent_run_id=run(1).run_id) == [run(2).run_id]
    assert await listed(views, origin_run_id=run(1).run_id) == [run(3).run_id]
    later = run(3, status="failed", seq=40, input=None)
    await write(views, Batch(at(12), runs=[later]))
    found = await views.run("acme", run(3).run_id)
    assert found is not None
    assert (found[0].origin_step, found[0].status) == ("each[6]/b", "failed")
