"""Facts that are stored twice."""

from __future__ import annotations

from tests.scribe import Scribe, event_of
from tests.unit.projector.projecting import World, project, steps_of
from weir.contract.messages import StepCompleted


async def test_a_start_that_comes_again_moves_no_step() -> None:
    """Every step keeps a place of its own, so that its row can be stored."""
    world = World()
    scribe = Scribe(world.log())
    await scribe.start()
    await scribe.decide(event_of(StepCompleted(output=1), "one"))
    await scribe.start()
    await scribe.decide(event_of(StepCompleted(output=2), "two"))
    await project(world)
    places = {path: step.place for path, step in (await steps_of(world, scribe)).items()}
    assert places == {"hook": 0, "one": 1, "two": 2}
