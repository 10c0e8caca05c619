"""What all unit tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from weir.runtime.records import Records


@pytest.fixture(scope="session", autouse=True)
def records_are_read_anew_soon() -> Iterator[None]:
    """In the product a record may be a second old: here a test that waits for one waits less."""
    defaults = Records.__init__.__kwdefaults__
    before = defaults["fresh_s"]
    defaults["fresh_s"] = 0.1
    yield
    defaults["fresh_s"] = before
