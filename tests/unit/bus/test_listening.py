"""What events come to: runs, nothing, or dead letters."""

from __future__ import annotations

from tests.unit.bus.house import bus_house

CLOUD = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/shop",
    "type": "order.created",
    "time": "2026-03-01T12:00:00Z",
    "subject": "17",
    "tier": "gold",
    "data": {"amount": 5},
}


async def test_a_plain_event_starts_a_run() -> None:
    """The input is what was published; the trigger says where, when and which."""
    async with bus_house() as house:
        await house.listening({"subject": "orders.*"})
        seq = await house.say("orders.new", {"amount": 3}, {"x-shop": "north"})
        await house.say("other.new", {"amount": 4})
        (started,) = await house.count(1)
        assert (started.input, started.trigger_kind) == ({"amount": 3}, "event")
        assert started.trigger["subject"] == "orders.new"
        assert started.trigger["sequence"] == str(seq)
        assert started.trigger["headers"] == {"x-shop": "north"}
        assert started.trigger["event_time"] == started.trigger["stored_at"]


async def test_cloud_events_are_understood_in_both_modes() -> None:
    """Structured and binary mode give the same attributes; the same event starts one run."""
    async with bus_house() as house:
        await house.listening({"subject": ">"})
        await house.say("orders.new", CLOUD, {"Content-Type": "application/cloudevents+json"})
        binary = {f"ce-{name}": str(text) for name, text in CLOUD.items() if name != "data"}
        await house.say("orders.new", {"amount": 5}, binary | {"Content-Type": "application/json"})
        other = binary | {"ce-id": "e-2", "Content-Type": "application/json"}
        await house.say("orders.new", {"amount": 6}, other)
        first, second = await house.count(2)
        await house.settled()
        assert len(await house.starts()) == 2
        assert first.input == {"amount": 5}
        assert first.trigger["event"] == {
            "id": "e-1",
            "source": "/shop",
            "type": "order.created",
            "specversion": "1.0",
            "subject": "17",
            "time": "2026-03-01T12:00:00Z",
            "tier": "gold",
        }
        assert first.trigger["event_time"] == "2026-03-01T12:00:00.000Z"
        assert second.trigger["event"]["datacontenttype"] == "application/json"


async def test_what_the_filter_leaves_out_starts_nothing() -> None:
    """It is counted, and is no letter."""
    async with bus_house() as house:
        config = {"subject": "orders.>", "filter": "{{ trigger.payload.amount > 3 }}"}
        await house.listening(config)
        for amount in (1, 5, 2, 9):
            await house.say("orders.new", {"amount": amount})
        started = await house.count(2)
        assert sorted(one.input["amount"] for one in started) == [5, 9]
        shown = await house.settled()
        assert (shown["events"], shown["started"], shown["dropped"]) == (4, 2, 2)


async def test_other_tenants_events_are_not_heard() -> None:
    """A pattern stays within the bus of its tenant."""
    async with bus_house() as house:
        await house.listening({"subject": ">"})
        await house.say("orders.new", {"of": "other"}, tenant="other")
        await house.say("orders.new", {"of": "acme"})
        (started,) = await house.count(1)
        assert started.input == {"of": "acme"}
