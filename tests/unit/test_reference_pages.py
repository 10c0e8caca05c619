"""The pages that are printed from the code say what the code says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from weir import settings
from weir.runtime import metrics

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_printed_page_is_current(page: str) -> None:
    """`make docs` would change nothing."""
    assert (DOCS / page).read_text() == PAGES[page](), "run `make docs` and commit the result"


def test_every_setting_is_documented() -> None:
    """No setting without a line."""
    page = (DOCS / "reference" / "settings.md").read_text()
    missing = [name for name in settings.Settings.model_fields if f"| `{name}` |" not in page]
    assert not missing


def test_every_metric_is_documented() -> None:
    """No metric in the registry without a line, and none is made outside the module's list."""
    page = (DOCS / "reference" / "metrics.md").read_text()
    kept = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in metrics.REGISTRY.collect()
    }
    assert kept == {one.name for one in metrics.METRICS}
    assert not [name for name in kept if f"| `{name}` |" not in page]


def test_every_metric_is_kept_up_somewhere() -> None:
    """A metric that nothing sets would be a lie."""
    root = DOCS.parent
    sources = [*root.glob("libs/weir/**/*.py"), *root.glob("services/**/*.py")]
    code = "\n".join(path.read_text() for path in sources if path.name != "metrics.py")
    names = [name for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)]
    assert len(names) == len(metrics.METRICS)
    assert not [name for name in names if not re.search(rf"\b{name}\b", code)]
