"""Deliveries to webhooks over HTTP: who is refused, and that one delivery is one run."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from typing import Any

import pytest

from services.trigger.service import build
from tests.http_house import NOW, TENANT, Answer, House, house_on_memory
from tests.waiting import eventually
from weir.contract import codec, subjects, times
from weir.contract.messages import Error, RunFailed, RunStarted, RunSucceeded, WorkflowDeleted

KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + b64encode(KEY).decode()


@pytest.fixture
async def house() -> Any:
    """A trigger behind a server."""
    async with house_on_memory(build, body_limit=200_000) as house:
        yield house


def signed(
    body: bytes, delivery: str = "d1", *, key: bytes = KEY, age_s: int = 0
) -> dict[str, str]:
    """The headers of a Standard Webhooks delivery."""
    at = str(int(time.time()) - age_s)
    mac = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": delivery,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + b64encode(mac.digest()).decode(),
        "Content-Type": "application/json",
    }


async def deliver(house: House, path: str, body: bytes, **how: Any) -> Answer:
    """A signed delivery."""
    return await house.ask("POST", path, key=None, data=body, headers=signed(body, **how))


async def started(house: House, run_id: str) -> RunStarted:
    """The start fact of a run."""
    fact = await house.platform.runs.last(subjects.run_key(TENANT, run_id).fact("start"))
    assert fact is not None
    found = codec.decode(fact.data).events[0].run_started
    assert found is not None
    return found


async def test_a_signed_delivery_starts_a_run(house: House) -> None:
    """The payload is the input; headers, query and method are the trigger's."""
    path = await house.webhook({}, secrets=[SECRET])
    body = b'{"environment": "production"}'
    answer = await house.ask(
        "POST",
        path + "?a=1",
        key=None,
        data=body,
        headers=signed(body) | {"X-Extra": "yes", "Cookie": "secret=1"},
    )
    assert answer.status == 202
    assert answer.body["duplicate"] is False
    fact = await started(house, answer.body["run_id"])
    assert fact.input == {"environment": "production"}
    assert (fact.trigger_node, fact.trigger_kind) == ("hook", "webhook")
    assert fact.trigger["query"] == {"a": "1"}
    assert fact.trigger["method"] == "POST"
    assert fact.trigger["delivery_id"] == "d1"
    assert fact.trigger["headers"]["x-extra"] == "yes"
    assert "cookie" not in fact.trigger["headers"]


async def test_methods_and_media_types_can_be_narrowed(house: House) -> None:
    """What the webhook does not name is refused before it is read, and nothing is stored."""
    config = {"scheme": "none", "methods": ["PUT"], "content_types": ["application/json"]}
    path = await house.webhook(config)
    post = await house.ask("POST", path, key=None, json={})
    assert (post.status, post.code) == (405, "METHOD_NOT_ALLOWED")
    assert post.headers["Allow"] == "PUT"
    form = await house.ask("PUT", path, key=None, data={"a": "1"})
    assert (form.status, form.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert (await house.ask("PUT", path, key=None, json={})).status == 202
    assert len(await house.facts()) == 1


async def test_fifty_deliveries_of_one_id_are_one_run(house: House) -> None:
    """All answers are 2xx with the same run id; all but one say that they repeat."""
    path = await house.webhook({}, secrets=[SECRET])
    answers = await asyncio.gather(*(deliver(house, path, b'{"n": 1}') for _ in range(50)))
    assert {answer.status for answer in answers} <= {200, 202}
    assert len({answer.body["run_id"] for answer in answers}) == 1
    assert sum(not answer.body["duplicate"] for answer in answers) == 1
    assert len(await house.facts()) == 1


async def test_a_delivery_of_a_purged_run_finds_its_tombstone(house: House) -> None:
    """The run is not started again; the answer is its id and how it ended."""
    path = await house.webhook({}, secrets=[SECRET])
    first = await deliver(house, path, b"{}")
    await house.purge(first.body["run_id"])
    again = await deliver(house, path, b"{}")
    assert again.status == 200
    assert again.body == {
        "run_id": first.body["run_id"],
        "status": "succeeded",
        "duplicate": True,
    }
    assert len(await house.facts()) == 1


async def test_the_brokers_window_has_no_part_in_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start names no message id; it expects that its run's subject was never written to."""
    path = await house.webhook({}, secrets=[SECRET])
    seen: list[Any] = []
    append_all = house.platform.runs.append_all

    async def spied(appends: Any) -> Any:
        seen.extend(appends)
        return await append_all(appends)

    monkeypatch.setattr(house.platform.runs, "append_all", spied)
    for _ in range(2):
        await deliver(house, path, b"{}")
    assert [(one.msg_id, one.expect, one.expect_on) for one in seen] == [(None, 0, None)] * 2
    assert len(await house.facts()) == 1


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"key": b"wrong"}, 401, "SIGNATURE_INVALID"),
        ({"age_s": 3_600}, 401, "TIMESTAMP_STALE"),
    ],
)
async def test_a_delivery_that_is_not_signed_right_leaves_nothing(
    house: House, how: dict[str, Any], status: int, code: str
) -> None:
    """Refused with a code of its own, and no message in the run log."""
    path = await house.webhook({}, secrets=[SECRET])
    answer = await deliver(house, path, b"{}", **how)
    assert (answer.status, answer.code) == (status, code)
    assert await house.facts() == []


@pytest.mark.parametrize("body", [b'{"a": ', b'{"a": NaN}', b"[-Infinity]", b'{"a": 1e999}'])
async def test_json_that_cannot_be_read_leaves_nothing(house: House, body: bytes) -> None:
    """A right signature over wrong JSON is 400."""
    path = await house.webhook({}, secrets=[SECRET])
    answer = await deliver(house, path, body)
    assert (answer.status, answer.code) == (400, "INVALID_JSON")
    assert await house.facts() == []


async def test_a_body_over_the_limit_leaves_nothing(house: House) -> None:
    """413, before the signature is even looked at."""
    path = await house.webhook({}, secrets=[SECRET])
    answer = await deliver(house, path, b"x" * 300_000, key=b"wrong")
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")
    assert await house.facts() == []


async def test_an_unknown_address_leaves_nothing(house: House) -> None:
    """404 with a code, for a well-formed id and for any other."""
    for path in ("/hooks/hook_" + "a" * 26, "/hooks/x", "/hooks/a.b"):
        answer = await house.ask("POST", path, key=None, json={})
        assert (answer.status, answer.code) == (404, "WEBHOOK_NOT_FOUND")
    assert await house.facts() == []


async def test_a_webhook_can_be_off_in_three_ways(house: House) -> None:
    """Switched off, its trigger gone from the current version, its workflow deleted."""
    off = await house.webhook({}, secrets=[SECRET], enabled=False)
    gone = await house.webhook({}, secrets=[SECRET], node="other")
    lost = await house.webhook({"answer": "accepted"}, secrets=[SECRET])
    hook = await house.platform.registry.last(subjects.webhook(lost.removeprefix("/hooks/")))
    assert hook is not None
    workflow = json.loads(hook.data)["webhook_saved"]["workflow_id"]
    await house.record(subjects.workflow(TENANT, workflow), WorkflowDeleted(workflow_id=workflow))
    for path in (off, gone, lost):
        answer = await deliver(house, path, b"{}")
        assert (answer.status, answer.code) == (404, "WEBHOOK_DISABLED")
    assert await house.facts() == []


async def test_the_old_secret_lives_until_its_time_is_over(house: House) -> None:
    """During a rotation both are taken, afterwards the newest alone."""
    new = "whsec_" + b64encode(b"new").decode()
    now = house.platform.clock.now_ms()
    open_until = times.from_ms(now + 60_000)
    both = await house.webhook({}, secrets=[new, SECRET], previous_until=open_until)
    over = await house.webhook({}, secrets=[new, SECRET], previous_until=NOW)
    assert (await deliver(house, both, b"{}", key=KEY)).status == 202
    assert (await deliver(house, both, b"{}", key=b"new", delivery="d2")).status == 202
    assert (await deliver(house, over, b"{}", key=KEY)).status == 401
    assert (await deliver(house, over, b"{}", key=b"new")).status == 202


async def test_githubs_delivery_is_deduplicated_by_its_id(house: House) -> None:
    """Its event is at hand as `trigger.event`."""
    path = await house.webhook({"scheme": "github"}, secrets=[SECRET])
    body = b'{"action": "created"}'
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-Hub-Signature-256": f"sha256={mac}",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Event": "deployment_status",
        "Content-Type": "application/json",
    }
    first = await house.ask("POST", path, key=None, data=body, headers=headers)
    again = await house.ask("POST", path, key=None, data=body, headers=headers)
    assert (first.status, again.status) == (202, 200)
    assert first.body["run_id"] == again.body["run_id"]
    assert (await started(house, first.body["run_id"])).trigger["event"] == "deployment_status"


async def test_without_a_delivery_id_every_delivery_is_a_run(house: House) -> None:
    """Nothing tells two of them apart from one."""
    path = await house.webhook({"scheme": "none"})
    first = await house.ask("POST", path, key=None, json={"n": 1})
    second = await house.ask("POST", path, key=None, json={"n": 1})
    assert first.body["run_id"] != second.body["run_id"]


async def test_a_filter_drops_with_its_reason(house: House) -> None:
    """202, so that the sender does not try again; nothing is stored."""
    path = await house.webhook(
        {"scheme": "none", "filter": "{{ trigger.payload.environment == vars.wanted }}"},
        vars={"wanted": "production"},
    )
    dropped = await house.ask("POST", path, key=None, json={"environment": "staging"})
    assert dropped.status == 202
    assert "filter" in dropped.body["dropped"]
    assert await house.facts() == []
    taken = await house.ask("POST", path, key=None, json={"environment": "production"})
    assert taken.body["run_id"]


@pytest.mark.parametrize(
    "filter_",
    ["{{ trigger.payload.missing == 1 }}", "{{ trigger.payload.n }}", "{{ steps.a == 1 }}"],
)
async def test_a_filter_that_has_no_answer_is_refused(house: House, filter_: str) -> None:
    """A delivery that the filter cannot judge is neither taken nor dropped in silence."""
    path = await house.webhook({"scheme": "none", "filter": filter_})
    answer = await house.ask("POST", path, key=None, json={"n": 1})
    assert (answer.status, answer.code) == (422, "FILTER_FAILED")
    assert await house.facts() == []


async def test_the_payload_must_fit_the_input_schema(house: House) -> None:
    """Each place that does not is named."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    path = await house.webhook({"scheme": "none"}, input_schema=schema)
    answer = await house.ask("POST", path, key=None, json={"n": "x"})
    assert (answer.status, answer.code) == (422, "INPUT_INVALID")
    assert answer.body["error"]["details"]["errors"][0]["path"] == "input.n"
    assert await house.facts() == []


async def test_a_form_is_read_as_fields(house: House) -> None:
    """And a field named `payload` as the JSON in it."""
    path = await house.webhook({"scheme": "none"})
    plain = await house.ask("POST", path, key=None, data={"a": "1", "b": "2"})
    assert (await started(house, plain.body["run_id"])).input == {"a": "1", "b": "2"}
    wrapped = await house.ask("POST", path, key=None, data={"payload": '{"n": 1}'})
    assert (await started(house, wrapped.body["run_id"])).input == {"n": 1}


async def test_a_call_without_a_body_has_an_empty_payload(house: House) -> None:
    """GET works like every other method."""
    path = await house.webhook({"scheme": "none"})
    answer = await house.ask("GET", path, key=None)
    fact = await started(house, answer.body["run_id"])
    assert (fact.input, fact.trigger["method"]) == ({}, "GET")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
async def test_who_only_looks_starts_nothing(house: House, method: str) -> None:
    """A browser that asks before it sends and a page that previews a link deliver nothing."""
    path = await house.webhook({"scheme": "none"})
    answer = await house.ask(method, path, key=None)
    assert answer.status == 405
    assert answer.headers["Allow"] == "DELETE, GET, PATCH, POST, PUT"
    assert await house.facts() == []


async def test_a_repeated_delivery_tells_how_the_run_stands(house: House) -> None:
    """Its status, and not its output: that is for those who may read runs."""
    path = await house.webhook({}, secrets=[SECRET])
    run_id = (await deliver(house, path, b"{}")).body["run_id"]
    assert (await deliver(house, path, b"{}")).body["status"] == "queued"
    await house.end(run_id, RunSucceeded(output="for readers"))
    again = await deliver(house, path, b"{}")
    assert again.body == {"run_id": run_id, "status": "succeeded", "duplicate": True}


async def test_bytes_that_are_no_text_do_not_break_it(house: House) -> None:
    """A header that is no UTF-8 is stored as far as it can be."""
    path = await house.webhook({"scheme": "none"})
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rsplit(":", 1)[1]))
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n".encode()
        + b"X-Odd: \xff\xfe\r\nX-Weir-Delivery-ID: \xff\r\nConnection: close\r\n\r\n{}"
    )
    head = await reader.readline()
    writer.close()
    assert b"202" in head


async def test_a_webhook_can_answer_with_the_result(house: House) -> None:
    """It waits for the end of the run and tells how it went."""
    path = await house.webhook({"scheme": "none", "answer": "finished", "wait": "20s"})
    asking = asyncio.create_task(
        house.ask("POST", path, key=None, json={}, headers={"X-Weir-Delivery-ID": "w1"})
    )
    run_id = await _first_run(house)
    await house.end(run_id, RunSucceeded(output={"sum": 3}))
    answer = await asking
    assert answer.status == 200
    assert (answer.body["status"], answer.body["output"]) == ("succeeded", {"sum": 3})
    again = await house.ask("POST", path, key=None, json={}, headers={"X-Weir-Delivery-ID": "w1"})
    assert (again.status, again.body["output"], again.body["duplicate"]) == (200, {"sum": 3}, True)


async def test_a_run_that_fails_says_so_in_the_answer(house: House) -> None:
    """With its error, not with an error of ours."""
    path = await house.webhook({"scheme": "none", "answer": "finished", "wait": "20s"})
    asking = asyncio.create_task(house.ask("POST", path, key=None, json={}))
    run_id = await _first_run(house)
    await house.end(run_id, RunFailed(error=Error(code="HTTP_503", message="down", step="call")))
    answer = await asking
    assert (answer.status, answer.body["status"]) == (200, "failed")
    assert answer.body["error"]["code"] == "HTTP_503"


async def test_a_run_that_takes_too_long_is_answered_202(house: House) -> None:
    """The run goes on."""
    path = await house.webhook({"scheme": "none", "answer": "finished", "wait": "50ms"})
    answer = await house.ask("POST", path, key=None, json={})
    assert (answer.status, answer.body["status"]) == (202, "queued")


async def _first_run(house: House) -> str:
    async def there() -> bool:
        return bool(await house.facts())

    await eventually(there)
    return subjects.parse_run((await house.facts())[0].subject)[0].run_id
