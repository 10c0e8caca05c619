"""Events that belong together: by a key, in batches, or because a run has made them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from tests.http_house import TENANT
from tests.unit.bus.house import SHOW, BusHouse, bus_house
from tests.waiting import eventually
from weir.contract import codec, subjects
from weir.contract.subjects import parse_run
from weir.core.cloudevents import MAX_DEPTH


async def lives(house: BusHouse) -> dict[str, list[tuple[int, int, int]]]:
    """By key, for each run that has ended: its event's number, its first step, its end."""
    starts: dict[str, tuple[str, int]] = {}
    began: dict[str, int] = {}
    found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    async for batch in house.platform.runs.read("run.>"):
        for message in batch:
            run, kind, rest = parse_run(message.subject)
            if (kind, rest) == ("in", "start"):
                started = codec.decode(message.data).events[0].run_started
                if started is not None:
                    starts[run.run_id] = started.input["key"], started.input["n"]
            elif kind == "ev":
                if b'"step_completed"' in message.data:
                    began.setdefault(run.run_id, message.seq)
                if b'"run_succeeded"' in message.data:
                    key, number = starts[run.run_id]
                    found[key].append((number, began[run.run_id], message.seq))
    return found


async def test_runs_of_a_key_go_on_one_at_a_time_in_the_order_of_the_bus() -> None:
    """Each begins when the one before it has ended; other keys do not wait."""
    async with bus_house() as house:
        pause = {"id": "pause", "type": "delay", "config": {"duration": "5ms"}}
        looks = {"id": "looks", "type": "set", "config": {"values": {"n": "{{ input.n }}"}}}
        workflow = {
            "schema": "weir/v1",
            "name": "Ordered",
            "nodes": [
                {
                    "id": "heard",
                    "type": "event",
                    "config": {"subject": "o.>", "ordering_key": "{{ trigger.payload.key }}"},
                },
                looks,
                pause,
            ],
            "edges": [
                {"source": "heard", "target": "looks"},
                {"source": "looks", "target": "pause"},
            ],
        }
        made = await house.ask("POST", "/api/v1/workflows", json=workflow)
        await house.republished(made.body["id"])
        for number in range(24):
            await house.say("o.x", {"n": number, "key": f"k{number % 3}"})

        async def ended() -> bool:
            return sum(map(len, (await lives(house)).values())) == 24

        await eventually(ended)
        for theirs in (await lives(house)).values():
            assert theirs == sorted(theirs)
            for (_, _, ended_at), (_, began_at, _) in pairwise(theirs):
                assert ended_at < began_at


async def test_a_batch_is_one_run() -> None:
    """As many as it takes, or what came in its time; the input is the list."""
    async with bus_house() as house:
        await house.listening({"subject": "b.>", "batch": {"size": 3, "seconds": 0.3}})
        for number in range(7):
            await house.say("b.x", {"n": number})
        started = await house.count(3)
        assert [[one["n"] for one in run.input] for run in started] == [[0, 1, 2], [3, 4, 5], [6]]
        assert started[0].trigger["count"] == 3
        assert [one["sequence"] for one in started[0].trigger["events"]] == ["1", "2", "3"]


async def test_events_that_are_the_same_stand_once_in_a_batch() -> None:
    """By their ids."""
    async with bus_house() as house:
        await house.listening({"subject": "b.>", "batch": {"size": 3, "seconds": 30}})
        headers = {"ce-specversion": "1.0", "ce-source": "/s", "ce-type": "t"}
        for number in (1, 1, 2):
            await house.say("b.x", {"n": number}, headers | {"ce-id": str(number)})
        (started,) = await house.count(1)
        assert [one["n"] for one in started.input] == [1, 2]


async def test_a_batch_with_an_ordering_key_is_refused() -> None:
    """At publish, with what is wrong."""
    async with bus_house() as house:
        config = {"subject": "b.>", "batch": {"size": 3}, "ordering_key": "{{ trigger.subject }}"}
        definition = {
            "schema": "weir/v1",
            "name": "Both",
            "nodes": [{"id": "heard", "type": "event", "config": config}, SHOW],
            "edges": [{"source": "heard", "target": "show"}],
        }
        made = await house.ask("POST", "/api/v1/workflows", json=definition)
        told = await house.ask("POST", f"/api/v1/workflows/{made.body['id']}/versions", json={})
        assert (told.status, told.body["error"]["code"]) == (422, "DEFINITION_INVALID")


async def test_a_run_publishes_what_another_one_starts_on() -> None:
    """As a CloudEvent; in a circle the sixteenth time is the last."""
    async with bus_house() as house:
        again = {
            "id": "again",
            "type": "publish_event",
            "config": {
                "subject": "ring.next",
                "type": "ring",
                "data": {"n": "{{ input.n + 1 }}"},
                "extensions": {"color": "red"},
            },
        }
        await house.listening({"subject": "ring.*"}, (again,))
        await house.say("ring.first", {"n": 0})
        await house.count(MAX_DEPTH + 1)
        started = {one.input["n"]: one for one in await house.starts()}
        assert sorted(started) == list(range(MAX_DEPTH + 1))
        assert started[1].trigger["event"]["type"] == "ring"
        assert started[1].trigger["event"]["color"] == "red"
        assert started[MAX_DEPTH].trigger["depth"] == MAX_DEPTH

        async def refused() -> bool:
            async for batch in house.platform.runs.read("run.*.*.*.ev"):
                for message in batch:
                    if b"EVENT_TOO_DEEP" in message.data:
                        return True
            return False

        await eventually(refused)
        assert await house.platform.bus.count(subjects.event(TENANT, ">")) == MAX_DEPTH + 1
