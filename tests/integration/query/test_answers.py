"""Answers over the socket: what the HTTP routes do, reached from where the question is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import pytest_asyncio

from services.embedded.service import build as build_all
from services.query.service import build as build_query
from tests.http_house import TENANT, House, memory_platform
from tests.integration.whole_house import whole_house
from tests.unit.approval.asking import user
from tests.waiting import eventually, within
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects
from weir.contract.messages import IdentityRecord, SessionStarted
from weir.ports.log import Append
from weir.runtime.authn import Authenticator
from weir.runtime.http import relay

API = "/api/v1"
Frame = dict[str, Any]

NODES: dict[str, list[dict[str, Any]]] = {
    "signal": [{"id": "wait", "type": "wait_signal", "config": {"name": "paid"}}],
    "ask": [
        {
            "id": "wait",
            "type": "fail",
            "on_error": "ask",
            "config": {"code": "BROKEN", "message": "it broke"},
        }
    ],
    "approval": [
        {
            "id": "wait",
            "type": "user_input",
            "config": {
                "title": "How many?",
                "assignees": ["cy@example.com", "ann@example.com"],
                "form": {
                    "type": "object",
                    "properties": {"n": {"type": "integer"}},
                    "required": ["n"],
                },
            },
        }
    ],
}


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    """All services on memory, and five people."""
    async with whole_house() as made:
        yield made


async def started(house: House, kind: str, key: str = "admin") -> str:
    """A run that waits for something of this kind."""
    nodes = [{"id": "go", "type": "manual"}, *NODES[kind]]
    edges = [{"source": "go", "target": "wait"}]
    definition = {"name": f"waits for {kind}", "nodes": nodes, "edges": edges}
    made = await house.ask("POST", f"{API}/workflows", json=definition)
    assert made.status == 201, made.body
    path = f"{API}/workflows/{made.body['id']}"
    published = await house.ask("POST", f"{path}/versions", json={})
    assert published.status == 201, published.body
    answer = await house.ask("POST", f"{path}/runs", key=key, json={"input": {}})
    run_id: str = answer.body["run_id"]
    return run_id


class Browser:
    """One end of a socket, and all it was shown."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.shown: list[Frame] = []

    async def until(self, *names: str) -> Frame:
        """The next frame of one of these types."""
        while True:
            frame = dict(await within(self.socket.receive_json()))
            self.shown.append(frame)
            if frame["type"] in names:
                return frame

    async def answer(self, run_id: str, given: Any, answer_id: str, step: str = "wait") -> Frame:
        """Send an answer; what was said to it, whatever else is shown meanwhile."""
        asked = {"type": "input:response", "run_id": run_id, "step": step, "input": given}
        await self.socket.send_json({**asked, "id": answer_id})
        while True:
            frame = await self.until("connection:answered", "error")
            if frame["data"].get("id") == answer_id:
                return frame


@asynccontextmanager
async def browser(house: House, run_id: str = "", key: str = "admin") -> AsyncIterator[Browser]:
    """A socket that has been asked, if it shows a run."""
    async with house.socket(f"{API}/ws", key) as socket:
        made = Browser(socket)
        if run_id:
            await socket.send_json({"type": "subscribe", "run_id": run_id})
            await made.until("input:required")
        yield made


async def audited(house: House, event: str) -> list[Any]:
    """What the audit was told of an event."""
    read = house.platform.notes.read(subjects.EVERY_NOTE)
    stored = [one async for batch in read for one in batch]
    return [one for one in stored if event in one.data.decode()]


ANSWERS = [
    ("signal", "admin", {"amount": 7}, {"amount": 7}),
    ("ask", "admin", {"decision": "skip", "output": 5, "reason": "enough"}, None),
    ("approval", "cy", {"option": "submitted", "values": {"n": 3}}, None),
]


@pytest.mark.parametrize(("kind", "key", "given", "said"), ANSWERS)
async def test_an_answer_lets_the_run_go_on(
    house: House, kind: str, key: str, given: Any, said: Any
) -> None:
    """Asked, answered and over, all on one socket; the same answer again is the same one."""
    run_id = await started(house, kind)
    async with browser(house, run_id, key) as shown:
        asked = shown.shown[-1]
        assert (asked["step"], asked["data"]["kind"]) == ("wait", kind)
        done = await shown.answer(run_id, given, "a-1")
        assert (done["type"], done["run_id"]) == ("connection:answered", run_id), done
        if not any(one["type"] == "input:response" for one in shown.shown):
            await shown.until("input:response")
        answered = next(one for one in shown.shown if one["type"] == "input:response")
        assert (answered["step"], answered["data"]["kind"]) == ("wait", kind)
        if said is not None:
            assert answered["data"]["input"] == said
        if not any(one["type"] == "connection:completed" for one in shown.shown):
            await shown.until("connection:completed")
        again = await shown.answer(run_id, given, "a-1")
        assert again["type"] == "connection:answered", "the same answer, though the run is over"
        if kind != "approval":  # whose stream has gone on
            assert again["data"]["sequence"] == done["data"]["sequence"]


async def test_a_second_answer_is_refused(house: House) -> None:
    """Another one after the first is told what it would be told over HTTP."""
    run_id = await started(house, "approval")
    async with browser(house, run_id, "cy") as shown:
        await shown.answer(run_id, {"option": "submitted", "values": {"n": 3}}, "a-1")
    async with browser(house, run_id, "ann") as shown:
        other = await shown.answer(run_id, {"option": "submitted", "values": {"n": 4}}, "a-2")
        assert other["data"]["code"] == "APPROVAL_CLOSED"
        assert other["data"]["details"]["status"] == "decided"
        assert other["data"]["request_id"].startswith("req_")
    run_id = await started(house, "signal")
    async with browser(house, run_id) as shown:
        await shown.answer(run_id, 1, "a-1")
        assert (await shown.answer(run_id, 2, "a-1"))["data"]["code"] == "IDEMPOTENCY_CONFLICT"
        late = (await shown.answer(run_id, 2, "a-2"))["data"]["code"]
        assert late in {"STEP_NOT_WAITING", "RUN_ENDED"}
    key = subjects.run_key(TENANT, run_id)
    stored = [one for one in await house.facts() if one.subject.startswith(key.fact("signal."))]
    assert len(stored) == 1, "and no signal is left for a later step"


async def test_the_answer_is_checked_where_it_counts(house: House) -> None:
    """Rules, rights and form are those of the routes, and so are the words of a refusal."""
    run_id = await started(house, "approval")
    async with browser(house, run_id, "cy") as shown:
        wrong = await shown.answer(run_id, {"option": "submitted", "values": {"n": "x"}}, "b-1")
        assert wrong["data"]["code"] == "DECISION_INVALID"
        assert wrong["data"]["details"]["errors"][0]["path"]
        odd = await shown.answer(run_id, "submitted", "b-2")
        assert odd["data"]["code"] == "INVALID_REQUEST"
    async with browser(house, run_id, "boss") as shown:
        alien = await shown.answer(run_id, {"option": "submitted", "values": {"n": 1}}, "b-3")
        assert alien["data"]["code"] == "NOT_ASSIGNED"
    run_id = await started(house, "ask")
    async with browser(house, run_id, "viewer") as shown:
        looks = await shown.answer(run_id, {"decision": "skip"}, "b-4")
        assert looks["data"]["code"] == "FORBIDDEN"
    async with browser(house, run_id, "operator") as shown:
        odd = await shown.answer(run_id, {"decision": "sleep"}, "b-5")
        assert odd["data"]["code"] == "INVALID_REQUEST"
        done = await shown.answer(run_id, {"decision": "fail", "reason": "no"}, "b-6")
        assert done["type"] == "connection:answered"
    await house.audit.stop()
    told = [one.data.decode() for one in await audited(house, "run.step_decided")]
    assert ["denied" in one for one in told] == [True, False], "a refusal is told too"
    assert all("127.0.0.1" in one for one in told), "and where it came from"


async def test_who_answers_is_who_holds_the_socket(house: House) -> None:
    """The run's log names them, as for the same answer over HTTP."""
    run_id = await started(house, "approval")
    async with browser(house, run_id, "ann") as shown:
        await shown.answer(run_id, {"option": "submitted", "values": {"n": 1}}, "c-1")
        if not any(one["type"] == "input:response" for one in shown.shown):
            await shown.until("input:response")
        answered = next(one for one in shown.shown if one["type"] == "input:response")
        assert answered["data"]["by"] == user("ann")


async def test_hostile_answers(house: House) -> None:
    """What cannot be an answer is refused with its id, and the socket lives."""
    run_id = await started(house, "signal")
    ended = await started(house, "ask")
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    _, house.keys["other"] = await issuer.issue(
        tenant="other", name="other", role="admin", by="test"
    )
    async with browser(house, run_id) as shown:
        for step in ("go", "nowhere", "wait[0]", "../x", "*", "x" * 1_000):
            refused = await shown.answer(run_id, 1, "d-1", step)
            assert refused["data"]["code"] == "STEP_NOT_WAITING", step
        nowhere = await shown.answer(ids.derived("run", "no"), 1, "d-2")
        assert nowhere["data"]["code"] == "RUN_NOT_FOUND"
        assert (await shown.answer("../runs", 1, "d-3"))["data"]["code"] == "RUN_NOT_FOUND"
        for broken in (
            {"id": "d-4", "run_id": run_id, "step": "wait"},
            {"id": "d-4", "run_id": run_id, "step": 7, "input": 1},
            {"id": "d-4", "run_id": run_id, "step": "", "input": 1},
            {"id": "d-4", "run_id": run_id, "step": "wait", "input": 1, "principal": "key_x"},
            {"id": "d-4", "run_id": run_id, "step": "wait" * 1_000, "input": 1},
        ):
            await shown.socket.send_json({"type": "input:response", **broken})
            frame = await shown.until("error")
            assert (frame["data"]["code"], frame["data"]["id"]) == ("INVALID_REQUEST", "d-4")
        for unnamed in (None, "", 7, "a b", "x" * 300, ["a"]):
            asked = {"run_id": run_id, "step": "wait", "input": 1, "id": unnamed}
            await shown.socket.send_json({"type": "input:response", **asked})
            assert (await shown.until("error"))["data"]["code"] == "INVALID_REQUEST"
        await shown.socket.send_json({"type": "input:required", "run_id": run_id})
        assert (await shown.until("error"))["data"]["code"] == "INVALID_REQUEST"
        deep = "[" * 200 + "]" * 200
        await shown.socket.send_str(
            f'{{"type":"input:response","id":"d","run_id":"{run_id}","step":"wait","input":{deep}}}'
        )
        assert (await shown.until("error"))["data"]["code"] == "INVALID_REQUEST"
        # The largest frame there is holds what the route takes.
        big = await shown.answer(run_id, "x" * 65_300, "d-5")
        assert big["type"] == "connection:answered"
    async with browser(house, key="other") as stranger:
        for run in (run_id, ended):
            refused = await stranger.answer(run, 1, "d-7")
            assert refused["data"]["code"] == "RUN_NOT_FOUND"
    async with browser(house) as shown:
        asked = {"type": "input:response", "id": "h", "run_id": ended, "step": "wait"}
        await shown.socket.send_json({**asked, "input": "x" * 70_000})
        while not shown.socket.closed:
            await within(shown.socket.receive())
        assert shown.socket.close_code == 1009


async def test_who_is_away_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who takes answers: an error that says to send it again, after a bounded time."""
    monkeypatch.setattr(relay, "ANSWER_S", 0.2)
    platform = memory_platform(Broker(SystemClock()).connect())
    async with House(platform, build_all(platform)) as whole:
        run_id = await started(whole, "signal")
        async with browser(whole, run_id):
            pass
    alone = House(platform, [build_query(platform)])
    async with alone, browser(alone, run_id) as shown:
        refused = await shown.answer(run_id, 1, "e-1")
        assert refused["data"]["code"] == "ANSWER_TIMEOUT"
        assert "again with the same id" in refused["data"]["message"]


async def test_a_key_that_ends_answers_no_more(house: House) -> None:
    """The service that takes the answer looks who asks up by itself, whatever the socket holds."""
    run_id = await started(house, "signal")
    issuer = Authenticator(house.platform.identity, house.platform.clock)
    key_id, _ = await issuer.issue(tenant=TENANT, name="k", role="operator", by="test")
    asked = relay.Asked(
        id=house.platform.clock.new_id("req"),
        reply="ask_test",
        tenant=TENANT,
        principal=key_id,
        session="",
        address="127.0.0.1",
        headers={"Idempotency-Key": "f-1"},
        segments={"run_id": run_id},
        body={"name": "paid", "payload": 1},
    )
    heard: list[dict[str, Any]] = []
    live = house.platform.live
    await live.listen(
        subjects.input_answer("ask_test"), lambda _, data: heard.append(orjson.loads(data))
    )

    async def said(count: int) -> None:
        async def there() -> bool:
            return len(heard) >= count

        await eventually(there)

    await issuer.revoke(tenant=TENANT, key_id=key_id, by="test")
    for number, change in enumerate(
        (
            {},
            {"tenant": "other"},
            {"principal": "key_none"},
            {"principal": user("ann"), "session": "ses_none"},
            {"principal": user("ann")},
        ),
        start=1,
    ):
        told = asked.model_copy(update={**change, "id": f"req_{number}"})
        await live.publish(subjects.input_asked("signal"), orjson.dumps(told.model_dump()))
        await said(number)
        assert heard[-1]["status"] in {401, 403}, (change, heard[-1])
    await live.publish(subjects.input_asked("signal"), b"{")
    await live.publish(subjects.input_asked("signal"), b"[]")
    key = subjects.run_key(TENANT, run_id)
    assert not [one for one in await house.facts() if one.subject.startswith(key.fact("signal."))]
    # Somebody in a session that counts is who they are here too.
    session = SessionStarted(
        session_id="ses_a", user_id=user("ann"), tenant=TENANT, expires_at="2999-01-01T00:00:00Z"
    )
    record = IdentityRecord.of(session, id="idr_a", at="2026-01-01T00:00:00.000Z", by="test")
    subject = subjects.session(user("ann"), "ses_a")
    await house.platform.identity.append(Append(subject, codec.encode(record)))
    change = {"id": "req_9", "principal": user("ann"), "session": "ses_a"}
    told = asked.model_copy(update=change)
    await live.publish(subjects.input_asked("signal"), orjson.dumps(told.model_dump()))
    await said(6)
    assert heard[-1]["status"] == 202, heard[-1]
    (fact,) = [one for one in await house.facts() if one.subject.startswith(key.fact("signal."))]
    assert codec.decode(fact.data).events[0].signal_received.sent_by == user("ann")  # type: ignore[union-attr]
