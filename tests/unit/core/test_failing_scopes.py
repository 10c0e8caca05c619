"""What an error inside a container keeps from beginning."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.played import node, play, task
from tests.unit.core.test_containers import box, calc, check


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("try", {}),
        ("scope", {}),
        ("for_each", {"items": [1]}),
        ("while", {"condition": "{{ true }}"}),
    ],
)
def test_nothing_begins_behind_a_step_that_failed(kind: str, config: dict[str, Any]) -> None:
    """Although another branch led there: its join would have been satisfied by that one."""
    run = play(
        [
            node("go", "manual"),
            box("c", kind, config, on_error="continue"),
            calc("fine", 1, parent="c"),
            task("risky", parent="c"),
            calc("after", 1, parent="c"),
            task("beside"),
        ],
        ["go>c", "fine>after", "risky>after", "go>beside"],
    )
    place = "c[0]" if kind in {"for_each", "while"} else "c"
    run.fail(f"{place}/risky", "BAD")
    assert run.step("c").status == "caught"
    assert f"{place}/after" not in {event.step for event in run.events()}
    run.succeed("beside")
    assert check(run).state.status == "succeeded"
