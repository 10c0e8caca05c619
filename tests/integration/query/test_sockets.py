"""The live sockets: history, then what is stored, without a gap or a repeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from yarl import URL

from services.query import peer as peers
from services.query import sockets
from tests.scribe import Scribe, event_of
from tests.waiting import eventually, within
from weir.contract import codec, ids, subjects, times
from weir.contract.marks import mark
from weir.contract.messages import (
    CancelRequested,
    Error,
    LogBatch,
    LogLine,
    RunCancelled,
    RunSucceeded,
    StepCompleted,
    StepFailed,
    TimerSet,
)
from weir.ports.log import Append
from weir.runtime.archive import Archive, Ended, read_run

if TYPE_CHECKING:
    from tests.integration.query.conftest import Site

Frame = dict[str, Any]


class Socket:
    """A browser's end."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> Frame:
        """The next frame."""
        return dict(await within(self.socket.receive_json()))

    async def frames(self, count: int) -> list[Frame]:
        """The next frames."""
        return [await self.frame() for _ in range(count)]

    async def until(self, name: str) -> list[Frame]:
        """Frames up to and including the first of this type."""
        frames = [await self.frame()]
        while frames[-1]["type"] != name:
            frames.append(await self.frame())
        return frames

    async def subscribe(self, scribe: Scribe, after: str | None = None) -> None:
        """Ask for a run and read the confirmation."""
        asked = {"type": "subscribe", "run_id": scribe.run_id}
        await self.socket.send_json(asked if after is None else {**asked, "after": after})


@asynccontextmanager
async def connected(site: Site, path: str = "/ws", **query: str) -> AsyncIterator[Socket]:
    """A socket that was greeted."""
    async with site.client.ws_connect(URL("/api/v1" + path).with_query(query)) as client:
        socket = Socket(client)
        greeting = await socket.frame()
        assert greeting["type"] == "connection:established"
        assert greeting["data"]["heartbeat_ms"] > 0
        yield socket


def types(frames: list[Frame]) -> list[str]:
    """Their types."""
    return [frame["type"] for frame in frames]


async def test_a_run_is_shown_from_its_beginning_to_its_end(site: Site) -> None:
    """History and live events come as one sequence, and the end says that it is one."""
    scribe = site.scribe()
    await scribe.start(labels={"a": "b"})
    await scribe.dispatch("call")
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        before = await socket.frames(4)
        await scribe.succeed("call", 1, {"x": 1})
        await scribe.decide(
            event_of(StepCompleted(output=2), "two"), event_of(RunSucceeded(output="all"))
        )
        after = await socket.frames(4)
    frames = before + after
    assert types(frames) == [
        "connection:subscribed",
        "run:started",
        "step:queued",
        "step:dispatched",
        "step:succeeded",
        "step:succeeded",
        "run:succeeded",
        "connection:completed",
    ]
    shown = frames[1:-1]
    marks = [int(frame["seq"]) for frame in shown]
    assert marks == sorted(set(marks))
    assert {frame["run_id"] for frame in shown} == {scribe.run_id}
    assert [frame["step"] for frame in shown] == [None, "call", "call", "call", "two", None]
    assert shown[0]["data"]["workflow_id"] == "wf_a"
    assert shown[3]["data"]["output"] == {"x": 1}
    assert shown[3]["data"]["attempt"] == 1
    assert shown[5]["data"] == {"output": "all"}
    assert shown[0]["at"] == times.from_ms(scribe.now_ms - 3_000)


async def test_resuming_leaves_no_gap_and_no_repeat(site: Site) -> None:
    """Whatever frame was the last one seen, a new socket goes on behind it."""
    scribe = site.scribe()
    await scribe.start()
    for turn in range(3):
        await scribe.decide(*(event_of(StepCompleted(output=n), f"s{turn}{n}") for n in range(3)))
    await scribe.decide(event_of(RunSucceeded(output=1)))
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        everything = (await socket.until("connection:completed"))[1:-1]
        for seen in range(len(everything)):
            await socket.subscribe(scribe, everything[seen]["seq"])
            rest = (await socket.until("connection:completed"))[1:-1]
            assert rest == everything[seen + 1 :]


async def test_nothing_is_lost_while_events_come_in(site: Site) -> None:
    """Sockets that come and go while a run is written see each event once, in order."""
    scribe, seen = site.scribe(), [0]
    await scribe.start()

    async def write() -> None:
        for number in range(60):
            await scribe.decide(event_of(StepCompleted(output=number), f"s{number}"))
            await asyncio.sleep(0)
        await scribe.decide(event_of(RunSucceeded(output=1)))

    writing = asyncio.create_task(write())
    steps: list[str] = []
    while True:
        async with connected(site) as socket:
            await socket.subscribe(scribe, str(seen[-1]))
            # Each socket lives for a few frames only.
            for frame in await socket.frames(8):
                if frame["step"] is not None:
                    steps.append(frame["step"])
                if not frame["type"].startswith("connection:"):
                    seen.append(int(frame["seq"]))
                if frame["type"] in {"connection:completed", "run:succeeded"}:
                    break
            else:
                continue
            break
    await writing
    assert steps == [f"s{number}" for number in range(60)]
    assert seen == sorted(set(seen))


async def test_a_dropped_broker_connection_leaves_no_hole(site: Site) -> None:
    """Events stored while the service's own link was lost are shown when it is back."""
    scribe = site.scribe()
    await scribe.start()
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        await socket.frames(1)
        await scribe.decide(event_of(StepCompleted(output=1), "one"))
        await socket.until("step:succeeded")
        await interrupt(site)
        await scribe.decide(event_of(StepCompleted(output=2), "two"))
        await scribe.decide(event_of(RunSucceeded(output=2)))
        frames = await socket.until("connection:completed")
    assert types(frames) == ["step:succeeded", "run:succeeded", "connection:completed"]


async def interrupt(site: Site) -> None:
    """Make every reading of the broker start over."""
    log: Any = site.platform.runs
    if hasattr(log, "_connection"):
        log._connection.interrupt()
        return
    link = log._link
    await link._process_op_err(ConnectionResetError())

    async def back() -> bool:
        return bool(link.is_connected)

    await eventually(back)


async def test_frames_are_what_counted(site: Site) -> None:
    """A result that came too late for the owner is never shown as a success."""
    scribe = site.scribe()
    await scribe.start()
    await scribe.dispatch("call")
    seen = scribe.read.next_turn()[0]
    await scribe.succeed("call", 1, "late")
    due = times.from_ms(1_700_000_100_000)
    retry = TimerSet(timer="t", due_at=due, reason="retry", error=Error(code="TIMEOUT"))
    await scribe.decide(event_of(retry, "call"), seen=seen)
    await scribe.dispatch("call", 2)
    await scribe.fail("call", 2)
    await scribe.decide(event_of(StepFailed(error=Error(code="X"), handling="continue"), "call"))
    await scribe.fact("cancel.x", CancelRequested(request_id="x", reason="enough"))
    await scribe.decide(event_of(RunCancelled(reason="enough")))
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        frames = (await socket.until("connection:completed"))[1:-1]
    assert types(frames) == [
        "run:started",
        "step:queued",
        "step:dispatched",
        "step:retrying",
        "step:dispatched",
        "step:attempt_failed",
        "step:caught",
        "run:cancelling",
        "run:cancelled",
    ]
    assert frames[3]["data"] == {"until": due, "error": {"code": "TIMEOUT"}}


async def test_one_socket_shows_many_runs(site: Site) -> None:
    """Each subscription goes its own way; one can be ended."""
    first, second = site.scribe("1"), site.scribe("2")
    await first.start()
    await second.start()
    async with connected(site) as socket:
        for scribe in (first, second):
            await socket.subscribe(scribe)
        await socket.socket.send_json({"type": "unsubscribe", "run_id": first.run_id})
        await socket.until("connection:unsubscribed")
        await first.decide(event_of(StepCompleted(output=1), "unseen"))
        await second.decide(event_of(StepCompleted(output=1), "seen"))
        frames = await socket.until("step:succeeded")
        assert frames[-1]["step"] == "seen"
        await second.decide(event_of(RunSucceeded(output=1)))
        assert (await socket.until("connection:completed"))[-1]["run_id"] == second.run_id


async def test_a_purged_run_is_shown_from_the_archive(site: Site) -> None:
    """What the log no longer holds is shown all the same, and ends."""
    scribe = site.scribe()
    await scribe.simple()
    archive = Archive(site.platform.blobs)
    messages = await read_run(site.platform.runs, archive, scribe.key)
    await archive.put(Ended(scribe.key, messages))
    await scribe.purge()
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        frames = await socket.until("connection:completed")
    assert types(frames)[1:-1] == ["run:started", *["step:succeeded"] * 3, "run:succeeded"]


async def test_a_mark_of_another_log_resets(site: Site) -> None:
    """When the log ends before `after`, the client is told to forget and begins again."""
    scribe = site.scribe()
    await scribe.simple()
    async with connected(site) as socket:
        await socket.subscribe(scribe, str(mark(scribe.seqs[-1] + 1_000, 0)))
        frames = await socket.until("connection:completed")
    assert types(frames)[:3] == ["reset", "connection:subscribed", "run:started"]


BAD: list[tuple[Any, str]] = [
    ("no json", "INVALID_REQUEST"),
    ({"type": "shout"}, "INVALID_REQUEST"),
    ({"type": "subscribe"}, "INVALID_REQUEST"),
    ({"type": "subscribe", "run_id": "x", "after": "-1"}, "INVALID_REQUEST"),
    ({"type": "subscribe", "run_id": "x", "more": 1}, "INVALID_REQUEST"),
    ({"type": "subscribe", "run_id": "../x"}, "RUN_NOT_FOUND"),
    ({"type": "subscribe", "run_id": ids.derived("run", "no")}, "RUN_NOT_FOUND"),
]


async def test_what_cannot_be_done_is_an_error_and_the_socket_lives(site: Site) -> None:
    """Every refusal is a frame with a code; what comes after it is answered."""
    scribe = site.scribe()
    await scribe.simple()
    async with connected(site) as socket:
        for asked, code in BAD:
            if isinstance(asked, str):
                await socket.socket.send_str(asked)
            else:
                await socket.socket.send_json(asked)
            frames = await socket.until("error")
            assert frames[-1]["data"]["code"] == code, asked
        await socket.socket.send_bytes(b"{}")
        assert (await socket.frame())["data"]["code"] == "INVALID_REQUEST"
        await socket.subscribe(scribe)
        await socket.until("connection:completed")


async def test_another_tenants_run_is_unknown(site: Site) -> None:
    """A subscription to it is refused as if it did not exist."""
    scribe = site.scribe(tenant="other")
    await scribe.simple()
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        assert (await socket.until("error"))[-1]["data"]["code"] == "RUN_NOT_FOUND"


async def test_subscriptions_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than allowed is refused; ended ones make room."""
    monkeypatch.setattr(sockets, "SUBSCRIPTIONS", 2)
    scribes = [site.scribe(str(n)) for n in range(3)]
    for scribe in scribes:
        await scribe.start()
    async with connected(site) as socket:
        for scribe in scribes:
            await socket.subscribe(scribe)
        error = (await socket.until("error"))[-1]
        assert error["data"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await socket.subscribe(scribes[0])  # again, not one more
        assert (await socket.until("connection:subscribed"))[-1]["run_id"] == scribes[0].run_id
        await scribes[1].decide(event_of(RunSucceeded(output=1)))
        await socket.until("connection:completed")
        await socket.subscribe(scribes[2])
        assert (await socket.until("connection:subscribed"))[-1]["run_id"] == scribes[2].run_id


async def test_a_peer_that_takes_nothing_is_let_go(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its socket is closed, its feed ends, and the service holds no more than the buffers."""
    monkeypatch.setattr(peers, "PATIENCE_S", 0.2)
    monkeypatch.setattr(peers, "ABORT_S", 0.2)
    scribe = site.scribe()
    await scribe.start()
    for number in range(100):
        await scribe.decide(event_of(StepCompleted(output="x" * 60_000), f"s{number}"))
    before = feeds()
    async with site.client.ws_connect("/api/v1/ws", max_msg_size=0) as client:
        client._conn.transport.pause_reading()  # type: ignore[union-attr]
        await client.send_json({"type": "subscribe", "run_id": scribe.run_id})
        await eventually(lambda: feeding(before + 1))
        await eventually(lambda: feeding(before))
        client._conn.transport.resume_reading()  # type: ignore[union-attr]
        last = await within(drained(client))
    assert last in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}


def feeds() -> int:
    """How many feeds are running in this process."""
    return sum(task.get_name() == "feed" for task in asyncio.all_tasks())


async def feeding(count: int) -> bool:
    """Whether so many feeds are running."""
    return feeds() == count


async def drained(client: ClientWebSocketResponse) -> WSMsgType:
    """The type of the message that is not text."""
    while True:
        message = await client.receive()
        if message.type is not WSMsgType.TEXT:
            return message.type


async def test_a_socket_that_goes_takes_its_feeds_along(site: Site) -> None:
    """No task and no reading is left behind."""
    scribe = site.scribe()
    await scribe.start()
    before = feeds()
    async with connected(site) as socket:
        await socket.subscribe(scribe)
        await socket.until("connection:subscribed")
        assert feeds() == before + 1
    await eventually(lambda: feeding(before))


async def append_lines(site: Site, run_id: str, *messages: str, level: str = "info") -> int:
    """One batch of lines."""
    lines = tuple(LogLine(at=times.from_ms(5), step="a", level=level, message=m) for m in messages)
    batch = LogBatch(tenant="acme", run_id=run_id, lines=lines)
    return await site.platform.logs.append(
        Append(subjects.logs("acme", run_id), codec.encode(batch))
    )


async def test_lines_are_tailed_without_a_gap(site: Site) -> None:
    """Lines of before, then each one as it is stored; a second tail goes on behind a line."""
    scribe = site.scribe()
    await scribe.start()
    seq = await append_lines(site, scribe.run_id, "one", "two")
    path = f"/runs/{scribe.run_id}/logs"
    async with connected(site, path) as socket:
        history = await socket.frames(2)
        await append_lines(site, scribe.run_id, "three")
        live = await socket.frame()
    assert [frame["data"]["message"] for frame in [*history, live]] == ["one", "two", "three"]
    assert {frame["type"] for frame in history} == {"step:log"}
    assert history[0]["seq"] == str(mark(seq, 0))
    async with connected(site, path, after=history[0]["seq"]) as socket:
        assert [f["data"]["message"] for f in await socket.frames(2)] == ["two", "three"]
    listed = await site.get(path)
    assert {line["id"] for line in listed["items"]} <= {f["seq"] for f in [*history, live]}


async def test_a_tail_is_filtered(site: Site) -> None:
    """Only lines of the levels and the step that were asked for."""
    scribe = site.scribe()
    await scribe.start()
    await append_lines(site, scribe.run_id, "quiet")
    await append_lines(site, scribe.run_id, "loud", level="error")
    path = f"/runs/{scribe.run_id}/logs"
    async with connected(site, path, level="error", step="a") as socket:
        assert (await socket.frame())["data"]["message"] == "loud"


async def test_a_tail_of_an_unknown_run_is_refused_before_the_upgrade(site: Site) -> None:
    """The answer is an ordinary 404."""
    unknown = ids.derived("run", "unknown")
    with pytest.raises(WSServerHandshakeError) as refused:
        async with site.client.ws_connect(f"/api/v1/runs/{unknown}/logs"):
            pass
    assert refused.value.status == 404


async def test_sockets_need_a_key_and_a_page_of_ours(site: Site) -> None:
    """Both are checked before the upgrade; an ordinary GET is told what to do."""
    headers = {"Origin": "https://evil.example"}
    with pytest.raises(WSServerHandshakeError) as refused:
        async with site.client.ws_connect("/api/v1/ws", headers=headers):
            pass
    assert refused.value.status == 403
    assert await site.refused("/ws", 400) == "BAD_REQUEST"
    del site.client.headers["Authorization"]
    with pytest.raises(WSServerHandshakeError) as refused:
        async with site.client.ws_connect("/api/v1/ws"):
            pass
    assert refused.value.status == 401
