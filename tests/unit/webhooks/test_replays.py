"""Deliveries made once more: what was delivered, in a new run that names it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.query.service import build as query
from services.trigger.service import build as trigger
from tests.http_house import Answer, House, house_on_memory
from tests.unit.webhooks.sending import SECRET, deliver, history, listed
from tests.unit.webhooks.test_samples import started

FILTERED = {"scheme": "standard", "filter": "{{ trigger.payload.n > 1 }}"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Trigger and query behind a server."""
    async with house_on_memory(trigger, query, body_limit=300_000) as house:
        yield house


async def replay(house: House, path: str, record: str, body: Any = None, **rest: Any) -> Answer:
    """Make a delivery once more."""
    return await house.ask("POST", f"{history(path)}/{record}/replay", json=body or {}, **rest)


async def test_a_run_is_made_again(house: House) -> None:
    """With the same input, headers and sender's id, by who asked, in a run of its own."""
    path = await house.webhook({}, secrets=[SECRET])
    first = (await deliver(house, path, b'{"n": 1}', delivery="d1")).body["run_id"]
    (item,) = await listed(house, path, 1)
    answer = await replay(house, path, item["id"])
    assert answer.status == 202, answer.body
    told = answer.body
    assert told["run_id"] != first
    assert (told["replay_of"], told["verdict"], told["duplicate"]) == (
        item["id"],
        "accepted",
        False,
    )
    fact = await started(house, told["run_id"])
    assert fact.input == {"n": 1}
    assert (fact.trigger["delivery_id"], fact.trigger["replay_of"]) == ("d1", item["id"])
    assert fact.started_by.startswith("key_")
    items = await listed(house, path, 2)
    assert {(one["kind"], one["run_id"]) for one in items} == {
        ("delivery", first),
        ("replay", told["run_id"]),
    }
    whole = (await house.ask("GET", f"{history(path)}/{item['id']}")).body
    assert [one["id"] for one in whole["replays"]] == [told["id"]]
    assert len(await listed(house, path, 1, f"?replay_of={item['id']}")) == 1


async def test_a_large_delivery_is_made_again(house: House) -> None:
    """Its input lies outside of the log."""
    path = await house.webhook({}, secrets=[SECRET])
    body = {"text": "x" * 200_000}
    await deliver(house, path, json.dumps(body).encode())
    (item,) = await listed(house, path, 1)
    told = (await replay(house, path, item["id"])).body
    fact = await started(house, told["run_id"])
    assert fact.input_ref is not None
    assert json.loads(await house.platform.blobs.get(fact.input_ref.key)) == body


async def test_a_key_makes_it_once(house: House) -> None:
    """The same replay with the same key is the same run."""
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b"{}")
    (item,) = await listed(house, path, 1)
    key = {"Idempotency-Key": "k"}
    first = (await replay(house, path, item["id"], headers=key)).body
    again = (await replay(house, path, item["id"], headers=key)).body
    assert (again["run_id"], again["duplicate"]) == (first["run_id"], True)
    assert len(await house.facts()) == 2


async def test_what_was_dropped_is_judged_again(house: House) -> None:
    """By the filter of the version asked for, unless that is not to be asked."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    await deliver(house, path, b'{"n": 1}')
    (item,) = await listed(house, path, 1)
    dropped = (await replay(house, path, item["id"])).body
    assert (dropped["verdict"], dropped["run_id"]) == ("filtered", None)
    assert "filter" in dropped["dropped"]
    taken = (await replay(house, path, item["id"], {"ignore_filter": True})).body
    assert (await started(house, taken["run_id"])).input == {"n": 1}
    assert len(await listed(house, path, 2, "?kind=replay")) == 2


async def test_original_and_current_version(house: House) -> None:
    """The one that it was held against, or the one that counts now."""
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b'{"n": 1}')
    (item,) = await listed(house, path, 1)
    name = f"hooked 1 {[]} {[]}"
    node = {"id": "hook", "type": "webhook", "config": {}}
    _, version = await house.publish([node, {"id": "b", "type": "manual"}], name)
    assert version != item["version"]
    for asked, expected in (
        ({}, item["version"]),
        ({"version": "original"}, item["version"]),
        ({"version": "current", "ignore_filter": True}, version),
        ({"version": item["version"]}, item["version"]),
    ):
        # The current version is read at most a second late.
        told = (await replay(house, path, item["id"], asked)).body
        assert told["version"] in {expected, item["version"]}
        assert (await started(house, told["run_id"])).trigger_node == "hook"
    missing = await replay(house, path, item["id"], {"version": "ver_" + "a" * 26})
    assert (missing.status, missing.code) == (404, "VERSION_NOT_FOUND")


async def test_a_repetition_is_its_first_delivery(house: House) -> None:
    """Replaying either is the same."""
    path = await house.webhook({}, secrets=[SECRET])
    for _ in range(2):
        await deliver(house, path, b'{"n": 1}', delivery="d1")
    items = await listed(house, path, 2)
    twice = next(one for one in items if one["verdict"] == "duplicate")
    told = (await replay(house, path, twice["id"])).body
    first = next(one for one in items if one["verdict"] == "accepted")
    assert told["replay_of"] == first["id"]
    assert (await started(house, told["run_id"])).input == {"n": 1}


async def test_who_vouches_for_a_stranger_says_so(house: House) -> None:
    """A delivery that nobody proved is replayed on purpose alone."""
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b'{"n": 1}', key=b"rotated too early")
    (item,) = await listed(house, path, 1)
    refused = await replay(house, path, item["id"])
    assert (refused.status, refused.code) == (409, "DELIVERY_NOT_REPLAYABLE")
    assert refused.body["error"]["details"]["why"] == "unverified"
    told = (await replay(house, path, item["id"], {"unverified": True})).body
    assert (await started(house, told["run_id"])).input == {"n": 1}


async def test_half_a_body_is_not_replayed(house: House) -> None:
    """Of a stranger's only the beginning was kept; a huge one was never read."""
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b'"' + b"x" * 50_000 + b'"', key=b"wrong")
    (item,) = await listed(house, path, 1)
    refused = await replay(house, path, item["id"], {"unverified": True})
    assert refused.body["error"]["details"]["why"] == "body"


async def test_what_still_does_not_fit_is_refused(house: House) -> None:
    """The input schema holds for replays too."""
    schema = {"type": "object", "required": ["n"]}
    path = await house.webhook({}, secrets=[SECRET], input_schema=schema)
    await deliver(house, path, b"{}")
    (item,) = await listed(house, path, 1)
    assert (item["verdict"], item["code"]) == ("refused", "INPUT_INVALID")
    refused = await replay(house, path, item["id"])
    assert (refused.status, refused.code) == (422, "INPUT_INVALID")


async def test_many_are_made_again_by_filter(house: House) -> None:
    """Each with its answer; a dry run only tells which."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    for number in range(4):
        await deliver(house, path, b'{"n": %d}' % number, delivery=f"d{number}")
    await listed(house, path, 4)
    many = f"{history(path)}:replay?verdict=filtered"
    dry = (await house.ask("POST", many, json={"dry_run": True})).body
    assert (dry["matched"], dry["done"]) == (2, 0)
    assert len(await house.facts()) == 2
    done = (await house.ask("POST", many, json={"ignore_filter": True, "limit": 10})).body
    assert (done["matched"], done["done"], done["refused"], done["more"]) == (2, 2, 0, False)
    assert len({item["run_id"] for item in done["items"]}) == 2
    assert len(await house.facts()) == 4


async def test_what_is_not_there_is_not_replayed(house: House) -> None:
    """Nor what is another webhook's; nor by who may only look."""
    path = await house.webhook({}, secrets=[SECRET])
    other = await house.webhook({"scheme": "none"})
    await house.ask("POST", other, key=None, json={})
    (item,) = await listed(house, other, 1)
    for record in (item["id"], "dlv_" + "a" * 26, "nonsense"):
        answer = await replay(house, path, record)
        assert (answer.status, answer.code) == (404, "DELIVERY_NOT_FOUND")
    assert (await replay(house, other, item["id"], key="viewer")).status == 403


async def test_a_replay_is_in_the_audit(house: House) -> None:
    """Who made which delivery once more, why, and which run came of it."""
    path = await house.webhook({}, secrets=[SECRET])
    await deliver(house, path, b"{}", key=b"wrong")
    (item,) = await listed(house, path, 1)
    told = (await replay(house, path, item["id"], {"unverified": True, "reason": "ours"})).body
    await house.ask("POST", f"{history(path)}:replay", json={"dry_run": True})
    await house.audit.stop()
    noted = [
        entry
        async for batch in house.platform.notes.read("note.acme")
        for stored in batch
        for entry in json.loads(stored.data)["audit_noted"]["entries"]
    ]
    one = next(entry for entry in noted if entry["event"] == "delivery.replayed")
    assert (one["resource"], one["outcome"]) == (item["id"], "allowed")
    assert one["changes"]["run_id"] == {"new": told["run_id"]}
    assert one["changes"]["reason"] == {"new": "ours"}
    assert one["changes"]["unverified"] == {"new": True}
    many = next(entry for entry in noted if entry["event"] == "delivery.many_replayed")
    assert many["changes"] == {"dry_run": {"new": True}}
