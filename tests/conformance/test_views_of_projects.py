"""Projects in the views: one suite for the store in memory and the one in Postgres."""

from __future__ import annotations

from tests.conformance.test_views import at, listed, prepare_database, run, views, write
from weir.ports.views import Batch, RunQuery, Views

__all__ = ["prepare_database", "views"]


async def test_a_list_shows_the_projects_asked_for_and_no_others(views: Views) -> None:
    """None asks for all runs, no project at all for none; a later row does not move a run."""
    rows = [run(1), run(2, project="prj_a"), run(3, project="prj_b"), run(4, tenant="other")]
    await write(views, Batch(at(200), runs=rows))
    moved = run(2, project="prj_b", input=None, trigger=None, seq=21)
    await write(views, Batch(at(201), runs=[moved]))
    ids_of = [None, *(row.run_id for row in rows)]
    assert await listed(views, descending=False) == ids_of[1:4]
    assert await listed(views, projects=["prj_a"]) == [ids_of[2]]
    assert await listed(views, projects=["prj_b", "prj_a"]) == [ids_of[3], ids_of[2]]
    assert await listed(views, projects=["prj_c"]) == []
    assert await listed(views, projects=[]) == []
    assert await listed(views, projects=["prj_a"], text=str(ids_of[3])) == []
    (found,) = await views.runs("acme", RunQuery(projects=["prj_a"]))
    assert found.project == "prj_a"
    whole = await views.run("acme", str(ids_of[2]))
    assert whole is not None
    assert whole[0].project == "prj_a"
