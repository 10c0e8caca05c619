"""Whatever happens to a run, in whatever version it is forked: it ends, and the laws hold."""

from __future__ import annotations

from random import Random

import pytest

from tests.property.core.hostile import TYPES, Hostile, definition
from weir.core.state import ENDED
from weir.core.validate import validate


@pytest.mark.parametrize("seed", range(100))
def test_runs_and_forks_of_forks_hold_the_laws(seed: int) -> None:
    """Some are played to their end, some are forked on the way."""
    random = Random(seed)
    raw = definition(random)
    frozen = validate(raw, TYPES).frozen
    assert frozen is not None
    run: Hostile | None = Hostile(random, frozen)
    for _ in range(random.choice((1, 2, 4))):
        if run is None:
            return
        if random.random() < 0.5:
            run.play().judge()
        else:
            for _ in range(random.choice((3, 10, 30))):
                if run.state.status not in ENDED:
                    run.happen()
                    run.run.settle()
        run = run.fork(raw)
