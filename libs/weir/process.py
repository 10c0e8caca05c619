"""The main of a process of ours.

What only some mains need is loaded by those: the embedded platform starts its
servers first, and loads its services while they start.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from weir import settings as configuration
from weir.contract.errors import WeirError
from weir.runtime import telemetry
from weir.runtime.lifetime import run, stopped_by_signals
from weir.settings import Settings

if TYPE_CHECKING:
    from weir.runtime.platform import Platform
    from weir.runtime.service import Service

Build = Callable[["Platform"], "Service"]
Greet = Callable[["Platform", str], Awaitable[str | None]]
"""What to show once the process answers at this address, if anything."""

MAKES_FIRST_KEY = "registry"
_GC_YOUNG, _GC_MIDDLE, _GC_OLD = 50_000, 20, 50
FAILED = 1
UNUSABLE = 2  # the settings


def serve(name: str, build: Build, greet: Greet | None = None) -> None:
    """`python -m services.<name>`: run this service until a signal; exits 1 if it fails."""
    from weir.runtime.service import run_services  # noqa: PLC0415
    from weir.wiring import connect  # noqa: PLC0415

    spare_the_collector()

    async def main(settings: Settings) -> None:
        stop = asyncio.Event()
        with stopped_by_signals(stop):
            async with connect(settings, name) as platform:
                if name == MAKES_FIRST_KEY:
                    await _first_key(platform)

                async def announce(url: str) -> None:
                    _tell(f"{name} answers at {url}")
                    if greet and (shown := await greet(platform, url)):
                        _tell(f"\n{shown}")

                await run_services(platform, [build(platform)], stop=stop, announce=announce)

    run_process(name, main)


async def _first_key(platform: Platform) -> None:
    # What reads tokens is a tenth of a start, and the scheduler and the executor read none.
    from weir.runtime.first_key import first_key, shown_once  # noqa: PLC0415

    if token := await first_key(platform):
        _tell(shown_once(token))


def run_process(
    name: str, main: Callable[[Settings], Coroutine[Any, Any, None]], **overrides: Any
) -> None:
    """Load the settings, set up telemetry, run; a failure is a sentence and an exit code."""
    try:
        settings = configuration.load(**overrides)
    except WeirError as error:
        sys.stderr.write(f"{error.message}\n")
        sys.exit(UNUSABLE)
    telemetry.configure(settings, name)
    try:
        run(main(settings))
    except KeyboardInterrupt:
        sys.exit(130)
    except WeirError as error:
        notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
        sys.stderr.write(f"weir {name} ended: {error.message} ({error.code}){notes}\n")
        sys.exit(FAILED)
    except OSError as error:  # a directory of somebody else, a full disk
        sys.stderr.write(f"weir {name} ended: {error}\n")
        sys.exit(FAILED)
    finally:
        telemetry.flush()


def spare_the_collector() -> None:
    """To be called once all is loaded: look for cycles less often, and never in what was imported.

    A run's messages and states hold no cycles, but by the defaults every 700 of
    them begin a search: about 8 % of the CPU of W1, and its slowest answers.
    """
    gc.freeze()
    gc.set_threshold(_GC_YOUNG, _GC_MIDDLE, _GC_OLD)
    gc.enable()  # loading.py


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
