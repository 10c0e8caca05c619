"""The state of a run from its messages: what anybody must get who reads the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from weir.contract import codec
from weir.contract.subjects import FOLDED, archived_fact, parse_run
from weir.core.canonical import to_json
from weir.core.runlog import GraphOf, RunLog
from weir.ports.log import Stored
from weir.runtime.pieces import in_turns

_CONFIRMATION = archived_fact()


def replay(
    messages: Iterable[Stored], graph_of: GraphOf | None = None, into: RunLog | None = None
) -> RunLog:
    """Fold the messages of one run, in order of their sequences; `into` goes on with a part read.

    With `graph_of` the state also names the types of inline steps, as its
    owner's does. The archive's confirmation is left out: it tells about the
    log, not about the run. ValueError for a message that cannot be read.
    """
    log = RunLog(graph_of) if into is None else into
    for message in messages:
        if counting(message.subject):
            log.feed(message.seq, message.data, codec.decode(message.data))
    return log


def counting(subject: str) -> bool:
    """Whether what lies on this subject of a run counts for its state."""
    _, kind, rest = parse_run(subject)
    return kind in FOLDED and not (kind == "in" and rest == _CONFIRMATION)


async def replay_in_turns(messages: Sequence[Stored], into: RunLog) -> None:
    """Go on with these, so that others on the loop have their turn between two pieces."""
    async for piece in in_turns(messages):
        replay(piece, into=into)


def replay_state(messages: Iterable[Stored], graph_of: GraphOf | None = None) -> bytes | None:
    """The canonical JSON of the state, None if the run never started.

    Facts after the last decision are part of it, as for the run's owner.
    """
    state = replay(messages, graph_of).tentative
    return None if state is None else to_json(state)
