"""Credentials of several projects: seen from each of them, changed by who has a role in all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.unit.access.rule import Who
from tests.unit.access.world import NORTH, SOUTH, World, house

PATH = "/api/v1/credentials"
FIELDS = {"token": "x"}
SHARED = "shared"
ONE = Who("editor of one", projects={NORTH.project: "editor"})
BOTH = Who("editor of both", projects={NORTH.project: "editor", SOUTH.project: "editor"})
OTHER = Who("editor of another", projects={"prj_" + "a" * 26: "editor"})
MATCH = {"If-Match": "*"}


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    """With a credential of two projects."""
    async with house() as at:
        world = World(at)
        await world._tenants()
        for who in (ONE, BOTH, OTHER):
            await world.join(who)
        projects = [NORTH.project, SOUTH.project]
        body = {"name": SHARED, "type": "bearer", "fields": FIELDS, "projects": projects}
        made = await world.ask(BOTH, "POST", PATH, json=body)
        assert made.status == 201, made.body
        yield world


async def _asked(world: World, who: Who) -> list[int]:
    """How reading, changing and deleting it are answered."""
    path = f"{PATH}/{SHARED}"
    put: dict[str, Any] = {"json": {"fields": FIELDS}, "headers": MATCH}
    return [
        (await world.ask(who, "GET", path)).status,
        (await world.ask(who, "GET", f"{path}/usage")).status,
        (await world.ask(who, "PUT", path, **put)).status,
        (await world.ask(who, "DELETE", path, headers=MATCH)).status,
    ]


async def test_whoever_works_in_all_its_projects_holds_it(world: World) -> None:
    """From one of them it is only seen, from elsewhere it is not there."""
    assert await _asked(world, OTHER) == [404] * 4
    assert await _asked(world, ONE) == [200, 200, 403, 403]
    assert await _asked(world, BOTH) == [200, 200, 200, 204]


async def test_lists_show_what_is_of_a_project_of_theirs(world: World) -> None:
    """And nothing of others, nor of none."""
    await world.ours("POST", PATH, json={"name": "all_of_it", "type": "bearer", "fields": FIELDS})
    names = {}
    for who in (ONE, BOTH, OTHER):
        listed = await world.ask(who, "GET", PATH)
        names[who.name] = [one["name"] for one in listed.body["items"]]
    assert names == {ONE.name: [SHARED], BOTH.name: [SHARED], OTHER.name: []}


async def test_it_is_given_to_projects_of_theirs_alone(world: World) -> None:
    """Neither made for another project or for all, nor handed over to one, nor taken from one."""
    for projects, status in (([], 403), ([SOUTH.project], 404), ([NORTH.project], 201)):
        body = {"name": "mine", "type": "bearer", "fields": FIELDS, "projects": projects}
        answer = await world.ask(ONE, "POST", PATH, json=body)
        assert answer.status == status, answer.body
    for projects, status in (([NORTH.project, SOUTH.project], 404), ([], 403)):
        put = await world.ask(
            ONE, "PUT", f"{PATH}/mine", json={"projects": projects}, headers=MATCH
        )
        assert put.status == status, put.body
