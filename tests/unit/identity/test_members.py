"""Members: who comes, who goes, and who may not do it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.http_house import NOW, TENANT, Answer, memory_platform
from tests.unit.identity.roster_house import MATCH, OTHER, V1, RosterHouse
from tests.waiting import eventually, within
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects
from weir.contract.messages import IdentityRecord, MemberSaved, SessionStarted, UserSaved
from weir.ports.log import Append, Log
from weir.runtime.authn import Authenticator

NOBODY = ids.derived("usr", "nobody")


@pytest.fixture
async def people() -> AsyncIterator[RosterHouse]:
    """A tenant behind a server."""
    there = RosterHouse()
    async with there.house:
        yield there


async def user_of(people: RosterHouse, user_id: str) -> UserSaved:
    """The account as it lies in the log."""
    stored = await people.platform.identity.last(subjects.user(user_id))
    assert stored is not None
    found = IdentityRecord.model_validate_json(stored.data).user_saved
    assert found is not None
    return found


async def test_whoever_is_invited_is_a_member_and_told(people: RosterHouse) -> None:
    """Account, membership and mail; the address is claimed for nobody else."""
    asked = {"email": " Ada@Example.COM ", "name": "Ada", "role": "editor"}
    made = await people.post("/users", asked)
    assert made.status == 201
    assert made.body["email"] == "ada@example.com"
    assert (made.body["status"], made.body["role"]) == ("invited", "editor")
    assert people.service.sent == [("ada@example.com", TENANT)]
    listed = await people.get("/users")
    assert [one["id"] for one in listed.body["items"]] == [made.body["id"]]
    again = await people.post("/users", asked)
    assert (again.status, again.code) == (409, "MEMBER_EXISTS")


async def test_an_invitation_is_repeated_by_its_key(people: RosterHouse) -> None:
    """The same answer; another body under the same key is refused."""
    headers = {"Idempotency-Key": "one"}
    asked = {"email": "ada@example.com", "role": "viewer"}
    first = await people.ask("POST", f"{V1}/users", json=asked, headers=headers)
    again = await people.ask("POST", f"{V1}/users", json=asked, headers=headers)
    other = await people.ask("POST", f"{V1}/users", json=asked | {"role": "admin"}, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert other.code == "IDEMPOTENCY_CONFLICT"


async def test_whoever_has_an_account_joins_with_it(people: RosterHouse) -> None:
    """One person is one account, in however many tenants."""
    first = await people.made("/users", email="ada@example.com", role="viewer")
    key = await people.key(tenant=OTHER)
    second = await people.made("/users", key, email="ADA@example.com", role="admin")
    assert second["id"] == first["id"]
    assert (await people.get(f"/users/{first['id']}")).body["role"] == "viewer"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "", "role": "viewer"},
        {"email": "nobody", "role": "viewer"},
        {"email": "a@b@c", "role": "viewer"},
        {"email": "a b@example.com", "role": "viewer"},
        {"email": "a@example.com\nBcc: all@example.com", "role": "viewer"},
        {"email": "a@example.com"},
        {"email": "a@example.com", "role": "root"},
        {"email": "a@example.com", "role": "Admin"},
        {"email": "a@example.com", "role": ["admin"]},
        {"email": "a@example.com", "role": "viewer", "platform": True},
        {"email": "a@example.com", "role": "viewer", "name": "x" * 201},
        {"email": "a@example.com", "role": "viewer", "name": "a\u202eb"},
        {"email": "a@example.com", "role": "viewer", "name": "\u0000"},
        {"email": "a@example.com", "projects": {"prj": "viewer"}},
        {"email": "a@example.com", "projects": {ids.derived("prj", "no"): "viewer"}},
        {"email": "a@example.com", "projects": {"": "viewer"}},
        {"email": "a@example.com", "groups": [ids.derived("grp", "no")]},
        {"email": "x" * 10_000 + "@example.com", "role": "viewer"},
    ],
)
async def test_who_cannot_be_invited_is_refused(people: RosterHouse, body: dict[str, Any]) -> None:
    """With its place, and nothing is stored or sent."""
    answer = await people.post("/users", body)
    assert answer.status == 422
    assert answer.code == "INVALID_REQUEST"
    assert not people.service.sent
    assert (await people.get("/users")).body["items"] == []


async def test_names_of_all_languages_are_names(people: RosterHouse) -> None:
    """Kept composed, found and ordered without regard to case."""
    for name in ("Åsa", "ædgar", "Zoë", "李小龙", "👩\u200d🚀 Ida", "A\u030asa"):
        # (no such e-mail is needed to be spelled: each has a plain one)
        email = f"u{len(people.service.sent)}@example.com"
        await people.made("/users", email=email, name=name, role="viewer")
    found = await people.get("/users?name=åSA")
    assert [one["name"] for one in found.body["items"]] == ["Åsa", "Åsa"]


async def test_roles_of_a_member_change(people: RosterHouse) -> None:
    """Role, roles in projects and groups; what is not named stays."""
    ada = await people.person("Ada", "viewer")
    project = await people.project("Orders")
    group = await people.made("/groups", name="On call", role="operator")
    changed = await people.put(f"/users/{ada}", {"projects": {project: "editor"}})
    assert (changed.body["role"], changed.body["projects"]) == ("viewer", {project: "editor"})
    changed = await people.put(f"/users/{ada}", {"groups": [group["id"]], "role": None})
    assert changed.body["role"] == ""
    assert changed.body["groups"] == [group["id"]]
    assert changed.body["projects"] == {project: "editor"}
    token = await people.signed_in(ada)
    assert (await people.get("/projects", key=token)).body["items"][0]["id"] == project


async def test_a_change_on_top_of_another_is_refused(people: RosterHouse) -> None:
    """Without If-Match too."""
    ada = await people.person("Ada", "viewer")
    read = await people.get(f"/users/{ada}")
    etag = read.headers["ETag"]
    assert (await people.put(f"/users/{ada}", {"role": "editor"}, match=etag)).status == 200
    stale = await people.put(f"/users/{ada}", {"role": "viewer"}, match=etag)
    assert (stale.status, stale.code) == (412, "REVISION_MISMATCH")
    bare = await people.ask("PUT", f"{V1}/users/{ada}", json={"role": "viewer"})
    assert bare.status == 428


async def test_the_last_administrator_stays(people: RosterHouse) -> None:
    """Neither demoted, nor disabled, nor removed; service accounts and the invited do not count."""
    ada = await people.person("Ada", "admin")
    await people.person("Invited", "admin", status="invited")
    await people.person("Off", "admin", status="disabled")
    await people.person("Elsewhere", "admin", tenant=OTHER)
    await people.made("/service-accounts", name="bot", role="admin")
    for answer in (
        await people.put(f"/users/{ada}", {"role": "editor"}),
        await people.put(f"/users/{ada}", {"role": None}),
        await people.post(f"/users/{ada}/disable"),
        await people.delete(f"/users/{ada}"),
    ):
        assert (answer.status, answer.code) == (409, "LAST_ADMIN")
    await people.person("Eve", "admin")
    assert (await people.delete(f"/users/{ada}")).status == 204


async def test_an_administrator_by_group_counts(people: RosterHouse) -> None:
    """And the group that makes the last one so can be neither lowered nor deleted nor left."""
    group = await people.made("/groups", name="Admins", role="admin")
    ada = await people.person("Ada", groups=[group["id"]])
    for answer in (
        await people.put(f"/groups/{group['id']}", {"role": "viewer"}),
        await people.delete(f"/groups/{group['id']}"),
        await people.delete(f"/groups/{group['id']}/members/{ada}"),
        await people.put(f"/users/{ada}", {"groups": []}),
        await people.delete(f"/users/{ada}"),
    ):
        assert (answer.status, answer.code) == (409, "LAST_ADMIN")
    assert (await people.put(f"/users/{ada}", {"role": "admin"})).status == 200
    assert (await people.delete(f"/groups/{group['id']}")).status == 204


class Crossing:
    """A log whose first two changes are both thought out before either is stored."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._both = asyncio.Barrier(2)
        self._to_come = 2

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """Store them, the first two at the same time."""
        if self._to_come:
            self._to_come -= 1
            await within(self._both.wait())
        return await self._log.append_atomic(appends)


@pytest.mark.parametrize("way", ["demote", "remove", "disable"])
async def test_two_administrators_do_not_remove_each_other(way: str) -> None:
    """Through two processes, neither of which has seen the other's change: one of them stays."""
    platform = memory_platform(Broker(SystemClock()).connect())
    crossing: Any = Crossing(platform.identity)
    there = RosterHouse(on=replace(platform, identity=crossing))
    beside = RosterHouse(beside=there)
    async with there.house, beside.house:
        ada, eve = await there.person("Ada", "admin"), await there.person("Eve", "admin")
        by_ada, by_eve = await there.signed_in(ada), await there.signed_in(eve)

        async def strike(at: RosterHouse, by: str, whom: str) -> Answer:
            if way == "demote":
                return await at.put(f"/users/{whom}", {"role": "viewer"}, key=by)
            if way == "remove":
                return await at.delete(f"/users/{whom}", key=by)
            return await at.post(f"/users/{whom}/disable", key=by)

        answers = await asyncio.gather(strike(there, by_ada, eve), strike(beside, by_eve, ada))
        refused = [answer.code for answer in answers if answer.status >= 300]
        assert refused == ["LAST_ADMIN"]


async def test_many_who_leave_at_once_leave_one(people: RosterHouse) -> None:
    """Twelve administrators, each removed at the same moment."""
    admins = [await people.person(f"A{number}", "admin") for number in range(12)]
    answers = await asyncio.gather(*(people.delete(f"/users/{one}") for one in admins))
    assert sorted(one.status for one in answers) == [204] * 11 + [409]


async def test_who_is_disabled_may_do_nothing(people: RosterHouse) -> None:
    """Session and key are refused at once where it was done; enabled, they sign in anew."""
    await people.person("Eve", "admin")
    ada = await people.person("Ada", "editor")
    token = await people.signed_in(ada)
    key = await people.key(role="editor", owner=ada)
    assert (await people.get("/keys", key=token)).status == 200
    assert (await people.get("/keys", key=key)).status == 200
    disabled = await people.post(f"/users/{ada}/disable")
    assert (disabled.status, disabled.body["status"]) == (200, "disabled")
    assert (await people.post(f"/users/{ada}/disable")).status == 200
    assert (await user_of(people, ada)).sessions_after
    await refused(people, token)
    await refused(people, key)
    assert (await people.post(f"/users/{ada}/enable")).body["status"] == "active"
    assert (await people.get("/keys", key=token)).status == 401
    again = await people.signed_in(ada)

    async def is_in() -> bool:
        return (await people.get("/keys", key=again)).status == 200

    await eventually(is_in)


async def refused(people: RosterHouse, token: str) -> None:
    """Wait until what was taken is felt, which is a second."""

    async def is_out() -> bool:
        return (await people.get("/keys", key=token)).status == 401

    await eventually(is_out)


async def test_what_is_taken_is_felt_in_another_process(people: RosterHouse) -> None:
    """A role and a membership; nobody has to tell that process."""
    ada = await people.person("Ada", "editor")
    key = await people.key(role="editor", owner=ada)
    beside = Authenticator(people.platform.identity, people.platform.clock)
    before = await beside.identify(key)
    assert before is not None
    assert before.role == "editor"
    await people.put(f"/users/{ada}", {"role": "viewer"})

    async def is_viewer() -> bool:
        now = await beside.identify(key)
        return now is not None and now.role == "viewer"

    await eventually(is_viewer)
    await people.delete(f"/users/{ada}")

    async def is_nobody() -> bool:
        return await beside.identify(key) is None

    await eventually(is_nobody)


async def test_an_account_of_other_tenants_is_not_disabled(people: RosterHouse) -> None:
    """Over them this tenant has no say; it may show the door."""
    ada = await people.person("Ada", "viewer")
    await people.joins(ada, "viewer", tenant=OTHER)
    assert (await people.post(f"/users/{ada}/disable")).code == "MEMBER_ELSEWHERE"
    assert (await people.delete(f"/users/{ada}")).status == 204
    assert (await people.get(f"/users/{ada}")).code == "MEMBER_NOT_FOUND"


async def test_who_runs_the_installation_is_not_disabled_by_a_tenant(people: RosterHouse) -> None:
    """An administrator of the tenant is not above them."""
    root = await people.person("Root", "viewer", platform=True)
    assert (await people.post(f"/users/{root}/disable")).status == 403


async def test_an_invitation_is_taken_back_not_disabled(people: RosterHouse) -> None:
    """And sent again as often as it is asked; not to who has taken it up."""
    ada = await people.person("Ada", "viewer", status="invited")
    assert (await people.post(f"/users/{ada}/disable")).code == "MEMBER_INVITED"
    assert (await people.post(f"/users/{ada}/invite")).status == 204
    assert people.service.sent == [("ada@example.com", TENANT)]
    eve = await people.person("Eve", "viewer")
    assert (await people.post(f"/users/{eve}/invite")).code == "MEMBER_INVITED"
    assert (await people.delete(f"/users/{ada}")).status == 204


async def test_keys_do_not_come_back_with_their_owner(people: RosterHouse) -> None:
    """Who is removed and invited again has none."""
    ada = await people.person("Ada", "editor")
    key = await people.key(role="editor", owner=ada)
    assert (await people.delete(f"/users/{ada}")).status == 204
    await people.joins(ada, "editor")
    await refused(people, key)
    assert (await people.get(f"/keys?owner={ada}")).body["items"] == []


async def test_members_of_another_tenant_are_nobody(people: RosterHouse) -> None:
    """Neither read, changed, disabled nor removed, whatever is known of them."""
    ada = await people.person("Ada", "admin", tenant=OTHER)
    for answer in (
        await people.get(f"/users/{ada}"),
        await people.put(f"/users/{ada}", {"role": "viewer"}),
        await people.post(f"/users/{ada}/disable"),
        await people.post(f"/users/{ada}/enable"),
        await people.post(f"/users/{ada}/invite"),
        await people.delete(f"/users/{ada}"),
        await people.get(f"/users/{NOBODY}"),
        await people.get("/users/usr_x"),
        await people.get("/users/%00"),
    ):
        assert (answer.status, answer.code) == (404, "MEMBER_NOT_FOUND")


@pytest.mark.parametrize("role", ["editor", "operator", "viewer"])
async def test_only_who_manages_users_does(people: RosterHouse, role: str) -> None:
    """Every other role is refused, and changes nothing, about itself too."""
    ada = await people.person("Ada", role)
    token = await people.signed_in(ada)
    for key in (role, token):
        for answer in (
            await people.get("/users", key=key),
            await people.post("/users", {"email": "x@example.com", "role": role}, key=key),
            await people.put(f"/users/{ada}", {"role": "admin"}, key=key),
            await people.post("/groups", {"name": "g", "role": "admin"}, key=key),
            await people.post("/projects", {"name": "p"}, key=key),
            await people.post("/service-accounts", {"name": "s"}, key=key),
            await people.delete(f"/users/{ada}", key=key),
        ):
            assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_limited_key_gives_no_more_than_it_may(people: RosterHouse) -> None:
    """With `users:manage` alone nobody gets a role, a group or a key that does more."""
    key = await people.key(scopes=["users:manage"])
    ada = await people.person("Ada", "viewer")
    group = await people.made("/groups", name="Admins", role="admin")
    for answer in (
        await people.post("/users", {"email": "x@example.com", "role": "viewer"}, key=key),
        await people.put(f"/users/{ada}", {"role": "admin"}, key=key),
        await people.put(f"/users/{ada}", {"groups": [group["id"]]}, key=key),
        await people.ask("PUT", f"{V1}/groups/{group['id']}/members/{ada}", key=key, headers=MATCH),
        await people.post("/groups", {"name": "g", "role": "viewer"}, key=key),
        await people.post("/service-accounts", {"name": "s", "role": "viewer"}, key=key),
        await people.post("/keys", {"name": "k", "role": "admin"}, key=key),
    ):
        assert (answer.status, answer.code) == (403, "ROLE_TOO_HIGH")
    assert (await people.put(f"/users/{ada}", {"role": None}, key=key)).status == 200


async def test_a_deleted_group_gives_nothing(people: RosterHouse) -> None:
    """Also where a membership still names it; it is shown nowhere and named in no change."""
    group = await people.made("/groups", name="Editors", role="editor")
    ada = await people.person("Ada", groups=[group["id"]])
    token = await people.signed_in(ada)
    assert (await people.delete(f"/groups/{group['id']}")).status == 204
    stored = await people.platform.identity.last(subjects.member(TENANT, ada))
    assert stored is not None
    assert group["id"].encode() in stored.data
    who = await Authenticator(people.platform.identity, people.platform.clock).identify(token)
    assert who is not None
    assert who.role == ""
    assert (await people.get(f"/users/{ada}")).body["groups"] == []
    assert (await people.put(f"/users/{ada}", {"groups": [group["id"]]})).status == 422
    assert (await people.put(f"/users/{ada}", {"role": "viewer"})).body["groups"] == []


async def test_last_sign_in_is_shown(people: RosterHouse) -> None:
    """And is written down, so that it is known after a restart."""
    ada = await people.person("Ada", "viewer")
    assert (await people.get(f"/users/{ada}")).body["last_sign_in"] is None
    await people.signed_in(ada)
    shown = (await people.get(f"/users/{ada}")).body["last_sign_in"]
    assert shown

    async def is_written() -> bool:
        return await people.platform.identity.last(subjects.key_used(ada)) is not None

    await eventually(is_written)
    await people.platform.identity.purge(subjects.session(ada, "*"))
    restarted = RosterHouse(beside=people)
    async with restarted.house:
        assert restarted.service.index.signed_in[ada] == shown


async def test_ten_thousand_members_are_listed(people: RosterHouse) -> None:
    """Page by page, each once, in order."""
    appends = []
    for number in range(10_000):
        user_id = ids.derived("usr", str(number))
        user = UserSaved(user_id=user_id, name=f"N{number:05}", status="active", created_at=NOW)
        member = MemberSaved(tenant=TENANT, user_id=user_id, role="viewer", created_at=NOW)
        for subject, kind in (
            (subjects.user(user_id), user),
            (subjects.member(TENANT, user_id), member),
        ):
            record = IdentityRecord.of(kind, id="idr_x", at=NOW, by="test")
            appends.append(Append(subject, codec.encode(record)))
    stored = await people.platform.identity.append_all(appends)
    assert isinstance(stored[-1], int)
    await people.service.index.reach(stored[-1])
    names: list[str] = []
    cursor = ""
    while True:
        page = (await people.get(f"/users?limit=200{cursor}")).body
        names += [one["name"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == [f"N{number:05}" for number in range(10_000)]
    assert len((await people.get("/users?name=n0999")).body["items"]) == 10


async def test_a_cursor_is_of_one_tenant(people: RosterHouse) -> None:
    """That of another, or of another list, is refused."""
    for number in range(3):
        await people.person(f"A{number}", "viewer")
        await people.person(f"B{number}", "viewer", tenant=OTHER)
    cursor = (await people.get("/users?limit=1")).body["next_cursor"]
    key = await people.key(tenant=OTHER)
    for path in (f"/users?limit=1&cursor={cursor}",):
        answer = await people.get(path, key=key)
        assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")
    assert (await people.get(f"/users?limit=1&role=viewer&cursor={cursor}")).status == 400


async def test_a_tenant_has_as_many_members_as_it_may(people: RosterHouse) -> None:
    """Its own quota counts before the installation's."""
    root = await people.key(platform=True)
    await people.made("/tenants", root, id=OTHER, name="Globex", quotas={"members": 1})
    key = await people.key(tenant=OTHER)
    await people.made("/users", key, email="a@example.com", role="viewer")
    second = await people.post("/users", {"email": "b@example.com", "role": "viewer"}, key=key)
    assert (second.status, second.code) == (403, "QUOTA_EXCEEDED")


async def test_lists_can_be_filtered(people: RosterHouse) -> None:
    """By role, status and group; a state that there is not is refused."""
    group = await people.made("/groups", name="g", role="viewer")
    ada = await people.person("Ada", "admin", groups=[group["id"]])
    eve = await people.person("Eve", "viewer", status="disabled")
    for query, found in (
        ("role=admin", [ada]),
        ("status=disabled", [eve]),
        (f"group_id={group['id']}", [ada]),
        ("name=EVE%40example", [eve]),
        ("name=nobody", []),
    ):
        listed = await people.get(f"/users?{query}")
        assert [one["id"] for one in listed.body["items"]] == found
    assert (await people.get("/users?status=asleep")).status == 400


async def test_sessions_end_with_who_is_disabled(people: RosterHouse) -> None:
    """Each is told to be over, for whoever looks at sessions alone."""
    await people.person("Eve", "admin")
    ada = await people.person("Ada", "viewer")
    await people.signed_in(ada)
    await people.post(f"/users/{ada}/disable")
    records = [
        IdentityRecord.model_validate_json(one.data)
        async for batch in people.platform.identity.read(subjects.session(ada, "*"))
        for one in batch
    ]
    assert isinstance(records[0].kind, SessionStarted)
    assert records[-1].session_ended is not None
    assert records[-1].session_ended.reason == "disabled"
