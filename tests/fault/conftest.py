"""A house for the tests of a module, and figures that are printed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.fault.house import House, house

_figures = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for figures."""
    config.stash[_figures] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was measured."""
    lines = config.stash[_figures]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line printed at the end."""
    return request.config.stash[_figures].append


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """The platform as processes, for all tests of a module."""
    async with house() as running:
        yield running
