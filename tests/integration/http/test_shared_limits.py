"""One limit, several processes, a real broker between them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.nats_server import NatsServer
from tests.waiting import within
from weir.adapters.jetstream.link import Link

ASKS = Path(__file__).with_name("asks.py")


@pytest.mark.parametrize(("count", "rate"), [(1000, "1000/1m"), (200, "200/1m")])
async def test_three_processes_let_through_what_one_would(
    link: Link, nats_server: NatsServer, count: int, rate: str
) -> None:
    """Of 10,000 requests: the limit, what the time adds, at most two seconds' worth beside.

    No more than a sixteenth of the limit is left unused by each.
    """
    del link  # its streams are what the processes use
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, str(ASKS), nats_server.url, "3334", rate), stdin=PIPE, stdout=PIPE
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert await within(process.stdout.readline()) == b"ready\n"
    told = await within(asyncio.gather(*(each.communicate(b"go\n") for each in processes)))
    results = [out.split() for out, _ in told]
    passed = sum(int(permits) for permits, _ in results)
    took_s = max(float(seconds) for _, seconds in results)
    per_s = count / 60
    assert passed <= count + (took_s + 2) * per_s
    assert passed >= count - 3 * (count // 16)
    assert all(int(permits) > 0 for permits, _ in results)
