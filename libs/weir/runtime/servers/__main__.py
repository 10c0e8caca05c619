"""`python -m weir.runtime.servers`: only the embedded servers, for services that run apart.

Prints what each service needs in its environment, then keeps the servers
running until a signal.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys

import weir.loading  # noqa: F401 - first
from weir import settings as configuration
from weir.contract.errors import WeirError
from weir.runtime import telemetry
from weir.runtime.background import Background
from weir.runtime.lifetime import run, stopped_by_signals, unless_crashed
from weir.runtime.servers.datadir import DataDir, Running
from weir.runtime.servers.supervisor import embedded_servers
from weir.settings import Settings


async def main(settings: Settings) -> None:
    """Start, tell, wait, stop; raises what a server that keeps dying said."""
    stop = asyncio.Event()
    watch = Background()
    with stopped_by_signals(stop):
        async with embedded_servers(settings, watch) as placed:
            seed = placed.nats_seed_file
            dsn = placed.postgres_dsn.get_secret_value()
            DataDir(settings.data_dir).announce(
                Running(os.getpid(), "", placed.nats_url, str(seed or ""), dsn)
            )
            sys.stdout.write(f"export WEIR_NATS_URL={placed.nats_url}\n")
            if seed:
                sys.stdout.write(f"export WEIR_NATS_SEED_FILE={seed.parent}/<service>.seed\n")
            sys.stdout.write(f"export WEIR_POSTGRES_DSN={dsn}\n")
            sys.stdout.flush()
            await unless_crashed(stop.wait(), [watch], stop)


if __name__ == "__main__":
    gc.enable()  # loading.py
    try:
        loaded = configuration.load()
        telemetry.configure(loaded, "servers")
        run(main(loaded))
    except WeirError as error:
        sys.exit(f"{error.message} ({error.code})")
