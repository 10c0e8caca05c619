"""Where the platform is and with which key: named, or left behind by the embedded one.

The embedded platform writes its address and the first API key into its data
directory, readable by its user alone. That key is sent to that address and to
no other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from weir import settings as configuration
from weir.client import Client, connect
from weir.contract.errors import PlatformUnreachableError, UnauthorizedError
from weir.runtime.servers.datadir import DataDir

KEY_FILE = "admin.key"


@dataclass(frozen=True, slots=True)
class Named:
    """What the command line or the environment says; empty: find it."""

    url: str = ""
    api_key: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A platform."""

    url: str
    api_key: str


def find(named: Named) -> Place:
    """The platform of this call. PlatformUnreachableError, UnauthorizedError."""
    if named.url and named.api_key:
        return Place(named.url, named.api_key)
    data_dir = configuration.load().data_dir
    running = DataDir(data_dir).running()
    if not named.url and running is None:
        raise PlatformUnreachableError(_nothing_on(data_dir))
    local = running is not None and named.url.rstrip("/") in {"", running.url}
    url = named.url or (running.url if running else "")
    if not url:
        raise PlatformUnreachableError(
            f"Only the embedded servers run on {data_dir}, without the services: "
            "name the address with --url or WEIR_URL."
        )
    key = named.api_key or (_key(data_dir / KEY_FILE) if local else "")
    if not key:
        raise UnauthorizedError(
            f"There is no API key for {url}: give one with --api-key or WEIR_API_KEY."
        )
    return Place(url, key)


@asynccontextmanager
async def platform(named: Named) -> AsyncIterator[Client]:
    """A client of the platform of this call."""
    place = find(named)
    async with connect(place.url, place.api_key) as client:
        yield client


def _nothing_on(data_dir: Path) -> str:
    if (data_dir / "platform.json").exists() and not _readable(data_dir / "platform.json"):
        return (
            f"{data_dir} belongs to another user: call as that user, or name the platform with "
            "--url and --api-key."
        )
    return (
        f"No platform runs on {data_dir}: start one with `weir up`, set WEIR_DATA_DIR, or name "
        "its address with --url or WEIR_URL."
    )


def _readable(file: Path) -> bool:
    try:
        with file.open("rb"):
            return True
    except OSError:
        return False


def _key(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
