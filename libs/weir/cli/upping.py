"""`weir up`: what `python -m services.embedded` does, with the settings people change most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import weir.loading  # noqa: F401 - first
from services.embedded.starting import main
from weir.process import run_process


def start(*, memory: bool, data_dir: Path | None, host: str, port: int | None) -> None:
    """Run the platform until a signal; ends the process if it fails."""
    wishes: dict[str, Any] = {
        "memory": memory or None,
        "data_dir": data_dir,
        "http_host": host or None,
        "http_port": port,
    }
    run_process(
        "embedded", main, **{name: wish for name, wish in wishes.items() if wish is not None}
    )
