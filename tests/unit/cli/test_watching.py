"""Watching a run over connections that break, and where there are no sockets at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.waiting import within
from weir.cli import watching
from weir.cli.view import RunView
from weir.client import ApiError, Client, connect
from weir.contract.errors import PlatformUnreachableError

RUN = "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"
AT = "2026-01-01T00:00:00.000Z"


def frame(seq: int, name: str, step: str | None = None, **data: Any) -> dict[str, Any]:
    """A frame as the query service sends it."""
    return {"type": name, "seq": str(seq), "at": AT, "run_id": RUN, "step": step, "data": data}


FRAMES = (
    frame(1, "run:started", trigger={"node": "start", "kind": "manual"}),
    frame(2, "step:dispatched", "call", queue="default", node_type="http_request", attempt=1),
    frame(3, "step:attempt_failed", "call", error={"code": "HTTP_503", "message": "busy"}),
    frame(4, "step:retrying", "call", until=AT, error={"code": "HTTP_503", "message": "busy"}),
    frame(5, "step:dispatched", "call", queue="default", node_type="http_request", attempt=2),
    frame(6, "step:succeeded", "call", output={"status": 200}, port="out", attempt=2),
    frame(7, "step:skipped", "other"),
    frame(8, "run:succeeded", output=42),
)


class Platform:
    """Answers what watching asks. Sockets send `per_socket` frames and break; 0: there are none."""

    def __init__(self, per_socket: int, *, fails: Sequence[int] = ()) -> None:
        self.per_socket = per_socket
        self.asked: list[str] = []
        self.fails = list(fails)  # statuses of the next looks
        self.status = "running"

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """GET /ws."""
        if not self.per_socket:
            return web.Response(status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(frame(0, "connection:established"))
        after = (await socket.receive_json())["after"]
        self.asked.append(after)
        rest = [one for one in FRAMES if int(one["seq"]) > int(after)]
        for one in rest[: self.per_socket]:
            await socket.send_json(one)
        if len(rest) <= self.per_socket:
            await socket.send_json(frame(8, "connection:completed"))
        await socket.close()
        return socket

    async def run(self, request: web.Request) -> web.Response:
        """GET /runs/{id}."""
        if self.fails:
            status = self.fails.pop(0)
            return web.json_response({"error": {"code": "X", "message": "no"}}, status=status)
        told = {
            "id": RUN,
            "workflow_id": "wf_a",
            "workflow_name": "W",
            "version": "ver_a",
            "status": self.status,
            "trigger": {"node": "start", "kind": "manual"},
            "input": {},
            "output": 42 if self.status == "succeeded" else None,
            "error": None,
            "started_at": AT,
            "ended_at": None,
        }
        self.status = "succeeded"
        return web.json_response(told)

    async def steps(self, request: web.Request) -> web.Response:
        """GET /runs/{id}/steps."""
        return web.json_response({"items": [], "next_cursor": None})

    async def version(self, request: web.Request) -> web.Response:
        """GET /workflows/{id}/versions/{version}: the workflow was deleted."""
        return web.json_response({"error": {"code": "X", "message": "gone"}}, status=404)


@asynccontextmanager
async def served(platform: Platform) -> AsyncIterator[Client]:
    """A client of it."""
    app = web.Application()
    app.router.add_get("/api/v1/ws", platform.socket)
    app.router.add_get("/api/v1/runs/{run}", platform.run)
    app.router.add_get("/api/v1/runs/{run}/steps", platform.steps)
    app.router.add_get("/api/v1/workflows/{workflow}/versions/{version}", platform.version)
    async with TestServer(app) as server, connect(str(server.make_url(""))) as client:
        yield client


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses without length."""
    monkeypatch.setattr(watching, "PAUSE_S", 0.001)
    monkeypatch.setattr(watching, "PAUSE_MAX_S", 0.001)


@pytest.mark.parametrize("per_socket", [1, 3, 100])
async def test_a_broken_socket_leaves_no_hole_and_no_repeat(per_socket: int) -> None:
    """Each frame is seen once, whatever a connection lasts: the next asks behind the last seen."""
    platform = Platform(per_socket)
    seen: list[str] = []
    async with served(platform) as client:
        view = await within(
            watching.follow(client, RunView(RUN), lambda one: seen.append(one["seq"]))
        )
    assert seen == [one["seq"] for one in FRAMES]
    assert platform.asked == [str(after) for after in range(0, len(FRAMES), per_socket)]
    assert (view.status, view.output) == ("succeeded", 42)
    assert {path: step.status for path, step in view.steps.items()} == {
        "start": "succeeded",
        "call": "succeeded",
        "other": "skipped",
    }
    call = view.steps["call"]
    assert (call.attempt, call.type, call.error) == (2, "http_request", None)


async def test_without_sockets_requests_tell_the_end() -> None:
    """A proxy that lets no sockets through: one frame of our own says how the run ended."""
    seen: list[str] = []
    async with served(Platform(0)) as client:
        view = await within(
            watching.follow(client, RunView(RUN), lambda one: seen.append(one["type"]))
        )
    assert seen == ["run:succeeded"]
    assert view.output == 42


async def test_a_platform_that_is_away_for_a_moment_is_waited_for() -> None:
    """503 while it restarts is no reason to give up."""
    async with served(Platform(0, fails=[503, 502, 503])) as client:
        view = await within(watching.follow(client, RunView(RUN), lambda _: None))
    assert view.status == "succeeded"


async def test_a_platform_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the patience, with the address."""
    monkeypatch.setattr(watching, "PATIENCE_S", 0.0)
    async with served(Platform(0, fails=[503] * 100)) as client:
        with pytest.raises(PlatformUnreachableError, match="the run goes on"):
            await within(watching.follow(client, RunView(RUN), lambda _: None))


async def test_a_refusal_ends_the_watch() -> None:
    """What will not get better is told at once."""
    async with served(Platform(0, fails=[404])) as client:
        with pytest.raises(ApiError, match="no"):
            await within(watching.follow(client, RunView(RUN), lambda _: None))
