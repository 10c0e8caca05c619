"""`python -m weir.sdk package.module:worker`: run a worker that a module defines."""

from __future__ import annotations

import argparse
import importlib
import sys

from weir.contract.errors import WeirError
from weir.sdk.worker import Worker


def find(target: str) -> Worker:
    """The worker at `package.module:name`; ValueError if there is none."""
    module, _, name = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), name or "worker")
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{target}: {error}") from error
    if not isinstance(found, Worker):
        raise ValueError(f"{target} is a {type(found).__name__}, not a weir.sdk.Worker")  # noqa: TRY004
    return found


def main() -> None:
    """Exit codes: 1 it failed, 2 it could not be found."""
    parser = argparse.ArgumentParser(prog="python -m weir.sdk", description=__doc__)
    parser.add_argument("worker", help="package.module:name of a weir.sdk.Worker")
    target = parser.parse_args().worker
    sys.path.insert(0, "")
    try:
        worker = find(target)
    except ValueError as error:
        parser.error(str(error))
    try:
        worker.run()
    except WeirError as error:
        sys.stderr.write(f"the worker ended: {error.message} ({error.code})\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
