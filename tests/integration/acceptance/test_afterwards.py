"""What becomes of runs: dead letters and what is made of them, and who is told of an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from services.query.service import Query
from services.trigger.signatures import verify
from tests.integration.acceptance.house import House, flow
from tests.waiting import eventually
from weir.contract.codec import encode
from weir.contract.messages import Envelope, Error, Event, TaskFailed
from weir.ports.letters import LetterQuery
from weir.ports.log import Append
from weir.runtime.hooks import Hook, hooks_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "whsec_c2lnbmVkLWJ5LXdlaXI="
ALL = "open,retried,discarded,settled"


class Receiver:
    """Somebody outside who is told of ends; the first `refuses` times it is not at home."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.refuses = 0
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        """One delivery."""
        body = await request.read()
        if self.refuses > 0:
            self.refuses -= 1
            self.refused += 1
            return web.Response(status=503, headers={"Retry-After": "0"})
        self.taken.append((dict(request.headers), body))
        return web.Response(status=204)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    """A server of the test's own, on loopback."""
    app = web.Application()
    runner = web.AppRunner(app)
    found = Receiver("")
    app.router.add_post("/ends", found.take)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    found.url = f"http://127.0.0.1:{port}/ends"
    yield found
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def credential(house: House) -> None:
    """What callbacks are signed with."""
    fields = {"name": "hooks", "type": "webhook", "fields": {"secret": SECRET}}
    assert (await house.ask("POST", "/credentials", json=fields)).status == 201


def failing(name: str, **more: Any) -> dict[str, Any]:
    """A workflow whose call is refused for good unless the input says where to."""
    call = {
        "id": "call",
        "type": "http_request",
        "config": {"url": "{{ input.url }}", "timeout": "2s"},
        "retry": {"max_attempts": 2, "initial": "1ms", "max": "1ms"},
        **more.pop("node", {}),
    }
    return flow(name, call, **more)


async def letters(house: House, run: str, status: str = "open") -> list[dict[str, Any]]:
    """The dead letters of a run, as soon as the views have its end."""
    path = f"/dead-letters?run_id={run}&status={status}&min_sequence={await house.last()}"
    answer = await house.ask("GET", path)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["items"]
    return found


async def test_a_run_that_fails_is_a_dead_letter_and_is_retried(house: House) -> None:
    """It says why, after how many attempts and with what; its retry is a run from that step on."""
    workflow = (await house.publish(failing("Fails")))["workflow_id"]
    told = await house.run(workflow, {"url": "http://127.0.0.1:65533/", "order": 7})
    assert told["status"] == "failed"
    (letter,) = await letters(house, told["run_id"])
    assert (letter["reason"], letter["step"], letter["attempts"]) == ("exhausted", "call", 2)
    assert letter["error"]["code"] == "HTTP_UNREACHABLE"
    assert letter["first_at"] <= letter["last_at"]
    whole = (await house.ask("GET", f"/dead-letters/{letter['id']}")).body
    assert whole["payload"]["config"]["url"] == "http://127.0.0.1:65533/"
    # Another tenant sees nothing of it, and can do nothing to it.
    for method, path in (("GET", ""), ("POST", "/retry"), ("POST", "/discard")):
        refused = await house.ask(
            method, f"/dead-letters/{letter['id']}{path}", key="other admin", json={"reason": "x"}
        )
        assert (refused.status, refused.code) == (404, "LETTER_NOT_FOUND")
    retried = await house.ask("POST", f"/dead-letters/{letter['id']}/retry", json={})
    assert retried.status == 202, retried.body
    again = await house.ask("POST", f"/dead-letters/{letter['id']}/retry", json={})
    assert again.body["new_run_id"] == retried.body["new_run_id"]
    new = (await house.ask("GET", f"/runs/{retried.body['new_run_id']}")).body
    assert new["origin"] == {"run_id": told["run_id"], "step": "call"}
    path = f"/dead-letters/{letter['id']}?min_revision={retried.body['revision']}"
    after = (await house.ask("GET", path)).body
    assert (after["status"], after["handled"]["new_run_id"]) == ("retried", new["id"])
    discarded = await house.ask(
        "POST", f"/dead-letters/{letter['id']}/discard", json={"reason": "-"}
    )
    assert (discarded.status, discarded.code) == (409, "LETTER_NOT_OPEN")


async def test_settings_say_what_is_a_dead_letter(house: House) -> None:
    """A caught failure is one if its node wants it; a run is none if its version says so."""
    given = {"url": "http://127.0.0.1:65533/"}
    kept = failing("Kept", node={"on_error": "continue", "dead_letter": True})
    spared = failing("Spared", settings={"dead_letters": False})
    spared_by_node = failing("Spared by node", node={"dead_letter": False})
    found = []
    for definition in (kept, spared, spared_by_node):
        workflow = (await house.publish(definition))["workflow_id"]
        told = await house.run(workflow, given)
        found.append(
            (told["status"], [one["step"] for one in await letters(house, told["run_id"])])
        )
    assert found == [("succeeded", ["call"]), ("failed", []), ("failed", [])]


async def test_many_letters_are_discarded_and_stay_so_when_views_are_made_again(
    house: House,
) -> None:
    """Who discarded them and why survives; a rebuilt projection is the same to the last field."""
    workflow = (await house.publish(failing("Discarded")))["workflow_id"]
    for _ in range(3):
        await house.run(workflow, {"url": "http://127.0.0.1:65533/"})
    await letters(house, "none")
    path = f"/dead-letters:discard?workflow_id={workflow}"
    dry = (await house.ask("POST", path, json={"reason": "test", "dry_run": True})).body
    assert (dry["matched"], dry["done"]) == (3, 0)
    done = await house.ask("POST", path, key="operator", json={"reason": "the shop is closed"})
    assert (done.body["done"], done.body["refused"], done.body["more"]) == (3, 0, False)
    revision = max(int(item["revision"]) for item in done.body["items"])
    listed = f"/dead-letters?workflow_id={workflow}&status={ALL}"
    shown = (await house.ask("GET", f"{listed}&min_revision={revision}")).body["items"]
    assert [one["status"] for one in shown] == ["discarded"] * 3
    assert {one["handled"]["reason"] for one in shown} == {"the shop is closed"}
    first = (await house.ask("GET", f"{listed}&limit=2")).body
    rest = (await house.ask("GET", f"{listed}&limit=2&cursor={first['next_cursor']}")).body
    assert [*first["items"], *rest["items"]] == shown
    views = house.platform.views
    assert views is not None
    every = LetterQuery(statuses=(), limit=1_000)
    before = await views.letters("acme", every)
    (query,) = [one for one in house.services if isinstance(one, Query)]
    last = await house.last()
    for projector in query.projectors:
        projector.rebuild()

    async def rebuilt() -> bool:
        now = await views.letters("acme", every)
        position = await views.position("runs")
        return position is not None and position.sequence >= last and len(now) >= len(before)

    await eventually(rebuilt)

    async def same() -> bool:
        return await views.letters("acme", every) == before

    await eventually(same)


async def test_poison_is_a_dead_letter_and_a_message_nobody_can_read_too(house: House) -> None:
    """Both show with their reason; what cannot be read is shown as it is, and not retried."""
    waits = flow("Waits", {"id": "far", "type": "task", "queue": "nobody", "config": {"task": "x"}})
    workflow = (await house.publish(waits))["workflow_id"]
    told = await house.run(workflow, {}, wait="")
    key = house.key(told["run_id"])

    async def sent() -> bool:
        return any(one.subject == key.task("nobody") for one in await house.history(told["run_id"]))

    await eventually(sent)
    error = Error(code="POISON_TASK", message="given out five times without an outcome")
    fact = Envelope(
        id="evt_poison",
        tenant="acme",
        run_id=told["run_id"],
        at=told["started_at"],
        events=(Event.of(TaskFailed(error=error), step="far", attempt=1),),
    )
    await house.platform.runs.append(Append(key.fact("signal.bad"), b"{this is no json"))
    await house.platform.runs.append(Append(key.fact("result.far.1"), encode(fact), expect=0))

    async def both() -> bool:
        return len(await letters(house, told["run_id"])) == 2

    await eventually(both)
    found = {one["reason"]: one for one in await letters(house, told["run_id"])}
    assert found["poison"]["step"] == "far"
    bad = (await house.ask("GET", f"/dead-letters/{found['unreadable']['id']}")).body
    assert bad["payload"]["text"] == "{this is no json"
    refused = await house.ask("POST", f"/dead-letters/{bad['id']}/retry", json={})
    assert (refused.status, refused.code) == (409, "LETTER_NOT_RETRYABLE")
    given_up = await house.ask(
        "POST", f"/dead-letters/{bad['id']}/discard", json={"reason": "noise"}
    )
    assert given_up.status == 200
    # Whoever judges this house reads every message of it.
    await house.platform.runs.purge(key.fact("signal.bad"))


async def test_an_end_is_told_signed_until_it_is_taken(house: House, receiver: Receiver) -> None:
    """Refused at first, then taken: once, under one id, with a signature that holds."""
    receiver.refuses, before = 1, len(receiver.taken)
    callback = {"url": receiver.url, "secret": "{{ credentials.hooks }}"}
    definition = flow(
        "Told",
        {"id": "done", "type": "set", "config": {"values": {"total": 3}}},
        settings={"callback": callback},
    )
    workflow = (await house.publish(definition))["workflow_id"]
    also = {**callback, "events": ["failed"]}
    told = await house.run(workflow, callback=also)
    assert told["status"] == "succeeded"

    async def taken() -> bool:
        return len(receiver.taken) > before

    await eventually(taken)
    headers, body = receiver.taken[-1]
    hook, ours = _hook("standard"), _hook("hmac")
    now = house.platform.clock.now_ms()
    message_id = verify(hook, [SECRET], _lower(headers), body, now)
    assert verify(ours, [SECRET], _lower(headers), body, now) == message_id

    async def delivered() -> bool:
        found = (await house.ask("GET", f"/runs/{told['run_id']}/callbacks")).body["items"]
        return bool(found) and found[0]["status"] == "delivered"

    await eventually(delivered)
    (item,) = (await house.ask("GET", f"/runs/{told['run_id']}/callbacks")).body["items"]
    assert (item["id"], item["event"], item["named_by"]) == (message_id, "run.succeeded", "version")
    assert [one["http_status"] for one in item["attempts"]] == [503, 204]
    assert item["attempts"][1]["latency_ms"] is not None
    assert len(receiver.taken) == before + 1
    assert b'"total":3' in body
    assert SECRET.encode() not in b"".join(one.data for one in await house.history(item["run_id"]))


async def test_a_start_names_who_is_told(house: House, receiver: Receiver) -> None:
    """The caller of a start is told of a failure; a cancelled run tells nobody who did not ask."""
    workflow = (await house.publish(failing("Told by start")))["workflow_id"]
    callback = {"url": receiver.url, "secret": "{{ credentials.hooks }}", "events": ["failed"]}
    before = len(receiver.taken)
    told = await house.run(workflow, {"url": "http://127.0.0.1:65533/"}, callback=callback)

    async def taken() -> bool:
        return len(receiver.taken) > before

    await eventually(taken)
    assert told["run_id"].encode() in receiver.taken[-1][1]
    body = {"input": {}, "callback": {**callback, "url": "nowhere"}}
    refused = await house.ask("POST", f"/workflows/{workflow}/runs", json=body)
    assert (refused.status, refused.code) == (422, "INVALID_REQUEST")


async def test_a_private_address_is_not_called(house: House) -> None:
    """The installation's list of allowed addresses holds for callbacks too; nothing is retried."""
    definition = flow(
        "Inside",
        {"id": "done", "type": "set", "config": {"values": {}}},
        settings={"callback": {"url": "http://10.0.0.1/ends", "secret": "{{ credentials.hooks }}"}},
    )
    told = await house.run((await house.publish(definition))["workflow_id"])

    async def failed() -> bool:
        found = (await house.ask("GET", f"/runs/{told['run_id']}/callbacks")).body["items"]
        return bool(found) and found[0]["status"] == "failed"

    await eventually(failed)
    (item,) = (await house.ask("GET", f"/runs/{told['run_id']}/callbacks")).body["items"]
    assert [one["error"]["code"] for one in item["attempts"]] == ["ADDRESS_REFUSED"]
    # A telling that was in vain is a dead letter, and can be done again from there.
    (letter,) = await letters(house, item["run_id"])
    again = await house.ask("POST", f"/dead-letters/{letter['id']}/retry", json={})
    assert again.status == 202, again.body


async def test_runs_are_found_by_what_they_set(house: House) -> None:
    """Attributes of the version and of a step, labels changed on the way; others see none."""
    definition = flow(
        "Found",
        {
            "id": "mark",
            "type": "set_labels",
            "config": {"labels": {"team": "{{ input.team }}"}, "search": {"size": "{{ 2 + 3 }}"}},
        },
        {"id": "shown", "type": "set", "config": {"values": {"team": "{{ run.labels.team }}"}}},
        settings={
            "labels": {"team": "nobody"},
            "search": {"repo": "{{ input.repo }}", "broken": "{{ 1 / input.zero }}"},
        },
    )
    workflow = (await house.publish(definition))["workflow_id"]
    told = await house.run(workflow, {"repo": "weir/core", "team": "ops", "zero": 0})
    assert told["status"] == "succeeded", told
    assert told["output"]["shown"] == {"team": "ops"}
    last = await house.last()

    async def found(query: str, key: str = "admin") -> list[str]:
        answer = await house.ask("GET", f"/runs?{query}&min_sequence={last}", key=key)
        assert answer.status == 200, answer.body
        return [one["id"] for one in answer.body["items"]]

    run = [told["run_id"]]
    assert await found("label.team=ops&search.repo=weir/core&search.size=5") == run
    assert await found("search.repo=weir/core", key="other admin") == []
    assert await found(f"label.team=nobody&workflow_id={workflow}") == []
    shown = (await house.ask("GET", f"/runs/{told['run_id']}")).body
    assert (shown["labels"], shown["search"]) == (
        {"team": "ops"},
        {"repo": "weir/core", "size": "5"},
    )


def _hook(scheme: str) -> Hook:
    node = {"id": "hook", "type": "webhook", "config": {"scheme": scheme}}
    return hooks_of({"nodes": [node]})["hook"]


def _lower(headers: dict[str, str]) -> Any:
    class _Headers(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            return super().get(name.lower(), default)

    return _Headers({name.lower(): text for name, text in headers.items()})


async def test_every_letter_has_one_page(house: House) -> None:
    """All that were made here are listed at once, the last failure first."""
    await asyncio.sleep(0)
    found = (await house.ask("GET", f"/dead-letters?status={ALL}&limit=200")).body["items"]
    assert [one["last_at"] for one in found] == sorted(
        (one["last_at"] for one in found), reverse=True
    )
