"""`delay`: waits for a duration or until a time; a time in the past goes on at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract import times
from weir.core.control.behaviour import Outcome, Reached, Wait, refuse


def delay(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Wait; the due time is recorded when the node is reached."""
    until, duration = config.get("until"), config.get("duration")
    try:
        if until is not None:
            return Wait(times.to_ms(until) if isinstance(until, str) else int(until))
        if duration is None:
            return refuse("DELAY_INVALID", "say `duration` or `until`")
        return Wait(reached.now_ms + round(times.duration_ms(duration)))
    except (ValueError, TypeError, OverflowError) as error:
        return refuse("DELAY_INVALID", str(error))
