"""`python -m weir.adapters.keyfile FILE`: make the key file, or add a key to it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from weir.adapters.keyfile import keys
from weir.contract.errors import KeyFileInvalidError


def main() -> None:
    """Print the id of the newest key; exits 1 with a sentence if the file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m weir.adapters.keyfile", description=__doc__)
    parser.add_argument("file", type=Path)
    path = parser.parse_args().file
    try:
        newest = list(keys.read(path))[-1] if keys.make(path) else keys.add(path)
    except KeyFileInvalidError as error:
        sys.exit(f"{error.message} ({error.code})")
    sys.stdout.write(f"{newest}\n")


if __name__ == "__main__":
    main()
