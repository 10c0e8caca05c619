"""How a run came out, from its messages alone, without the states in between.

Who moves ended runs along need not know what they did, but must never take a
part of one for the whole. The chain (runlog.py has its rule) says whether
anything before the end is missing or was changed, and the last event how it
ended. Folding the run says the same and takes five times as long. Whatever is
out of the ordinary is left to who does: None is no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from weir.contract import times
from weir.contract.ends import STATUS_BY_FIELD
from weir.core.runlog import digest, link
from weir.core.state import RunState


class Outcome(NamedTuple):
    """What is to be known of an ended run; `ended_ms` by its last decision."""

    workflow_id: str
    version: str
    status: str
    ended_ms: int
    request_hash: str


def outcome(messages: Iterable[tuple[int, bytes]]) -> Outcome | None:
    """How a run ended that is whole; None if this cannot tell.

    `messages`: sequence and body of its facts and of its owner's messages, from its start on, in
    order, without the archive's own.
    """
    try:
        return _outcome(messages)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _outcome(messages: Iterable[tuple[int, bytes]]) -> Outcome | None:
    start: dict[str, Any] | None = None
    last: dict[str, Any] = {}
    chain = absorbed = b""
    turn, pending = 0, list[tuple[int, bytes]]()
    for seq, data in messages:
        told = orjson.loads(data)
        number = told.get("turn", 0)
        if not number:
            event = told["events"][0]
            if start is None and "run_started" in event:
                start = told
            if "run_purged" in event:
                return None
            if start is not None:  # nothing counts before it
                pending.append((seq, digest(data)))
            continue
        if number > turn:
            seen = int(told.get("seen", 0))
            counted = [mark for at, mark in pending if at <= seen]
            del pending[: len(counted)]
            chain = absorbed = link(chain, *counted)
            turn = number
        if told["chain"] != absorbed.hex():
            return None
        chain = link(chain, digest(data))
        last = told
    status = next(filter(None, map(STATUS_BY_FIELD.get, last["events"][-1])), None)
    if start is None or status is None:
        return None
    started = start["events"][0]["run_started"]
    return Outcome(
        start["workflow_id"],
        start["version"],
        status,
        times.to_ms(last["at"]),
        started.get("request_hash", ""),
    )


def outcome_of(state: RunState) -> Outcome:
    """The same of a run that was folded to its end."""
    start = state.start
    return Outcome(
        start.workflow_id, start.version, state.status, state.ended_ms, start.request_hash
    )
