"""Each code that an exception carries has a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from weir.contract import (
    bus_errors,
    collab_errors,
    credential_errors,
    errors,
    identity_errors,
    schedule_errors,
    webhook_errors,
)

PAGES = Path(__file__).resolve().parents[3] / "docs" / "errors"
CODES = sorted(
    {
        found.code
        for found in (
            *vars(errors).values(),
            *vars(identity_errors).values(),
            *vars(collab_errors).values(),
            *vars(credential_errors).values(),
            *vars(schedule_errors).values(),
            *vars(webhook_errors).values(),
            *vars(bus_errors).values(),
        )
        if isinstance(found, type) and issubclass(found, errors.WeirError)
    }
)


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_page(code: str) -> None:
    """It says what happened, why, and what to do."""
    page = (PAGES / f"{code}.md").read_text()
    assert page.startswith(f"# {code}\n")
    for heading in ("**What happened.**", "**Why.**", "**What to do.**"):
        assert heading in page
