"""`weir replay-state` on a platform at work: from the log, and from the archive after the purge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from tests.figures import Count
from tests.integration.acceptance.house import TENANT, House, flow, running
from tests.waiting import eventually
from weir.cli import app
from weir.core.canonical import to_json
from weir.core.state import ENDED
from weir.runtime.archive import Archive

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database: str, count: Count) -> AsyncIterator[House]:
    """A platform that purges what it has archived at once."""
    async with running(database, count, hot_period="100ms") as house:
        yield house


async def replayed(house: House, run_id: str) -> bytes:
    """What the command prints."""
    env = {"WEIR_URL": house.url, "WEIR_API_KEY": house.keys[f"{TENANT} admin"]}

    def call() -> bytes:
        done = CliRunner().invoke(app, ["replay-state", run_id], env=env)
        assert done.exit_code == 0, done.output
        # The platform is in this process and logs to the same place.
        (printed,) = [one for one in done.stdout_bytes.splitlines() if one.startswith(b"{")]
        return printed

    return await asyncio.to_thread(call)  # it has a loop of its own


def definitions(outside: str) -> dict[str, dict[str, Any]]:
    """Runs of many kinds."""
    call = {"id": "call", "type": "http_request", "config": {"url": f"{outside}/large?bytes=90000"}}
    refused = {
        "id": "refused",
        "type": "http_request",
        "config": {"url": "http://127.0.0.1:65533/"},
        "retry": {"max_attempts": 2, "initial": "1ms"},
        "on_error": "continue",
    }
    branching = flow(
        "branching", {"id": "ask", "type": "if", "config": {"condition": "{{ input.yes }}"}}
    )
    for name, value in (("yes", "{{ 1.5 * 2 }}"), ("no", "ü")):
        branching["nodes"].append({"id": name, "type": "set", "config": {"values": {"v": value}}})
        edge = {"source": "ask", "source_port": {"yes": "true", "no": "false"}[name]}
        branching["edges"].append({**edge, "target": name})
    return {
        "branching": branching,
        "calling": flow("calling", call, refused),
        "failing": flow(
            "failing",
            {"id": "stop", "type": "fail", "config": {"code": "NO_LUCK", "message": "no"}},
        ),
        "heavy": flow(
            "heavy",
            {
                "id": "many",
                "type": "set",
                "config": {"values": {"v": "{{ range(9000).map(n, n * n).sum() }}"}},
            },
        ),
        "waiting": flow("waiting", {"id": "l", "type": "delay", "config": {"duration": "1h"}}),
    }


async def test_the_state_is_the_owners_before_and_after_the_purge(house: House) -> None:
    """Byte for byte what its owner held: from the log, and from the archive when that is all."""
    published = {
        name: (await house.publish(definition))["workflow_id"]
        for name, definition in definitions(house.outside.url).items()
    }
    runs: dict[str, str] = {}
    for name, workflow in published.items():
        waits = "" if name == "waiting" else "20s"
        runs[name] = (await house.run(workflow, {"yes": True}, wait=waits))["run_id"]
    runs["cancelled"] = (await house.run(published["waiting"], wait=""))["run_id"]

    async def has(run_id: str, status: str) -> bool:
        return bool((await house.ask("GET", f"/runs/{run_id}")).body["status"] == status)

    for name in ("waiting", "cancelled"):
        await eventually(lambda name=name: has(runs[name], "waiting"))  # type: ignore[misc]
    await house.ask("POST", f"/runs/{runs['cancelled']}/cancel", json={})
    await eventually(lambda: has(runs["cancelled"], "cancelled"))
    live: dict[str, bytes] = {}
    for name, run_id in runs.items():
        turns = house.owners.held[run_id]
        live[name] = to_json(turns[max(turns)])
    assert {house.owners.held[r][max(house.owners.held[r])].status for r in runs.values()} == {
        *ENDED,
        "waiting",
    }
    assert {name: await replayed(house, run_id) for name, run_id in runs.items()} == live

    archive = Archive(house.platform.blobs)

    query = next(one for one in house.services if one.name == "query")
    ended = {name: run_id for name, run_id in runs.items() if name != "waiting"}

    async def purged() -> bool:
        await query._archiver.sweep()  # type: ignore[attr-defined] # what the views show by now
        events = [house.key(run_id).events for run_id in ended.values()]
        left = [await house.platform.runs.last(one) for one in events]
        there = [await archive.find(TENANT, run_id) for run_id in ended.values()]
        return not any(left) and all(there)

    await eventually(purged)
    for name, run_id in ended.items():
        assert await replayed(house, run_id) == live[name], name
