"""A snapshot is as good as the log it stands for."""

from __future__ import annotations

from random import Random

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.core.test_laws import SEEDS, played
from tests.unit.core.played import Played
from weir.contract.times import to_ms
from weir.core.canonical import to_json
from weir.core.decide import decide
from weir.core.runlog import RunLog
from weir.core.snapshot import restore, take


def cut(run: Played, at: int) -> tuple[RunLog, int]:
    """The log read up to the end of a turn near a place: owners take snapshots between turns."""
    log = RunLog(lambda _: run.graph)
    last = 0
    for number, stored in enumerate(run.stored):
        if number >= at and log.state is not None and stored[2].turn != log.state.turn:
            break
        log.feed(*stored)
        last = number
    return log, last


@given(SEEDS, st.integers(0, 10_000))
@settings(max_examples=60)
def test_what_is_restored_equals_what_was_taken(seed: int, place: int) -> None:
    """State, and everything that is read on top of it, are the same with and without snapshot."""
    run = played(seed)
    log, last = cut(run, 1 + place % len(run.stored))
    state = log.state
    if state is None:
        return
    value = orjson.loads(orjson.dumps(take(state)))
    pending = [fact for fact in log.pending if fact.seq <= run.stored[last][0]]
    again = RunLog.restored(restore(value, run.graph), log.chain, lambda _: run.graph, pending)
    assert again.state is not None
    assert to_json(again.state) == to_json(state)
    for stored in run.stored:  # facts it has counted and messages before it are known
        again.feed(*stored)
    assert to_json(again.state) == to_json(run.state)
    assert not again.broken


@given(SEEDS, st.integers(0, 10_000))
@settings(max_examples=60)
def test_a_restored_state_decides_the_same(seed: int, place: int) -> None:
    """The frontier that is found again asks for the same decisions."""
    run = played(seed)
    log, last = cut(run, 1 + place % len(run.stored))
    state = log.state
    if state is None:
        return
    restored = restore(orjson.loads(orjson.dumps(take(state))), run.graph)
    now = to_ms(run.stored[last][2].at) + Random(seed).choice((0, 60_000))
    first, second = decide(state, now), decide(restored, now)
    assert to_json(first.state) == to_json(second.state)
    assert first.wake_at == second.wake_at
