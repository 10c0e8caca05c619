"""The copy that the audit is searched in: memory and Postgres give the same answers."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from weir.adapters.memory.audit_views import MemoryAuditViews
from weir.adapters.postgres.audit_views import PostgresAuditViews
from weir.adapters.postgres.connection import settings
from weir.adapters.postgres.migrate import migrate
from weir.ports.audit_views import AuditPlace, AuditQuery, AuditRow, AuditViews


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """Every test's database has the schema."""
    return migrate


@pytest.fixture
async def views(postgres_dsn: str) -> AsyncIterator[PostgresAuditViews]:
    """The real one."""
    made = await PostgresAuditViews.connect(postgres_dsn)
    yield made
    await made.close()


def rows(count: int, tenant: str = "acme") -> list[AuditRow]:
    """Entries of all kinds, two in each millisecond."""
    chance = random.Random(7)
    return [
        AuditRow(
            tenant=tenant,
            at_ms=1_000 + at // 2,
            entry_id=f"aud_{at:026d}",
            number=at // 10 + 1,
            event=chance.choice(["workflow.updated", "workflow.deleted", "user.invited"]),
            actor=f"usr_{chance.randrange(5)}",
            resource=f"wf_{chance.randrange(20)}",
            outcome=chance.choice(["allowed", "allowed", "denied"]),
            words=("workflow", f"word{chance.randrange(30)}", "it's", "back\\slash", "a:b"),
            entry=f'{{"n": {at}}}',
        )
        for at in range(count)
    ]


QUERIES = [
    AuditQuery(),
    AuditQuery(limit=7),
    AuditQuery(actor="usr_3"),
    AuditQuery(event="workflow."),
    AuditQuery(event="workflow.d", outcome="denied"),
    AuditQuery(outcome="allowed", resource="wf_7"),
    AuditQuery(from_ms=1_050, before_ms=1_060),
    AuditQuery(words=("workfl*", "word2*")),
    AuditQuery(words=("word29",)),
    AuditQuery(words=("nothing",)),
    AuditQuery(words=("word2",)),
    AuditQuery(words=("a:b",)),
    AuditQuery(after=(1_080, "aud_" + "0" * 23 + "161"), limit=5),
    AuditQuery(actor="usr_' or true"),
]


async def test_both_find_the_same(views: PostgresAuditViews) -> None:
    """Every filter, alone and together, in the same order, with the same page."""
    memory: AuditViews = MemoryAuditViews()
    told = [row._replace(words=("workflow", row.words[1], "a:b")) for row in rows(300)]
    for each in (views, memory):
        await each.store(told, AuditPlace(1, "one"))
        await each.store(told[:50], AuditPlace(2, "two"))
    for query in QUERIES:
        found = await views.find("acme", query)
        assert found == await memory.find("acme", query), query
    assert await views.place() == await memory.place() == AuditPlace(2, "two")
    for each in (views, memory):
        await each.clear()
        assert await each.find("acme", AuditQuery()) == []
        assert await each.place() == AuditPlace()


async def test_tenants_see_their_own_alone(views: PostgresAuditViews, postgres_dsn: str) -> None:
    """By the statement, and by row level security when the statement forgets it."""
    await views.store([*rows(3), *rows(2, "other")], AuditPlace(1, "one"))
    assert len(await views.find("acme", AuditQuery())) == 3
    connection = await asyncpg.connect(postgres_dsn, server_settings=settings("weir_query"))
    try:
        assert await connection.fetchval("select count(*) from weir.audit_entries") == 0
        async with connection.transaction():
            await connection.execute("select set_config('weir.tenant', 'other', true)")
            assert await connection.fetchval("select count(*) from weir.audit_entries") == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select * from weir.audit_place")
    finally:
        await connection.close()


async def test_the_slower_of_two_takes_nothing_back(views: PostgresAuditViews) -> None:
    """Several processes may fill it: rows come once, and the place only rises."""
    await views.store(rows(3), AuditPlace(9, "nine"))
    await views.store(rows(3), AuditPlace(5, "five"))
    assert await views.place() == AuditPlace(9, "nine")
    assert len(await views.find("acme", AuditQuery())) == 3


async def test_words_of_any_kind_are_kept(views: PostgresAuditViews) -> None:
    """Quotes and backslashes break nothing."""
    await views.store(rows(2), AuditPlace(1, "one"))
    assert len(await views.find("acme", AuditQuery(words=("back*",)))) == 2
