"""The audit of a story, as a person reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from services.identity import audit_chainer
from services.identity.service import build as identity
from services.registry.service import build as registry
from tests.http_house import TENANT, Answer, House, house_on_memory
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.codec import canonical
from weir.ports.log import Append
from weir.runtime.authn import Authenticator

AUDIT = "/api/v1/audit"
DEFINITION = {
    "schema": "weir/workflow/v1",
    "name": "billing",
    "nodes": [{"id": "start", "type": "manual"}],
    "edges": [],
}


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Registry and identity on memory; chains grow at once."""
    monkeypatch.setattr(audit_chainer, "EVERY_S", 0.01)
    async with house_on_memory(identity, registry) as made:
        yield made


async def entries(house: House, query: str = "", at_least: int = 1) -> list[dict[str, Any]]:
    """A page of the audit, once it holds so many."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        answer = await house.ask("GET", f"{AUDIT}{query}")
        assert answer.status == 200, answer.body
        found[:] = answer.body["items"]
        return len(found) >= at_least

    await eventually(there)
    return found


async def later(house: House) -> None:
    """What comes now has another time: entries of one millisecond have no order."""
    now = house.platform.clock.now_ms()
    while house.platform.clock.now_ms() == now:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)


async def story(house: House) -> str:
    """A workflow is made, changed, refused to a viewer, and deleted."""
    made = await house.ask("POST", "/api/v1/workflows", json=DEFINITION)
    assert made.status == 201, made.body
    path = f"/api/v1/workflows/{made.body['id']}"
    changed = {**DEFINITION, "name": "invoices"}
    tag = made.headers["ETag"]
    await later(house)
    denied = await house.ask("PUT", path, json=changed, headers={"If-Match": tag}, key="viewer")
    assert denied.status == 403
    await later(house)
    saved = await house.ask(
        "PUT",
        path,
        json=changed,
        headers={"If-Match": tag, "User-Agent": "tests", "X-Request-ID": "request-1"},
    )
    assert saved.status == 200, saved.body
    await later(house)
    gone = await house.ask("DELETE", path, headers={"If-Match": saved.headers["ETag"]})
    assert gone.status == 204
    return str(made.body["id"])


async def test_a_story_is_told_by_its_audit(house: House) -> None:
    """Who did what to which workflow, from where, what changed, and who was refused."""
    workflow = await story(house)
    told = await entries(house, at_least=4)
    assert [(one["event"], one["outcome"]) for one in told] == [
        ("workflow.deleted", "allowed"),
        ("workflow.updated", "allowed"),
        ("workflow.updated", "denied"),
        ("workflow.created", "allowed"),
    ]
    assert {one["resource_id"] for one in told} == {workflow}
    assert {one["tenant_id"] for one in told} == {TENANT}
    updated = told[1]
    assert updated["user_id"].startswith("key_")
    assert updated["ip_address"] == "127.0.0.1"
    assert updated["user_agent"] == "tests"
    assert updated["request_id"] == "request-1"
    assert updated["changes"]["name"] == {"old": "billing", "new": "invoices"}
    assert told[2]["reason"] == "FORBIDDEN"
    assert told[2]["user_id"] != updated["user_id"]


async def test_filters_find_what_they_name(house: House) -> None:
    """By outcome, by the beginning of an event, by resource, words and time; page by page."""
    workflow = await story(house)
    await entries(house, at_least=4)
    denied = await entries(house, "?outcome=denied")
    assert [one["event"] for one in denied] == ["workflow.updated"]
    assert len(await entries(house, "?event=workflow.u")) == 2
    assert len(await entries(house, f"?resource={workflow}")) == 4
    assert len(await entries(house, "?text=inv*&event=workflow.u")) == 1
    assert len(await entries(house, f"?actor={denied[0]['user_id']}")) == 1
    assert (await house.ask("GET", f"{AUDIT}?from=2100-01-01T00:00:00Z")).body["items"] == []
    assert (await house.ask("GET", f"{AUDIT}?text=nothing")).body["items"] == []
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        page = await house.ask("GET", f"{AUDIT}?limit=1{cursor}")
        seen += [one["event"] for one in page.body["items"]]
        cursor = f"&cursor={page.body['next_cursor']}"
    assert page.body["next_cursor"] is None
    assert len(seen) == 4


@pytest.mark.parametrize(
    "query",
    ["outcome=x", "from=yesterday", "cursor=zzz", "limit=0", "text=%2F", "actor=%00"],
)
async def test_what_cannot_be_asked_is_refused(house: House, query: str) -> None:
    """Clearly, and never with a failure of ours."""
    answer = await house.ask("GET", f"{AUDIT}?{query}")
    assert (answer.status, answer.code) == (422, "INVALID_PARAMETER") or answer.status == 400


async def test_only_who_may_reads_the_audit(house: House) -> None:
    """Administrators; and another tenant sees nothing of it."""
    await story(house)
    await entries(house, at_least=4)
    for role in ("editor", "operator", "viewer"):
        for path in ("", "/verify", "/export"):
            assert (await house.ask("GET", AUDIT + path, key=role)).status == 403
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, token = await issuer.issue(tenant="other", name="o", role="admin", by="test")
    assert (await house.ask("GET", AUDIT, key=token)).body["items"] == []
    assert (await house.ask("GET", f"{AUDIT}/export", key=token)).body == b""
    assert (await house.ask("GET", f"{AUDIT}?installation=true")).status == 403


async def test_an_export_holds_every_entry_as_the_list_shows_it(house: House) -> None:
    """JSON lines, the oldest first, with the same filters."""
    await story(house)
    listed = await entries(house, at_least=4)
    answer = await house.ask("GET", f"{AUDIT}/export?event=workflow.")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = [orjson.loads(line) for line in answer.body.splitlines()]
    assert lines == [one for one in reversed(listed) if one["event"].startswith("workflow.")]


async def verdict(house: House, query: str = "") -> Answer:
    """Whether the chain is whole."""
    return await house.ask("GET", f"{AUDIT}/verify{query}")


async def test_a_chain_is_whole_until_somebody_touches_it(house: House) -> None:
    """The first broken link is named with the reason; an anchor kept outside finds a cut."""
    await story(house)
    await entries(house, at_least=4)
    whole = (await verdict(house)).body
    assert whole["whole"] is True
    assert whole["entries"] >= 4
    number, digest = whole["anchor"].split(":")
    assert (await verdict(house, f"?anchor={whole['anchor']}")).body["whole"] is True
    later = await verdict(house, f"?anchor={int(number) + 50}:{digest}")
    assert later.body["whole"] is False
    assert "was told" in later.body["broken"]["reason"]
    chain = subjects.audit_chain(TENANT)
    await house.platform.audit.append(Append(chain, canonical({"audit_sealed": {"number": 2}})))
    broken = (await verdict(house)).body
    assert broken["whole"] is False
    assert broken["broken"]["number"] > int(number)
    assert (await verdict(house, "?anchor=x")).status in {400, 422}


async def test_strangers_are_told_to_the_installation(house: House) -> None:
    """Without a key nobody knows whose door it was: the installation's chain has it, counted."""
    for _ in range(5):
        assert (await house.ask("GET", "/api/v1/workflows", key=None)).status == 401

    async def there() -> bool:
        return (
            await house.platform.audit.last(subjects.audit_chain(subjects.INSTALLATION)) is not None
        )

    await eventually(there)


async def test_a_key_that_counts_no_more_is_named_but_not_believed(house: House) -> None:
    """Its id stands in the installation's chain, its secret nowhere."""
    key_id = f"key_{'a' * 26}"
    token = f"weir_{key_id}_{'b' * 52}"
    assert (await house.ask("GET", "/api/v1/workflows", key=token)).status == 401
    chain = subjects.audit_chain(subjects.INSTALLATION)

    async def there() -> bool:
        return await house.platform.audit.last(chain) is not None

    await eventually(there)
    stored = await house.platform.audit.last(chain)
    assert stored is not None
    assert key_id.encode() in stored.data
    assert b"b" * 52 not in stored.data
    assert b'"actor"' not in stored.data


async def test_odd_headers_stop_nothing(house: House) -> None:
    """Bytes that are no text in the caller's name are replaced."""
    made = await house.ask(
        "POST", "/api/v1/workflows", json=DEFINITION, headers={"User-Agent": "b\udcffd"}
    )
    assert made.status == 201
    assert (await entries(house))[0]["user_agent"]
