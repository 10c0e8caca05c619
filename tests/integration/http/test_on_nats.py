"""Registry and trigger on a real broker: what its answers and its failures make of requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import Answer, House, memory_platform
from tests.nats_server import NatsServer, empty_streams
from tests.waiting import eventually
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.messages import RunSucceeded
from weir.runtime.platform import Platform

WORKFLOWS = "/api/v1/workflows"
HOOKED: dict[str, Any] = {
    "name": "Hooked",
    "nodes": [
        {"id": "hook", "type": "webhook"},
        {"id": "manual", "type": "manual"},
        {"id": "done", "type": "output", "config": {"value": "{{ trigger.payload }}"}},
    ],
    "edges": [{"source": "hook", "target": "done"}, {"source": "manual", "target": "done"}],
}


def platform_on(link: Link, **settings: Any) -> Platform:
    """A platform whose streams are the broker's."""
    return replace(
        memory_platform(Broker(SystemClock()).connect(), **settings),
        runs=JetStreamLog(link, subjects.RUNS),
        registry=JetStreamLog(link, subjects.REGISTRY),
        identity=JetStreamLog(link, subjects.IDENTITY),
        live=JetStreamLive(link),
    )


def house_on(link: Link, **settings: Any) -> House:
    """Registry and trigger on that platform."""
    platform = platform_on(link, **settings)
    return House(platform, [build_registry(platform), build_trigger(platform)])


@pytest.fixture(params=["kill-safe", "power-safe"])
async def house(link: Link, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """In both commit modes."""
    async with house_on(link, sync=request.param, body_limit=100_000) as house:
        yield house


async def published(house: House) -> tuple[str, dict[str, Any]]:
    """A published workflow and its webhook."""
    made = await house.ask("POST", WORKFLOWS, json=HOOKED)
    answer = await house.ask("POST", f"{WORKFLOWS}/{made.body['id']}/versions")
    assert answer.status == 201, answer.body
    return made.body["id"], answer.body["webhooks"][0]


async def deliver(house: House, hook: dict[str, Any], delivery: str, **changed: Any) -> Answer:
    """A signed delivery."""
    body = changed.get("body", b'{"n": 1}')
    at = str(int(time.time()) - changed.get("age_s", 0))
    key = b64decode(hook["secret"].removeprefix("whsec_"))
    mac = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": at,
        "webhook-signature": changed.get("signature", "v1," + b64encode(mac).decode()),
    }
    return await house.ask("POST", hook["path"], key=None, data=body, headers=headers)


async def test_fifty_concurrent_deliveries_are_one_run(house: House) -> None:
    """One message in the run log, one run id in every 2xx, beside other runs in its batches."""
    _, hook = await published(house)
    others = [deliver(house, hook, f"other-{n}") for n in range(20)]
    same = [deliver(house, hook, "same") for _ in range(50)]
    answers = await asyncio.gather(*others, *same)
    assert {answer.status for answer in answers} <= {200, 202}
    assert len({answer.body["run_id"] for answer in answers[20:]}) == 1
    assert sum(not answer.body["duplicate"] for answer in answers[20:]) == 1
    assert len({answer.body["run_id"] for answer in answers}) == 21
    assert len(await house.facts()) == 21


async def test_refused_deliveries_leave_no_message(house: House) -> None:
    """Signature, time, size, JSON, address: each with its status and code."""
    _, hook = await published(house)
    nowhere = hook | {"path": "/hooks/hook_" + "a" * 26}
    answers = [
        await deliver(house, hook, "d", signature="v1,AAAA"),
        await deliver(house, hook, "d", age_s=3_600),
        await deliver(house, hook, "d", body=b"x" * 200_000),
        await deliver(house, hook, "d", body=b"{"),
        await deliver(house, nowhere, "d"),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "SIGNATURE_INVALID"),
        (401, "TIMESTAMP_STALE"),
        (413, "BODY_TOO_LARGE"),
        (400, "INVALID_JSON"),
        (404, "WEBHOOK_NOT_FOUND"),
    ]
    assert await house.facts() == []


async def test_a_waiting_start_hears_the_end_from_the_broker(house: House) -> None:
    """Republished as stored, without looking."""
    workflow, _ = await published(house)
    asking = asyncio.create_task(
        house.ask("POST", f"{WORKFLOWS}/{workflow}/runs?wait=20s", json={"input": 1})
    )

    async def there() -> bool:
        return bool(await house.facts())

    await eventually(there)
    (fact,) = await house.facts()
    await house.end(subjects.parse_run(fact.subject)[0].run_id, RunSucceeded(output=2))
    answer = await asking
    assert (answer.status, answer.body["output"]) == (200, 2)


async def test_a_tombstone_stands_for_its_run(house: House) -> None:
    """A repeated delivery after the purge starts nothing."""
    _, hook = await published(house)
    first = await deliver(house, hook, "d")
    await house.purge(first.body["run_id"])
    again = await deliver(house, hook, "d")
    assert (again.status, again.body["duplicate"], again.body["run_id"]) == (
        200,
        True,
        first.body["run_id"],
    )
    assert len(await house.facts()) == 1


async def test_the_same_request_creates_once(house: House) -> None:
    """By its key, recorded in the registry with an end."""
    key = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(
        *(house.ask("POST", WORKFLOWS, json=HOOKED, headers=key) for _ in range(5))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    other = await house.ask("POST", WORKFLOWS, json=HOOKED | {"name": "x"}, headers=key)
    assert other.code == "IDEMPOTENCY_CONFLICT"


async def test_a_broker_that_is_killed_loses_no_acknowledged_start(
    own_nats_server: NatsServer,
) -> None:
    """Starts go on through a kill -9; each that was answered 2xx is in the log, and only once."""
    async with empty_streams(own_nats_server) as link, house_on(link) as house:
        workflow, _ = await published(house)
        path = f"{WORKFLOWS}/{workflow}/runs"
        answers: list[Answer] = []
        stop = asyncio.Event()

        async def starter(name: int) -> None:
            turn = 0
            while not stop.is_set():
                key = {"Idempotency-Key": f"{name}-{turn}"}
                answer = await house.ask("POST", path, json={"input": turn}, headers=key)
                assert answer.status in {200, 202, 503, 504}, answer.body
                if answer.status == 202:
                    answers.append(answer)
                    turn += 1  # otherwise the same start again, under the same key

        starters = [asyncio.create_task(starter(name)) for name in range(8)]

        async def some() -> bool:
            return len(answers) > 200

        await eventually(some)
        own_nats_server.restart()
        before = len(answers)

        async def more() -> bool:
            return len(answers) > before + 200

        await eventually(more)
        stop.set()
        await asyncio.gather(*starters)
        runs = [answer.body["run_id"] for answer in answers]
        assert len(set(runs)) == len(runs)
        facts = {subjects.parse_run(fact.subject)[0].run_id for fact in await house.facts()}
        assert set(runs) <= facts
