"""The processes of a peer and its data: started together, ended by their ids, accounted for."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks import processes
from tests.places import directory_for

PATIENCE_S = 120.0
STOP_S = 10.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class Processes:
    """Everything of one engine; `data` is its own directory, removed at the end."""

    def __init__(self, name: str) -> None:
        self.data = directory_for(f"weir-peer-{name}-")
        self._started: list[subprocess.Popen[bytes]] = []
        self._adopted: list[int] = []

    def start(self, command: Sequence[str | Path], env: Mapping[str, str], cwd: Path) -> None:
        """Start one process; what it prints goes to a file in `data`."""
        number = len(self._started)
        with (self.data / f"{number}.log").open("ab") as log:
            self._started.append(
                subprocess.Popen(  # noqa: S603 - the command is ours
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=cwd,
                    env={**os.environ, **env},
                    start_new_session=True,
                    preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call
                )
            )

    def adopt(self, pid: int | None) -> None:
        """Account for a server that somebody else started and ends."""
        assert pid is not None
        self._adopted.append(pid)

    async def ready(self, url: str) -> None:
        """Wait until a GET of `url` is answered with 200."""
        for _ in range(int(PATIENCE_S / 0.02)):
            if await asyncio.to_thread(_answers, url):
                return
            if any(process.poll() is not None for process in self._started):
                break
            await asyncio.sleep(0.02)
        raise TimeoutError(f"{url} did not get ready:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of what the processes have printed."""
        logs = sorted(self.data.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in logs)

    def pids(self) -> list[int]:
        """All living processes of the engine."""
        roots = [*(process.pid for process in self._started), *self._adopted]
        return [pid for root in roots for pid in processes.tree(root)]

    async def kill(self) -> None:
        """SIGKILL to all of them at once; returns when they are gone."""
        pids = self.pids()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self._started:
            process.wait()
        self._started.clear()
        self._adopted.clear()
        await _until(lambda: not any(_lives(pid) for pid in pids))

    async def end(self) -> None:
        """Ask the started ones to end, the last one first; make those that do not."""
        for process in reversed(self._started):
            pids = processes.tree(process.pid)
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._started.clear()
        self._adopted.clear()

    def forget(self) -> None:
        """Remove the data."""
        shutil.rmtree(self.data, ignore_errors=True)

    def memory_mb(self) -> float:
        """Resident memory of all of them, a page they share counted once."""
        return processes.memory_mb(self.pids())

    def cpu_seconds(self) -> float:
        """Processor time so far of all that live."""
        return processes.cpu_seconds(self.pids())


def _end_with_parent() -> None:
    """Called in the new process: the kernel tells it to end when the benchmark does."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def size_of(directory: Path) -> int:
    """Bytes that the files of a directory hold."""
    total = 0
    for file in directory.rglob("*"):
        with suppress(OSError):  # an engine removes files as it goes
            if file.is_file():
                total += file.stat().st_size
    return total


def _lives(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback, ours
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - a process tells nobody
        await asyncio.sleep(0.002)
