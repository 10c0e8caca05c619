"""Trying a webhook out: tests take the way of deliveries, simulations start nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.query.service import build as query
from services.trigger.service import build as trigger
from services.trigger.signatures import verify
from services.trigger.signing import sign
from tests.http_house import Answer, House, house_on_memory
from tests.unit.webhooks.sending import SECRET, history, listed, signed
from weir.contract import codec, ids, subjects
from weir.contract.messages import RunStarted
from weir.runtime.hooks import SCHEMES, Hook, hooks_of

NOW_MS = 1_700_000_000_000


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Trigger and query behind a server."""
    async with house_on_memory(trigger, query) as house:
        yield house


async def ask(house: House, path: str, what: str, body: Any = None, **rest: Any) -> Answer:
    """A test or a simulation."""
    return await house.ask(
        "POST", history(path).replace("deliveries", what), json=body or {}, **rest
    )


async def started(house: House, run_id: str) -> RunStarted:
    """The start fact of a run."""
    fact = await house.platform.runs.last(subjects.run_key("acme", run_id).fact("start"))
    assert fact is not None
    found = codec.decode(fact.data).events[0].run_started
    assert found is not None
    return found


def hook(scheme: str, **config: Any) -> Hook:
    """A webhook of this scheme."""
    node = {"id": "h", "type": "webhook", "config": {"scheme": scheme, **config}}
    return hooks_of({"nodes": [node]})["h"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("config", [{}, {"signature_encoding": "base64"}, {"timestamp_header": ""}])
def test_a_sample_is_signed_as_its_scheme_wants(scheme: str, config: dict[str, str]) -> None:
    """The judge of deliveries takes it, and finds its id."""
    secret = "ada:lovelace" if scheme == "basic" else SECRET
    made = hook(scheme, **config)
    headers = sign(made, secret, b'{"a": 1}', "one", NOW_MS // 1000)
    assert verify(made, [secret], headers, b'{"a": 1}', NOW_MS) == "one"


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_test_starts_a_run_that_says_so(house: House, scheme: str) -> None:
    """By whoever sent it, in the history as a test."""
    secret = "ada:lovelace" if scheme == "basic" else SECRET
    path = await house.webhook({"scheme": scheme}, secrets=[secret] if scheme != "none" else [])
    answer = await ask(house, path, "test", {"body": {"n": 1}, "headers": {"X-Event": "push"}})
    assert answer.status == 200, answer.body
    body = answer.body
    assert (body["verdict"], body["error"], body["answer"]["status"]) == ("accepted", None, 202)
    fact = await started(house, body["run_id"])
    assert fact.trigger["test"] is True
    assert fact.trigger["headers"]["x-event"] == "push"
    assert fact.input == {"n": 1}
    assert fact.started_by.startswith("key_")
    (item,) = await listed(house, path, 1)
    assert (item["id"], item["kind"], item["by"]) == (body["id"], "test", fact.started_by)
    assert (item["verdict"], item["run_id"]) == ("accepted", body["run_id"])


async def test_a_test_is_refused_as_a_delivery_is(house: House) -> None:
    """With the same code, told to who sent it."""
    path = await house.webhook(
        {"filter": "{{ trigger.payload.n > 1 }}", "methods": ["PUT"]}, secrets=[SECRET]
    )
    for sample, verdict, code in (
        ({"body": {"n": 2}}, "accepted", None),
        ({"body": {"n": 1}}, "filtered", None),
        ({"body": {}}, "refused", "FILTER_FAILED"),
        ({"text": "{"}, "refused", "INVALID_JSON"),
        ({"body": {"n": 2}, "sign": False}, "refused", "SIGNATURE_INVALID"),
        ({"body": {"n": 2}, "method": "POST"}, "refused", "METHOD_NOT_ALLOWED"),
    ):
        told = (await ask(house, path, "test", sample)).body
        assert (told["verdict"], (told["error"] or {}).get("code")) == (verdict, code), told
    assert len(await house.facts()) == 1
    assert len(await listed(house, path, 6, "?kind=test")) == 6


async def test_a_test_with_a_key_is_sent_once(house: House) -> None:
    """The second time it finds the run, as a repeated delivery does."""
    path = await house.webhook({}, secrets=[SECRET])
    key = {"Idempotency-Key": "k1"}
    first = (await ask(house, path, "test", headers=key)).body
    again = (await ask(house, path, "test", headers=key)).body
    assert (first["verdict"], again["verdict"]) == ("accepted", "duplicate")
    assert first["run_id"] == again["run_id"]


async def test_a_webhook_that_is_off_takes_no_test(house: House) -> None:
    """As it takes no delivery."""
    path = await house.webhook({}, secrets=[SECRET], enabled=False)
    told = (await ask(house, path, "test")).body
    assert (told["verdict"], told["error"]["code"]) == ("refused", "WEBHOOK_DISABLED")


async def test_a_simulation_shows_what_would_be(house: House) -> None:
    """Verdict, scope, filter and response; no run, and nothing in the history."""
    path = await house.webhook(
        {
            "filter": "$.n > 1",
            "response": {"status": 201, "body": "hello {{ trigger.payload.n }}"},
        },
        secrets=[SECRET],
        vars={"who": "ada"},
    )
    told = (await ask(house, path, "simulate", {"body": {"n": 2}, "delivery_id": "d9"})).body
    assert (told["verdict"], told["delivery_id"]) == ("accepted", "d9")
    assert told["scope"]["vars"] == {"who": "ada"}
    assert told["scope"]["trigger"]["payload"] == told["scope"]["input"] == {"n": 2}
    assert (told["answer"]["status"], told["answer"]["body"]) == (201, "hello 2")
    webhook = path.removeprefix("/hooks/")
    assert told["run_id"] == ids.derived("run", "acme", webhook, "d9")
    dropped = (await ask(house, path, "simulate", {"body": {"n": 1}})).body
    assert (dropped["verdict"], dropped["answer"]) == ("filtered", None)
    assert "filter" in dropped["dropped"]
    assert dropped["scope"]["input"] == {"n": 1}
    refused = (await ask(house, path, "simulate", {"text": "{"})).body
    assert (refused["verdict"], refused["error"]["code"]) == ("refused", "INVALID_JSON")
    assert await house.facts() == []
    assert await house.platform.deliveries.last_seq() == 0


async def test_a_simulation_checks_a_real_signature(house: House) -> None:
    """The headers as the sender wrote them, over the text as it sent it."""
    path = await house.webhook({}, secrets=[SECRET])
    body = '{ "n":  2 }'
    sample = {"text": body, "headers": signed(body.encode()), "sign": False}
    assert (await ask(house, path, "simulate", sample)).body["verdict"] == "accepted"
    sample["text"] = '{"n":2}'
    told = (await ask(house, path, "simulate", sample)).body
    assert told["error"]["code"] == "SIGNATURE_INVALID"


async def test_a_simulation_knows_a_repetition(house: House) -> None:
    """Of a delivery that has started a run."""
    path = await house.webhook({}, secrets=[SECRET])
    first = await ask(house, path, "test", {"delivery_id": "d1"})
    told = (await ask(house, path, "simulate", {"delivery_id": "d1"})).body
    assert (told["verdict"], told["run_id"]) == ("duplicate", first.body["run_id"])


@pytest.mark.parametrize(
    "sample",
    [
        {"body": 1, "text": "1"},
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\r\nc: d"}},
        {"method": "TRACE"},
        {"content_type": "nonsense"},
        {"unknown": 1},
    ],
)
async def test_a_sample_that_is_none_is_refused(house: House, sample: dict[str, Any]) -> None:
    """Before it is judged."""
    path = await house.webhook({}, secrets=[SECRET])
    for what in ("test", "simulate"):
        answer = await ask(house, path, what, sample)
        assert (answer.status, answer.code) == (422, "INVALID_REQUEST")


async def test_who_may_only_look_sends_nothing(house: House) -> None:
    """A viewer simulates; a test starts a run."""
    path = await house.webhook({}, secrets=[SECRET])
    assert (await ask(house, path, "simulate", key="viewer")).status == 200
    assert (await ask(house, path, "test", key="viewer")).status == 403
