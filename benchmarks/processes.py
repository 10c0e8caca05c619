"""What processes use: memory and processor time, as Linux tells."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all that it started and they started, as far as they live."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def command(pid: int) -> str:
    """What the kernel calls a process; nothing if it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time of these so far; those that are gone count nothing."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def memory_mb(pids: Iterable[int]) -> float:
    """Memory of these. What they share, such as libraries, is divided: a sum counts it once."""
    return sum(_mb(pid, "Pss", "smaps_rollup") for pid in pids)


def peak_mb(pid: int) -> float:
    """The most memory this process has had."""
    return _mb(pid, "VmHWM", "status")


def _mb(pid: int, field: str, file: str) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
    return 0.0
