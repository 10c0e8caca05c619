"""`weir watch`: a run as it goes on, until it ends.

Frames come over a socket and are asked for again behind the last one seen, so a
broken connection or a restarted platform leaves no hole. While no socket can be
had the run is looked at by requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from rich.live import Live

from weir.cli.exits import Code
from weir.cli.output import console, tell_line
from weir.cli.place import Named, platform
from weir.cli.runs import outcome
from weir.cli.tree import tree
from weir.cli.view import RUN_ENDED, RunView, add_inputs, load
from weir.client import Client, SocketLostError
from weir.contract.errors import PlatformUnreachableError, WeirError

PATIENCE_S = 60.0
PAUSE_S = 0.5
PAUSE_MAX_S = 2.0
MISSES = 3  # sockets that failed in a row, before requests alone are believed
_TEMPORARY = frozenset({429, 502, 503, 504})

Seen = Callable[[Mapping[str, Any]], None]


async def watch(where: Named, run_id: str, *, as_json: bool) -> Code:
    """Show a run until it has ended; the code says how."""
    async with platform(where) as client:
        if as_json:
            view = await follow(client, await load(client, run_id), tell_line)
            return outcome(view.status)
        view = await show(client, run_id)
    return outcome(view.status)


async def show(client: Client, run_id: str) -> RunView:
    """Draw the run as it goes on, and at its end once more with all its values."""
    view = await load(client, run_id)
    out = console()
    if view.status not in RUN_ENDED and out.is_terminal:
        with Live(console=out, transient=True, refresh_per_second=8) as live:
            drawing = asyncio.create_task(_redraw(live, view))
            try:
                await follow(client, view, lambda _: None)
            finally:
                drawing.cancel()
                await asyncio.gather(drawing, return_exceptions=True)
    elif view.status not in RUN_ENDED:
        await follow(client, view, lambda frame: out.print(_line(frame)))
    view = await ended(client, run_id)
    out.print(tree(view, _now_ms()))
    return view


async def trace(client: Client, run_id: str) -> RunView:
    """Wait in silence until the run has ended, and draw it."""
    await follow(client, RunView(run_id), lambda _: None)
    view = await ended(client, run_id)
    console().print(tree(view, _now_ms()))
    return view


async def ended(client: Client, run_id: str) -> RunView:
    """The ended run whole: the views can be a moment behind the socket."""
    until = time.monotonic() + PATIENCE_S
    while True:
        view = await load(client, run_id)
        if view.status in RUN_ENDED or time.monotonic() > until:
            break
        await asyncio.sleep(0.05)
    with contextlib.suppress(WeirError):  # its log may be gone, the views still hold it
        await add_inputs(client, view)
    return view


async def follow(client: Client, view: RunView, seen: Seen) -> RunView:
    """Move the view along until the run has ended; `seen` gets every frame.

    PlatformUnreachableError when nothing answers for a minute.
    """
    after, pause, misses, lost_at = "0", PAUSE_S, 0, 0.0
    view.begin_again()
    while True:
        with contextlib.suppress(SocketLostError):
            async with aclosing(client.frames(view.id, after)) as frames:
                async for frame in frames:
                    pause, misses, lost_at = PAUSE_S, 0, 0.0
                    if not frame["type"].startswith("connection:"):
                        after = frame["seq"]
                        view.apply(frame)
                        seen(frame)
            return view
        misses += 1
        try:
            now = await load(client, view.id)
            lost_at = 0.0
            over = now.status in RUN_ENDED and misses >= MISSES
            if over or after == "0":  # frames that were seen can be ahead of the views
                view.take(now)
            if over:
                # No socket is to be had: one frame of our own tells how it ended.
                data = {"output": view.output, "error": view.error}
                seen({"type": f"run:{view.status}", "run_id": view.id, "data": data})
                return view
        except WeirError as error:
            if error.status not in _TEMPORARY:
                raise
            lost_at = lost_at or time.monotonic()
            if time.monotonic() - lost_at > PATIENCE_S:
                raise PlatformUnreachableError(
                    f"{client.url} has not answered for {PATIENCE_S:g} s; the run goes on without "
                    "being watched."
                ) from error
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_MAX_S)


async def _redraw(live: Live, view: RunView) -> None:
    while True:
        live.update(tree(view, _now_ms(), values=False))
        await asyncio.sleep(0.125)


def _line(frame: Mapping[str, Any]) -> str:
    error = (frame["data"] or {}).get("error")
    why = f"  {error['code']}: {error.get('message', '')}" if error else ""
    step = f"  {frame['step']}" if frame.get("step") else ""
    return f"{frame.get('at', '')}  {frame['type']}{step}{why}"


def _now_ms() -> int:
    return int(time.time() * 1000)
