"""Publishing asks whether each webhook is served, and tells what it heard."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.service import build as registry
from services.trigger.service import build as trigger
from tests.http_house import Answer, House, house_on_memory

DEFINITION: dict[str, Any] = {
    "schema": "weir/v1",
    "name": "Hooked",
    "nodes": [{"id": "hook", "type": "webhook", "config": {"scheme": "none"}}],
    "edges": [],
}


async def publish(house: House) -> tuple[str, Answer]:
    """A workflow with a webhook, and the answer to its publish."""
    made = await house.ask("POST", "/api/v1/workflows", json=DEFINITION)
    path = f"/api/v1/workflows/{made.body['id']}/versions"
    return path, await house.ask("POST", path)


async def test_a_published_webhook_is_served() -> None:
    """By the trigger, at once, and nothing is started."""
    async with house_on_memory(registry, trigger, webhook_probe="5s") as house:
        path, told = await publish(house)
        assert told.status == 201, told.body
        (hook,) = told.body["webhooks"]
        assert (hook["probe"]["state"], hook["probe"]["code"]) == ("served", None)
        assert await house.facts() == []
        again = await house.ask("POST", path)
        assert again.body["webhooks"][0]["probe"]["state"] == "served"
        delivered = await house.ask("POST", hook["path"], key=None, json={})
        assert delivered.status == 202


async def test_an_address_that_was_asked_for_too_early_is_served() -> None:
    """What a trigger remembers of a webhook that was not there counts no more."""
    async with house_on_memory(registry, trigger, webhook_probe="5s") as house:
        made = await house.ask("POST", "/api/v1/workflows", json=DEFINITION)
        versions = f"/api/v1/workflows/{made.body['id']}/versions"
        hook = (await house.ask("POST", versions)).body["webhooks"][0]
        changed = DEFINITION | {"nodes": [*DEFINITION["nodes"], {"id": "more", "type": "webhook"}]}
        await house.ask(
            "PUT",
            f"/api/v1/workflows/{made.body['id']}",
            json=changed,
            headers={"If-Match": "*"},
        )
        assert (await house.ask("POST", hook["path"], key=None, json={})).status == 202
        told = await house.ask("POST", versions)
        assert [one["probe"]["state"] for one in told.body["webhooks"]] == ["served", "served"]


async def test_a_webhook_that_is_off_is_told() -> None:
    """The publish succeeds; why nothing can be delivered stands in its answer."""
    async with house_on_memory(registry, trigger, webhook_probe="200ms") as house:
        path, told = await publish(house)
        hook = told.body["webhooks"][0]
        await house.ask(
            "PUT",
            f"/api/v1/webhooks/{hook['id']}",
            json={"enabled": False},
            headers={"If-Match": "*"},
        )
        probe = (await house.ask("POST", path)).body["webhooks"][0]["probe"]
        assert (probe["state"], probe["code"]) == ("refused", "WEBHOOK_DISABLED")
        assert "switched off" in probe["message"]


async def test_nobody_answers() -> None:
    """Then no trigger runs, and publishing goes on all the same."""
    async with house_on_memory(registry, webhook_probe="50ms") as house:
        _, told = await publish(house)
        assert told.status == 201
        assert told.body["webhooks"][0]["probe"]["state"] == "silent"


async def test_nobody_is_asked() -> None:
    """Where the setting says so."""
    async with house_on_memory(registry, trigger) as house:
        _, told = await publish(house)
        assert told.body["webhooks"][0]["probe"] is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"probe": "x"}', b"1"])
async def test_a_question_that_is_none_does_no_harm(data: bytes) -> None:
    """The next one is answered."""
    async with house_on_memory(registry, trigger, webhook_probe="5s") as house:
        await house.platform.live.publish("probe.ask", data)
        _, told = await publish(house)
        assert told.body["webhooks"][0]["probe"]["state"] == "served"
