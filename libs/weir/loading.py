"""Imported by a process of ours before anything else: nothing that it loads is garbage.

Searching modules for cycles while they are loaded is a fifth of a start, and so
of the time until a process that died is made up for. `run_process` lets the
collector go on once all is there; a library must not import this.
"""

import gc

gc.disable()
