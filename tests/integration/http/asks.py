"""A process that asks for permits as fast as it can: `asks.py <nats url> <count> <rate>`.

It begins when its input says so, and prints how many it got, in how many seconds.
"""

from __future__ import annotations

import asyncio
import sys
from time import monotonic

from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.messages import IdentityRecord
from weir.core.rates import parse_rate
from weir.runtime.http.limits import Limits
from weir.runtime.records import Records
from weir.runtime.shared_rates import SharedRates


async def main(url: str, count: int, rate: str) -> None:
    """Ask so many times."""
    link = await connect(url, name="asks")
    limits = Limits(
        SharedRates(JetStreamLog(link, subjects.RATES)),
        Records(JetStreamLog(link, subjects.IDENTITY), IdentityRecord),
        SystemClock(),
        {"api": parse_rate(rate)},
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    began, passed = monotonic(), 0
    for turn in range(count):
        found = limits.take("acme", "api") or await limits.ask("acme", "api")
        passed += found.retry_s == 0
        if turn % 50 == 0:
            await asyncio.sleep(0.005)
    sys.stdout.write(f"{passed} {monotonic() - began}\n")
    await link.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
