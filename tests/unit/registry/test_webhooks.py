"""Webhooks as publishing makes them: one address for ever, a secret shown once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import Answer, House, house_on_memory
from tests.waiting import eventually

WORKFLOWS = "/api/v1/workflows"
WEBHOOKS = "/api/v1/webhooks"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Registry and trigger behind a server."""
    async with house_on_memory(build_registry, build_trigger) as house:
        yield house


def definition(**config: Any) -> dict[str, Any]:
    """A workflow with a webhook."""
    return {
        "schema": "weir/v1",
        "name": "Hooked",
        "nodes": [
            {"id": "hook", "type": "webhook", "config": config},
            {"id": "done", "type": "output", "config": {"value": "{{ trigger.payload }}"}},
        ],
        "edges": [{"source": "hook", "target": "done"}],
    }


async def published(house: House, **config: Any) -> tuple[str, dict[str, Any]]:
    """A new workflow with a webhook; its id and the webhook as publishing shows it."""
    made = await house.ask("POST", WORKFLOWS, json=definition(**config))
    answer = await house.ask("POST", f"{WORKFLOWS}/{made.body['id']}/versions")
    assert answer.status == 201, answer.body
    (hook,) = answer.body["webhooks"]
    return made.body["id"], hook


async def change(house: House, workflow: str, **config: Any) -> dict[str, Any]:
    """Publish another configuration; the webhook as publishing shows it."""
    await house.ask(
        "PUT",
        f"{WORKFLOWS}/{workflow}",
        json=definition(**config) | {"vars": {"changed": True}},
        headers={"If-Match": "*"},
    )
    answer = await house.ask("POST", f"{WORKFLOWS}/{workflow}/versions")
    found: dict[str, Any] = answer.body["webhooks"][0]
    return found


async def deliver(house: House, hook: dict[str, Any], secret: str, delivery: str) -> Answer:
    """A delivery signed with this secret."""
    at = str(int(time.time()))
    key = b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{delivery}.{at}.{{}}".encode(), hashlib.sha256).digest()
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + b64encode(mac).decode(),
    }
    return await house.ask("POST", hook["path"], key=None, data=b"{}", headers=headers)


async def test_publishing_makes_an_address_that_works(house: House) -> None:
    """The secret in the answer signs deliveries that are taken."""
    _, hook = await published(house)
    assert hook["path"] == f"/hooks/{hook['id']}"
    assert hook["secret"].startswith("whsec_")
    assert (await deliver(house, hook, hook["secret"], "d1")).status == 202


async def test_the_address_is_the_same_over_versions_and_the_secret_shown_once(
    house: House,
) -> None:
    """Publishing again shows no secret and keeps the old one valid."""
    workflow, first = await published(house)
    second = await change(house, workflow)
    assert second["id"] == first["id"]
    assert second.get("secret") is None
    assert (await deliver(house, first, first["secret"], "d1")).status == 202
    read = await house.ask("GET", f"{WEBHOOKS}/{first['id']}")
    assert "secret" not in read.body
    assert first["secret"] not in str(read.body)


async def test_the_secret_lies_sealed(house: House) -> None:
    """Nothing in the registry's log can be signed with."""
    _, hook = await published(house)
    reading = house.platform.registry.read("registry.>")
    data = b"".join([stored.data async for batch in reading for stored in batch])
    assert hook["secret"].encode() not in data
    assert hook["secret"].removeprefix("whsec_").encode() not in data


async def test_without_a_scheme_there_is_no_secret_until_one_is_needed(house: House) -> None:
    """Changing to a scheme that signs makes one, and shows it then."""
    workflow, hook = await published(house, scheme="none")
    assert hook.get("secret") is None
    signed = await change(house, workflow, scheme="standard")
    assert (signed["id"], signed["scheme"]) == (hook["id"], "standard")
    assert signed["secret"].startswith("whsec_")
    back = await change(house, workflow, scheme="none")
    assert back["scheme"] == "none"


async def test_publishing_at_the_same_time_makes_one_secret(house: House) -> None:
    """It is in exactly one answer, and it is the one that works."""
    made = await house.ask("POST", WORKFLOWS, json=definition())
    path = f"{WORKFLOWS}/{made.body['id']}/versions"
    answers = await asyncio.gather(*(house.ask("POST", path) for _ in range(5)))
    hooks = [answer.body["webhooks"][0] for answer in answers]
    secrets = [hook["secret"] for hook in hooks if hook.get("secret")]
    assert len(secrets) == 1
    assert (await deliver(house, hooks[0], secrets[0], "d1")).status == 202


async def test_a_rotation_keeps_the_old_secret_for_the_overlap(house: House) -> None:
    """And with an overlap of nothing ends it at once."""
    _, hook = await published(house)
    path = f"{WEBHOOKS}/{hook['id']}/rotate"
    soft = await house.ask("POST", path)
    assert soft.body["secret"] not in {None, hook["secret"]}
    assert soft.body["previous_until"]
    assert (await deliver(house, hook, hook["secret"], "d1")).status == 202
    assert (await deliver(house, hook, soft.body["secret"], "d2")).status == 202
    hard = await house.ask("POST", path, json={"overlap": "0s"})

    async def ended() -> bool:
        return (await deliver(house, hook, soft.body["secret"], "d3")).status == 401

    await eventually(ended)
    assert (await deliver(house, hook, hard.body["secret"], "d4")).status == 202
    await house.ask("POST", path)
    assert (await deliver(house, hook, soft.body["secret"], "d5")).status == 401
    wrong = await house.ask("POST", path, json={"overlap": "soon"})
    assert (wrong.status, wrong.code) == (422, "INVALID_REQUEST")


async def test_a_secret_that_the_sender_made(house: House) -> None:
    """It is taken as it is, and is the one that counts; nothing too short, and of pairs only."""
    _, hook = await published(house)
    path = f"{WEBHOOKS}/{hook['id']}/rotate"
    theirs = "whsec_" + b64encode(b"made by somebody else").decode()
    taken = await house.ask("POST", path, json={"secret": theirs, "overlap": "0s"})
    assert taken.body["secret"] == theirs
    assert (await deliver(house, hook, theirs, "d1")).status == 202
    short = await house.ask("POST", path, json={"secret": "short"})
    assert (short.status, short.code) == (422, "INVALID_REQUEST")
    assert "short" not in str(short.body)
    _, pair = await published(house, scheme="basic")
    assert pair["secret"].startswith("weir:")
    path = f"{WEBHOOKS}/{pair['id']}/rotate"
    assert (await house.ask("POST", path, json={"secret": "no colon in it"})).status == 422
    assert (await house.ask("POST", path, json={"secret": "ops:sesame"})).status == 200


async def test_a_webhook_can_be_switched_off_and_on(house: House) -> None:
    """With If-Match, like every change; publishing leaves it as it is."""
    workflow, hook = await published(house, scheme="none")
    path = f"{WEBHOOKS}/{hook['id']}"
    assert (await house.ask("PUT", path, json={"enabled": False})).status == 428
    read = await house.ask("GET", path)
    off = await house.ask(
        "PUT", path, json={"enabled": False}, headers={"If-Match": read.headers["ETag"]}
    )
    assert (off.status, off.body["enabled"]) == (200, False)
    assert (await change(house, workflow, scheme="none"))["enabled"] is False
    answer = await house.ask("POST", hook["path"], key=None)
    assert (answer.status, answer.code) == (404, "WEBHOOK_DISABLED")


async def test_webhooks_are_listed_by_workflow(house: House) -> None:
    """And by nobody else's."""
    workflow, hook = await published(house, scheme="none")
    await published(house, scheme="none")
    sequence = await house.platform.registry.last_seq()
    answer = await house.ask(
        "GET", f"{WEBHOOKS}?workflow_id={workflow}&min_sequence={sequence}", key="viewer"
    )
    assert [one["id"] for one in answer.body["items"]] == [hook["id"]]
    for wrong in ("hook_" + "a" * 26, "x", "a.b"):
        missing = await house.ask("GET", f"{WEBHOOKS}/{wrong}")
        assert (missing.status, missing.code) == (404, "WEBHOOK_NOT_FOUND")
