"""The history of webhooks, from the delivery to the list: what is in it, and what it costs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.query.service import build as query
from services.trigger import history as bounds
from services.trigger.service import build as trigger
from tests.http_house import House, house_on_memory
from tests.unit.webhooks.sending import SECRET, deliver, history, listed, signed
from weir.contract import ids
from weir.contract.errors import UnavailableError

FILTERED = {"scheme": "standard", "filter": "{{ trigger.payload.n > 1 }}"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Trigger and query behind a server."""
    async with house_on_memory(trigger, query, body_limit=300_000) as house:
        yield house


async def written(house: House) -> int:
    """How many records the stream of deliveries ever had."""
    return await house.platform.deliveries.last_seq()


async def test_every_verdict_is_in_the_history(house: House) -> None:
    """Accepted, duplicate, filtered, refused: each with what belongs to it."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    run_id = (await deliver(house, path, b'{"n": 2}', delivery="a")).body["run_id"]
    await deliver(house, path, b'{"n": 2}', delivery="a")
    await deliver(house, path, b'{"n": 1}', delivery="b")
    await deliver(house, path, b'{"n": 3}', delivery="c", key=b"wrong")
    await deliver(house, path, b"{", delivery="d")
    items = await listed(house, path, 5)
    of = {(item["verdict"], item["code"]): item for item in items}
    assert set(of) == {
        ("accepted", None),
        ("duplicate", None),
        ("filtered", None),
        ("refused", "SIGNATURE_INVALID"),
        ("refused", "INVALID_JSON"),
    }
    accepted, duplicate = of["accepted", None], of["duplicate", None]
    assert accepted["run_id"] == duplicate["run_id"] == run_id
    assert accepted["id"] == "dlv_" + run_id.removeprefix("run_")
    assert (accepted["delivery_id"], accepted["method"], accepted["kind"]) == (
        "a",
        "POST",
        "delivery",
    )
    assert "filter" in of["filtered", None]["reason"]
    assert of["filtered", None]["status"] == 202
    wrong = of["refused", "SIGNATURE_INVALID"]
    assert (wrong["status"], wrong["run_id"], wrong["delivery_id"]) == (401, None, None)


async def test_an_accepted_delivery_writes_nothing_more(house: House) -> None:
    """Its start is its trace."""
    path = await house.webhook({}, secrets=[SECRET])
    for number in range(5):
        await deliver(house, path, b"{}", delivery=str(number))
    await listed(house, path, 5)
    assert await written(house) == 0


async def test_a_delivery_is_shown_whole(house: House) -> None:
    """Headers without secrets, body, query, address."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    body = b'{"n": 1}'
    extra = {"X-Api-Key": "canary", "Authorization": "canary", "X-Event": "push"}
    await house.ask(
        "POST", f"{path}?a=1&token=canary", key=None, data=body, headers=signed(body) | extra
    )
    (item,) = await listed(house, path, 1)
    answer = await house.ask("GET", f"{history(path)}/{item['id']}")
    whole = answer.body
    assert "canary" not in json.dumps(whole)
    assert (whole["payload"], whole["text"], whole["truncated"]) == ({"n": 1}, None, False)
    assert whole["headers"]["x-event"] == "push"
    assert whole["headers"]["x-api-key"] == whole["headers"]["webhook-signature"] == "***"
    assert whole["query"] == {"a": "1", "token": "***"}
    assert (whole["verified"], whole["address"]) == (True, "127.0.0.1")


async def test_an_accepted_delivery_is_shown_whole(house: House) -> None:
    """From the row of its run, its secrets masked as well."""
    path = await house.webhook({}, secrets=[SECRET])
    body = b'{"n": 2}'
    extra = {"X-Gitlab-Token": "canary", "X-Event": "push"}
    await house.ask("POST", path, key=None, data=body, headers=signed(body) | extra)
    (item,) = await listed(house, path, 1)
    whole = (await house.ask("GET", f"{history(path)}/{item['id']}")).body
    assert "canary" not in json.dumps(whole)
    assert (whole["verdict"], whole["payload"]) == ("accepted", {"n": 2})
    assert whole["headers"]["x-event"] == "push"


async def test_a_large_body_lies_beside_the_record(house: House) -> None:
    """By reference, where it is proved to be the sender's."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    body = json.dumps({"n": 1, "text": "x" * 100_000}).encode()
    await deliver(house, path, body)
    (item,) = await listed(house, path, 1)
    whole = (await house.ask("GET", f"{history(path)}/{item['id']}")).body
    key = whole["payload"]["$blob"]["key"]
    assert await house.platform.blobs.get(key) == body
    assert whole["size"] == len(body)


async def test_of_a_stranger_only_the_beginning_is_kept(house: House) -> None:
    """And the record says so."""
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b'"' + b"x" * 100_000 + b'"', key=b"wrong")
    (item,) = await listed(house, path, 1)
    whole = (await house.ask("GET", f"{history(path)}/{item['id']}")).body
    assert (whole["truncated"], whole["verified"]) == (True, False)
    assert len(whole["text"]) == bounds.BOUNDS["none"].body


async def test_refusals_are_counted_where_there_are_too_many(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody fills the disk by being refused; the next that is written says how many there were."""
    monkeypatch.setitem(bounds.BOUNDS, "none", bounds._Bound(0.0, 3, 10))
    path = await house.webhook({}, secrets=[SECRET])
    for number in range(10):
        await deliver(house, path, b"{}", delivery=str(number), key=b"wrong")
    assert len(await listed(house, path, 3)) == 3
    monkeypatch.setitem(bounds.BOUNDS, "none", bounds._Bound(1e9, 3, 10))
    await deliver(house, path, b"{}", delivery="last", key=b"wrong")
    items = await listed(house, path, 4)
    assert items[0]["untold"] == 7
    assert await written(house) == 4


async def test_what_nobody_knows_is_not_written_down(house: House) -> None:
    """An address that is no webhook's leaves nothing."""
    await house.ask("POST", "/hooks/hook_" + "a" * 26, key=None, json={})
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b"{}", key=b"wrong")
    await listed(house, path, 1)
    assert await written(house) == 1


async def test_deliveries_go_on_while_none_can_be_written_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender hears the same answers."""
    path = await house.webhook({}, secrets=[SECRET])
    asked = asyncio.Event()

    async def away(_: Any) -> Any:
        asked.set()
        raise UnavailableError("away")

    monkeypatch.setattr(house.platform.deliveries, "append_all", away)
    refused = await deliver(house, path, b"{}", key=b"wrong")
    assert refused.status == 401
    await asyncio.wait_for(asked.wait(), 5)
    assert (await deliver(house, path, b"{}")).status == 202


async def test_lists_have_filters_pages_and_counts(house: House) -> None:
    """As other lists of the API."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    for number in range(4):
        await deliver(house, path, b'{"n": %d}' % number, delivery=f"d{number}")
    await listed(house, path, 4)
    first = (await house.ask("GET", f"{history(path)}?limit=3&counts=true")).body
    assert first["counts"] == {"accepted": 2, "duplicate": 0, "filtered": 2, "refused": 0}
    rest = (await house.ask("GET", f"{history(path)}?limit=3&cursor={first['next_cursor']}")).body
    assert rest["next_cursor"] is None
    seen = [item["delivery_id"] for item in first["items"] + rest["items"]]
    assert sorted(seen) == ["d0", "d1", "d2", "d3"]
    assert len(await listed(house, path, 2, "?verdict=filtered")) == 2
    assert [i["delivery_id"] for i in await listed(house, path, 1, "?delivery_id=d3")] == ["d3"]
    assert await listed(house, path, 0, "?before=2020-01-01T00:00:00Z") == []
    wrong = await house.ask("GET", f"{history(path)}?verdict=maybe")
    assert (wrong.status, wrong.code) == (400, "INVALID_PARAMETER")


async def test_what_is_not_there_is_said_so(house: House) -> None:
    """Webhooks and deliveries, of others too."""
    path = await house.webhook({}, secrets=[SECRET])
    other = await house.webhook({"scheme": "none"})
    await house.ask("POST", other, key=None, json={})
    (item,) = await listed(house, other, 1)
    for asked, code in (
        (f"/api/v1/webhooks/{ids.derived('hook', 'x')}/deliveries", "WEBHOOK_NOT_FOUND"),
        (f"{history(path)}/{item['id']}", "DELIVERY_NOT_FOUND"),
        (f"{history(path)}/{ids.derived('dlv', 'x')}", "DELIVERY_NOT_FOUND"),
        (f"{history(path)}/nonsense", "DELIVERY_NOT_FOUND"),
    ):
        answer = await house.ask("GET", asked)
        assert (answer.status, answer.code) == (404, code)


async def test_stopping_writes_what_was_noted(house: House) -> None:
    """Nothing of an orderly end is lost."""
    path = await house.webhook({}, secrets=[SECRET])
    for number in range(20):
        await deliver(house, path, b"{}", delivery=str(number), key=b"wrong")
    await house.services[0].stop()
    assert await written(house) == 20
