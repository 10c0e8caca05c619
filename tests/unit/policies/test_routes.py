"""Policies over HTTP: stored, explained, and what they do to starts and steering."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.identity.service import build as identity
from services.registry.service import build as registry
from services.trigger.service import build as trigger
from tests.http_house import ROLES, TENANT, Answer, House, house_on_memory
from weir.contract import codec, subjects
from weir.contract.messages import GroupSaved, IdentityRecord, MemberSaved, Message, UserSaved
from weir.ports.log import Append
from weir.runtime.policy import Guard

POLICIES = "/api/v1/policies"
NODES = [{"id": "go", "type": "manual"}, {"id": "say", "type": "shell", "kind": "task"}]
PROD = {"timeout_ms": None, "labels": {"env": "prod"}, "search": {}}
NO_PROD = """
@id("prod-for-admins")
@advice("Ask on #ops.")
forbid(principal, action == Action::"start", resource)
when { resource.hasTag("env") && resource.getTag("env") == "prod" }
unless { principal is Trigger || principal in Role::"admin" };
"""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Identity and trigger on memory."""
    async with house_on_memory(identity, trigger) as made:
        yield made


async def store(house: House, text: str, revision: str = "*") -> Answer:
    """Replace the policies, and let every service read them anew."""
    answer = await house.ask(
        "PUT",
        POLICIES,
        json={"text": text},
        headers={"If-Match": revision if revision == "*" else f'"{revision}"'},
    )
    forget(house)
    return answer


def forget(house: House) -> None:
    """What would be forgotten within a second."""
    for service in house.services:
        for guard in (one for one in vars(service).values() if isinstance(one, Guard)):
            guard.forget(TENANT)


async def put(house: House, subject: str, kind: Message) -> None:
    """Write an identity record past the service."""
    record = IdentityRecord.of(kind, id="idr_a", at="2026-01-01T00:00:00Z", by="test")  # type: ignore[arg-type]
    await house.platform.identity.append(Append(subject, codec.encode(record)))


async def start(house: House, workflow: str, key: str = "editor", **body: Any) -> Answer:
    """A start through the API."""
    return await house.ask("POST", f"/api/v1/workflows/{workflow}/runs", key=key, json=body)


async def test_there_are_none_at_first(house: House) -> None:
    """A tenant begins without policies, and the answer tells the schema to write them by."""
    answer = await house.ask("GET", POLICIES)
    assert answer.status == 200
    assert answer.headers["ETag"] == '"0"'
    assert (answer.body["text"], answer.body["revision"], answer.body["errors"]) == ("", "0", [])
    assert "action start" in answer.body["cedar_schema"]


async def test_a_change_is_made_on_top_of_what_was_read(house: House) -> None:
    """If-Match is demanded, and only the revision that stands is taken."""
    unsure = await house.ask("PUT", POLICIES, json={"text": NO_PROD})
    assert (unsure.status, unsure.code) == (428, "PRECONDITION_REQUIRED")
    first = await store(house, NO_PROD, "0")
    assert first.status == 200
    late = await store(house, "", "0")
    assert (late.status, late.code) == (412, "REVISION_MISMATCH")
    assert (await house.ask("GET", POLICIES)).body["text"] == NO_PROD
    assert (await store(house, "", first.body["revision"])).status == 200


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("forbid(principal, action, resource", 422, "POLICIES_INVALID"),
        ("permit(principal, action, resource);", 422, "POLICIES_INVALID"),
        ("(" * 60_000, 422, "POLICIES_INVALID"),
        ("\x00", 422, "POLICIES_INVALID"),
        ("/" * 65_537, 422, "INVALID_REQUEST"),
        ("é" * 40_000, 422, "INVALID_REQUEST"),
        (7, 422, "INVALID_REQUEST"),
    ],
)
async def test_what_cannot_be_used_is_not_stored(
    house: House, text: Any, status: int, code: str
) -> None:
    """A text with problems is refused, each with its place, and what stood before stays."""
    answer = await store(house, text)
    assert (answer.status, answer.code) == (status, code)
    assert answer.body["error"]["details"]["errors"][0]["path"] == "text"
    assert (await house.ask("GET", POLICIES)).body["revision"] == "0"


@pytest.mark.parametrize("role", ["editor", "operator", "viewer"])
async def test_only_administrators_see_or_change_them(house: House, role: str) -> None:
    """Policies are the tenant's administrators' business."""
    for method, path in (("GET", POLICIES), ("PUT", POLICIES), ("POST", f"{POLICIES}/explain")):
        answer = await house.ask(method, path, key=role, json={})
        assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_start_is_refused_by_name(house: House) -> None:
    """Who may start by their role may not where a policy forbids it, and hears which and why."""
    workflow, _ = await house.publish(NODES, settings=PROD)
    assert (await start(house, workflow)).status == 202
    await store(house, NO_PROD)
    refused = await start(house, workflow)
    assert (refused.status, refused.code) == (403, "POLICY_DENIED")
    assert refused.body["error"]["details"]["policies"] == [
        {"id": "prod-for-admins", "advice": "Ask on #ops."}
    ]
    assert "Ask on #ops." in refused.body["error"]["message"]
    assert (await start(house, workflow, "admin")).status == 202
    many = await house.ask(
        "POST", f"/api/v1/workflows/{workflow}/runs:batch", key="editor", json={"items": [{}]}
    )
    assert many.body["items"][0]["error"]["code"] == "POLICY_DENIED"
    await store(house, "")
    assert (await start(house, workflow)).status == 202


async def test_a_role_is_asked_first(house: House) -> None:
    """No policy gives what a role does not hold."""
    workflow, _ = await house.publish(NODES)
    await store(house, "// nothing is forbidden\n")
    assert (await start(house, workflow, "viewer")).code == "FORBIDDEN"


async def test_a_delivery_starts_as_a_trigger(house: House) -> None:
    """Webhooks are somebody of their own: neither role nor key of a person counts for them."""
    path = await house.webhook({"scheme": "none"})
    await store(house, 'forbid(principal, action == Action::"start", resource);')
    assert (await house.ask("POST", path, key=None, json={})).code == "POLICY_DENIED"
    people = 'forbid(principal, action == Action::"start", resource) unless {principal is Trigger};'
    await store(house, people)
    assert (await house.ask("POST", path, key=None, json={})).status == 202


async def test_steering_is_asked_of_the_runs_workflow(house: House) -> None:
    """Each thing one can tell a run is named, and what is forbidden leaves no fact."""
    workflow, _ = await house.publish(NODES, settings=PROD)
    run = (await start(house, workflow)).body["run_id"]
    await store(
        house,
        '@id("no-cancel") forbid(principal, action == Action::"steer", resource) '
        'when { context.what == "cancel" && resource.getTag("env") == "prod" }'.replace(
            "&& ", '&& resource.hasTag("env") && '
        )
        + ";",
    )
    before = len(await house.facts())
    refused = await house.ask("POST", f"/api/v1/runs/{run}/cancel", key="operator")
    assert (refused.status, refused.code) == (403, "POLICY_DENIED")
    assert len(await house.facts()) == before
    paused = await house.ask("POST", f"/api/v1/runs/{run}/pause", key="operator")
    assert paused.status == 202


@pytest.mark.parametrize("data", [b"{", json.dumps({"policies_saved": {"text": "no"}}).encode()])
async def test_what_cannot_be_used_forbids(house: House, data: bytes) -> None:
    """A record that is damaged, or whose text no longer parses, refuses starts until mended."""
    workflow, _ = await house.publish(NODES)
    await house.platform.identity.append(Append(subjects.policies(TENANT), data))
    forget(house)
    refused = await start(house, workflow, "admin")
    assert (refused.status, refused.code) == (503, "POLICIES_UNREADABLE")
    assert (await store(house, "", "*")).status == 200
    assert (await start(house, workflow, "admin")).status == 202


async def test_an_explanation_names_all_that_decides(house: House) -> None:
    """Roles, policies and what was asked stand in it, for somebody who is there."""
    workflow, _ = await house.publish(NODES, settings=PROD)
    await put(house, subjects.user(USER), UserSaved(user_id=USER, status="active"))
    member = MemberSaved(tenant=TENANT, user_id=USER, role="viewer", groups=(GROUP,))
    await put(house, subjects.member(TENANT, USER), member)
    group = GroupSaved(tenant=TENANT, group_id=GROUP, name="ops", role="operator")
    await put(house, subjects.group(TENANT, GROUP), group)
    await store(house, NO_PROD)
    asked = {"action": "start", "principal": {"id": USER}, "workflow": {"id": workflow}}
    said = (await house.ask("POST", f"{POLICIES}/explain", json=asked)).body
    assert said["allowed"] is False
    assert said["roles"] == {
        "allowed": True,
        "permission": "runs:start",
        "role": "operator",
        "project": "",
    }
    assert said["policies"]["forbidden_by"] == [{"id": "prod-for-admins", "advice": "Ask on #ops."}]
    assert {"type": "Group", "id": GROUP} in said["principal"]["parents"]
    assert said["resource"]["tags"] == {"env": "prod"}
    draft = (await house.ask("POST", f"{POLICIES}/explain", json={**asked, "text": ""})).body
    assert draft["allowed"] is True


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "INVALID_REQUEST"),
        ({"action": "start", "workflow": {"id": "wf_x"}}, 404, "WORKFLOW_NOT_FOUND"),
        ({"action": "start", "workflow": {"given": {}}}, 422, "INVALID_REQUEST"),
        (
            {"action": "start", "principal": {"id": "usr_x"}, "workflow": {"given": {}}},
            422,
            "INVALID_REQUEST",
        ),
        ({"action": "use_credential", "workflow": {"given": {}}}, 422, "INVALID_REQUEST"),
        (
            {
                "action": "start",
                "principal": {"id": "webhook"},
                "workflow": {"given": {}},
                "context": {"time": "soon"},
            },
            422,
            "INVALID_REQUEST",
        ),
        (
            {
                "action": "start",
                "principal": {"id": "webhook"},
                "workflow": {"given": {}},
                "text": "no",
            },
            422,
            "POLICIES_INVALID",
        ),
    ],
)
async def test_an_unclear_question_is_told_so(
    house: House, asked: dict[str, Any], status: int, code: str
) -> None:
    """Nothing is assumed about what was not said."""
    answer = await house.ask("POST", f"{POLICIES}/explain", json=asked)
    assert (answer.status, answer.code) == (status, code)


async def test_a_key_is_its_owner_too(house: House) -> None:
    """A policy against somebody's group holds for the keys they own."""
    given = {"type": "ApiKey", "role": "admin", "groups": [GROUP]}
    asked = {"action": "publish", "principal": given, "workflow": {"given": {"name": "x"}}}
    text = f'forbid(principal in Group::"{GROUP}", action, resource);'
    said = (await house.ask("POST", f"{POLICIES}/explain", json={**asked, "text": text})).body
    assert (said["allowed"], said["roles"]["allowed"]) == (False, True)


USER = "usr_" + "a" * 26
GROUP = "grp_" + "a" * 26


async def test_what_is_explained_is_what_happens(house: House) -> None:
    """Over many texts and every role, the explanation of a start is its outcome."""
    dice = random.Random(7)
    conditions = (
        'principal in Role::"editor"',
        'principal is ApiKey && resource.name like "p*"',
        'resource.hasTag("env") && resource.getTag("env") == "prod"',
        'resource.node_types.contains("shell")',
        'context.source == "manual"',
        "9223372036854775807 + (if context.test then 1 else 0) > 0",
    )
    flows = [
        (await house.publish(NODES, "prod", settings=PROD))[0],
        (await house.publish(NODES[:1], "plain"))[0],
    ]
    seen = set()
    for _ in range(25):
        text = "\n".join(
            f'forbid(principal, action == Action::"{dice.choice(("start", "publish"))}", resource) '
            f"{dice.choice(('when', 'unless'))} {{ {dice.choice(conditions)} }};"
            for _ in range(dice.randint(0, 3))
        )
        assert (await store(house, text)).status == 200
        for role in ROLES:
            workflow = dice.choice(flows)
            asked = {
                "action": "start",
                "principal": {"id": house.keys[role][5:35]},
                "workflow": {"id": workflow},
                "context": {"source": "manual"},
            }
            said = (await house.ask("POST", f"{POLICIES}/explain", json=asked)).body
            happened = await start(house, workflow, role)
            assert (happened.status == 202) is said["allowed"], (text, role, said)
            seen.add((said["roles"]["allowed"], said["policies"]["allowed"]))
    assert len(seen) == 4


async def test_publishing_is_refused_by_what_would_run() -> None:
    """A policy that looks at node types and credentials keeps a version from being made."""
    async with house_on_memory(identity, registry) as house:
        node = {
            "id": "call",
            "type": "http_request",
            "config": {"url": "https://example.com", "auth": "{{ credentials.prod_api }}"},
        }
        made = await house.ask(
            "POST",
            "/api/v1/workflows",
            json={"schema": "weir/v1", "name": "w", "nodes": [node], "edges": []},
        )
        versions = f"/api/v1/workflows/{made.body['id']}/versions"
        text = (
            '@id("no-prod") forbid(principal, action == Action::"publish", resource) '
            'when { resource.credentials_used.contains("prod_api") } '
            'unless { principal in Role::"admin" };'
        )
        await store(house, text)
        refused = await house.ask("POST", versions, key="editor")
        assert (refused.status, refused.code) == (403, "POLICY_DENIED")
        assert (await house.ask("GET", versions)).body["items"] == []
        assert (await house.ask("POST", versions)).status == 201
