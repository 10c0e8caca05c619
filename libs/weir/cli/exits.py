"""How a command ends: its exit code, and what it says of a refusal.

With `--json` standard output holds one JSON document, or one per line where a
command shows things as they happen, also when the command fails; messages for
people go to standard error.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import Any, NoReturn

import typer

from weir.contract.errors import SettingsInvalidError, WeirError


class Code(IntEnum):
    """Exit codes; stable."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    INTERRUPTED = 130


MEANINGS = {
    Code.OK: "done; a run that was waited for or watched has succeeded",
    Code.FAILED: "what was asked about is invalid, missing, failed, cancelled or not over in time",
    Code.USAGE: "the command line or a setting cannot be used",
    Code.UNREACHABLE: "no platform found, or it does not answer or is overloaded",
    Code.REFUSED: "no API key, a wrong one, or one whose role does not allow it",
    Code.INTERRUPTED: "interrupted",
}

_BY_STATUS = {
    400: Code.USAGE,
    401: Code.REFUSED,
    403: Code.REFUSED,
    429: Code.UNREACHABLE,
    502: Code.UNREACHABLE,
    503: Code.UNREACHABLE,
    504: Code.UNREACHABLE,
}


def code_of(error: WeirError) -> Code:
    """The exit code of a refusal."""
    if isinstance(error, SettingsInvalidError):
        return Code.USAGE
    return _BY_STATUS.get(error.status, Code.FAILED)


def leave(work: Coroutine[Any, Any, Code], *, as_json: bool) -> NoReturn:
    """Do the work of a command and end with its code."""
    try:
        code = asyncio.run(_interruptible(work))
    except WeirError as error:
        code = refuse(error, as_json=as_json)
    except (asyncio.CancelledError, KeyboardInterrupt):
        code = Code.INTERRUPTED
    raise typer.Exit(code)


async def _interruptible(work: Coroutine[Any, Any, Code]) -> Code:
    """The loop is to be told of Ctrl-C, not the interpreter.

    asyncio.run leaves the signal to the interpreter, which looks for signals between
    two instructions: one that comes just before the loop waits for its sockets is
    not seen until something else wakes it.
    """
    doing = asyncio.ensure_future(work)
    # Not on Windows, and not in a thread, to which no signal comes: asyncio.run's own way must do.
    with suppress(NotImplementedError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, doing.cancel)
    return await doing


@contextmanager
def refusing(*, as_json: bool) -> Iterator[None]:
    """What is refused before there is anything to wait for."""
    try:
        yield
    except WeirError as error:
        raise typer.Exit(refuse(error, as_json=as_json)) from None


def refuse(error: WeirError, *, as_json: bool) -> Code:
    """Say why it was refused."""
    from weir.cli.output import tell  # noqa: PLC0415 - help needs none of it

    if as_json:
        shown = {"code": error.code, "message": error.message, "details": error.details or {}}
        tell({"error": shown})
    else:
        sys.stderr.write(f"{error.message} ({error.code})\n")
    return code_of(error)
