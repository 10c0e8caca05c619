"""What ids are called, for everybody who comes across them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from services.identity.names import AT_ONCE
from tests.unit.identity.roster_house import OTHER, V1, RosterHouse


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server."""
    there = RosterHouse()
    async with there.house:
        yield there


async def named(people: RosterHouse, ids: Sequence[str], key: str) -> dict[str, str]:
    """What somebody is told of these."""
    answer = await people.ask("GET", f"{V1}/names", params={"ids": ",".join(ids)}, key=key)
    assert answer.status == 200, answer.body
    names: dict[str, str] = answer.body["names"]
    return names


async def test_a_viewer_learns_what_people_accounts_and_keys_are_called(
    people: RosterHouse,
) -> None:
    """Names, and no mail addresses."""
    editor = await people.person("Editor", "editor")
    token = await people.signed_in(await people.person("Viewer", "viewer"))
    account = await people.made("/service-accounts", "admin", name="Deployer", role="viewer")
    key = await people.made("/keys", "admin", name="CI", role="viewer")
    told = await named(people, [editor, account["id"], key["id"]], token)
    assert told == {editor: "Editor", account["id"]: "Deployer", key["id"]: "CI"}


async def test_somebody_of_a_project_alone_learns_it_too(people: RosterHouse) -> None:
    """They see who made what lies there."""
    project = (await people.made("/projects", "admin", name="North"))["id"]
    admin = await people.person("Admin", "admin")
    one = await people.person("Viewer", projects={project: "viewer"})
    assert await named(people, [admin], await people.signed_in(one)) == {admin: "Admin"}


async def test_nobody_of_another_tenant_has_a_name(people: RosterHouse) -> None:
    """They are like those who do not exist, even among others who do."""
    stranger = await people.person("Stranger", "admin", tenant=OTHER)
    editor = await people.person("Editor", "editor")
    ids = [stranger, editor, "usr_nobody", "../x", "é"]
    assert await named(people, ids, "viewer") == {editor: "Editor"}


@pytest.mark.parametrize("ids", ["", ",,", ",".join(["usr_a"] * (AT_ONCE + 1))])
async def test_none_and_too_many_are_refused(people: RosterHouse, ids: str) -> None:
    """The answer says how many there may be."""
    answer = await people.ask("GET", f"{V1}/names", params={"ids": ids}, key="viewer")
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")


async def test_who_is_not_signed_in_learns_nothing(people: RosterHouse) -> None:
    """Not even that there are names."""
    answer = await people.ask("GET", f"{V1}/names", params={"ids": "usr_a"}, key=None)
    assert answer.status == 401
