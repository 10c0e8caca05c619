"""Whoever dies at whatever message of a compensation, all of it is undone once and in order."""

from __future__ import annotations

from itertools import groupby

import pytest
import structlog

from tests.replayed import Owners
from tests.sim.crashes import FLAKY, UNDONE, Crashing, Death
from tests.sim.judge import Judge
from tests.sim.virtual_loop import run

ATTEMPTS = [(step, attempt) for step in UNDONE for attempt in ((1, 2) if step == FLAKY else (1,))]
PIPELINED, ATOMIC = 2, 1


def play(seed: int, death: Death | None = None) -> Crashing:
    """The whole of it, judged."""

    async def main() -> Crashing:
        world, owners = Crashing(seed, death=death), Owners()
        with owners.watching():
            await world.play()
        await Judge(world, owners).all()
        return world

    with structlog.testing.capture_logs():
        return run(main())


@pytest.mark.parametrize("stored", [False, True], ids=["before it is stored", "after it"])
@pytest.mark.parametrize("seed", [PIPELINED, ATOMIC], ids=["pipelined", "atomic"])
def test_a_death_at_any_message(seed: int, stored: bool) -> None:  # noqa: FBT001
    """The log's account is even, and outside only what a dead executor had begun comes again."""
    whole = play(seed)
    assert whole.undone_outside() == ATTEMPTS
    first, last = whole.first_undo(), len(whole.points)
    assert last - first > 2 * len(UNDONE)
    died: set[str] = set()
    for at in range(first, last):
        world = play(seed, Death(at, stored))
        assert world.points[: at + 1] == whole.points[: at + 1]
        ((name, times),) = world.kills.items()
        died.add(name.split()[0])
        assert times == 1
        calls = world.undone_outside()
        if name.startswith("executor"):
            calls = [call for call, _ in groupby(calls)]
        assert calls == ATTEMPTS, f"{name} died at message {at}"
    assert died == {"scheduler", "executor"}
