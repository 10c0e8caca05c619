"""Who works off a backlog rests the less the later it is."""

from __future__ import annotations

import pytest

from weir.runtime.pace import rest_after


@pytest.mark.parametrize(
    ("late_s", "rest"), [(-1, 2.0), (0, 2.0), (3, 1.6), (7.5, 1.0), (15, 0.0), (86_400, 0.0)]
)
def test_the_rest_shrinks_as_work_gets_late(late_s: float, rest: float) -> None:
    """As long as the work took while nothing is late, none from fifteen seconds on."""
    assert rest_after(2.0, int(late_s * 1000)) == pytest.approx(rest)
