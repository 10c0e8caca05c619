"""All services in one process, on one event loop.

The only difference to separate processes is who calls `build`, and that one
connection to NATS is shared.
"""

from __future__ import annotations

import asyncio
import os
import sys

from services.approval.service import build as build_approval
from services.collab.service import build as build_collab
from services.embedded.starting import Started
from services.executor.service import build as build_executor
from services.identity.first_person import first_link
from services.identity.service import build as build_identity
from services.query.service import build as build_query
from services.registry.service import build as build_registry
from services.scheduler.service import build as build_scheduler
from services.trigger.service import build as build_trigger
from weir.runtime.background import Background
from weir.runtime.first_key import first_key, shown_once
from weir.runtime.http.page import BUILT, DOCUMENT
from weir.runtime.platform import Platform
from weir.runtime.servers.datadir import DataDir, Running, write_private
from weir.runtime.service import Service, run_services
from weir.settings import Settings
from weir.wiring import connect


def build(platform: Platform) -> list[Service]:
    """All services on one platform. They start together and stop in the reverse of this order."""
    return [
        build_registry(platform),
        build_collab(platform),
        build_identity(platform),
        build_approval(platform),
        build_scheduler(platform),
        build_executor(platform),
        build_query(platform),
        build_trigger(platform),
    ]


async def serve(
    settings: Settings, servers: Background, stop: asyncio.Event, started: Started | None
) -> None:
    """Run them where the settings say, until `stop` is set or one fails, of `servers` too."""
    async with connect(settings, "embedded") as platform:
        key = await _key(platform)

        async def announce(url: str) -> None:
            if not settings.memory:
                DataDir(settings.data_dir).announce(_running(settings, url))
            sys.stdout.write(f"Weir answers at {url}\n")
            if not (BUILT / DOCUMENT).exists():
                sys.stdout.write(
                    "Its pages are not built, the API is there: `make frontend` builds them and "
                    "needs Node 20 or newer with npm.\n"
                )
            if shown := await first_link(platform, url):
                sys.stdout.write(f"\n{shown}\n")
            sys.stdout.flush()
            if started:
                await started(url, key)

        await run_services(
            platform, build(platform), stop=stop, announce=announce, watched=[servers]
        )


async def _key(platform: Platform) -> str | None:
    """The API key for commands on this machine; the first one is shown, once."""
    file = platform.settings.data_dir / "admin.key"
    if token := await first_key(platform):
        sys.stdout.write(f"{shown_once(token)}\n")
        if not platform.settings.memory:
            write_private(file, token.encode())
            sys.stdout.write(f"Commands on this machine read it from {file}.\n")
        return token
    return file.read_text().strip() if file.exists() else None


def _running(placed: Settings, url: str) -> Running:
    return Running(
        pid=os.getpid(),
        url=url,
        nats_url=placed.nats_url,
        nats_seed_file=str(placed.nats_seed_file or ""),
        postgres_dsn=placed.postgres_dsn.get_secret_value(),
    )
