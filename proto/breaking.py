"""Compares proto/ with what is already relied upon: the last tag, else the main branch.

Prints what it compared with. Without any such history (a shallow copy, an
export) there is nothing to break, and it says so.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def git(*args: str) -> bytes | None:
    """The output of a git command, None if it failed or there is no git."""
    try:
        done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def baseline() -> str | None:
    """The newest tag, else the main branch here or at the origin; None without either."""
    tag = git("describe", "--tags", "--abbrev=0")
    if tag:
        return tag.decode().strip()
    for branch in ("origin/main", "main"):
        if git("rev-parse", "--verify", "--quiet", f"{branch}:proto") is not None:
            return branch
    return None


def main() -> None:
    """Exit with buf's own verdict."""
    reference = baseline()
    archive = git("archive", "--format=zip", reference, "proto") if reference else None
    if archive is None:
        sys.stdout.write("no earlier contract in this copy's history: nothing to compare with\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
        buf = HERE / "node_modules" / ".bin" / "buf"
        command = [str(buf), "breaking", "--against", str(Path(folder) / "proto")]
        done = subprocess.run(command, cwd=HERE, check=False)
    if done.returncode:
        sys.exit(f"the contract breaks what {reference} promised: add fields, never change them")


if __name__ == "__main__":
    main()
