"""A platform's servers in a process of its own, for tests that kill it.

Prints one line of JSON when they are up, then waits for a signal.
"""

from __future__ import annotations

import asyncio
import json
import sys

from weir import settings
from weir.runtime.background import Background
from weir.runtime.servers.supervisor import embedded_servers
from weir.runtime.service import run, stopped_by_signals


async def main() -> None:
    """Start, tell, wait, stop."""
    stop = asyncio.Event()
    with stopped_by_signals(stop):
        found = settings.load(data_dir=sys.argv[1])
        async with embedded_servers(found, Background()) as placed:
            told = {
                "nats": placed.nats_url,
                "seed": str(placed.nats_seed_file),
                "postgres": placed.postgres_dsn.get_secret_value(),
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
            await stop.wait()


if __name__ == "__main__":
    run(main())
