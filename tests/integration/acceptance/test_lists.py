"""Lists while they grow: every page fits the one before, and what is nonsense is told as such."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.acceptance.house import House, flow

pytestmark = pytest.mark.asyncio(loop_scope="module")

RUNS = 40


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workflows(house: House) -> dict[str, str]:
    """One that succeeds, one that fails."""
    good = {"id": "done", "type": "output", "config": {"value": "{{ input.n }}"}}
    bad = {"id": "stop", "type": "fail", "config": {"code": "NO_LUCK", "message": "not today"}}
    return {
        "good": (await house.publish(flow("Good ones", good)))["workflow_id"],
        "bad": (await house.publish(flow("Bad ones", bad)))["workflow_id"],
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runs(house: House, workflows: dict[str, str]) -> dict[str, list[str]]:
    """Runs of both, labelled, in the order of their starts."""
    found: dict[str, list[str]] = {"good": [], "bad": []}
    for number in range(RUNS):
        kind = "bad" if number % 4 == 3 else "good"
        labels = {"third": str(number % 3), "kind": kind}
        told = await house.run(workflows[kind], {"n": number}, labels=labels)
        found[kind].append(told["run_id"])
    return found


async def listed(house: House, path: str, **query: str) -> list[str]:
    """The ids of all pages, which hold at most what was asked for."""
    last = str(await house.last())
    asked = {"limit": "7", "min_sequence": last, **query}
    found: list[str] = []
    while True:
        answer = await house.ask("GET", path, params=asked)
        assert answer.status == 200, answer.body
        page = [item["id"] for item in answer.body["items"]]
        assert len(page) <= int(asked["limit"])
        found += page
        if answer.body["next_cursor"] is None:
            return found
        assert len(page) == int(asked["limit"]), "a page that is not full has another behind it"
        asked["cursor"] = answer.body["next_cursor"]


async def test_filters_hold_together(
    house: House, workflows: dict[str, str], runs: dict[str, list[str]]
) -> None:
    """Each alone and all at once, in both orders, over pages."""
    good, bad = runs["good"][::-1], runs["bad"][::-1]
    mine = set(good + bad)

    async def of(**query: str) -> list[str]:
        return [run for run in await listed(house, "/runs", **query) if run in mine]

    assert await of(status="succeeded") == good
    assert await of(status="failed") == bad
    assert set(await of(status="failed,succeeded")) == mine
    assert await of(status="failed", sort="started_at") == bad[::-1]
    assert sorted(await of(sort="-ended_at")) == sorted(mine)
    assert await of(workflow_id=workflows["bad"]) == bad
    assert await listed(house, f"/workflows/{workflows['good']}/runs") == good
    third = await of(**{"label.third": "1"})
    assert len(third) == len([n for n in range(RUNS) if n % 3 == 1])
    both = await of(**{"label.third": "1", "label.kind": "bad", "status": "failed"})
    assert both == [run for run in bad if run in third]
    assert await of(q=good[3]) == [good[3]]
    assert set(await of(q="Bad ones")) == set(bad)
    assert await of(trigger="webhook") == []
    assert await of(status="paused") == []
    middle = (await house.ask("GET", f"/runs/{runs['good'][20]}")).body["started_at"]
    before, since = await of(started_before=middle), await of(started_from=middle)
    assert before
    assert since
    assert set(before) | set(since) == mine
    assert not set(before) & set(since)


async def test_pages_fit_while_runs_come_in(
    house: House, workflows: dict[str, str], runs: dict[str, list[str]]
) -> None:
    """Whoever pages sees each run that was there exactly once, however many come meanwhile."""
    there = await listed(house, "/runs")
    for sort, expected in (("-started_at", there), ("started_at", there[::-1])):
        seen: list[str] = []
        query = {"limit": "6", "sort": sort}
        while len([run for run in seen if run in there]) < len(there):
            page = (await house.ask("GET", "/runs", params=query)).body
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
            more = [house.run(workflows["good"], {"n": -1}) for _ in range(2)]
            new = [told["run_id"] for told in await asyncio.gather(*more)]
            assert await listed(house, "/runs", q=new[0]) == new[:1]
        assert len(seen) == len(set(seen)), "a run was listed twice"
        assert [run for run in seen if run in there] == expected


def forged(cursor: str) -> str:
    """The cursor with its position moved, and its check as it was."""
    raw = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-3] ^= 1
    return urlsafe_b64encode(raw).decode().rstrip("=")


async def test_nonsense_is_a_400(house: House, runs: dict[str, list[str]]) -> None:
    """Cursors nobody gave, limits out of bounds, filters that cannot be: with the parameter."""
    given = (await house.ask("GET", "/runs?limit=1")).body["next_cursor"]
    nonsense: list[dict[str, Any]] = [
        *({"cursor": one} for one in ("x", "AAAA", "☃", "a" * 5_000, "%00", forged(given))),
        {"cursor": given, "status": "failed"},
        {"cursor": given, "sort": "started_at"},
        *({"limit": one} for one in ("0", "-1", "201", "1e3", "ten", "9" * 30)),
        *({"status": one} for one in ("lost", "succeeded;drop", "SUCCEEDED")),
        *({"sort": one} for one in ("id", "--started_at", "started_at desc")),
        *({"started_from": one} for one in ("yesterday", "0", "99999-01-01T00:00:00Z")),
        *({"min_sequence": one} for one in ("-1", "x", "9" * 25)),
        {"trigger": "magic"},
        {"label": "x"},
        {f"label.{n}": "x" for n in range(9)},
        {"q": "\x00"},
    ]
    for query in nonsense:
        answer = await house.ask("GET", "/runs", params=query)
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER"), (query, answer.body)
        assert answer.body["error"]["message"]
    for path in ("/workflows", "/webhooks", "/credentials", f"/runs/{runs['good'][0]}/events"):
        for query in ({"cursor": given}, {"cursor": "x"}, {"limit": "0"}, {"limit": "201"}):
            answer = await house.ask("GET", path, params=query)
            assert (answer.status, answer.code) == (400, "INVALID_PARAMETER"), (path, query)


async def test_what_looks_like_sql_is_text(house: House, runs: dict[str, list[str]]) -> None:
    """Whatever is searched for is searched for, and finds nothing that is not there."""
    for text in ("' or '1'='1", "%", "_", "\\", "';select 1--", "ü" * 500):
        answer = await house.ask("GET", "/runs", params={"q": text})
        assert (answer.status, answer.body["items"]) == (200, []), text
        label = await house.ask("GET", "/runs", params={"label.kind": text})
        assert (label.status, label.body["items"]) == (200, []), text


async def test_other_lists_page_too(house: House) -> None:
    """Workflows, credentials and steps: each item once, in pages of one or two."""
    names = [f"listed {n}" for n in range(5)]
    for name in names:
        made = await house.ask("POST", "/workflows", json=flow(name))
        assert made.status == 201
        body = {"name": name.replace(" ", "_"), "type": "bearer", "fields": {"token": "secret"}}
        assert (await house.ask("POST", "/credentials", json=body)).status == 201
    sequence = str(await house.platform.registry.last_seq())
    for path in ("/workflows", "/credentials"):
        for limit in ("1", "2", "5"):
            found: list[str] = []
            query = {"limit": limit, "min_sequence": sequence, "name": "listed"}
            if path == "/credentials":
                del query["name"]
            while True:
                page = (await house.ask("GET", path, params=query)).body
                found += [item["name"] for item in page["items"]]
                if page["next_cursor"] is None:
                    break
                query["cursor"] = page["next_cursor"]
            mine = [one.replace("_", " ") for one in found]
            assert sorted(mine) == names, (path, limit)
