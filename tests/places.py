"""Where tests and benchmarks keep what servers of their own store."""

from __future__ import annotations

import tempfile
from pathlib import Path


def directory_for(prefix: str) -> Path:
    """A directory of its own, which everybody may pass through and nobody else look into.

    So the account that Postgres runs as under root gets to its data in it: they would lie under
    /var/lib/weir else, and stay there when the directory is removed.
    """
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o711)
    return directory
