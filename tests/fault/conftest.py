"""A house for the tests of a module, and what was measured: printed, and written to its page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fault.house import House, house
from tests.fault.table import PAGE, Table

_figures = pytest.StashKey[list[str]]()
_table = pytest.StashKey[Table]()
_chosen = pytest.StashKey[bool]()
_HERE = Path(__file__).parent
_failed: dict[str, None] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what is measured."""
    config.stash[_figures] = []
    config.stash[_table] = Table()
    config.stash[_chosen] = False


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """A run of some of the tests writes no page."""
    items[0].config.stash[_chosen] = True


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what failed."""
    if report.failed and Path(report.fspath).parent.name == _HERE.name:
        _failed.setdefault(report.nodeid.rpartition("/")[2])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the page, if every test of faults has run; what failed is named on it."""
    modules = {item.path for item in session.items}
    whole = modules >= set(_HERE.glob("test_*.py")) and not session.config.stash[_chosen]
    named = any("::" in argument for argument in session.config.args)
    ended = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    ran = not session.config.option.collectonly
    if whole and ran and not named and ended and not session.shouldfail:
        PAGE.write_text(session.config.stash[_table].page(list(_failed)))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was measured."""
    lines = config.stash[_table].lines() + config.stash[_figures]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line printed at the end."""
    return request.config.stash[_figures].append


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    """Takes the row of a fault."""
    return request.config.stash[_table]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """The platform as processes, for all tests of a module."""
    async with house() as running:
        yield running
