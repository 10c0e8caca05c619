"""Subscriptions: where they begin, paused, resumed, replayed; what becomes of other versions."""

from __future__ import annotations

import pytest

from tests.unit.bus.house import bus_house
from tests.waiting import eventually


async def test_new_begins_with_what_comes_after_the_publish() -> None:
    """What lay there before starts nothing; `all` begins with it."""
    async with bus_house() as house:
        await house.say("a.x", {"n": 1})
        await house.listening({"subject": "a.>"})
        await house.say("a.x", {"n": 2})
        (started,) = await house.count(1)
        assert started.input == {"n": 2}
        await house.listening({"subject": "a.>", "deliver": "all"})
        assert sorted(one.input["n"] for one in await house.count(3)) == [1, 2, 2]


@pytest.mark.parametrize("wrong", [{"deliver": "sequence"}, {"deliver": "time", "time": "noon"}])
async def test_a_beginning_that_is_none_is_refused(wrong: dict[str, str]) -> None:
    """At publish."""
    async with bus_house() as house:
        with pytest.raises(AssertionError, match="DEFINITION_INVALID"):
            await house.listening({"subject": "a.>", **wrong})


async def test_what_is_paused_waits() -> None:
    """Events are kept, counted as waiting, and start their runs once it goes on."""
    async with bus_house() as house:
        await house.listening({"subject": "a.>"})
        shown = await house.subscription()
        path = f"/api/v1/subscriptions/{shown['id']}"
        paused = await house.ask("POST", f"{path}/pause", json={"reason": "repairs"})
        assert (paused.body["enabled"], paused.body["reason"]) == (False, "repairs")

        async def heard() -> bool:
            await house.say("a.x", {"n": 0})
            return int((await house.subscription())["waiting"]) > 0

        await eventually(heard)
        waiting = (await house.subscription())["waiting"]
        before = len(await house.starts())
        assert (await house.ask("POST", f"{path}/resume")).body["reason"] is None
        await house.settled()
        assert len(await house.starts()) == before + waiting


async def test_a_replay_starts_each_event_anew() -> None:
    """From a sequence or a time on; each replay counts as a generation."""
    async with bus_house() as house:
        await house.listening({"subject": "a.>"})
        for number in (1, 2, 3):
            await house.say("a.x", {"n": number})
        await house.count(3)
        shown = await house.settled()
        path = f"/api/v1/subscriptions/{shown['id']}/replay"
        told = await house.ask("POST", path, json={"sequence": 2, "reason": "wrong prices"})
        assert (told.body["generation"], told.body["reason"]) == (2, "wrong prices")
        assert sorted(one.input["n"] for one in await house.count(5)) == [1, 2, 2, 3, 3]
        await house.ask("POST", path, json={"time": "2020-01-01T00:00:00Z"})
        assert sorted(one.input["n"] for one in await house.count(8)) == [1, 1, 2, 2, 2, 3, 3, 3]


@pytest.mark.parametrize("body", [{}, {"sequence": 1, "time": "2020-01-01T00:00:00Z"}])
async def test_a_replay_says_where_to_begin(body: dict[str, object]) -> None:
    """Once."""
    async with bus_house() as house:
        await house.listening({"subject": "a.>"})
        path = f"/api/v1/subscriptions/{(await house.subscription())['id']}/replay"
        assert (await house.ask("POST", path, json=body)).status in {400, 422}


async def test_another_version_listens_to_something_else() -> None:
    """The subscription stays; one whose trigger is gone ends, and begins anew when it is back."""
    async with bus_house() as house:
        workflow = await house.listening({"subject": "a.>"})
        draft = (await house.ask("GET", f"/api/v1/workflows/{workflow}")).body["definition"]

        async def publish() -> None:
            sent = {"json": draft, "headers": {"If-Match": "*"}}
            assert (await house.ask("PUT", f"/api/v1/workflows/{workflow}", **sent)).status == 200
            await house.republished(workflow)

        heard = draft["nodes"][0]
        heard["config"]["subject"] = "b.>"
        first = await house.subscription()
        await publish()

        async def listens() -> bool:
            await house.say("b.x", {"n": 2})
            return bool(await house.starts())

        await eventually(listens)
        assert (await house.subscription())["id"] == first["id"]
        draft["nodes"][0] = {"id": "go", "type": "manual"}
        draft["edges"][0]["source"] = "go"
        await publish()
        assert (await house.subscription())["active"] is False
        draft["nodes"][0] = heard
        draft["edges"][0]["source"] = "heard"
        await publish()
        shown = await house.subscription()
        assert (shown["active"], shown["generation"]) == (True, 2)


async def test_events_over_http() -> None:
    """JSON by `subject`, CloudEvents alone and in batches; the same key is one event."""
    async with bus_house() as house:
        await house.listening({"subject": ">"})
        path = "/api/v1/events"
        key = {"Idempotency-Key": "k1"}
        for _ in range(2):
            told = await house.ask(
                "POST", path, json={"n": 1}, headers=key, params={"subject": "a.x"}
            )
            assert told.status == 202
        event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "a.y", "data": {"n": 2}}
        cloud = {"Content-Type": "application/cloudevents+json"}
        assert (await house.ask("POST", path, json=event, headers=cloud)).status == 202
        batch = {"Content-Type": "application/cloudevents-batch+json"}
        many = [event | {"id": str(number), "data": {"n": number}} for number in (1, 3, 4)]
        told = await house.ask("POST", path, json=many, headers=batch)
        assert [one["subject"] for one in told.body["items"]] == ["a.y"] * 3
        started = await house.count(4)
        await house.settled()
        assert sorted(one.input["n"] for one in await house.starts()) == [1, 2, 3, 4]
        assert {one.trigger["subject"] for one in started} == {"a.x", "a.y"}


@pytest.mark.parametrize("subject", ["", "a.*", ">", "a..b", "a b", ".a"])
async def test_what_has_no_subject_is_refused(subject: str) -> None:
    """Nothing is stored."""
    async with bus_house() as house:
        told = await house.ask("POST", "/api/v1/events", json={}, params={"subject": subject})
        assert (told.status, told.body["error"]["code"]) == (422, "EVENT_INVALID")
        assert await house.platform.bus.last_seq() == 0
