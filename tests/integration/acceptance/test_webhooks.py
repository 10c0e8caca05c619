"""One delivery is one run, and what is refused leaves nothing behind."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.figures import Count
from tests.http_house import Answer
from tests.integration.acceptance.house import House, running
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database: str, count: Count) -> AsyncIterator[House]:
    """A platform that takes small bodies only."""
    async with running(database, count, body_limit=100_000) as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hook(house: House) -> dict[str, Any]:
    """A signed webhook whose run leaves a mark outside."""
    mark = {
        "method": "POST",
        "url": f"{house.outside.url}/marks",
        "body": {"run": "{{ run.id }}", "step": "mark"},
    }
    told = await house.publish(
        {
            "name": "Hooked",
            "nodes": [
                {"id": "hook", "type": "webhook"},
                {"id": "mark", "type": "http_request", "config": mark},
            ],
            "edges": [{"source": "hook", "target": "mark"}],
        }
    )
    found: dict[str, Any] = told["webhooks"][0]
    return found


async def deliver(house: House, hook: dict[str, Any], delivery: str, **changed: Any) -> Answer:
    """A delivery as the sender would sign it."""
    body = changed.get("body", b'{"n": 1}')
    at = str(int(time.time()) - changed.get("age_s", 0))
    key = b64decode(hook["secret"].removeprefix("whsec_"))
    mac = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": at,
        "webhook-signature": changed.get("signature", "v1," + b64encode(mac).decode()),
        "Content-Type": "application/json",
    }
    path = changed.get("path", hook["path"])
    return await house.ask("POST", path, key=None, data=body, headers=headers)


async def test_fifty_deliveries_at_once_are_one_run(house: House, hook: dict[str, Any]) -> None:
    """Every answer is 2xx and names the same run, one of them started it, one mark is outside."""
    answers = await asyncio.gather(*(deliver(house, hook, "one") for _ in range(50)))
    assert {answer.status for answer in answers} <= {200, 202}
    (run_id,) = {answer.body["run_id"] for answer in answers}
    assert sum(not answer.body["duplicate"] for answer in answers) == 1

    async def ended() -> bool:
        return bool((await house.ask("GET", f"/runs/{run_id}")).body["status"] == "succeeded")

    await eventually(ended)
    again = await deliver(house, hook, "one")
    assert (again.status, again.body["run_id"], again.body["duplicate"]) == (200, run_id, True)
    assert [mark.run_id for mark in house.outside.marks] == [run_id]
    subjects = [message.subject for message in await house.history(run_id)]
    assert sum(subject.endswith(".in.start") for subject in subjects) == 1


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"signature": "v1," + b64encode(b"x" * 32).decode()}, 401, "SIGNATURE_INVALID"),
    ({"signature": ""}, 401, "SIGNATURE_INVALID"),
    ({"age_s": 3_600}, 401, "TIMESTAMP_STALE"),
    ({"age_s": -3_600}, 401, "TIMESTAMP_STALE"),
    ({"body": b'{"x": "' + b"y" * 100_000 + b'"}'}, 413, "BODY_TOO_LARGE"),
    ({"body": b'{"n": '}, 400, "INVALID_JSON"),
    ({"body": b"\xff\xfe"}, 400, "INVALID_JSON"),
    ({"path": "/hooks/hook_" + "a" * 26}, 404, "WEBHOOK_NOT_FOUND"),
    ({"path": "/hooks/nothing"}, 404, "WEBHOOK_NOT_FOUND"),
    ({"path": "/hooks"}, 404, "ROUTE_NOT_FOUND"),
]


async def test_what_is_refused_leaves_nothing_in_the_run_log(
    house: House, hook: dict[str, Any]
) -> None:
    """Signature, time, size, JSON, address: each with status and code, the log does not grow."""
    last, listed = await house.platform.runs.last_seq(), await house.ask("GET", "/runs")
    for number, (changed, status, code) in enumerate(REFUSED):
        answer = await deliver(house, hook, f"refused-{number}", **changed)
        assert (answer.status, answer.code) == (status, code), changed
        assert answer.body["error"]["message"]
        assert answer.body["error"]["request_id"]
    leases = [
        message.subject
        async for batch in house.platform.runs.read("lease.>")
        for message in batch
        if message.seq > last
    ]
    assert await house.platform.runs.last_seq() == last, leases
    assert (await house.ask("GET", "/runs")).body == listed.body


async def test_a_refused_delivery_does_not_take_the_id_of_a_good_one(
    house: House, hook: dict[str, Any]
) -> None:
    """A stranger who guesses a delivery id cannot keep the real delivery out."""
    forged = await deliver(house, hook, "guessed", signature="v1,AAAA")
    assert forged.status == 401
    good = await deliver(house, hook, "guessed")
    assert (good.status, good.body["duplicate"]) == (202, False)


async def test_a_step_answers_and_the_history_knows(house: House) -> None:
    """The step's output as the author wants it, the run going on; then looked up and replayed."""
    told = await house.publish(
        {
            "name": "Answers",
            "nodes": [
                {
                    "id": "hook",
                    "type": "webhook",
                    "config": {
                        "scheme": "none",
                        "filter": "$.n > 0",
                        "answer": "node",
                        "answer_node": "add",
                        "wait": "30s",
                        "response": {"status": 201, "body": "{{ run.output.sum }}"},
                    },
                },
                {"id": "add", "type": "set", "config": {"values": {"sum": "{{ input.n + 1 }}"}}},
                {"id": "rest", "type": "delay", "config": {"duration": "200ms"}},
            ],
            "edges": [{"source": "hook", "target": "add"}, {"source": "add", "target": "rest"}],
        }
    )
    (hook,) = told["webhooks"]
    assert hook["probe"]["state"] == "served"
    headers = {"X-Weir-Delivery-ID": "one", "X-Api-Key": "canary"}
    for _ in range(2):  # the second one finds the run, and its step in the log
        answer = await house.ask("POST", hook["path"], key=None, json={"n": 2}, headers=headers)
        assert (answer.status, answer.body) == (201, 3)
    await house.ask("POST", hook["path"], key=None, json={"n": 0})
    path = f"/webhooks/{hook['id']}/deliveries"

    async def there() -> bool:
        return len((await house.ask("GET", path)).body["items"]) >= 3

    await eventually(there)
    page = (await house.ask("GET", f"{path}?counts=true")).body
    assert page["counts"] == {"accepted": 1, "duplicate": 1, "filtered": 1, "refused": 0}
    accepted = next(item for item in page["items"] if item["verdict"] == "accepted")
    whole = (await house.ask("GET", f"{path}/{accepted['id']}")).body
    assert (whole["payload"], whole["headers"]["x-api-key"]) == ({"n": 2}, "***")
    again = await house.ask("POST", f"{path}/{accepted['id']}/replay", json={})
    assert (again.status, again.body["verdict"]) == (202, "accepted")

    async def linked() -> bool:
        replays = (await house.ask("GET", f"{path}/{accepted['id']}")).body["replays"]
        return [one["run_id"] for one in replays] == [again.body["run_id"]]

    await eventually(linked)

    async def over() -> bool:
        runs = [whole["run_id"], again.body["run_id"]]
        found = [(await house.ask("GET", f"/runs/{one}")).body["status"] for one in runs]
        return found == ["succeeded"] * 2

    await eventually(over)  # the answers came before the ends
    assert (await house.ask("GET", path, key="other admin")).status == 404
