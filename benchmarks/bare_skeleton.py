"""The skeleton of W1 on bare nats-py clients: nothing of Weir in it but its expressions.

Like `skeleton.py`, without Weir's connection: what anyone reaches who writes the same two
processes with the client library as it comes. Pipelined publishes, each acknowledged, and an
ordered consumer.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Sequence
from typing import Any

import nats
import orjson
import uvloop
from nats.aio.msg import Msg

from benchmarks.skeleton import Requests, decider

FIRST = {"Nats-Expected-Last-Subject-Sequence": "0"}


class Publishing:
    """Appends whose acknowledgements are awaited together."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def begin(self) -> None:
        """Listen for acknowledgements."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._acknowledged)

    async def append_all(
        self, appends: Sequence[tuple[str, bytes]], headers: dict[str, str] | None = None
    ) -> None:
        """Publish them and wait until all are stored."""
        stored = []
        for subject, data in appends:
            reply = f"{self._inbox}.{next(self._numbers)}"
            future = self._waiting[reply] = asyncio.get_running_loop().create_future()
            stored.append(future)
            await self._client.publish(subject, data, reply=reply, headers=headers)
        await asyncio.gather(*stored)

    async def _acknowledged(self, message: Msg) -> None:
        answer = orjson.loads(message.data)
        future = self._waiting.pop(message.subject)
        if "error" in answer:
            future.set_exception(RuntimeError(answer["error"]["description"]))
        else:
            future.set_result(None)


async def trigger(url: str, port: int) -> None:
    """POST / → start fact → wait for the end → answer."""
    client = await nats.connect(url, name="bare-trigger", pending_size=64 * 1024 * 1024)
    publishing = Publishing(client)
    await publishing.begin()
    requests = Requests(lambda facts: publishing.append_all(facts, FIRST))

    async def ended(message: Msg) -> None:
        requests.ended(message.subject, message.data)

    await client.subscribe("live.*.bare.*.ev", cb=ended)
    await requests.serve(port)


async def scheduler(url: str) -> None:
    """Start fact → three expressions → one append."""
    client = await nats.connect(url, name="bare-scheduler", pending_size=64 * 1024 * 1024)
    publishing = Publishing(client)
    await publishing.begin()
    decide = decider()
    arrived: asyncio.Queue[Msg] = asyncio.Queue()
    await client.jetstream().subscribe(
        "run.*.bare.*.in.>", cb=arrived.put, ordered_consumer=True, deliver_policy="new"
    )
    while True:
        batch = [await arrived.get()]
        while not arrived.empty():
            batch.append(arrived.get_nowait())
        await publishing.append_all(
            [
                (message.subject.replace(".in.start", ".ev"), orjson.dumps(decide(message.data)))
                for message in batch
            ]
        )


if __name__ == "__main__":
    role, url, extra = sys.argv[1:4]
    uvloop.run(trigger(url, int(extra)) if role == "trigger" else scheduler(url))
