"""All services over one broker, each by a link of its own, living through all there is to write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

import services.query.service as query
import services.scheduler.service as scheduler
from services.executor.service import build as build_executor
from services.registry.service import build as build_registry
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, House, memory_platform
from tests.unit.contract.spied import Spied
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.core import decide
from weir.ports.log import Append
from weir.runtime.decider.retention import Retention
from weir.runtime.decider.turn import Decider
from weir.runtime.decider.window import Room
from weir.runtime.segmenting import Segmenting

BUILD: dict[str, Any] = {
    "registry": build_registry,
    "scheduler": scheduler.build,
    "executor": build_executor,
    "query": query.build,
    "trigger": build_trigger,
}

_EVERYTHING: dict[str, Any] = {
    "schema": "weir/v1",
    "name": "Everything",
    "settings": {"labels": {"team": "ops"}},
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "hook", "type": "webhook", "config": {"scheme": "none"}},
        {"id": "plan", "type": "set", "config": {"values": {"url": "{{ input.url }}"}}},
        {"id": "far", "type": "if", "config": {"condition": "{{ input.far }}"}},
        {"id": "wait", "type": "delay", "config": {"duration": "1h"}},
        {
            "id": "ask",
            "type": "http_request",
            "config": {
                "url": "{{ steps.plan.url }}/health",
                "auth": "{{ credentials.api }}",
            },
        },
        {
            "id": "ask_too",
            "type": "http_request",
            "config": {"url": "{{ steps.plan.url }}/health"},
        },
        {
            "id": "flaky",
            "type": "http_request",
            "config": {"url": "{{ steps.plan.url }}/ready"},
            "retry": {"max_attempts": 2, "initial": "10ms"},
            "on_error": "continue",
        },
        {"id": "pause", "type": "delay", "config": {"duration": "20ms"}},
        {"id": "result", "type": "output", "config": {"value": "{{ steps.ask.status }}"}},
    ],
    "edges": [
        {"source": "start", "target": "plan"},
        {"source": "hook", "target": "plan"},
        {"source": "plan", "target": "far"},
        {"source": "far", "source_port": "true", "target": "wait"},
        {"source": "far", "source_port": "false", "target": "ask"},
        {"source": "far", "source_port": "false", "target": "ask_too"},
        {"source": "far", "source_port": "false", "target": "flaky"},
        {"source": "ask", "target": "pause"},
        {"source": "pause", "target": "result"},
    ],
}
_DOOMED: dict[str, Any] = {
    "schema": "weir/v1",
    "name": "Doomed",
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "end", "type": "fail", "config": {"code": "AS_TOLD", "message": "as told"}},
    ],
    "edges": [{"source": "start", "target": "end"}],
}


_LISTENING: dict[str, Any] = {
    "schema": "weir/v1",
    "name": "Listening",
    "nodes": [
        {"id": "heard", "type": "event", "config": {"subject": "orders.>"}},
        {"id": "result", "type": "output", "config": {"value": "{{ input }}"}},
    ],
    "edges": [{"source": "heard", "target": "result"}],
}


@asynccontextmanager
async def whole(patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, Spied]]:
    """The services behind one server; what waits for long in production does not here."""
    patch.setattr(decide, "SHORT_TIMER_MS", 0)
    patch.setattr(
        scheduler,
        "Decider",
        partial(
            Decider,
            sweep_s=0.05,
            room=Room(1),
            snapshot_bytes=1,
            checkpoint_messages=1,
            checkpoint_s=0.05,
        ),
    )
    patch.setattr(scheduler, "Retention", partial(Retention, rest_s=0.05))
    patch.setattr(query, "Segmenting", partial(Segmenting, pause_s=0.05))
    broker, spied = Broker(SystemClock()), Spied()
    shared = memory_platform(broker.connect(), outbound_allow=("127.0.0.0/8",), hot_period=0)
    built = [make(spied.platform(name, broker, shared)) for name, make in BUILD.items()]
    async with House(shared, built) as house:
        house.healthy = False  # `/ready` refuses: a step that asks it fails
        yield house, spied


async def live_through(house: House, spied: Spied) -> None:
    """Publish, run, fail, cancel, archive, purge, delete."""
    api = "/api/v1"
    fields = {"token": "t", "test_url": f"{house.url}/health"}
    key = {"name": "api", "type": "bearer", "fields": fields}
    await _good(house, "POST", f"{api}/credentials", json=key)
    assert (await _good(house, "POST", f"{api}/credentials/api/test"))["ok"]
    # Nobody is there to give a token, which a worker writes down.
    server = {
        "grant": "client_credentials",
        "token_url": "http://127.0.0.1:1/token",
        "client_id": "c",
        "client_secret": "s",
    }
    granted = {"name": "granted", "type": "oauth2", "fields": server}
    await _good(house, "POST", f"{api}/credentials", json=granted)
    assert not (await _good(house, "POST", f"{api}/credentials/granted/test"))["ok"]
    await _published(house, _LISTENING)
    for said in (b'{"amount": 1}', b"no JSON"):
        await house.platform.bus.append(Append(subjects.event(TENANT, "orders.new"), said))

    async def heard() -> bool:
        listed = await _good(house, "GET", f"{api}/subscriptions")
        return bool(listed["items"][0]["refused"])

    await eventually(heard)
    workflow, hooks = await _published(house, _EVERYTHING)
    runs = f"{api}/workflows/{workflow}/runs"
    asked = {"input": {"url": house.url, "far": False}, "trigger": "start"}
    done = await _good(house, "POST", f"{runs}?wait=20s", json=asked)
    assert done["output"] == 200, done
    told = {"url": house.url, "far": False}
    await _good(house, "POST", hooks[0]["path"], key=None, json=told)
    unread = await house.ask("POST", hooks[0]["path"], key=None, data=b"{")
    assert unread.code == "INVALID_JSON"

    async def noted() -> bool:
        return await house.platform.deliveries.last_seq() > 0

    await eventually(noted)
    asked = {"input": {"url": house.url, "far": True}, "trigger": "start"}
    waiting = await _good(house, "POST", runs, json=asked)
    log = subjects.run_key(TENANT, waiting["run_id"])

    async def decided() -> bool:
        return await house.platform.runs.last(log.events) is not None

    await eventually(decided)
    # The projection stands behind a snapshot when something came after it.
    await _good(house, "POST", hooks[0]["path"], key=None, json=told)

    async def segmented() -> bool:
        return await house.platform.runs.last(log.fact(subjects.segment_fact())) is not None

    await eventually(segmented)
    cancel = {"json": {"reason": "late"}, "headers": {"Idempotency-Key": "c1"}}
    for _ in range(2):
        await _good(house, "POST", f"{api}/runs/{waiting['run_id']}/cancel", **cancel)
    doomed, _ = await _published(house, _DOOMED)
    ended = await _good(house, "POST", f"{api}/workflows/{doomed}/runs?wait=20s", json={})
    assert ended["error"]["code"] == "AS_TOLD"

    async def purged() -> bool:
        tombstones = [a for _, a in spied.appends if b'"run_purged"' in a.data]
        return len(tombstones) == 6

    await eventually(purged)
    for path in (f"workflows/{doomed}", "credentials/granted"):
        tag = (await house.ask("GET", f"{api}/{path}")).headers["ETag"]
        await _good(house, "DELETE", f"{api}/{path}", headers={"If-Match": tag})


async def _published(house: House, definition: dict[str, Any]) -> tuple[str, Any]:
    made = await _good(house, "POST", "/api/v1/workflows", json=definition)
    path = f"/api/v1/workflows/{made['id']}/versions"
    version = await _good(house, "POST", path, headers={"Idempotency-Key": made["id"]})
    return made["id"], version["webhooks"]


async def _good(house: House, method: str, path: str, **rest: Any) -> Any:
    answer = await house.ask(method, path, **rest)
    assert answer.status < 300, answer.body
    return answer.body
