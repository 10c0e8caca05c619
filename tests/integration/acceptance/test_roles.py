"""Routes asked by every role on real servers: who may is answered, who may not is refused first.

The table is written by hand, from the permission matrix of the requirements
(admin and editor change workflows and credentials; operators start and steer
runs; viewers read; nobody does anything without a key but what is public).
tests/unit/access asks every route there is, for more people, on memory: a new
route comes with a decision there.
"""

from __future__ import annotations

from typing import Any

import pytest

from services.embedded.routes import routes
from tests.integration.acceptance.house import API, ROLES, House
from tests.waiting import eventually
from weir.contract import ids
from weir.runtime.authn import Authenticator

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = frozenset({*ROLES, None})
READ = frozenset(ROLES)
OPERATE = frozenset({"admin", "editor", "operator"})
EDIT = frozenset({"admin", "editor"})
ADMIN = frozenset({"admin"})

MAY: dict[tuple[str, str], frozenset[str | None]] = {
    ("GET", "/health"): PUBLIC,
    ("GET", "/ready"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,  # to this machine alone
    ("GET", f"{API}/openapi.json"): PUBLIC,
    ("*", "/hooks/{webhook_id}"): PUBLIC,  # signed instead
    ("GET", f"{API}/runs"): READ,
    ("GET", f"{API}/runs/{{run_id}}"): READ,
    ("GET", f"{API}/runs/{{run_id}}/blobs/{{name}}"): READ,
    ("GET", f"{API}/runs/{{run_id}}/events"): READ,
    ("GET", f"{API}/runs/{{run_id}}/logs"): READ,
    ("GET", f"{API}/runs/{{run_id}}/steps"): READ,
    ("GET", f"{API}/workflows/{{workflow_id}}/runs"): READ,
    ("GET", f"{API}/ws"): READ,
    ("GET", f"{API}/credentials"): EDIT,
    ("POST", f"{API}/credentials"): EDIT,
    ("DELETE", f"{API}/credentials/{{name}}"): EDIT,
    ("GET", f"{API}/credentials/{{name}}"): EDIT,
    ("PUT", f"{API}/credentials/{{name}}"): EDIT,
    ("GET", f"{API}/nodes"): READ,
    ("GET", f"{API}/nodes/{{type}}"): READ,
    ("GET", f"{API}/schemas/definition"): READ,
    ("GET", f"{API}/webhooks"): READ,
    ("GET", f"{API}/webhooks/{{webhook_id}}"): READ,
    ("PUT", f"{API}/webhooks/{{webhook_id}}"): EDIT,
    ("POST", f"{API}/webhooks/{{webhook_id}}/rotate"): EDIT,
    ("GET", f"{API}/workflows"): READ,
    ("POST", f"{API}/workflows"): EDIT,
    ("POST", f"{API}/workflows/validate"): READ,
    ("DELETE", f"{API}/workflows/{{workflow_id}}"): EDIT,
    ("GET", f"{API}/workflows/{{workflow_id}}"): READ,
    ("PUT", f"{API}/workflows/{{workflow_id}}"): EDIT,
    ("POST", f"{API}/workflows/{{workflow_id}}/clone"): EDIT,
    ("PUT", f"{API}/workflows/{{workflow_id}}/project"): EDIT,
    ("GET", f"{API}/credential-types"): READ,
    ("GET", f"{API}/credentials/rotation"): ADMIN,
    ("POST", f"{API}/credentials/rotation"): ADMIN,
    ("GET", f"{API}/credentials/{{name}}/usage"): EDIT,
    ("POST", f"{API}/credentials/{{name}}/test"): EDIT,
    ("POST", f"{API}/credentials/{{name}}/grant"): EDIT,
    ("GET", f"{API}/oauth/callback"): PUBLIC,
    ("GET", f"{API}/tenants/current/usage"): READ,
    ("GET", f"{API}/workflows/{{workflow_id}}/versions"): READ,
    ("POST", f"{API}/workflows/{{workflow_id}}/versions"): EDIT,
    ("GET", f"{API}/workflows/{{workflow_id}}/versions/{{version}}"): READ,
    ("GET", f"{API}/runs/{{run_id}}/state"): READ,
    ("GET", f"{API}/runs/{{run_id}}/callbacks"): READ,
    ("GET", f"{API}/dead-letters"): READ,
    ("GET", f"{API}/dead-letters/{{letter_id}}"): READ,
    ("POST", f"{API}/dead-letters/{{letter_id}}/retry"): OPERATE,
    ("POST", f"{API}/dead-letters/{{letter_id}}/discard"): OPERATE,
    ("POST", f"{API}/dead-letters:retry"): OPERATE,
    ("POST", f"{API}/dead-letters:discard"): OPERATE,
    ("GET", f"{API}/subscriptions"): READ,
    ("GET", f"{API}/subscriptions/{{subscription_id}}"): READ,
    ("POST", f"{API}/subscriptions/{{subscription_id}}/pause"): OPERATE,
    ("POST", f"{API}/subscriptions/{{subscription_id}}/resume"): OPERATE,
    ("POST", f"{API}/subscriptions/{{subscription_id}}/replay"): OPERATE,
    ("POST", f"{API}/events"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/cancel"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/fork"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/pause"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/resume"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/retry"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/signals"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/steps/{{step}}/deadline"): OPERATE,
    ("POST", f"{API}/runs/{{run_id}}/steps/{{step}}/decision"): OPERATE,
    ("POST", f"{API}/runs:cancel"): OPERATE,
    ("POST", f"{API}/runs:pause"): OPERATE,
    ("POST", f"{API}/runs:resume"): OPERATE,
    ("POST", f"{API}/runs:retry"): OPERATE,
    ("POST", f"{API}/workflows/{{workflow_id}}/runs"): OPERATE,
    ("POST", f"{API}/workflows/{{workflow_id}}/runs:batch"): OPERATE,
}

# What needs nothing to do its work: whoever may ask would have it done.
DOES = {("POST", f"{API}/credentials/rotation")}

# Things that are not there: whoever may ask is told so, or that the request is no good.
SEGMENTS = {
    "{run_id}": ids.derived("run", "nothing"),
    "{workflow_id}": ids.derived("wf", "nothing"),
    "{webhook_id}": ids.derived("hook", "nothing"),
    "{version}": "current",
    "{name}": "nothing",
    "{type}": "nothing",
    "{step}": "nothing",
    "{letter_id}": ids.derived("dead", "nothing"),
    "{subscription_id}": ids.derived("sub", "nothing"),
}


EVERY = {(route.method, route.pattern) for owned in routes().values() for route in owned}


async def test_every_entry_is_a_route() -> None:
    """No decision about what is not there."""
    assert MAY.keys() <= EVERY


def path_of(pattern: str) -> str:
    """A path that the pattern takes."""
    for name, value in SEGMENTS.items():
        pattern = pattern.replace(name, value)
    assert "{" not in pattern, f"no example for a segment of {pattern}"
    return pattern


async def test_every_route_asks_for_its_role(house: House) -> None:
    """401 without a key or with a wrong one, 403 to a role that may not, neither to one that may.

    403 comes before anything is read of the request or looked up.
    """
    before = await house.platform.registry.last_seq(), await house.platform.runs.last_seq()
    forged = "weir_" + ids.derived("key", "nobody") + "_" + "a" * 52
    wrong: list[Any] = []
    for (method, pattern), may in MAY.items():
        verb = "POST" if method == "*" else method
        for role in (*ROLES, None, "weir_nonsense", forged):
            if role in may and (method, pattern) in DOES:
                continue
            answer = await house.ask(verb, path_of(pattern), key=role, data=b"{")
            if role in may or (None in may and role not in ROLES):
                expected = answer.status not in {401, 403} and answer.status < 500
            elif role in ROLES:
                expected = (answer.status, answer.code) == (403, "FORBIDDEN")
            else:
                expected = (answer.status, answer.code) == (401, "UNAUTHORIZED")
            if not expected:
                wrong.append((method, pattern, role, answer.status, answer.body))
    assert not wrong
    assert await house.platform.runs.last_seq() == before[1]
    everything = house.platform.registry.read("registry.>", after=before[0])
    written = [message.subject async for batch in everything for message in batch]
    # The installation makes a data key of its own as soon as it needs one.
    assert [subject for subject in written if not subject.startswith("registry.-.")] == []


async def test_what_a_role_may_it_can(house: House) -> None:
    """Each role does its own work to the end: a permission that is only on paper shows here."""
    definition = {
        "name": "By an editor",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "later", "type": "delay", "config": {"duration": "1h"}},
        ],
        "edges": [{"source": "start", "target": "later"}],
    }
    told = await house.publish(definition, key="editor")
    workflow = told["workflow_id"]
    fields = {"name": "by_editor", "type": "bearer", "fields": {"token": "a-token"}}
    assert (await house.ask("POST", "/credentials", key="editor", json=fields)).status == 201
    run = await house.run(workflow, key="operator", wait="")
    for role in ROLES:
        found = await house.ask("GET", f"/runs/{run['run_id']}", key=role)
        assert (found.status, found.body["id"]) == (200, run["run_id"])
    refused = await house.ask("POST", f"/runs/{run['run_id']}/cancel", key="viewer", json={})
    assert refused.status == 403
    done = await house.ask("POST", f"/runs/{run['run_id']}/cancel", key="operator", json={})
    assert done.status == 202
    deleted = await house.ask(
        "DELETE", f"/workflows/{workflow}", key="editor", headers={"If-Match": "*"}
    )
    assert deleted.status == 204


async def test_a_key_that_is_revoked_or_expired_opens_nothing(house: House) -> None:
    """Revoked here, refused everywhere at once or within a second; an expired one never opens."""
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, token = await issuer.issue(tenant="acme", name="x", role="admin", by="test")
    assert (await house.ask("GET", "/runs", key=token)).status == 200
    await issuer.revoke(tenant="acme", key_id=key_id, by="test")

    async def refused() -> bool:
        return (await house.ask("GET", "/runs", key=token)).status == 401

    await eventually(refused)
    _, old = await issuer.issue(
        tenant="acme", name="y", role="admin", by="test", expires_at="2020-01-01T00:00:00.000Z"
    )
    assert (await house.ask("GET", "/runs", key=old)).status == 401
