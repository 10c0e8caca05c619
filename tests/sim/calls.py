"""What must hold between a run and those it calls: each begins once, and its end is told once."""

from __future__ import annotations

from typing import TypeVar

from tests.sim.model import Outcome
from tests.sim.world import World, decoded, is_folded
from weir.contract import ids, subjects
from weir.contract.messages import CancelRequested, ChildEnded, ChildStarted, Envelope, Event
from weir.core.state import RunState
from weir.ports.log import Stored

About = TypeVar("About", ChildStarted, ChildEnded)
_START = subjects.start_fact()


async def outcome(world: World, run_id: str) -> Outcome | None:
    """How a run that was called ended; None if it was cancelled."""
    state = (await world.replay(run_id)).state
    if state is None or state.status == "cancelled":
        return None
    if state.status == "succeeded":
        return True, state.output
    return False, state.error.code if state.error else ""


async def outcomes(world: World, parent: str) -> dict[str, Outcome]:
    """The same of all that a run called, by step."""
    found = {
        above.step: await outcome(world, run_id)
        for run_id, above in world.parents.items()
        if above.run_id == parent
    }
    return {step: ended for step, ended in found.items() if ended is not None}


async def was_told_to_end(world: World, run_id: str) -> bool:
    """Whether its parent did not wait for it any more."""
    events = await world.transitions(run_id)
    return any(isinstance(event.kind, CancelRequested) for event in events)


async def wrong(world: World, run_id: str, state: RunState) -> list[str]:
    """What does not hold of a run that was called and has ended."""
    above = world.parents[run_id]
    mine, theirs = await _read(world, run_id), await _read(world, above.run_id)
    begun = [m.seq for m, _ in mine if m.subject.endswith(_START)]
    asked = [m.seq for m, e in theirs if _of(e, ChildStarted, run_id)]
    told = [(m.seq, said) for m, e in theirs if (said := _of(e, ChildEnded, run_id)) is not None]
    found = []
    if run_id != ids.derived("run", above.run_id, above.step, "1"):
        found.append(f"is not the one run that {above.step} of {above.run_id} starts")
    if len(begun) != 1 or len(asked) != 1 or asked[0] > begun[0]:
        found.append(f"was to begin at {asked} and began at {begun}")
    # Where the past was removed from the log it may be told again; it counts once.
    counted = [event for event in await world.transitions(above.run_id) if _is(event, run_id)]
    if len(counted) != 1:
        return [*found, f"its end counted {len(counted)} times"]
    seq, kind = told[0]
    end = max(m.seq for m, e in mine if e.turn)
    if not end < seq < max(m.seq for m, e in theirs if e.turn):
        found.append(f"ended at {end}, which was told at {seq}: out of order")
    code = state.error.code if state.error and state.status == "failed" else ""
    heard = kind.status, kind.error.code if kind.error else "", kind.output
    if heard != (state.status, code, state.output):
        found.append(f"ended with {state.status}, {code}, {state.output}; told was {heard}")
    if state.status == "cancelled" and not await was_told_to_end(world, run_id):
        found.append("was cancelled by nobody")
    return found


async def _read(world: World, run_id: str) -> list[tuple[Stored, Envelope]]:
    messages = await world.messages(run_id)
    return [(message, decoded(message.data)) for message in messages if is_folded(message)]


def _is(event: Event, run_id: str) -> bool:
    return isinstance(event.kind, ChildEnded) and event.kind.run_id == run_id


def _of(envelope: Envelope, wanted: type[About], run_id: str) -> About | None:
    """What a message says of this kind about this run."""
    said = (event.kind for event in envelope.events if isinstance(event.kind, wanted))
    return next((kind for kind in said if kind.run_id == run_id), None)
