"""A server process of ours: started, watched, stopped, and found again after a crash.

It runs in a session of its own, so that Ctrl-C reaches the platform first and
the server when the platform is done with it. Where the kernel can (Linux), it
gets its stop signal when the platform dies, however that dies. Where it
outlives the platform all the same, the next start finds it by its recorded
process id, makes sure by its command line that it is ours, and ends it.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from weir.contract.errors import ServerFailedError

POLL_S = 0.005
LOG_LIMIT = 16 * 1024 * 1024
_PR_SET_PDEATHSIG = 1


class Account(NamedTuple):
    """Whom a process runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run. `mark`, a path in the command line, tells ours from any other process.

    `stop_signal` asks it to end, `hard_signal` makes it. `env` is what it is given where
    our own environment says nothing of it.
    """

    name: str
    command: Sequence[str]
    mark: str
    pid_file: Path
    log_file: Path
    stop_signal: signal.Signals
    hard_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    env: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One process that runs a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, None before the start."""
        return self._process.pid if self._process else None

    def exit_code(self) -> int | None:
        """How it ended; None while it runs, or before it was started."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it. Called in the main thread: the kernel ties a child's life to that thread."""
        program = self.program
        if program.log_file.exists() and program.log_file.stat().st_size > LOG_LIMIT:
            program.log_file.replace(program.log_file.with_suffix(".log.1"))
        account = program.account
        with program.log_file.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**program.env, **os.environ},
                start_new_session=True,
                preexec_fn=_tie_to_parent(program.stop_signal),  # noqa: PLW1509 - one system call
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        program.pid_file.write_text(str(self._process.pid))

    async def ready(self, check: Callable[[], bool], patience_s: float) -> None:
        """Wait until `check` holds. ServerFailedError if it ends first or the time is over."""
        until = time.monotonic() + patience_s
        while not check():
            code = self.exit_code()
            if code is not None:
                raise ServerFailedError(
                    f"{self.program.name} ended with code {code} while starting: "
                    f"{self.last_words()}\n"
                    f"The whole log is {self.program.log_file}."
                )
            if time.monotonic() > until:
                raise ServerFailedError(
                    f"{self.program.name} was not ready after {patience_s:g} s: "
                    f"{self.last_words()}\n"
                    f"The whole log is {self.program.log_file}."
                )
            await asyncio.sleep(POLL_S)

    async def ended(self) -> int:
        """Wait for its end and return its code."""
        while (code := self.exit_code()) is None:  # noqa: ASYNC110 - a process tells nobody
            await asyncio.sleep(0.1)
        return code

    async def stop(self, patience_s: float) -> None:
        """Ask it to end; make it after the patience. Returns when it is gone."""
        if self._process is None:
            return
        for send, patience in (
            (self.program.stop_signal, patience_s),
            (self.program.hard_signal, 2.0),
            (signal.SIGKILL, 5.0),
        ):
            if self._process.poll() is None:
                self._process.send_signal(send)
                await _gone(lambda: self.exit_code() is not None, patience)
        self._process.wait()
        self.program.pid_file.unlink(missing_ok=True)

    async def end_orphan(self, patience_s: float = 5.0) -> bool:
        """End what an earlier platform left running on the same data; whether there was any."""
        try:
            pid = int(self.program.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        found = is_ours(pid, self.program.mark)
        for send, patience in ((self.program.stop_signal, patience_s), (signal.SIGKILL, 5.0)):
            if is_ours(pid, self.program.mark):
                os.kill(pid, send)
                await _gone(lambda: not is_ours(pid, self.program.mark), patience)
        self.program.pid_file.unlink(missing_ok=True)
        return found

    def last_words(self) -> str:
        """The end of its log."""
        try:
            lines = self.program.log_file.read_text(errors="replace").splitlines()
        except OSError:
            return "it wrote nothing"
        return "\n".join(lines[-8:]) or "it wrote nothing"


def is_ours(pid: int, mark: str) -> bool:
    """Whether this process lives and has the mark in its command line."""
    return pid > 1 and mark in command_line(pid)


def command_line(pid: int) -> str:
    """The command line of a living process; empty if there is none or it is a zombie."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            return ""
    done = subprocess.run(  # noqa: S603 - a number is all that is passed
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever the system keeps it
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


async def _gone(check: Callable[[], bool], patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while not check() and time.monotonic() < until:  # noqa: ASYNC110 - as above
        await asyncio.sleep(POLL_S)


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before the call
            os._exit(1)

    return tie
