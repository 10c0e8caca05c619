"""The command line called within a test: its commands are made once, as a process of ours does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
import typer.main
import typer.testing


@pytest.fixture(scope="session", autouse=True)
def commands_are_made_once() -> Iterator[None]:
    """Typer's runner would make the whole tree anew for each call."""
    with patch.object(typer.testing, "_get_command", cache(typer.main.get_command)):
        yield
