"""granian, which serves the workflows of the peers that are Python libraries."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.install import binary_of

SETTINGS = "granian (one worker, uvloop)"


def served(peer: str, app: str, port: int, http: str = "1") -> list[str | Path]:
    """The command that serves `benchmarks.peers.programs.<app>` in the peer's own environment."""
    return [
        binary_of(peer, "granian"),
        *("--interface", "asgi", "--http", http, "--loop", "uvloop", "--workers", "1"),
        *("--port", str(port), "--log-level", "error", "--workers-kill-timeout", "1"),
        f"benchmarks.peers.programs.{app}:app",
    ]
