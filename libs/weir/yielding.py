"""Loads a service behind those that bring runs on.

After a machine died all of its processes start at once, and loading one takes
half a second of a core. Runs go on as soon as a scheduler and an executor are
there; whoever only takes in or shows loads with what those leave of the cores.
Where there are cores enough, nobody waits.

A library must not import this.
"""

import importlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

INTAKE = 5  # to take a webhook in comes before showing what became of it
SHOWING = 10


def load(module: str, niceness: int) -> None:
    """Import a module, `weir.loading` before it, with a priority that is lower by so much (`nice`).

    It happens in a thread that ends with it: on Linux each thread has a priority of its own, and
    who is not root cannot take back what he gave up. Elsewhere nothing gives way.
    """
    with ThreadPoolExecutor(1) as aside:
        aside.submit(_load, module, niceness).result()


def _load(module: str, niceness: int) -> None:
    if sys.platform == "linux":
        os.nice(niceness)
    importlib.import_module("weir.loading")
    importlib.import_module("weir.process")
    importlib.import_module(module)
