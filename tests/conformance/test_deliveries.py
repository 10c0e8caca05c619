"""Deliveries in the views: one suite for the store in memory and the one in Postgres."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.test_views import at, prepare_database, run, views, write
from weir.contract import ids
from weir.ports.deliveries import DeliveryQuery, DeliveryRow, record_of, run_of
from weir.ports.views import Batch, Views

__all__ = ["prepare_database", "views"]

HOOK = "hook_1"


def delivery(number: int, **fields: Any) -> DeliveryRow:
    """A refused delivery; `number` orders them in time."""
    row = DeliveryRow(
        tenant="acme",
        record_id=ids.derived("dlv", str(number)),
        webhook_id=HOOK,
        at_ms=1_000 * number,
        verdict="refused",
        code="SIGNATURE_INVALID",
        reason="no",
        run_id="",
        version="",
        delivery_id=f"d{number}",
        method="POST",
        status=401,
        size=2,
        kind="",
        replay_of="",
        by="",
        untold=0,
        record='{"body": "e30="}',
        seq=number,
    )
    return row._replace(**fields)


async def stored(views: Views, *rows: DeliveryRow) -> None:
    """Deliveries."""
    await write(
        views, Batch(at(1_000)._replace(stream="DELIVERIES"), deliveries=rows), "deliveries"
    )


async def found(views: Views, tenant: str = "acme", **query: Any) -> list[int]:
    """When the deliveries of a page arrived, in seconds, in its order."""
    asked = DeliveryQuery(**{"webhook_id": HOOK, "since_ms": 0, **query})
    return [row.at_ms // 1_000 for row in await views.deliveries(tenant, asked)]


async def house(views: Views) -> None:
    """Runs and refusals in turn, and some that are not of this webhook."""
    await write(
        views,
        Batch(
            at(100),
            runs=[
                run(2, trigger='{"method": "PUT", "delivery_id": "d2"}'),
                run(4),
                run(5, started_by="hook_2"),
                run(6, trigger_kind="api"),
                run(7, tenant="other", run_id=ids.derived("run", "other")),
            ],
        ),
    )
    await stored(
        views,
        delivery(1),
        delivery(3, verdict="duplicate", code="", delivery_id="d2"),
        delivery(8, kind="replay", verdict="accepted", code="", replay_of="dlv_x"),
        delivery(9, webhook_id="hook_2"),
        delivery(10, tenant="other"),
    )


async def test_runs_and_rows_are_one_list(views: Views) -> None:
    """The newest first, whichever it is; nothing of other webhooks and tenants; pages meet."""
    await house(views)
    assert await found(views) == [8, 4, 3, 2, 1]
    assert await found(views, "other") == [10, 7]
    asked = DeliveryQuery(HOOK, 0)
    every = await views.deliveries("acme", asked)
    seen: list[DeliveryRow] = []
    while len(seen) < len(every):
        after = (seen[-1].at_ms, seen[-1].record_id) if seen else None
        page = await views.deliveries("acme", DeliveryQuery(HOOK, 0, after=after, limit=2))
        assert page
        seen += page
    assert seen == every
    assert {row.record for row in every} == {None}


async def test_what_a_run_tells_of_its_delivery(views: Views) -> None:
    """Id, method and the sender's id; where it is found again."""
    await house(views)
    page = await views.deliveries("acme", DeliveryQuery(HOOK, 0))
    row = next(row for row in page if row.at_ms == 2_000)
    run_id = ids.derived("run", "2")
    assert (row.run_id, row.record_id) == (run_id, record_of(run_id))
    assert run_of(row.record_id) == run_id
    assert (row.verdict, row.method, row.delivery_id, row.size) == ("accepted", "PUT", "d2", 8)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"since_ms": 3_000}, [8, 4, 3]),
        ({"from_ms": 2_000, "before_ms": 4_000}, [3, 2]),
        ({"verdicts": ["accepted"]}, [8, 4, 2]),
        ({"verdicts": ["duplicate", "refused"]}, [3, 1]),
        ({"codes": ["SIGNATURE_INVALID"]}, [1]),
        ({"kinds": ["replay"]}, [8]),
        ({"kinds": ["delivery"]}, [4, 3, 2, 1]),
        ({"delivery_id": "d2", "run_id": ids.derived("run", "2")}, [3, 2]),
        ({"replay_of": "dlv_x"}, [8]),
        ({"after": (4_000, "dlv_"), "limit": 2}, [3, 2]),
        ({"after": (3_500, "dlv_z"), "codes": ["SIGNATURE_INVALID"]}, [1]),
    ],
)
async def test_every_filter_holds(views: Views, query: dict[str, Any], expected: list[int]) -> None:
    """Of rows and of runs alike."""
    await house(views)
    assert await found(views, **query) == expected


async def test_deliveries_are_counted_by_verdict(views: Views) -> None:
    """With the runs, and with filters."""
    await house(views)

    async def counts(**query: Any) -> dict[str, int]:
        asked = DeliveryQuery(**{"webhook_id": HOOK, "since_ms": 0, **query})
        return {name: n for name, n in (await views.count_deliveries("acme", asked)).items() if n}

    assert await counts() == {"accepted": 3, "duplicate": 1, "refused": 1}
    assert await counts(since_ms=3_000) == {"accepted": 2, "duplicate": 1}
    assert await counts(kinds=["replay"]) == {"accepted": 1}


async def test_one_is_whole_and_stays_as_it_is(views: Views) -> None:
    """With its record; the first of an id counts; nobody else sees it."""
    await stored(views, delivery(1))
    await stored(views, delivery(1, verdict="duplicate", seq=2))
    assert await views.delivery("acme", delivery(1).record_id) == delivery(1)
    assert await views.delivery("other", delivery(1).record_id) is None


async def test_old_ones_go(views: Views) -> None:
    """So many at once, and only what is older."""
    await stored(views, *(delivery(number) for number in (1, 2, 3)))
    assert await views.prune_deliveries(3_000, 1) == 1
    assert await views.prune_deliveries(3_000, 10) == 1
    assert await found(views) == [3]
