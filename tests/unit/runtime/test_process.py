"""The main of a process."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import weir.loading
import gc
from weir.process import run_process

async def main(settings):
    print(gc.isenabled(), gc.get_freeze_count() > 10_000)

loading = gc.isenabled()
run_process("test", main, memory=True)
print(loading)
"""


def test_cycles_are_looked_for_once_everything_is_loaded() -> None:
    """But not while it is, and never in it."""
    told = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", _PROGRAM], capture_output=True, check=True
    )
    assert told.stdout.split() == [b"True", b"True", b"False"], told.stderr
