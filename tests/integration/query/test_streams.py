"""What a step says while it works, from a function of a worker to the socket of a browser."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from services.embedded.service import build as build_all
from services.query import streams
from tests.http_house import House, memory_platform
from tests.integration.query.test_sockets import connected
from tests.waiting import within
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.sdk import TaskContext, ThreadContext, Worker, task

if TYPE_CHECKING:
    import pytest

    from tests.integration.query.conftest import Site

API = "/api/v1"


def said(number: int, *chunks: Any, **more: Any) -> bytes:
    """A message of a worker."""
    told = {"step": "write", "attempt": 1, "number": number, "dropped": 0, "chunks": chunks}
    return orjson.dumps({**told, **more})


async def test_what_a_step_says_is_shown_beside_the_run(site: Site) -> None:
    """In order, by the mark of the run's last frame; nothing of another run or of no shape."""
    scribe, live = site.scribe(), site.platform.live
    await scribe.start()
    await scribe.dispatch("write")
    subject = subjects.step_stream(scribe.key.tenant, scribe.run_id)
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        last = (await socket.until("step:dispatched"))[-1]
        await live.publish(subjects.step_stream("other", scribe.run_id), said(1, "alien"))
        for broken in (b"", b"{", b"[]", b"{}", said(1, "x", attempt="y"), said(1, more=1)):
            await live.publish(subject, broken)
        await live.publish(subject, said(1, "x" * streams.MESSAGE))
        await live.publish(subject, said(1, "Hello"))
        await live.publish(subject, said(3, {"n": 1}, dropped=4))
        one, two = await socket.frames(2)
        assert (one["type"], one["step"], one["run_id"]) == ("step:stream", "write", scribe.run_id)
        assert one["data"] == {"attempt": 1, "number": 1, "dropped": 0, "chunks": ["Hello"]}
        assert two["data"] == {"attempt": 1, "number": 3, "dropped": 4, "chunks": [{"n": 1}]}
        assert one["seq"] == two["seq"] == last["seq"], "resuming behind it resumes the run"
        await socket.socket.send_json({"type": "unsubscribe", "run_id": scribe.run_id})
        await socket.until("connection:unsubscribed")
        await live.publish(subject, said(4, "nobody looks"))
        await scribe.succeed("write")
        await socket.subscribe(scribe, one["seq"])
        assert "step:stream" not in [each["type"] for each in await socket.frames(1)]


async def test_what_waits_for_a_peer_is_bounded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than may be held is left out, and its number with it."""
    monkeypatch.setattr(streams, "HELD", 1_000)
    scribe = site.scribe()
    await scribe.start()
    await scribe.dispatch("write")
    subject = subjects.step_stream(scribe.key.tenant, scribe.run_id)
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        await socket.until("step:dispatched")
        for number in range(1, 30):
            await site.platform.live.publish(subject, said(number, "x" * 800))
        shown = await socket.frames(1)
        await site.platform.live.publish(subject, said(30, "after"))
        while shown[-1]["data"]["number"] < 30 and shown[-1]["data"]["chunks"] != ["after"]:
            shown += await socket.frames(1)
        numbers = [one["data"]["number"] for one in shown]
    assert numbers == sorted(set(numbers))


@task("tell", queue="mine")
async def tell(count: int, ctx: TaskContext) -> str:
    """Says numbers, and waits until the last one can have been seen."""
    for number in range(count):
        ctx.stream(f"{number} ")
        await asyncio.sleep(0)
    ctx.stream({"done": count})
    return "told"


@task("tell-thread", queue="mine")
def tell_thread(count: int, ctx: ThreadContext) -> str:
    """The same from a thread; what is changed afterwards is not what was said."""
    list_ = [0]
    for number in range(count):
        list_[0] = number
        ctx.stream(list_)
    return "told"


async def test_a_function_speaks_to_a_browser() -> None:
    """All of it is there before its step has ended; the result is what the function returned."""
    platform = memory_platform(Broker(SystemClock()).connect())
    stop = asyncio.Event()
    async with House(platform, build_all(platform)) as house:
        nodes = [
            {"id": "go", "type": "manual"},
            {"id": "wait", "type": "wait_signal", "config": {"name": "on"}},
            *(
                {"id": name, "type": "task", "queue": "mine", "config": {"task": each, "input": 5}}
                for name, each in (("one", "tell"), ("two", "tell-thread"))
            ),
        ]
        edges = [("go", "wait"), ("wait", "one"), ("one", "two")]
        definition = {
            "name": "tells",
            "nodes": nodes,
            "edges": [{"source": source, "target": target} for source, target in edges],
        }
        made = await house.ask("POST", f"{API}/workflows", json=definition)
        path = f"{API}/workflows/{made.body['id']}"
        published = await house.ask("POST", f"{path}/versions", json={})
        assert published.status == 201, published.body
        started = await house.ask("POST", f"{path}/runs", json={"input": {}})
        run_id = started.body["run_id"]
        worker = Worker(tasks=[tell, tell_thread])
        serving = asyncio.create_task(worker.serve(platform, stop))
        frames: list[dict[str, Any]] = []
        async with house.socket(f"{API}/ws", "viewer") as socket:
            await socket.send_json({"type": "subscribe", "run_id": run_id})
            while not frames or frames[-1]["type"] != "connection:completed":
                frames.append(dict(await within(socket.receive_json())))
                if frames[-1]["type"] == "input:required":
                    await house.ask("POST", f"{API}/runs/{run_id}/signals", json={"name": "on"})
        stop.set()
        await within(serving)
    told = [one for one in frames if one["type"] == "step:stream"]
    chunks = [chunk for one in told if one["step"] == "one" for chunk in one["data"]["chunks"]]
    texts = "".join(one for one in chunks if isinstance(one, str))
    assert (texts, chunks[-1]) == ("0 1 2 3 4 ", {"done": 5})
    threads = [chunk for one in told if one["step"] == "two" for chunk in one["data"]["chunks"]]
    assert threads == [[0], [1], [2], [3], [4]][: len(threads)]
    types = [(one["type"], one["step"]) for one in frames]
    assert types.index(("step:stream", "one")) < types.index(("step:succeeded", "one"))
