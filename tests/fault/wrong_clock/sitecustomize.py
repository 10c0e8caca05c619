"""Python imports this by its name at its start: time.time goes wrong by what a file says, in s."""

from __future__ import annotations

import os
import time
from pathlib import Path

_FILE = Path(os.environ["WRONG_CLOCK"])
_right = time.time_ns


def _wrong_ns() -> int:
    return _right() + int(_FILE.read_text() or "0") * 1_000_000_000


time.time_ns = _wrong_ns
time.time = lambda: _wrong_ns() / 1e9
