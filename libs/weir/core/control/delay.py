"""`delay`: waits for a duration or until a time; a time in the past goes on at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract import times
from weir.core.control.behaviour import Outcome, Reached, Wait, refuse
from weir.core.expressions import kind

_YEAR_1_MS = times.to_ms("0001-01-01T00:00:00Z")
_TIME = "write it like 2027-01-31T09:00:00Z"


def delay(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Wait; the due time is recorded when the node is reached."""
    until, duration = config.get("until"), config.get("duration")
    try:
        if until is not None:
            return Wait(_moment(until, reached.now_ms))
        if duration is not None:
            return Wait(reached.now_ms + round(times.duration_ms(duration)))
    except (ValueError, OverflowError) as error:
        return refuse("DELAY_INVALID", str(error))
    return refuse("DELAY_INVALID", "say `duration` or `until`")


def _moment(until: Any, now_ms: int) -> int:
    """When that is; ValueError if it is no time or no broker could wait so long."""
    if isinstance(until, str):
        try:
            due_ms = times.to_ms(until)
        except ValueError:
            raise ValueError(f"until is {until[:60]!r}, which is no time: {_TIME}") from None
    elif isinstance(until, int | float) and not isinstance(until, bool):
        due_ms = int(until)  # milliseconds since 1970
    else:
        raise ValueError(f"until is {kind(until)}, which is no time: {_TIME}")  # noqa: TRY004
    if due_ms - now_ms > times.MAX_DURATION_MS:
        raise ValueError(f"until is {str(until)[:60]!r}, more than ten years away")
    return max(due_ms, _YEAR_1_MS)
