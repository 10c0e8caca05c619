"""`python -m services.embedded`: the whole platform in one process."""

from __future__ import annotations

import argparse
from typing import Any

import weir.loading  # noqa: F401 - first
from services.embedded.starting import main
from weir.process import run_process


def options() -> dict[str, Any]:
    """Settings that were given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m services.embedded", description=__doc__)
    parser.add_argument(
        "--memory", action="store_true", default=None, help="keep nothing after the end"
    )
    return {name: value for name, value in vars(parser.parse_args()).items() if value is not None}


if __name__ == "__main__":
    run_process("embedded", main, **options())
