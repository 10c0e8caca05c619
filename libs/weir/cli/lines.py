"""`weir logs`: what the steps of a run wrote, and with `-f` what they write until it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from weir.cli.exits import Code
from weir.cli.output import brief, console, tell_line
from weir.cli.place import Named, platform
from weir.cli.view import RUN_ENDED, RunView
from weir.cli.watching import PAUSE_S, follow
from weir.client import Client, SocketLostError

SETTLE_S = 1.0  # lines are stored in batches, shortly after they were written

Show = Callable[[Mapping[str, Any]], None]


async def logs(
    where: Named, run_id: str, filters: Mapping[str, str], *, following: bool, as_json: bool
) -> Code:
    """Print the lines of a run; `filters` are `step` and `level`, empty takes all."""
    query = {name: value for name, value in filters.items() if value}
    show = tell_line if as_json else _print
    async with platform(where) as client:
        run = await client.get(f"/runs/{run_id}")
        last = "0"
        async for line in client.items(f"/runs/{run_id}/logs", query):
            show(line)
            last = line["id"]
        if following and run["status"] not in RUN_ENDED:
            await _follow(client, run_id, query | {"after": last}, show)
    return Code.OK


async def _follow(client: Client, run_id: str, query: dict[str, str], show: Show) -> None:
    said = asyncio.Event()

    def heard(line: Mapping[str, Any]) -> None:
        said.set()
        show(line)

    tail = asyncio.create_task(_tail(client, run_id, query, heard))
    try:
        await follow(client, RunView(run_id), lambda _: None)
        with contextlib.suppress(TimeoutError):
            while True:
                said.clear()
                await asyncio.wait_for(said.wait(), SETTLE_S)
    finally:
        tail.cancel()
        await asyncio.gather(tail, return_exceptions=True)


async def _tail(client: Client, run_id: str, query: dict[str, str], show: Show) -> None:
    while True:
        with contextlib.suppress(SocketLostError):
            async with aclosing(client.lines(run_id, query)) as frames:
                async for frame in frames:
                    if frame["type"] == "step:log":
                        query["after"] = frame["seq"]
                        at = {"id": frame["seq"], "at": frame["at"], "step": frame["step"]}
                        show({**at, **frame["data"]})
                    elif frame["type"] == "reset":
                        query["after"] = "0"
        await asyncio.sleep(PAUSE_S)


def _print(line: Mapping[str, Any]) -> None:
    fields = f"  {brief(line['fields'])}" if line["fields"] else ""
    console().print(f"{line['at']}  {line['level']:<7}  {line['step']}  {line['message']}{fields}")
