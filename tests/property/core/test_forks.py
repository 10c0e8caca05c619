"""Forks of random nested programs, from any step: they end, and answer for what they took over."""

from __future__ import annotations

from random import Random

import orjson
import pytest

from services.trigger.forks import Reading
from tests.property.core.nested_play import Nested
from tests.unit.core.played import Played
from weir.contract import subjects
from weir.contract.messages import CompensationStarted, RunOrigin, StepCompensated
from weir.core.canonical import to_json
from weir.core.fork import Past, Taken, carry, is_done
from weir.core.nesting import name_of
from weir.core.runlog import RunLog
from weir.core.snapshot import restore, take
from weir.core.state import ENDED

# Of the last one: what failed inside an iteration that was let pass can be undone all the same.
SEEDS = [*range(60), 1240]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fork_answers_for_what_it_took_over(seed: int) -> None:
    """Nothing of it is executed again, and if the fork fails it is undone, last done first."""
    random = Random(seed * 7 + 1)
    past, taken = _taken(_played(seed, random), random)
    carried = orjson.loads(orjson.dumps(taken.carried))
    origin = RunOrigin(run_id="run_0", step=taken.step, carried=carried)
    fork = Nested(seed, cancels=seed % 3 > 0)
    fork.run = Played(fork.frozen, input={"n": fork.n}, origin=origin).settle()
    state = fork.run.state
    assert to_json(restore(take(state), fork.run.graph)) == to_json(state)
    fork.play()
    kept = {item[0] for item in carried["steps"]}
    for path, _ in fork.run.sent():
        again = path in kept or is_done(path, kept, carried["blocks"])
        assert not again or name_of(path) in fork.run.graph.undoes
    _undone_in_order(fork.run, carried["undo"])
    assert not any(past.is_undone(path, past.whole) for path in carried["undo"])


def _played(seed: int, random: Random) -> Nested:
    """A run, somewhere on its way or at its end."""
    first = Nested(seed, cancels=seed % 3 > 0)
    for _ in range(random.choice((5, 15, 40, 1_000))):
        if first.run.state.status in ENDED:
            break
        first.happen()
        first.run.settle()
    return first


def _taken(first: Nested, random: Random) -> tuple[Past, Taken]:
    """What a fork from one of its steps takes over."""
    graph, log = first.run.graph, first.run.log
    assert log.tentative is not None
    paths = sorted(at for at in log.tentative.steps if name_of(at) in graph.nodes)
    path = random.choice([at for at in paths if name_of(at) not in graph.undoes])
    reading = Reading(path)
    again = RunLog(lambda _: graph, reading)
    for stored in first.run.stored:
        again.feed(*stored)
    assert again.tentative is not None
    assert reading.before is not None
    past = reading.parent(
        subjects.run_key("default", "run_1"), again.tentative, reading.before, path
    ).past
    return past, carry(past, graph)


def _undone_in_order(run: Played, carried: list[str]) -> None:
    """What was taken over, if the run failed or was cancelled in peace."""
    state = run.state
    at_once = state.cancel is not None and state.cancel.terminate
    if state.status == "succeeded" or at_once:
        return
    tried = [event.step for event in run.events(StepCompensated) if event.step in carried]
    assert set(tried) == set(carried)
    if not any(event.step for event in run.events(CompensationStarted)):
        assert tried == carried[::-1]
