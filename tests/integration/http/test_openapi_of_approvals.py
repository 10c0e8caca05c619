"""The same for approvals: whoever asks, however it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.http.generated import Site, ask_everything, operations, sites


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A house with something of everything."""
    yield from sites()


@pytest.mark.parametrize(("path", "method"), operations("approval"))
def test_every_operation_answers_as_described(site: Site, path: str, method: str) -> None:
    """Whoever asks, be they allowed or not, and be it there or not."""
    ask_everything(site, path, method)
