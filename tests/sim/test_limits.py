"""Limits that runs share, through kills, zombies and a broker that misbehaves."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from unittest.mock import patch

import pytest
import structlog

from tests.sim.limits import LimitedWorld
from tests.sim.virtual_loop import run
from weir.contract.subjects import RunKey
from weir.core import limits as core
from weir.core.limits import LimitState
from weir.core.state import RunState
from weir.runtime.decider.gatekeeper import Gatekeeper
from weir.runtime.decider.limits import Limits

SEEDS = int(os.environ.get("LIMIT_SEEDS", "40"))
SHARE = 10


async def _play(seed: int) -> list[str]:
    world = LimitedWorld(seed)
    await world.play()
    return await world.judge()


@pytest.mark.parametrize("first", range(0, SEEDS, SHARE))
def test_no_slot_is_lost_and_none_is_given_twice(first: int) -> None:
    """Never more holders than the limit, every run ends, and nothing of a limit is left."""
    for seed in range(first, min(first + SHARE, SEEDS)):
        with structlog.testing.capture_logs():
            broken = run(_play(seed))
        assert not broken, f"seed {seed}: {'; '.join(broken)}"


async def _never(*_: object) -> None:
    """Does nothing, for ever."""
    await asyncio.get_running_loop().create_future()


def _untold(self: Limits) -> None:
    """The start of a lease without telling again what may be lost."""
    self._lease.aside(self._work())
    self._lease.aside(self._look())


_asked: set[str] = set()
_look = Gatekeeper.look


def _asks_once(self: Gatekeeper, key: RunKey, state: RunState) -> None:
    """Whoever owns a run later does not ask for it again."""
    if key.run_id not in _asked:
        _asked.add(key.run_id)
        _look(self, key, state)


_answered = core._answered


def _uncounted(state: LimitState, run_id: str, verdict: str, by: str) -> LimitState:
    return _answered(state, run_id, verdict, by)._replace(held=0)


MUTANTS: dict[str, list[tuple[object, str, object]]] = {
    "answers are told once": [(Limits, "open", _untold)],
    "nobody looks for ended runs": [
        (Limits, "_look", _never),
        (Gatekeeper, "found_ended", lambda *_: None),
    ],
    "an ended run is not told": [
        (Limits, "_look", _never),
        (Gatekeeper, "ended", lambda *_: None),
    ],
    "a limit is asked once": [(Gatekeeper, "look", _asks_once)],
    "a grant is not counted": [(core, "_answered", _uncounted)],
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_removed_rule_of_limits_is_noticed(name: str) -> None:
    """Each rule, taken away, breaks a promise within 200 seeds."""
    with ExitStack() as stack:
        for place, attribute, instead in MUTANTS[name]:
            stack.enter_context(patch.object(place, attribute, instead))
        for seed in range(200):
            with structlog.testing.capture_logs():
                if run(_play(seed)):
                    return
    pytest.fail(f"nothing noticed that {name}")
