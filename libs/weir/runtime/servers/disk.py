"""The disk of the NATS server that we start: how much it may keep there, and what is left.

Left to itself the server takes three quarters of what is free when it starts:
started again on a disk that it has filled by half it would take nothing more.
Here it may fill the disk but for a reserve, and refuses before the disk is full:
a stream that meets a full disk takes nothing more until a restart.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from weir.ports.storage import Room

_RESERVE = 256 * 1024 * 1024
_RESERVE_PART = 20  # of a small disk
_LIMIT = re.compile(r"^ *max_file_store: (\d+)$", re.MULTILINE)


def disk_room(store: Path) -> Room:
    """What is left there for the server."""
    disk = shutil.disk_usage(store)
    reserve = min(_RESERVE, disk.total // _RESERVE_PART)
    return Room("disk", disk.total, max(0, disk.free - reserve))


def most(store: Path) -> int:
    """How many bytes the server may keep, with those that it keeps already; none at first."""
    kept = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    return kept + disk_room(store.parent).free


def allowed(store: Path) -> int | None:
    """How many bytes the server was allowed to keep when it was started."""
    config = store.parent / "nats.conf"
    found = _LIMIT.search(config.read_text()) if config.exists() else None
    return int(found[1]) if found else None
