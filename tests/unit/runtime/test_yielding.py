"""A service that gives way loads with a lower priority, and runs with its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_MAIN = """
import os, sys
from weir.yielding import load

before = os.getpriority(os.PRIO_PROCESS, 0)
load(sys.argv[1], 7)
import probe
print(probe.priority - before, os.getpriority(os.PRIO_PROCESS, 0) - before, *probe.loaded)
"""
_PROBE = """
import os, sys

priority = os.getpriority(os.PRIO_PROCESS, 0)
loaded = sorted({"weir.loading", "weir.process"} & sys.modules.keys())
"""


def _main(directory: Path, module: str, *under: str) -> subprocess.CompletedProcess[str]:
    (directory / "probe.py").write_text(_PROBE)
    return subprocess.run(  # noqa: S603 - our own
        [*under, sys.executable, "-c", _MAIN, module],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(directory)},
        text=True,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority")
@pytest.mark.parametrize("under", [(), ("nice", "-n", "9")], ids=["as it is", "given way before"])
def test_only_loading_gives_way(tmp_path: Path, under: tuple[str, ...]) -> None:
    """Afterwards the process has the priority that it was started with, whoever runs it."""
    done = _main(tmp_path, "probe", *under)
    assert done.stdout.split() == ["7", "0", "weir.loading", "weir.process"], done.stderr


def test_what_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    """As if it had been imported where it is used."""
    done = _main(tmp_path, "absent")
    assert done.returncode
    assert "No module named 'absent'" in done.stderr
