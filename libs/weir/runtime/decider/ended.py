"""Whether a run has ended, read from what the log still holds of it."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.codec import decode
from weir.contract.ends import ENDS
from weir.contract.messages import Message, RunCancelled, RunPurged, RunSucceeded
from weir.contract.subjects import RunKey
from weir.ports.log import Log


async def ended_as(log: Log, key: RunKey) -> str | None:
    """How the run has ended: empty while it goes on, None if there is none.

    Raises as `Log.last`, and ValueError where what lies there cannot be read.
    """
    last = await log.last(key.events)
    if last is not None:
        kind = decode(last.data).events[-1].kind
        return _status_of(kind) if isinstance(kind, ENDS) else ""
    start = await log.last(key.fact(subjects.start_fact()))
    if start is None:
        return None
    gone = decode(start.data).events[0].kind
    return gone.status if isinstance(gone, RunPurged) else ""


def _status_of(kind: Message | None) -> str:
    if isinstance(kind, RunSucceeded):
        return "succeeded"
    return "cancelled" if isinstance(kind, RunCancelled) else "failed"
