"""How fast a backlog is worked off that nobody waits for: evenly, and no later than its work comes.

After each piece comes a rest, as long as the piece took while nothing is late
and the shorter the later it is. So half of the time is left to others as long
as that is enough, a lasting load finds its own balance some seconds behind, and
what has gathered while nobody worked is worked off without any rest.
"""

from __future__ import annotations

_LATE_MS = 15_000  # without any rest from here on


def rest_after(took_s: float, late_ms: int) -> float:
    """Seconds of rest after a piece that took so long and was so late."""
    return took_s * max(0.0, 1.0 - max(0, late_ms) / _LATE_MS)
