"""`weir doctor`: the effective settings, what can be reached, and what to do where it cannot.

It changes nothing. What is not set up yet, because the platform was never
started here, is no failure.
"""

from __future__ import annotations

import os
import platform as system
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from weir import settings as configuration
from weir.adapters.jetstream.connect import connect as connect_nats
from weir.adapters.keyfile import keys
from weir.adapters.postgres.version import server_version
from weir.cli.exits import Code, code_of
from weir.cli.output import console, table, tell
from weir.cli.place import Named, find
from weir.client import API, ApiError, connect
from weir.contract.errors import WeirError
from weir.runtime.servers.datadir import DataDir, Running
from weir.runtime.servers.nats import binary
from weir.runtime.servers.postgres_place import find_binaries
from weir.settings import Settings
from weir.settings_shown import Described, describe

ROOM_MB = 1_000
PATIENCE_S = 3.0

State = Literal["ok", "note", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do about it."""

    name: str
    state: State
    found: str
    advice: str = ""
    code: Code = Code.OK


async def doctor(where: Named, *, as_json: bool) -> Code:
    """Look at everything; the code of the first failure, OK without one."""
    settings = configuration.load()
    running = None if settings.memory else DataDir(settings.data_dir).running()
    checks = [check async for check in _checks(where, settings, running)]
    described = describe(settings)
    if as_json:
        tell(
            {
                "ok": all(check.state != "failed" for check in checks),
                "checks": [_told(check) for check in checks],
                "settings": [asdict(one) for one in described],
            }
        )
    else:
        _show(checks, described)
    return next((check.code for check in checks if check.state == "failed"), Code.OK)


async def _checks(
    where: Named, settings: Settings, running: Running | None
) -> AsyncIterator[Check]:
    yield Check("python", "ok", f"{system.python_version()} at {sys.executable}")
    yield Check("weir", "ok", version("weir"))
    if not settings.memory:
        for found in _data_dir(settings, running):
            yield found
        yield await _server("nats", settings.nats_url, running, lambda: _nats(settings, running))
        dsn = settings.postgres_dsn.get_secret_value()
        yield await _server("postgres", dsn, running, lambda: _postgres(dsn, running))
    async for found in _platform(where, running):
        yield found


def _data_dir(settings: Settings, running: Running | None) -> Iterator[Check]:
    directory = settings.data_dir
    there = next(path for path in (directory, *directory.parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield Check(
            "data directory",
            "failed",
            f"{there} cannot be written by this user",
            "Run as its owner, or set WEIR_DATA_DIR to a directory of your own.",
            Code.FAILED,
        )
        return
    free_mb = shutil.disk_usage(there).free >> 20
    used = f", used by process {running.pid}" if running else ""
    new = "" if directory.exists() else ", not made yet"
    told = f"{directory}{used}, {free_mb} MB free{new}"
    if free_mb < ROOM_MB:
        advice = "Make room: docs/runbook/disk-full.md says where."
        yield Check("data directory", "failed", told, advice, Code.FAILED)
    else:
        yield Check("data directory", "ok", told)
    if settings.keys.exists():
        yield _key_file(settings.keys)


def _key_file(file: Path) -> Check:
    try:
        count = len(keys.read(file))
    except WeirError as error:
        return Check("key file", "failed", error.message, "", Code.FAILED)
    return Check("key file", "ok", f"{file}, {count} key{'' if count == 1 else 's'}")


async def _server(
    name: str, named: str, running: Running | None, ask: Callable[[], Awaitable[str]]
) -> Check:
    """A server that is named or that the running platform has started; else its programs."""
    if not named and running is None:
        try:
            programs = binary() if name == "nats" else find_binaries()
        except WeirError as error:
            return Check(name, "failed", error.message, "", Code.FAILED)
        return Check(name, "ok", f"embedded, not running; its programs are at {programs}")
    try:
        return Check(name, "ok", await ask())
    except (WeirError, OSError) as error:
        variable = "WEIR_NATS_URL" if name == "nats" else "WEIR_POSTGRES_DSN"
        advice = (
            f"See that it runs and that {variable} names it (docs/runbook/)."
            if named
            else "The platform starts it again by itself; its log lies in the data directory."
        )
        return Check(name, "failed", str(error), advice, Code.UNREACHABLE)


async def _nats(settings: Settings, running: Running | None) -> str:
    url, seed = settings.nats_url, settings.nats_seed_file
    if not url and running is not None:
        url, seed = running.nats_url, Path(running.nats_seed_file)
    link = await connect_nats(
        url,
        name="weir-doctor",
        nkey_seed=seed.read_text().strip() if seed else None,
        timeout_s=PATIENCE_S,
    )
    try:
        return f"{url}, nats-server {link.info.get('version')}"
    finally:
        await link.close()


async def _postgres(dsn: str, running: Running | None) -> str:
    dsn = dsn or (running.postgres_dsn if running else "")
    found = await server_version(dsn)
    return f"{dsn.rpartition('@')[2]}, PostgreSQL {found}"


async def _platform(where: Named, running: Running | None) -> AsyncIterator[Check]:
    if not where.url and running is None:
        advice = "Start it with `weir up`, or name one with --url."
        yield Check("platform", "note", "none runs here", advice)
        return
    try:
        place = find(where)
    except WeirError as error:
        yield Check("platform", "failed", error.message, "", code_of(error))
        return
    async with connect(place.url, place.api_key) as client:
        try:
            told = (await client.ask("GET", "/ready", timeout_s=PATIENCE_S)).body
            yield Check("platform", "ok", f"{place.url}, {len(told['checks'])} checks hold")
            for warning in told["warnings"]:
                yield Check("platform", "note", warning)
        except ApiError as error:
            yield Check("platform", "failed", *_not_ready(place.url, error), Code.UNREACHABLE)
        except WeirError as error:
            yield Check("platform", "failed", error.message, "", Code.UNREACHABLE)
            return
        try:
            await client.ask("GET", f"{API}/workflows", query={"limit": 1})
            yield Check("api key", "ok", "accepted")
        except WeirError as error:
            advice = "docs/runbook/lost-api-key.md says how to get one."
            yield Check("api key", "failed", error.message, advice, code_of(error))


def _not_ready(url: str, error: ApiError) -> tuple[str, str]:
    told = error.details if isinstance(error.details, dict) else {}
    checks = told.get("checks", {})
    missing = ", ".join(name for name, good in checks.items() if not good)
    return f"{url} is not ready: {missing or error.message}", "Look at its log lines."


def _told(check: Check) -> dict[str, Any]:
    shown = asdict(check)
    del shown["code"]
    return shown


def _show(checks: list[Check], described: list[Described]) -> None:
    out = console()
    marks = {"ok": "✓", "note": "·", "failed": "✗"}
    for check in checks:
        out.print(f"{marks[check.state]} {check.name}: {check.found}")
        if check.advice:
            out.print(f"    {check.advice}")
    out.print()
    rows = [(one.variable, one.value, one.source) for one in described]
    out.print(table(("setting", "value", "from"), rows))
