"""Five thousand open approvals in a real database: the inbox answers as with five."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

import pytest

from services.approval.shown import row_of
from tests.http_house import memory_platform
from tests.unit.approval.asking import Asking, AskingHouse
from weir.adapters.memory.broker import Broker
from weir.adapters.postgres.inbox import PostgresInbox
from weir.adapters.postgres.migrate import migrate
from weir.adapters.system import SystemClock

OPEN, OVER = 5_000, 20_000


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """The database has the schema."""
    return migrate


async def test_the_inbox_of_five_thousand(
    postgres_dsn: str, figures: Callable[[str], None]
) -> None:
    """Lists, pages and counts are right among many more that are over."""
    inbox = await PostgresInbox.connect(postgres_dsn)
    platform = replace(memory_platform(Broker(SystemClock()).connect()), inbox=inbox)
    async with AskingHouse(Asking(platform)) as house:
        one = await house.asking.ask({"message": "x" * 500, "context": {"n": list(range(50))}})
        pattern = row_of(await house.asking.life(one))
        rows = [
            pattern._replace(
                approval_id=f"apr_{number:026}",
                asked_ms=pattern.asked_ms + number,
                status="open" if number < OPEN - 1 else "decided",
                ended_ms=None if number < OPEN - 1 else pattern.asked_ms,
            )
            for number in range(OPEN + OVER - 1)
        ]
        for at in range(0, len(rows), 5_000):
            await inbox.store(rows[at : at + 5_000], 0)
        took: dict[str, list[float]] = {}
        for _ in range(10):
            for path in (
                "?status=open&mine=true",
                "?status=open&mine=true&limit=200",
                "/counts",
                "?q=deploy",
            ):
                began = time.perf_counter()
                found = await house.get(f"/approvals{path}", "ann")
                took.setdefault(path, []).append((time.perf_counter() - began) * 1000)
                if path == "/counts":
                    assert (found["open"], found["mine"]) == (OPEN, OPEN)
                else:
                    assert len(found["items"]) == (200 if "200" in path else 50)
        for path, times in took.items():
            figures(f"inbox of {OPEN} open and {OVER} over, {path}: {median(times):.1f} ms")
    await inbox.close()
