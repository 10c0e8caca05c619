"""Events that can start no run: dead letters, with why and what; tried again or given up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.bus.house import BusHouse, bus_house
from tests.waiting import eventually

CASES = {
    "INVALID_JSON": (b"no JSON", {}),
    "EVENT_INVALID": (b'{"amount": 1}', {"ce-id": "1", "ce-specversion": "1.0"}),
    "FILTER_FAILED": (b'{"other": 1}', {}),
    "INPUT_INVALID": (b'{"amount": 50}', {}),
    "EVENT_TOO_DEEP": (b'{"amount": 1}', {"Weir-Depth": "17"}),
}
CONFIG = {"subject": ">", "filter": "{{ trigger.payload.amount > 0 }}"}
SCHEMA = {"type": "object", "properties": {"amount": {"maximum": 10}}}


async def letter(house: BusHouse) -> Any:
    """The only open letter, once it is shown."""
    found: list[Any] = []

    async def there() -> bool:
        found[:] = (await house.ask("GET", "/api/v1/dead-letters")).body["items"]
        return bool(found)

    await eventually(there)
    (one,) = found
    return (await house.ask("GET", f"/api/v1/dead-letters/{one['id']}")).body


@pytest.mark.parametrize("code", CASES)
async def test_an_event_that_starts_nothing_is_a_letter(code: str) -> None:
    """It names the reason and holds the event; the events behind it go on."""
    data, headers = CASES[code]
    async with bus_house() as house:
        workflow = await house.listening(CONFIG, input=SCHEMA)
        seq = await house.say("orders.new", data, headers)
        await house.say("orders.new", {"amount": 2})
        (started,) = await house.count(1)
        assert started.input == {"amount": 2}
        told = await letter(house)
        assert (told["reason"], told["error"]["code"]) == ("event", code)
        assert (told["workflow_id"], told["step"], told["run_id"]) == (workflow, "heard", None)
        payload = told["payload"]
        assert (payload["kind"], payload["sequence"]) == ("event", str(seq))
        assert payload["headers"] == headers
        assert payload.get("text") == "no JSON" if code == "INVALID_JSON" else payload["content"]
        shown = await house.settled()
        assert (shown["refused"], shown["started"]) == (1, 1)


async def test_a_letter_is_tried_again_once_its_workflow_is_mended() -> None:
    """Before that it stays open; afterwards its event starts the run it would have started."""
    async with bus_house() as house:
        workflow = await house.listening({"subject": ">"}, input=SCHEMA)
        await house.say("orders.new", {"amount": 50})
        told = await letter(house)
        path = f"/api/v1/dead-letters/{told['id']}"
        refused = await house.ask("POST", f"{path}/retry", json={})
        assert (refused.status, refused.body["error"]["code"]) == (422, "INPUT_INVALID")
        draft = (await house.ask("GET", f"/api/v1/workflows/{workflow}")).body["definition"]
        draft["input"] = {"type": "object"}
        wide = {"json": draft, "headers": {"If-Match": "*"}}
        assert (await house.ask("PUT", f"/api/v1/workflows/{workflow}", **wide)).status == 200
        await house.republished(workflow)

        async def mended() -> bool:
            return (await house.ask("POST", f"{path}/retry", json={})).status == 202

        await eventually(mended)
        again = await house.ask("POST", f"{path}/retry", json={})
        (started,) = await house.count(1)
        assert started.input == {"amount": 50}
        assert again.body["new_run_id"].startswith("run_")


async def test_a_letter_is_given_up() -> None:
    """With a reason; it is listed no more."""
    async with bus_house() as house:
        await house.listening({"subject": ">"})
        await house.say("orders.new", b"no JSON")
        told = await letter(house)
        path = f"/api/v1/dead-letters/{told['id']}/discard"
        given_up = await house.ask("POST", path, json={"reason": "a test"})
        assert given_up.status == 200

        async def gone() -> bool:
            return not (await house.ask("GET", "/api/v1/dead-letters")).body["items"]

        await eventually(gone)
