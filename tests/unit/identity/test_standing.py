"""What somebody may do at present: roles, groups, keys and their owners, put together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http_house import TENANT, memory_platform
from tests.unit.identity.people_house import PeopleHouse
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.contract import subjects, times
from weir.contract.messages import (
    ApiKeyCreated,
    GroupSaved,
    MemberRemoved,
    TenantDeleted,
    UserDeleted,
    UserSaved,
)
from weir.runtime.access import ROLES, Permission, Principal
from weir.runtime.authn import Authenticator
from weir.runtime.first_key import first_key
from weir.runtime.standing import Held, higher, limited, lower, merged

ROLE = st.sampled_from(["", *ROLES])
PROJECTS = st.dictionaries(st.sampled_from(["p", "q", "r"]), ROLE, max_size=3)
HELD = st.builds(Held, role=ROLE, projects=PROJECTS)
KEY = st.builds(
    ApiKeyCreated,
    role=st.sampled_from(list(ROLES)),
    project=st.sampled_from(["", "p", "q", "x"]),
)


def may(role: str, projects: dict[str, str], project: str) -> frozenset[Permission]:
    """Everything that may be done there."""
    who = Principal(id="x", tenant="t", role=role, projects=projects)
    return frozenset(each for each in Permission if who.may(each, project))


@given(ROLE, ROLE)
def test_of_two_roles_one_may_more(one: str, other: str) -> None:
    """What the higher may holds what each may, and what the lower may is held by each."""
    assert may(higher(one, other), {}, "") == may(one, {}, "") | may(other, {}, "")
    assert may(lower(one, other), {}, "") == may(one, {}, "") & may(other, {}, "")


@pytest.mark.parametrize("role", ["root", "ADMIN", "platform:manage", "admin "])
def test_what_is_no_role_is_none(role: str) -> None:
    """Whatever a record says."""
    assert higher(role, "") == higher("", role) == ""
    assert lower(role, "admin") == lower("admin", role) == ""
    assert higher(role, "viewer") == "viewer"


@given(st.lists(st.tuples(ROLE, PROJECTS), max_size=4), st.sampled_from(["", "p", "q", "r", "x"]))
def test_merged_roles_may_what_each_may(
    grants: list[tuple[str, dict[str, str]]], project: str
) -> None:
    """In the tenant and in each project: no less, and no more."""
    each = [may(role, projects, project) for role, projects in grants]
    nothing = frozenset({Permission.SELF})
    assert may(*merged(grants), project) == frozenset().union(nothing, *each)


@given(KEY, HELD, st.sampled_from(["", "p", "q", "r", "x"]))
def test_a_key_never_may_more_than_its_owner_or_itself(
    key: ApiKeyCreated, owner: Held, project: str
) -> None:
    """In any project, or in none."""
    may_key = may(*limited(key, owner), project)
    assert may_key <= may(owner.role, dict(owner.projects), project)
    assert may_key <= may(*limited(key, None), project)
    assert may_key <= may(key.role, {}, "")
    if key.project and key.project != project:
        assert may_key == {Permission.SELF}


@given(KEY, HELD)
def test_a_key_may_what_both_may(key: ApiKeyCreated, owner: Held) -> None:
    """Where it counts, nothing is lost."""
    place = key.project or "p"
    both = may(key.role, {}, "") & may(owner.role, dict(owner.projects), place)
    assert may(*limited(key, owner), place) == both


async def key_of(people: PeopleHouse, **given: Any) -> str:
    """A key's token."""
    issuer = Authenticator(people.platform.identity, people.platform.clock)
    made = {"tenant": TENANT, "name": "k", "role": "admin", "by": "test"} | given
    return (await issuer.issue(**made))[1]


async def me(people: PeopleHouse, key: str) -> Any:
    """Who a key is, and what it may."""
    answer = await people.ask("GET", "/api/v1/auth/me", key=key)
    return answer.body if answer.status == 200 else answer.status


async def becomes(people: PeopleHouse, key: str, expected: Any, field: str = "role") -> None:
    """What it comes to, within the second that records may be old."""

    async def reached() -> bool:
        found = await me(people, key)
        return bool((found if isinstance(found, int) else found[field]) == expected)

    await eventually(reached)


async def test_scopes_take_away(people: PeopleHouse) -> None:
    """What is no permission counts for nothing, and a key of such scopes may nothing."""
    key = await key_of(people, scopes=["runs:read", "runs:start", "nonsense"])
    assert (await me(people, key))["permissions"] == ["runs:read", "runs:start", "self"]
    lost = await key_of(people, scopes=["nonsense"], platform=True)
    assert (await me(people, lost))["permissions"] == ["self"]
    viewer = await key_of(people, role="viewer", scopes=["runs:start"])
    assert (await people.ask("GET", "/who", key=viewer)).status == 403


async def test_a_key_of_a_project_has_no_role_in_the_tenant(people: PeopleHouse) -> None:
    """What belongs to no project, or another, is not its business."""
    key = await key_of(people, role="editor", project="prj_1")
    found = await me(people, key)
    assert (found["role"], found["projects"]) == ("", {"prj_1": "editor"})
    assert (await people.ask("GET", "/who", key=key)).status == 403


async def test_a_key_follows_its_owner(people: PeopleHouse) -> None:
    """It loses what its owner loses, and gets it again, but never more than its own."""
    owner = await people.person("ann", role="editor")
    key = await key_of(people, owner=owner)
    assert (await me(people, key))["role"] == "editor"
    await people.member(owner, "viewer")
    await becomes(people, key, "viewer")
    group = "grp_" + "a" * 26
    saved = GroupSaved(group_id=group, tenant=TENANT, role="operator")
    await people.write(subjects.group(TENANT, group), saved)
    await people.member(owner, "viewer", groups=(group,))
    await becomes(people, key, "operator")


@pytest.mark.parametrize("what", ["disabled", "deleted", "left", "never was"])
async def test_a_key_ends_with_its_owner(people: PeopleHouse, what: str) -> None:
    """For good as long as the owner is gone; it is not said why."""
    owner = await people.person("ann", role="admin")
    key = await key_of(people, owner=owner)
    if what == "disabled":
        off = UserSaved(user_id=owner, name="ann", status="disabled")
        await people.write(subjects.user(owner), off)
    elif what == "deleted":
        await people.write(subjects.user(owner), UserDeleted(user_id=owner))
    elif what == "left":
        gone = MemberRemoved(tenant=TENANT, user_id=owner)
        await people.write(subjects.member(TENANT, owner), gone)
    else:
        key = await key_of(people, owner="usr_" + "z" * 26)
    await becomes(people, key, 401)


async def test_only_an_owner_who_may_lends_the_platform(people: PeopleHouse) -> None:
    """A key that manages tenants ends to do so with its owner's right to it."""
    owner = await people.person("ann", role="admin", platform=True)
    key = await key_of(people, owner=owner, platform=True)
    assert (await me(people, key))["platform"]
    plain = UserSaved(user_id=owner, name="ann", status="active")
    await people.write(subjects.user(owner), plain)
    await becomes(people, key, False, "platform")


async def test_a_service_account_is_of_one_tenant(people: PeopleHouse) -> None:
    """A membership of it in another gives its keys nothing there."""
    bot = "svc_" + "a" * 26
    saved = UserSaved(user_id=bot, name="bot", status="active", tenant=TENANT)
    await people.write(subjects.user(bot), saved)
    await people.member(bot, "operator")
    await people.member(bot, "admin", "other")
    assert (await me(people, await key_of(people, owner=bot)))["role"] == "operator"
    assert await me(people, await key_of(people, owner=bot, tenant="other")) == 401


async def test_a_key_that_has_expired_or_whose_tenant_is_gone_is_none(people: PeopleHouse) -> None:
    """A suspended tenant's key hears why."""
    at = times.from_ms(people.platform.clock.now_ms() + 60_000)
    key = await key_of(people, expires_at=at)
    assert (await me(people, key))["role"] == "admin"
    people.clock.later_ms = 60_000
    assert await me(people, key) == 401
    await people.tenant("suspended", "other")
    key = await key_of(people, tenant="other")
    assert (await people.ask("GET", "/who", key=key)).code == "TENANT_SUSPENDED"
    await people.write(subjects.tenant("third"), TenantDeleted(tenant="third"))
    assert await me(people, await key_of(people, tenant="third")) == 401


async def test_old_keys_without_a_tenant_s_record_count(people: PeopleHouse) -> None:
    """As installations have them that were made before tenants had records."""
    key = await key_of(people, tenant="old")
    assert (await me(people, key))["tenant"] == "old"
    foreign = await people.ask("GET", "/who", key=key, headers={"X-Tenant-ID": TENANT})
    assert (foreign.status, foreign.code) == (403, "TENANT_FORBIDDEN")


async def test_the_first_key_makes_its_tenant_and_manages_the_installation(
    people: PeopleHouse,
) -> None:
    """Once, and not where there was ever a key."""
    assert await first_key(people.platform) is None
    fresh = memory_platform(Broker(people.clock).connect())
    token = await first_key(fresh)
    assert token is not None
    who = await Authenticator(fresh.identity, fresh.clock).identify(token)
    assert who is not None
    assert (who.tenant, who.role, who.platform) == ("default", "admin", True)
    stored = await fresh.identity.last(subjects.tenant("default"))
    assert stored is not None
    assert await first_key(fresh) is None


async def test_a_tenant_that_is_there_already_keeps_its_record(people: PeopleHouse) -> None:
    """A process that died after making it makes the key at its next start."""
    fresh = memory_platform(Broker(people.clock).connect())
    assert await first_key(fresh)
    before = await fresh.identity.last(subjects.tenant("default"))
    await fresh.identity.purge(subjects.api_key("*"))
    assert await first_key(fresh)
    after = await fresh.identity.last(subjects.tenant("default"))
    assert before == after
