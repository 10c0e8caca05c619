"""`weir replay-state`: a run's state made again from its log and its archive.

The messages come as they were stored, byte for byte, and are folded by the same
code that decides runs; the result is the one spelling of that state. `--check`
also proves that nothing of the log is missing or changed (the chain of owner
messages), and that the views show this very state.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson

from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.cli.place import Named, platform
from weir.client import ApiError, Client
from weir.contract import codec, times
from weir.core.canonical import as_value, to_json
from weir.core.graph import Graph, compile_graph
from weir.core.runlog import RunLog
from weir.core.scope import labels_of
from weir.core.state import ENDED
from weir.ports.log import Stored
from weir.runtime.replay import replay

_LOOKS = 5
_RUN = ("status", "input", "output", "error", "labels", "workflow_id", "version", "started_by")
_STEP = ("status", "attempt", "output", "error", "queue", "port")


async def replay_state(where: Named, run_id: str, *, check: bool, as_json: bool) -> Code:
    """Print the canonical state, or with `check` what does not fit it."""
    async with platform(where) as client:
        log = await rebuilt(client, run_id)
        differences = await _differences(client, run_id, log) if check else []
    if not check:
        state = log.tentative
        sys.stdout.buffer.write((b"null" if state is None else to_json(state)) + b"\n")
        return Code.OK
    if as_json:
        tell({"run_id": run_id, "equal": not differences, "differences": differences})
    elif differences:
        for line in differences:
            console().print(line)
    else:
        console().print(
            f"{run_id}: the state made again from the log equals what is shown, "
            "and the chain of its log is whole"
        )
    return Code.FAILED if differences else Code.OK


async def rebuilt(client: Client, run_id: str) -> RunLog:
    """The run folded from its stored messages."""
    items = client.items(f"/runs/{run_id}/events", {"raw": "true"})
    messages = [
        Stored(
            int(item["sequence"]),
            item["subject"],
            item["envelope"].encode(),
            times.to_ms(item["stored_at"]),
        )
        async for item in items
    ]
    graph = await _graph(client, messages)
    return replay(messages, lambda _: graph)


async def _graph(client: Client, messages: Sequence[Stored]) -> Graph | None:
    """The version the run was started with; None if it is not to be had any more."""
    envelopes = (codec.decode(message.data) for message in messages)
    first = next((envelope for envelope in envelopes if envelope.version), None)
    if first is None:
        return None
    path = f"/workflows/{first.workflow_id}/versions/{first.version}"
    try:
        told = await client.get(path)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return compile_graph(told["frozen"], first.version)


async def _differences(client: Client, run_id: str, log: RunLog) -> list[str]:
    """What the views show otherwise. A run that goes on may have moved: look again."""
    found: list[str] = []
    for _ in range(_LOOKS):
        found = [f"chain: {log.broken}"] if log.broken else []
        found += await _compared(client, run_id, log)
        if not found or (log.state is not None and log.state.status in ENDED):
            break
        await asyncio.sleep(0.5)
        log = await rebuilt(client, run_id)
    return found


async def _compared(client: Client, run_id: str, log: RunLog) -> list[str]:
    if log.tentative is None:
        return ["the log holds no start of this run"]
    state = as_value(log.tentative)
    start = state["start"]
    run = await client.get(f"/runs/{run_id}")
    steps = {step["step"]: step async for step in client.items(f"/runs/{run_id}/steps")}
    want = {**start, **{name: state[name] for name in ("status", "output", "error")}}
    want["labels"] = dict(labels_of(log.tentative))
    found = [_difference(name, want[name], run[name]) for name in _RUN]
    for path in sorted(state["steps"].keys() | steps.keys()):
        mine, shown = state["steps"].get(path), steps.get(path)
        if mine is None and "[" in path:
            continue  # of an iteration that has ended: the state has let go of it
        if mine is None or shown is None:
            found.append(f"step {path}: only in the {'views' if mine is None else 'log'}")
            continue
        found += [_difference(f"step {path}: {name}", mine[name], shown[name]) for name in _STEP]
    return [line for line in found if line]


def _difference(name: str, logged: Any, shown: Any) -> str:
    if _plain(logged) == _plain(shown):
        return ""
    return f"{name}: the log says {_short(logged)}, the views show {_short(shown)}"


def _plain(value: Any) -> bytes:
    if isinstance(value, Mapping) and value.keys() == {"$blob"}:
        value = {"$blob": {**value["$blob"], "size": int(value["$blob"]["size"])}}
    return codec.canonical(value)


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) < 80 else f"{text[:79]}…"  # noqa: PLR2004 - a line
