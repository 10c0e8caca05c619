"""API keys: never more than who makes them, never longer than whom they act for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http_house import TENANT
from tests.unit.identity.roster_house import OTHER, V1, RosterHouse
from tests.waiting import eventually
from weir.contract import ids, subjects
from weir.contract.messages import IdentityRecord
from weir.runtime.access import Permission
from weir.runtime.authn import Authenticator
from weir.runtime.key_use import EVERY_MS, KeyUse


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server."""
    there = RosterHouse()
    async with there.house:
        yield there


async def made(people: RosterHouse, by: str, **body: Any) -> dict[str, Any]:
    """A key made by somebody."""
    return await people.made("/keys", by, **{"name": "k", "role": "viewer", **body})


async def test_a_key_is_shown_once_and_stored_hashed(people: RosterHouse) -> None:
    """Neither lists nor the log have its token; what it may is what was asked."""
    ada = await people.person("Ada", "editor")
    token = await people.signed_in(ada)
    key = await made(people, token, role="editor", name="CI", scopes=["runs:start", "runs:read"])
    assert (key["owner"], key["scopes"]) == (ada, ["runs:read", "runs:start"])
    read = await people.get(f"/keys/{key['id']}", key=token)
    assert "token" not in read.body
    assert read.body == {name: value for name, value in key.items() if name != "token"}
    secret = key["token"].rpartition("_")[2]
    log = people.platform.identity.read("identity.>")
    assert secret.encode() not in b"".join([one.data async for batch in log for one in batch])
    beside = Authenticator(people.platform.identity, people.platform.clock)
    who = await beside.identify(key["token"])
    assert who is not None
    assert who.may(Permission.RUNS_START)
    assert not who.may(Permission.WORKFLOWS_READ)


async def test_a_repeated_request_shows_no_token_again(people: RosterHouse) -> None:
    """One key is made; what was lost on the way is not shown to who comes second."""
    headers = {"Idempotency-Key": "k"}
    body = {"name": "k", "role": "viewer"}
    first = await people.ask("POST", f"{V1}/keys", json=body, headers=headers)
    again = await people.ask("POST", f"{V1}/keys", json=body, headers=headers)
    assert first.body["token"]
    assert again.body == first.body | {"token": None}
    assert (await people.get("/projects", key=first.body["token"])).status == 200


@pytest.mark.parametrize(
    ("mine", "wanted"),
    [("viewer", "operator"), ("operator", "editor"), ("editor", "admin"), ("viewer", "admin")],
)
async def test_nobody_makes_a_key_above_themselves(
    people: RosterHouse, mine: str, wanted: str
) -> None:
    """By no role; by scopes within what they may, neither: the role of a key is its bound."""
    ada = await people.person("Ada", mine)
    token = await people.signed_in(ada)
    refused = await people.post("/keys", {"name": "k", "role": wanted}, key=token)
    assert (refused.status, refused.code) == (403, "ROLE_TOO_HIGH")
    narrow = await made(people, token, role=wanted, scopes=["runs:read"])
    who = await Authenticator(people.platform.identity, people.platform.clock).identify(
        narrow["token"]
    )
    assert who is not None
    assert {each for each in Permission if who.may(each)} == {
        Permission.SELF,
        Permission.RUNS_READ,
    }


async def test_a_key_is_no_way_to_another(people: RosterHouse) -> None:
    """Who finds one makes no second of it, unless it manages users; then none above it."""
    ada = await people.person("Ada", "editor")
    key = (await made(people, await people.signed_in(ada), role="editor"))["token"]
    refused = await people.post("/keys", {"name": "k", "role": "viewer"}, key=key)
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    narrow = await people.key(scopes=["users:manage", "runs:read"])
    above = await people.post("/keys", {"name": "k", "role": "viewer"}, key=narrow)
    assert above.code == "ROLE_TOO_HIGH"
    await made(people, narrow, role="viewer", scopes=["runs:read"])
    whole = await people.post("/keys", {"name": "k", "role": "admin", "platform": True})
    assert (whole.status, whole.code) == (403, "FORBIDDEN")


async def test_a_key_ends_with_whom_it_acts_for(people: RosterHouse) -> None:
    """And has of its role what they still have."""
    project = await people.project("P")
    ada = await people.person("Ada", "editor")
    token = (await made(people, await people.signed_in(ada), role="editor"))["token"]
    beside = Authenticator(people.platform.identity, people.platform.clock)
    await people.put(f"/users/{ada}", {"role": None, "projects": {project: "viewer"}})
    who = await beside.identify(token)
    assert who is not None
    assert (who.role, dict(who.projects)) == ("", {project: "viewer"})


async def test_a_key_of_a_project_is_good_there_alone(people: RosterHouse) -> None:
    """Also one that an administrator of the tenant made."""
    project, other = await people.project("P"), await people.project("Q")
    key = (await made(people, "admin", role="editor", project=project))["token"]
    seen = (await people.get("/projects", key=key)).body["items"]
    assert [one["id"] for one in seen] == [project]
    assert (await people.get(f"/projects/{other}", key=key)).status == 404
    unknown = ids.derived("prj", "x")
    refused = await people.post("/keys", {"name": "k", "role": "viewer", "project": unknown})
    assert refused.status == 422
    ada = await people.person("Ada", projects={project: "editor"})
    token = await people.signed_in(ada)
    assert (await made(people, token, role="editor", project=project))["owner"] == ada
    for body in ({"role": "viewer"}, {"role": "viewer", "project": other}):
        answer = await people.post("/keys", {"name": "k", **body}, key=token)
        assert (answer.status, answer.code) == (403, "ROLE_TOO_HIGH")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "k"},
        {"name": "k", "role": "root"},
        {"name": "", "role": "viewer"},
        {"name": "k", "role": "viewer", "scopes": ["everything"]},
        {"name": "k", "role": "viewer", "scopes": ["workflows:write"]},
        {"name": "k", "role": "admin", "scopes": ["platform:manage"]},
        {"name": "k", "role": "viewer", "scopes": ["public"]},
        {"name": "k", "role": "viewer", "expires_at": "tomorrow"},
        {"name": "k", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "k", "role": "viewer", "expires_at": "2027-02-31T00:00:00Z"},
        {"name": "k", "role": "viewer", "owner": ids.derived("usr", "x")},
        {"name": "k", "role": "viewer", "owner": "somebody"},
        {"name": "k", "role": "viewer", "secret_hash": "0" * 64},
        {"name": "k", "role": "viewer", "tenant": OTHER},
    ],
)
async def test_what_is_no_key_is_refused(people: RosterHouse, body: dict[str, Any]) -> None:
    """With its place, and none is made."""
    before = len((await people.get("/keys?owner=any")).body["items"])
    answer = await people.post("/keys", body or {"": 1})
    assert (answer.status, answer.code) == (422, "INVALID_REQUEST")
    assert len((await people.get("/keys?owner=any")).body["items"]) == before


async def test_everybody_sees_their_keys_alone(people: RosterHouse) -> None:
    """Who manages users sees all, of this tenant; nobody those of another."""
    ada, eve = await people.person("Ada", "viewer"), await people.person("Eve", "viewer")
    by_ada, by_eve = await people.signed_in(ada), await people.signed_in(eve)
    hers = await made(people, by_ada)
    await made(people, by_eve)
    assert [one["id"] for one in (await people.get("/keys", key=by_ada)).body["items"]] == [
        hers["id"]
    ]
    for path in ("/keys?owner=any", f"/keys?owner={ada}"):
        assert (await people.get(path, key=by_eve)).status == 403
    listed = (await people.get(f"/keys?owner={ada}")).body["items"]
    assert [one["id"] for one in listed] == [hers["id"]]
    assert len((await people.get("/keys?owner=any")).body["items"]) == 6
    for key in (by_eve, await people.key(tenant=OTHER)):
        for answer in (
            await people.get(f"/keys/{hers['id']}", key=key),
            await people.delete(f"/keys/{hers['id']}", key=key),
        ):
            assert (answer.status, answer.code) == (404, "API_KEY_NOT_FOUND")
    assert (await people.get("/keys", key=hers["token"])).body["items"][0]["id"] == hers["id"]


async def test_a_revoked_key_is_refused_in_every_process(people: RosterHouse) -> None:
    """Within a second; revoked by oneself, by who manages users, or by itself."""
    beside = Authenticator(people.platform.identity, people.platform.clock)
    ada = await people.person("Ada", "viewer")
    token = await people.signed_in(ada)
    for by in (token, "admin", ""):
        key = await made(people, token)
        assert await beside.identify(key["token"]) is not None
        assert (await people.delete(f"/keys/{key['id']}", key=by or key["token"])).status == 204

        async def is_refused(lost: str = key["token"]) -> bool:
            return await beside.identify(lost) is None

        await eventually(is_refused)
        assert (await people.delete(f"/keys/{key['id']}")).code == "API_KEY_NOT_FOUND"


async def test_the_key_of_a_disabled_account_is_refused(people: RosterHouse) -> None:
    """At once where it was disabled, and in other processes within a second."""
    ada = await people.person("Ada", "viewer")
    key = (await made(people, await people.signed_in(ada)))["token"]
    beside = Authenticator(people.platform.identity, people.platform.clock)
    assert await beside.identify(key) is not None
    await people.post(f"/users/{ada}/disable")

    async def is_refused() -> bool:
        return await beside.identify(key) is None

    await eventually(is_refused)


async def test_one_owner_has_so_many_keys(people: RosterHouse) -> None:
    """At most 100, however many are asked for at once."""
    ada = await people.person("Ada", "viewer")
    token = await people.signed_in(ada)
    for number in range(98):
        await people.key(owner=ada, name=f"k{number}", role="viewer")
    body = {"name": "k", "role": "viewer"}
    answers = await asyncio.gather(*(people.post("/keys", body, key=token) for _ in range(5)))
    assert sorted(one.status for one in answers) == [201, 201, 409, 409, 409]


async def test_last_use_is_told_and_seldom_written(people: RosterHouse) -> None:
    """A hundred requests are one record; it is shown, and known after a restart."""
    ada = await people.person("Ada", "viewer")
    key = await made(people, await people.signed_in(ada))
    assert key["used_at"] is None
    for _ in range(100):
        await people.get("/projects", key=key["token"])
    subject = subjects.key_used(key["id"])

    async def is_shown() -> bool:
        return (await people.get(f"/keys/{key['id']}")).body["used_at"] is not None

    await eventually(is_shown)
    written = [one async for batch in people.platform.identity.read(subject) for one in batch]
    assert len(written) == 1
    used = IdentityRecord.model_validate_json(written[0].data).key_used
    assert used is not None
    assert (used.key_id, used.tenant) == (key["id"], TENANT)
    restarted = RosterHouse(beside=people)
    async with restarted.house:
        assert restarted.service.index.used[key["id"]] == used.used_at


async def test_what_nobody_made_was_not_used(people: RosterHouse) -> None:
    """Whatever is told of keys: only those that are there are written down."""
    for data in (b"", b"\xff", b"key_x", ids.derived("key", "x").encode(), b"*", b">"):
        await people.platform.live.publish(subjects.key_use(), data)
    key = await made(people, "admin")
    await people.get("/projects", key=key["token"])

    async def is_shown() -> bool:
        return (await people.get(f"/keys/{key['id']}")).body["used_at"] is not None

    await eventually(is_shown)
    every = people.platform.identity.read(subjects.key_used("*"))
    named = {one.subject async for batch in every for one in batch}
    assert subjects.key_used(ids.derived("key", "x")) not in named


class Told:
    """What was told, and a clock that is set."""

    def __init__(self) -> None:
        self.now = 1_000_000
        self.keys: list[bytes] = []

    def now_ms(self) -> int:
        """The time."""
        return self.now

    def new_id(self, prefix: str) -> str:
        """No ids are made here."""
        raise NotImplementedError

    async def publish(self, subject: str, data: bytes) -> None:
        """Told."""
        self.keys.append(data)


async def test_a_use_is_told_once_in_five_minutes() -> None:
    """For each key; a clock that was set back does not silence it."""
    told = Told()
    use = KeyUse(told, told)  # type: ignore[arg-type]
    for _ in range(3):
        await use.note("a")
    await use.note("b")
    told.now += EVERY_MS
    await use.note("a")
    told.now -= 10 * EVERY_MS
    await use.note("a")
    assert told.keys == [b"a", b"b", b"a", b"a"]
