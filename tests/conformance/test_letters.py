"""Dead letters in the views: one suite for the store in memory and the one in Postgres."""

from __future__ import annotations

import pytest

from tests.conformance.test_views import at, prepare_database, views
from weir.contract import ids
from weir.ports.letters import DeadRow, HandledRow, LetterQuery
from weir.ports.views import Batch, Views, WorkflowRow

__all__ = ["prepare_database", "views"]


def letter(number: int, **fields: object) -> DeadRow:
    """A letter; `number` orders them in time and in the log."""
    row = DeadRow(
        tenant="acme",
        letter_id=ids.derived("dead", str(number)),
        run=number,
        run_id=ids.derived("run", str(number)),
        workflow_id="wf_a",
        path="call",
        reason="exhausted",
        error='{"code": "BROKEN"}',
        attempts=2,
        first_ms=number,
        last_ms=1_000 * number,
        failed_seq=10 * number,
        payload_seq=10 * number - 1,
        settled_ms=None,
        seq=10 * number,
    )
    return row._replace(**fields)  # type: ignore[arg-type]


def handled(number: int, action: str, through: int, seq: int) -> HandledRow:
    """What somebody made of it."""
    name = ids.derived("dead", str(number))
    return HandledRow("acme", name, action, "because", "key_1", 5, through, "", seq)


async def stored(views: Views, *rows: DeadRow, words: tuple[HandledRow, ...] = ()) -> None:
    """Letters, and what was made of them."""
    for name, batch in (
        ("runs", Batch(at(1_000), dead=rows)),
        ("letters", Batch(at(1_000)._replace(stream="REGISTRY"), handled=words)),
        (
            "workflows",
            Batch(
                at(1_000)._replace(stream="REGISTRY"),
                workflows=[WorkflowRow("acme", "wf_a", "Orders", 1)],
            ),
        ),
    ):
        projecting = await views.project(name)  # type: ignore[arg-type]
        await projecting.apply(batch)
        await projecting.close()


async def found(views: Views, tenant: str = "acme", **query: object) -> list[int]:
    """The numbers of the letters of a page, in its order."""
    page = await views.letters(tenant, LetterQuery(**query))  # type: ignore[arg-type]
    return [one.dead.run for one in page]


async def test_letters_are_filtered_and_paged(views: Views) -> None:
    """The last failure first; every filter holds; a page begins behind the one before."""
    await stored(
        views,
        *(letter(number) for number in (1, 2, 3)),
        letter(4, reason="poison", workflow_id="wf_b", error='{"code": "POISON_TASK"}'),
        letter(5, tenant="other"),
        letter(6, settled_ms=7),
        letter(7, project="prj_a", settled_ms=8),
    )
    assert await found(views, statuses=(), projects=["prj_a", "prj_b"]) == [7]
    assert await found(views, statuses=(), projects=["prj_b"]) == []
    assert await found(views, projects=[]) == []
    assert await found(views) == [4, 3, 2, 1]
    assert await found(views, tenant="other") == [5]
    assert await found(views, statuses=("settled",)) == [7, 6]
    assert await found(views, statuses=()) == [7, 6, 4, 3, 2, 1]
    assert await found(views, reasons=("poison", "parked")) == [4]
    assert await found(views, codes=("POISON_TASK",)) == [4]
    assert await found(views, workflow_id="wf_b") == [4]
    assert await found(views, run_id=ids.derived("run", "2")) == [2]
    assert await found(views, from_ms=2_000, before_ms=4_000) == [3, 2]
    after = (3_000, ids.derived("dead", "3"))
    assert await found(views, after=after, limit=1) == [2]


async def test_what_was_made_of_a_letter_counts_for_the_failure_it_names(views: Views) -> None:
    """A later failure opens the letter again; the last word counts."""
    await stored(
        views,
        *(letter(number) for number in (1, 2)),
        words=(handled(1, "discarded", 10, 1), handled(2, "retried", 19, 2)),
    )
    assert await found(views) == [2]
    assert await found(views, statuses=("discarded",)) == [1]
    one = await views.letter("acme", ids.derived("dead", "1"))
    assert one is not None
    assert (one.status, one.workflow_name) == ("discarded", "Orders")
    assert one.handled == handled(1, "discarded", 10, 1)
    assert await views.letter("other", ids.derived("dead", "1")) is None
    assert await views.letter("acme", ids.derived("dead", "nothing")) is None


@pytest.mark.parametrize("name", ["runs", "letters"])
async def test_a_reset_takes_away_only_its_own(views: Views, name: str) -> None:
    """What people have made of letters is a projection of its own."""
    await stored(views, letter(1), words=(handled(1, "discarded", 10, 1),))
    projecting = await views.project(name)  # type: ignore[arg-type]
    await projecting.reset()
    await projecting.close()
    assert await found(views, statuses=("open",)) == ([] if name == "runs" else [1])
    assert await found(views, statuses=("discarded",)) == []


@pytest.mark.parametrize("name", ["runs", "letters"])
async def test_letters_of_events_lie_among_those_of_runs(views: Views, name: str) -> None:
    """They have no run, are found by their reason, and are a part of the other projection."""
    await stored(views, letter(1))
    event = letter(2, run_id="", reason="event", error='{"code": "INPUT_INVALID"}')
    projecting = await views.project("letters")
    done = handled(2, "discarded", 20, 21)
    place = at(1_001)._replace(stream="REGISTRY")
    await projecting.apply(Batch(place, dead=[event]))
    assert await found(views) == [2, 1]
    assert await found(views, reasons=("event",)) == [2]
    assert await found(views, codes=("INPUT_INVALID",)) == [2]
    await projecting.apply(Batch(at(1_002)._replace(stream="REGISTRY"), handled=[done]))
    assert await found(views, reasons=("event",)) == []
    assert await found(views, reasons=("event",), statuses=("discarded",)) == [2]
    await projecting.close()
    projecting = await views.project(name)  # type: ignore[arg-type]
    await projecting.reset()
    await projecting.close()
    assert await found(views, statuses=()) == ([2] if name == "runs" else [1])
