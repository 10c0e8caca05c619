"""The main of a process."""

from __future__ import annotations

import os
import subprocess
import sys

_PROGRAM = """
import weir.loading
import gc, os, signal
from weir.process import serve
from weir.runtime.background import Background

class Service:
    name, routes, background = "test", (), Background()

    async def start(self):
        print(gc.isenabled(), gc.get_freeze_count() > 10_000)
        os.kill(os.getpid(), signal.SIGTERM)

    async def stop(self): ...

loading = gc.isenabled()
serve("test", lambda platform: Service())
print(loading)
"""


def test_cycles_are_looked_for_once_everything_is_loaded() -> None:
    """But not while it is, and never in it."""
    told = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        check=True,
        env={**os.environ, "WEIR_MEMORY": "true", "WEIR_HTTP_PORT": "0"},
    )
    assert told.stdout.split() == [b"True", b"True", b"False"], told.stderr
