"""Figures that tests print at the end of a session, from all its processes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

_lines = pytest.StashKey[list[str]]()
_counts = pytest.StashKey[Counter[str]]()

Count = Callable[[str, int], None]


def pytest_configure(config: pytest.Config) -> None:
    """Make room."""
    config.stash[_lines] = []
    config.stash[_counts] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of several hands its figures over."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = [session.config.stash[_lines], dict(session.config.stash[_counts])]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process has counted."""
    lines, counts = getattr(node, "workeroutput", {}).get("figures", ([], {}))
    node.config.stash[_lines].extend(lines)
    node.config.stash[_counts].update(counts)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was measured and counted."""
    counted = [f"{number} {name}" for name, number in sorted(config.stash[_counts].items())]
    lines = [*config.stash[_lines], *counted]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(re.sub(r"\s+", " ", line))


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line printed at the end."""
    return request.config.stash[_lines].append


@pytest.fixture(scope="session")
def count(request: pytest.FixtureRequest) -> Count:
    """Adds to a number that is printed at the end."""

    def add(name: str, number: int) -> None:
        request.config.stash[_counts][name] += number

    return add
