"""Limits of tenants and of addresses, seen from outside and from beside."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import pytest
from aiohttp.web import StreamResponse

from services.embedded.routes import routes as every_route
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, House, house_on_memory, memory_platform
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import IdentityRecord, RateLimit, TenantSaved
from weir.core.rates import Rate
from weir.ports.log import Append
from weir.runtime.access import Permission
from weir.runtime.authn import Authenticator
from weir.runtime.http import strangers
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.gate import limit_of
from weir.runtime.http.limits import SHARE, Limits
from weir.runtime.http.openapi import document
from weir.runtime.http.route import API, Route
from weir.runtime.http.strangers import Strangers
from weir.runtime.platform import Platform
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates
from weir.settings import Settings

WHO = f"{API}/who"


async def _who(call: Call) -> Reply:
    return Reply({"tenant": call.tenant})


async def _lines(call: Call) -> StreamResponse:
    response = await call.stream("application/x-ndjson")
    await response.write(b"{}\n")
    await response.write_eof()
    return response


ROUTES = (
    Route("GET", f"{API}/lines", _lines, Permission.RUNS_READ, "Lines", "t"),
    Route("GET", WHO, _who, Permission.RUNS_READ, "Who", "t"),
    Route("GET", f"{API}/editors", _who, Permission.WORKFLOWS_WRITE, "Editors", "t"),
    Route("GET", f"{API}/credentials", _who, Permission.SELF, "Names", "t"),
)


def house_with(*limits: str, **settings: Any) -> House:
    """The routes above; every limit that is not named is off."""
    house = house_on_memory(build_trigger, limits=("off", *limits), **settings)
    house.extra = ROUTES
    return house


async def test_a_tenant_has_so_many_requests_and_each_answer_says_how_many_are_left() -> None:
    """Then 429 with how long to wait, and other limits and tenants are not touched."""
    async with house_with("api=3/1h", "credentials=9/1h") as house:
        answers = [await house.ask("GET", WHO) for _ in range(4)]
        assert [one.status for one in answers] == [200, 200, 200, 429]
        headers = [one.headers for one in answers]
        assert [one["X-RateLimit-Remaining"] for one in headers] == ["2", "1", "0", "0"]
        assert {one["X-RateLimit-Limit"] for one in headers} == {"3"}
        assert all(int(one["X-RateLimit-Reset"]) > 1_700_000_000 for one in headers)
        assert answers[3].code == "RATE_LIMITED"
        assert answers[3].body["error"]["details"] == {"limit": "api", "count": 3}
        assert 1 <= int(headers[3]["Retry-After"]) <= 1200
        assert (await house.ask("GET", f"{API}/credentials")).status == 200
        issuer = Authenticator(house.platform.identity, house.platform.clock)
        _, other = await issuer.issue(tenant="other", name="x", role="viewer", by="test")
        assert (await house.ask("GET", WHO, key=other)).status == 200


def test_the_product_has_limits_unless_somebody_says_otherwise() -> None:
    """Those of the page, and quotas of nothing."""
    settings = Settings(memory=True, limits=())
    found = {name: (rate.count, rate.window_ms) for name, rate in settings.rates.items() if rate}
    minute = 60_000
    assert found == {
        "api": (1_000, minute),
        "hooks": (5_000, minute),
        "start": (100, minute),
        "credentials": (50, minute),
        "address": (300, minute),
    }
    assert settings.quota_counts == {}


async def test_an_answer_in_pieces_has_the_headers_of_every_answer() -> None:
    """Exports too say how the limit stands, and are kept nowhere."""
    async with house_with("api=5/1h") as house:
        answer = await house.ask("GET", f"{API}/lines")
        assert (answer.status, answer.body) == (200, b"{}\n")
        assert answer.headers["X-RateLimit-Remaining"] == "4"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-ID"].startswith("req_")


async def test_who_may_not_is_counted_too() -> None:
    """A viewer who tries for ever is slowed like everybody else."""
    async with house_with("api=2/1h") as house:
        found = [await house.ask("GET", f"{API}/editors", key="viewer") for _ in range(3)]
        assert [one.status for one in found] == [403, 403, 429]
        assert found[0].headers["X-RateLimit-Remaining"] == "1"


async def test_without_a_limit_nothing_is_counted() -> None:
    """No header says something that is not so."""
    async with house_with() as house:
        answer = await house.ask("GET", WHO)
        assert answer.status == 200
        assert "X-RateLimit-Limit" not in answer.headers


async def test_a_tenants_own_limit_counts_and_a_change_is_felt() -> None:
    """What its record says goes before the installation's; 0 is none."""
    async with house_with("api=100/1h") as house:
        await _save(house.platform, RateLimit(name="api", count=1, window_ms=3_600_000))
        assert [(await house.ask("GET", WHO)).status for _ in range(2)] == [200, 429]
        await _save(house.platform, RateLimit(name="api", count=0, window_ms=0))
        house2 = House(house.platform)
        house2.extra = ROUTES
        async with house2:

            async def open_again() -> bool:
                return (await house2.ask("GET", WHO)).status == 200

            await eventually(open_again)


async def test_deliveries_count_to_the_tenant_of_the_webhook() -> None:
    """After it was found, before anything else is done for it."""
    async with house_with("hooks=2/1h") as house:
        hook = await house.webhook({"scheme": "none"})
        found = [await house.ask("POST", hook, key=None, json={}) for _ in range(3)]
        assert [one.status for one in found] == [202, 202, 429]
        assert found[1].headers["X-RateLimit-Remaining"] == "0"


async def test_deliveries_to_a_webhook_that_is_switched_off_are_counted() -> None:
    """Who goes on sending to one takes from the tenant's limit as everybody does."""
    async with house_with("hooks=1/1h") as house:
        hook = await house.webhook({"scheme": "none"}, enabled=False)
        found = [(await house.ask("POST", hook, key=None, json={})).status for _ in range(2)]
        assert found == [404, 429]


async def test_keys_that_nobody_knows_are_counted_by_address() -> None:
    """Refused before they are looked up; a key that was let in a while ago is let in still."""
    async with house_with("address=3/1h") as house:
        assert (await house.ask("GET", WHO)).status == 200
        wrong = "weir_key_" + "a" * 26 + "_" + "b" * 52
        found = [(await house.ask("GET", WHO, key=wrong)).status for _ in range(4)]
        assert found == [401, 401, 401, 429]
        refused = await house.ask("GET", WHO, key="editor")
        assert (refused.status, refused.body["error"]["details"]) == (429, {"limit": "address"})
        assert (await house.ask("GET", WHO)).status == 200
        assert (await house.ask("GET", "/health", key=None)).status == 200


async def test_webhooks_that_nobody_knows_are_counted_by_address() -> None:
    """Guessing their addresses ends soon; deliveries to those that there are go on."""
    async with house_with("address=2/1h") as house:
        hook = await house.webhook({"scheme": "none"})
        assert (await house.ask("POST", hook, key=None, json={})).status == 202
        guesses = [f"/hooks/hook_{letter * 26}" for letter in "abcd"]
        found = [(await house.ask("POST", one, key=None, json={})).status for one in guesses]
        assert found == [404, 404, 429, 429]
        assert (await house.ask("POST", hook, key=None, json={"n": 2})).status == 202


async def test_addresses_behind_a_proxy_are_told_apart() -> None:
    """Only where the proxy is trusted: what a caller writes itself is not believed."""
    wrong = "weir_key_" + "a" * 26 + "_" + "b" * 52
    for trusted, last in (((), 429), (("127.0.0.0/8",), 401)):
        async with house_with("address=2/1h", trusted_proxies=trusted) as house:
            statuses = []
            for caller in ("203.0.113.7", "203.0.113.7", "198.51.100.1, 203.0.113.8"):
                told = {"X-Forwarded-For": caller}
                answer = await house.ask("GET", WHO, key=wrong, headers=told)
                statuses.append(answer.status)
            assert statuses == [401, 401, last]


def test_addresses_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The map is bounded, and all addresses of one network of IPv6 are one caller's."""
    monkeypatch.setattr(strangers, "ADDRESSES", 3)
    found = Strangers(Rate(2, 3_600_000))
    for last in range(9):
        found.failed(f"192.0.2.{last}")
    assert len(found._full_at_ms) == 3
    for last in range(2):
        found.failed(f"2001:db8:1:2::{last}")
    assert found.retry_s("2001:db8:1:2:ffff::1", "") > 0
    assert found.retry_s("2001:db8:1:3::1", "") == 0


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (
            "start",
            {
                "POST /api/v1/workflows/{workflow_id}/runs",
                "POST /api/v1/workflows/{workflow_id}/runs:batch",
                "POST /api/v1/runs/{run_id}/fork",
                "POST /api/v1/runs/{run_id}/retry",
                "POST /api/v1/runs:retry",
                "POST /api/v1/dead-letters/{letter_id}/retry",
                "POST /api/v1/dead-letters:retry",
                "POST /api/v1/webhooks/{webhook_id}/test",
                "POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
                "POST /api/v1/webhooks/{webhook_id}/deliveries:replay",
                "POST /api/v1/subscriptions/{subscription_id}/replay",
            },
        ),
        ("hooks", {"* /hooks/{webhook_id}"}),
    ],
)
def test_what_counts_to_which_limit(limit: str, expected: set[str]) -> None:
    """Starts and deliveries apart; everything that asks for a permission counts to something."""
    everything = [route for owned in every_route().values() for route in owned]
    found = {f"{one.method} {one.pattern}" for one in everything if limit_of(one) == limit}
    assert found == expected
    for route in everything:
        assert limit_of(route) or route.permission is Permission.PUBLIC, route.pattern
        path = document([route], version="0")["paths"]
        documented = "429" in next(iter(next(iter(path.values())).values()))["responses"]
        assert documented >= bool(limit_of(route)), route.pattern


# -- several processes -----------------------------------------------------------


def processes(count: int, rate: Rate) -> tuple[Platform, list[Limits]]:
    """So many processes on one broker, each with a connection of its own."""
    broker = Broker(SystemClock())
    platforms = [memory_platform(broker.connect()) for _ in range(count)]
    found = [
        Limits(
            SharedRates(one.rates),
            Records(one.identity, IdentityRecord),
            one.clock,
            {"api": rate},
        )
        for one in platforms
    ]
    return platforms[0], found


async def passes(limits: Limits) -> bool:
    """Whether one more request may pass."""
    found = limits.take(TENANT, "api") or await limits.ask(TENANT, "api")
    return found.retry_s == 0


@pytest.mark.parametrize("count", [1, 3])
async def test_processes_together_let_no_more_through(count: int) -> None:
    """The limit, what the time adds, and two seconds' worth; one alone uses all of it."""
    rate = Rate(600, 60_000)
    _, limits = processes(count, rate)
    began = monotonic()
    passed = 0
    for turn in range(3_000):
        passed += await passes(limits[turn % count])
    took_s = monotonic() - began
    assert passed <= 600 + (took_s + 2) * 10
    assert passed >= 600 - count * (600 // SHARE)


async def test_many_at_once_share_one_question() -> None:
    """A crowd that comes to an empty bucket is let through by few messages."""
    platform, (limits,) = processes(1, Rate(6_000, 60_000))
    found = await asyncio.gather(*(passes(limits) for _ in range(1_000)))
    assert all(found)
    asked = [one async for batch in platform.rates.read("rate.>") for one in batch]
    assert len(asked) <= 5


async def test_steady_use_never_waits() -> None:
    """The next block is drawn before the last permit is used."""
    _, (limits,) = processes(1, Rate(100_000, 60_000))
    while limits._buckets.get((TENANT, "api")) is None or limits._buckets[TENANT, "api"].block < 64:
        await passes(limits)
    waited = 0
    for _ in range(2_000):
        if limits.take(TENANT, "api") is None:
            waited += 1
            await limits.ask(TENANT, "api")
        await asyncio.sleep(0)
    assert waited <= 3


async def test_a_limit_that_is_used_up_costs_the_broker_little() -> None:
    """It is asked for again only every so often, however many are refused."""
    platform, (limits,) = processes(1, Rate(1, 3_600_000))
    assert await passes(limits)
    for _ in range(500):
        assert not await passes(limits)
    asked = [one async for batch in platform.rates.read("rate.>") for one in batch]
    assert len(asked) <= 2


async def test_while_the_broker_is_away_each_process_counts_for_itself() -> None:
    """From where the limit stood when it was last seen: nobody is stopped, and nobody set free."""
    broker = Broker(SystemClock())
    connection = broker.connect()
    platform = memory_platform(connection)
    rate = Rate(100, 3_600_000)
    tenants = Records(platform.identity, IdentityRecord)
    limits = Limits(SharedRates(platform.rates), tenants, platform.clock, {"api": rate})
    for _ in range(40):
        assert await passes(limits)
    connection.close()
    found = [await passes(limits) for _ in range(200)]
    assert 50 <= sum(found) <= 60
    strange = Limits(SharedRates(platform.rates), tenants, platform.clock, {"api": rate})
    found = [await passes(strange) for _ in range(200)]
    assert sum(found) == 100


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'["a",1,1,1]', b"[1,1,0,0]", b"\xff"])
async def test_a_record_that_cannot_be_read_counts_as_none(data: bytes) -> None:
    """Nobody is locked out by a message that somebody else wrote."""
    platform, (limits,) = processes(1, Rate(5, 3_600_000))
    await platform.rates.append(Append(subjects.rate(TENANT, "api"), data))
    assert [await passes(limits) for _ in range(6)] == [True] * 5 + [False]


async def test_a_quota_of_a_day_is_counted_once_by_all() -> None:
    """What two ask for together is never more than there is."""
    platform, _ = processes(1, Rate(1, 1000))
    subject = subjects.rate(TENANT, "runs_per_day")
    first, second = SharedRates(platform.rates), SharedRates(platform.rates)
    assert (await first.count(subject, 10, 6)).permits == 6
    assert (await second.count(subject, 10, 6)).permits == 4
    assert (await first.count(subject, 10, 1)).permits == 0
    assert await first.used(subject, platform.clock.now_ms()) == 10


async def _save(platform: Platform, *limits: RateLimit) -> None:
    saved = TenantSaved(
        tenant=TENANT, name="x", status="active", limits=limits, created_at="2026-01-01T00:00:00Z"
    )
    record = IdentityRecord.of(saved, id="idr_x", at="2026-01-01T00:00:00Z", by="test")
    await platform.identity.append(Append(subjects.tenant(TENANT), codec.encode(record)))
