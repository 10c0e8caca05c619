"""Records that cannot be read: the registry goes on without them, at its start and afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.service import build
from tests.http_house import TENANT, House, memory_platform
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import ids, subjects
from weir.ports.log import Append
from weir.runtime import metrics

WORKFLOWS = "/api/v1/workflows"
BAD = {
    subjects.workflow(TENANT, ids.derived("wf", "bad")): b"{",
    subjects.version(TENANT, ids.derived("ver", "bad")): b'{"workflow_published": []}',
    subjects.webhook(ids.derived("hook", "bad")): b'{"at": "noon"}',
    subjects.credential(TENANT, "bad"): b"\xff\xfe",
}


def workflow(name: str) -> dict[str, Any]:
    """A definition."""
    return {"name": name, "nodes": [{"id": "start", "type": "manual"}], "edges": []}


def unreadable() -> float:
    """How many records of the registry were counted as unreadable."""
    return float(metrics.RECORDS_UNREADABLE.labels("registry")._value.get())


@pytest.mark.parametrize("before", [True, False], ids=["at start", "later"])
async def test_lists_go_on_without_what_cannot_be_read(before: bool) -> None:  # noqa: FBT001
    """Four broken records are counted, and everything written around them is listed."""
    platform = memory_platform(Broker(SystemClock()).connect())
    counted = unreadable()

    async def break_records() -> None:
        # At sequences that no other test has.
        for number in range(100 if before else 200):
            await platform.registry.append(Append(f"registry.{TENANT}.request.r{number}", b""))
        for subject, data in BAD.items():
            await platform.registry.append(Append(subject, data))

    if before:
        await break_records()
    registry = build(platform)
    async with House(platform, [registry]) as house:
        first = await house.ask("POST", WORKFLOWS, json=workflow("first"))
        if not before:
            await break_records()
        second = await house.ask("POST", WORKFLOWS, json=workflow("second"))
        sequence = second.headers["Weir-Sequence"]
        listed = await house.ask("GET", f"{WORKFLOWS}?min_sequence={sequence}")
        found = {item["id"] for item in listed.body["items"]}
        assert found == {first.body["id"], second.body["id"]}
        assert unreadable() == counted + len(BAD)
        assert not registry.background.crashed.done()
        bad = await house.ask("GET", f"{WORKFLOWS}/{ids.derived('wf', 'bad')}")
        assert (bad.status, bad.code) == (500, "RECORD_UNREADABLE")


async def test_a_record_that_cannot_be_read_takes_nothing_away() -> None:
    """A workflow whose newest record is broken stays in the list as it was last known."""
    platform = memory_platform(Broker(SystemClock()).connect())
    async with House(platform, [build(platform)]) as house:
        made = await house.ask("POST", WORKFLOWS, json=workflow("kept"))
        subject = subjects.workflow(TENANT, made.body["id"])
        sequence = await platform.registry.append(Append(subject, b"broken"))
        listed = await house.ask("GET", f"{WORKFLOWS}?min_sequence={sequence}")
        assert [item["name"] for item in listed.body["items"]] == ["kept"]
