"""The definitions that the pages show are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from weir.core.graph import compile_graph
from weir.core.validate import validate
from weir.nodes.registry import catalogue

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = re.findall(
    r"```yaml\n(.*?)```", (ROOT / "docs/howto/loops-errors-undo.md").read_text(), re.DOTALL
)
SHOWN = [yaml.safe_load(block) for block in BLOCKS]
EXAMPLES = [yaml.safe_load(path.read_text()) for path in sorted(ROOT.glob("examples/**/*.yaml"))]


@pytest.mark.parametrize("raw", [*SHOWN, *EXAMPLES], ids=lambda raw: raw["name"])
def test_a_definition_that_is_shown_can_be_published(raw: Any) -> None:
    """Without an error, without a warning, with the node types there are."""
    checked = validate(raw, catalogue())
    assert (checked.errors, checked.warnings) == ((), ())
    assert checked.frozen is not None
    compile_graph(checked.frozen, "ver_x")


def test_the_how_to_shows_every_container() -> None:
    """Each of them once at least."""
    shown = {node["type"] for raw in SHOWN for node in raw["nodes"]}
    assert {name for name, spec in catalogue().items() if spec.kind == "container"} <= shown
