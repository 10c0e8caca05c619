"""Answers on a socket where each service is a process with its own rights on the broker."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientWebSocketResponse

from tests.fault.house import House, house
from tests.waiting import within
from weir.contract import subjects
from weir.runtime.first_key import TENANT


async def frame(socket: ClientWebSocketResponse, *names: str) -> dict[str, Any]:
    """The next frame of one of these types."""
    while True:
        found = dict(await within(socket.receive_json()))
        if found["type"] in names:
            return found


async def asking(platform: House, node: dict[str, Any]) -> str:
    """A run that waits at this node."""
    definition = {
        "name": f"asks by {node['type']}",
        "nodes": [{"id": "go", "type": "manual"}, {"id": "wait", **node}],
        "edges": [{"source": "go", "target": "wait"}],
    }
    workflow, _ = await platform.publish(definition)
    (run_id,) = await platform.start_runs(workflow, [{}])
    return run_id


async def test_an_answer_reaches_the_service_it_is_for() -> None:
    """One of two triggers takes it, once; who is away is a clear error, and the same id goes on."""
    async with house() as platform:
        platform.add("trigger-2")
        platform.add("approval-1")
        await platform.start("trigger-2", "approval-1")
        signal = {"type": "wait_signal", "config": {"name": "paid"}}
        run_id = await asking(platform, signal)
        url = f"{platform.processes['query'].url}/api/v1/ws"
        async with platform.http.ws_connect(url, headers=platform.authorised) as socket:

            async def answer(run: str, given: Any, answer_id: str) -> dict[str, Any]:
                told = {"run_id": run, "step": "wait", "id": answer_id, "input": given}
                await socket.send_json({"type": "input:response", **told})
                return await frame(socket, "connection:answered", "error")

            await socket.send_json({"type": "subscribe", "run_id": run_id})
            await frame(socket, "input:required")
            done = await answer(run_id, {"n": 1}, "one")
            assert done["type"] == "connection:answered", done
            await platform.ended([run_id])
            key = subjects.run_key(TENANT, run_id)
            taken = [
                one async for batch in platform.log.read(key.fact("signal.*")) for one in batch
            ]
            assert len(taken) == 1
            form = {"title": "How many?", "assignees": ["role:admin"]}
            asked = await asking(platform, {"type": "approval", "config": form})
            await socket.send_json({"type": "subscribe", "run_id": asked})
            await frame(socket, "input:required")
            # The approval service has read of it by then, or says so; keys of nobody decide never.
            refused = await answer(asked, {"option": "approved"}, "two")
            while refused["data"]["code"] == "APPROVAL_NOT_FOUND":
                refused = await answer(asked, {"option": "approved"}, "two")
            assert refused["data"]["code"] == "NOT_ASSIGNED"
            late = await asking(platform, signal)
            await socket.send_json({"type": "subscribe", "run_id": late})
            await frame(socket, "input:required")
            await platform.kill("trigger", "trigger-2")
            away = await answer(late, {"n": 2}, "three")
            assert away["data"]["code"] == "ANSWER_TIMEOUT"
            await platform.start("trigger")
            assert (await answer(late, {"n": 2}, "three"))["type"] == "connection:answered"
            await platform.ended([late])
