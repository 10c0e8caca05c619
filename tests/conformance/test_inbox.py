"""The inbox port: one suite for the rows in memory and those in Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from weir.adapters.memory.inbox import MemoryInbox
from weir.adapters.postgres.inbox import PostgresInbox
from weir.adapters.postgres.migrate import migrate
from weir.ports.inbox import Inbox, InboxQuery, InboxReader, InboxRow

EVERYWHERE = InboxReader("usr_ann", frozenset({"user:usr_ann", "group:release"}), None)
NORTH = InboxReader("usr_bob", frozenset({"user:usr_bob"}), frozenset({"prj_north"}))
NOBODY = InboxReader("", frozenset(), frozenset())


@pytest.fixture(scope="module")
def prepare_database() -> Any:
    """Every test's database has the schema."""
    return migrate


@pytest.fixture(params=["memory", "postgres"])
async def inbox(request: pytest.FixtureRequest) -> AsyncIterator[Inbox]:
    """An empty one."""
    if request.param == "memory":
        yield MemoryInbox()
        return
    store = await PostgresInbox.connect(request.getfixturevalue("postgres_dsn"))
    yield store
    await store.close()


def row(number: int = 1, **fields: Any) -> InboxRow:
    """An open approval for the release group."""
    made = InboxRow(
        tenant="acme",
        approval_id=f"apr_{number:03}",
        revision=number,
        status="open",
        kind="approval",
        project="",
        workflow_id="wf_a",
        run_id=f"run_{number}",
        names=("group:release",),
        excluded=(),
        voted=(),
        asked_ms=1_000 * (number // 2),
        due_ms=None,
        ended_ms=None,
        title=f"Deploy {number}",
        shown="{}",
    )
    return made._replace(**fields)


async def ids(inbox: Inbox, reader: InboxReader = EVERYWHERE, **query: Any) -> list[str]:
    """What is found, in order."""
    return [one.approval_id for one in await inbox.find("acme", reader, InboxQuery(**query))]


async def test_rows_and_place_move_together(inbox: Inbox) -> None:
    """A newer row replaces, an older one does not; the place never goes back."""
    assert await inbox.place() == 0
    await inbox.store([row(1)], 5)
    await inbox.store([row(1, revision=9, status="decided", ended_ms=7)], 9)
    await inbox.store([row(1, revision=4)], 4)
    assert await inbox.place() == 9
    (found,) = await inbox.find("acme", EVERYWHERE, InboxQuery())
    assert found == row(1, revision=9, status="decided", ended_ms=7)
    await inbox.store([], 0)


async def test_the_newest_come_first_page_by_page(inbox: Inbox) -> None:
    """Also where several were asked in the same millisecond; nothing twice, nothing left out."""
    await inbox.store([row(number) for number in range(1, 8)], 7)
    every = await ids(inbox)
    assert every == [f"apr_{number:03}" for number in (7, 6, 5, 4, 3, 2, 1)]
    pages, after = [], None
    while True:
        found = await inbox.find("acme", EVERYWHERE, InboxQuery(after=after, limit=2))
        if not found:
            break
        pages += [one.approval_id for one in found]
        after = found[-1].asked_ms, found[-1].approval_id
    assert pages == every


async def test_who_sees_what(inbox: Inbox) -> None:
    """A role in a project shows what is there, being asked shows it anywhere, nothing else does."""
    await inbox.store(
        [
            row(1, project="prj_north"),
            row(2, project="prj_south"),
            row(3, project="prj_south", names=("user:usr_bob",)),
            row(4),
            row(5, tenant="globex"),
        ],
        5,
    )
    assert await ids(inbox) == ["apr_004", "apr_003", "apr_002", "apr_001"]
    assert await ids(inbox, NORTH) == ["apr_003", "apr_001"]
    assert await ids(inbox, NOBODY) == []
    assert await ids(inbox, NORTH, mine=True) == ["apr_003"]
    assert await inbox.find("none", EVERYWHERE, InboxQuery()) == []


async def test_filters(inbox: Inbox) -> None:
    """Each narrows; what waits for somebody leaves out what they may not decide."""
    await inbox.store(
        [
            row(1, status="decided", ended_ms=10, voted=("usr_ann",)),
            row(2, kind="user_input", title="Größe 100%"),
            row(3, excluded=("usr_ann",), workflow_id="wf_b"),
            row(4, run_id="run_x"),
        ],
        4,
    )
    assert await ids(inbox, statuses=("open",)) == ["apr_004", "apr_003", "apr_002"]
    assert await ids(inbox, statuses=("decided", "expired")) == ["apr_001"]
    assert await ids(inbox, statuses=("open",), mine=True) == ["apr_004", "apr_002"]
    assert await ids(inbox, voted=True) == ["apr_001"]
    assert await ids(inbox, kind="user_input") == ["apr_002"]
    assert await ids(inbox, workflow_id="wf_b") == ["apr_003"]
    assert await ids(inbox, run_id="run_x") == ["apr_004"]
    assert await ids(inbox, text="größe 100%") == ["apr_002"]
    assert await ids(inbox, text="%") == ["apr_002"]


async def test_counts(inbox: Inbox) -> None:
    """By status, of what may be seen; of what is over only what ended since."""
    await inbox.store(
        [
            row(1),
            row(2, excluded=("usr_ann",)),
            row(3, status="decided", ended_ms=50),
            row(4, status="expired", ended_ms=10),
            row(5, project="prj_north"),
        ],
        5,
    )
    counts = await inbox.counts("acme", EVERYWHERE, InboxQuery(), 20)
    assert counts == {"open": 3, "decided": 1, "mine": 2}
    assert await inbox.counts("acme", NORTH, InboxQuery(), 20) == {"open": 1, "mine": 0}


async def test_a_tenant_is_forgotten(inbox: Inbox) -> None:
    """And no other."""
    await inbox.store([row(1), row(2), row(3, tenant="globex")], 3)
    assert await inbox.erase("acme") == 2
    assert await inbox.erase("acme") == 0
    assert await ids(inbox) == []
    assert len(await inbox.find("globex", EVERYWHERE, InboxQuery())) == 1


async def test_five_thousand_open_ones(inbox: Inbox) -> None:
    """Found and counted among others that are over."""
    rows = [row(number, names=("group:release", f"user:usr_{number}")) for number in range(5_000)]
    over = [row(n, status="decided", ended_ms=n) for n in range(5_000, 6_000)]
    await inbox.store([*rows, *over], 6_000)
    found = await ids(inbox, statuses=("open",), mine=True, limit=50)
    assert found[0] == "apr_4999"
    assert (await inbox.counts("acme", EVERYWHERE, InboxQuery(), 0))["mine"] == 5_000
