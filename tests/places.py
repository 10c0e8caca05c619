"""Where tests and benchmarks keep what servers of their own store.

`python -m tests.places` prints where tests keep all of it: in memory, where there
is room for it. A database for a test, some four hundred files, costs half as
much there. Benchmarks and the tests that kill stay on the disk.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has names that cannot be guessed
ROOM = 4_000_000_000  # 0.6 are used at once, more where Postgres' programs are copied for root


def directory_for(prefix: str) -> Path:
    """A directory of its own, which everybody may pass through and nobody else look into.

    So the account that Postgres runs as under root gets to its data in it: they would lie under
    /var/lib/weir else, and stay there when the directory is removed.
    """
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o711)
    return directory


def for_tests() -> str:
    """The directory for temporary files; another than the system's if nobody has chosen one."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:  # not on this system
        return tempfile.gettempdir()
    chosen = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    roomy = found.f_bavail * found.f_frsize >= ROOM and os.access(MEMORY, os.W_OK)
    runs = not found.f_flag & os.ST_NOEXEC
    return str(MEMORY) if roomy and runs and not chosen else tempfile.gettempdir()


if __name__ == "__main__":
    sys.stdout.write(for_tests())
