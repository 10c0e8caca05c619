"""Every code that a step or a run can fail with is in the list, and has a page that helps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from weir.contract import (
    approval_errors,
    bus_errors,
    credential_errors,
    errors,
    identity_errors,
    schedule_errors,
    webhook_errors,
)
from weir.contract.failures import STEP_CODES

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [
    *(ROOT / "libs/weir/core").glob("*.py"),
    *(ROOT / "libs/weir/core/control").glob("*.py"),
    *(ROOT / "libs/weir/nodes").rglob("*.py"),
    *(ROOT / "libs/weir/sdk").rglob("*.py"),
    *(ROOT / "libs/weir/runtime").glob("worker*.py"),
    *(ROOT / "libs/weir/runtime/decider").glob("*.py"),
]
CODE = re.compile(r"""(?:\bcode\s*=\s*f?|refuse\(\s*)"([A-Z][A-Z0-9_]+)(\{)?""")


def _written() -> set[str]:
    codes = set()
    for source in SOURCES:
        for code, family in CODE.findall(source.read_text()):
            codes.add({"HTTP_": "HTTP_STATUS", "SQLSTATE_": "SQLSTATE"}[code] if family else code)
    return codes


def _of_classes() -> set[str]:
    return {
        value.code
        for value in (
            *vars(errors).values(),
            *vars(identity_errors).values(),
            *vars(credential_errors).values(),
            *vars(webhook_errors).values(),
            *vars(bus_errors).values(),
            *vars(schedule_errors).values(),
            *vars(approval_errors).values(),
        )
        if isinstance(value, type) and issubclass(value, errors.WeirError)
    }


def test_no_code_is_made_up_on_the_way() -> None:
    """What the sources write is listed or belongs to an exception."""
    written = _written()
    assert {"POISON_TASK", "HTTP_STATUS", "TASK_UNKNOWN", "RUN_TIMEOUT"} <= written
    known = STEP_CODES | _of_classes() | {"EXPRESSION_BUDGET", "NODE_TYPE_INVALID"}
    assert written - known == set()


@pytest.mark.parametrize("code", sorted(STEP_CODES))
def test_a_code_has_its_page(code: str) -> None:
    """What happened, why, and what to do."""
    page = (ROOT / "docs/errors" / f"{code}.md").read_text()
    assert page.startswith(f"# {code}\n")
    assert all(part in page for part in ("What happened.", "Why.", "What to do."))
