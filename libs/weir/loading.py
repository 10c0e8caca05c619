"""Imported by a process of ours before anything else, for a short start.

Nothing that it loads is garbage: searching modules for cycles while they are
loaded is a fifth of a start, and so of the time until a process that died is
made up for. `run_process` lets the collector go on once all is there. Nor does
it load rich, a twelfth, which structlog takes for tracebacks on a console where
it finds it. A library must not import this.
"""

import gc
import sys

gc.disable()
if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]
