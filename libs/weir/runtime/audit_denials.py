"""Refusals for the audit, told at a bounded rate.

The first refusal of a caller is told at once. Those like it within the next
minute are counted and told as one when the minute is over; beyond so many
callers all others are counted together. So a flood fills no disk, and hides
neither who began it nor how much it was.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from weir.runtime.audit_entry import Noted

WINDOW_S = 60.0
CALLERS = 1_000
EVERYBODY = "many"

Key = tuple[str, str, str, str]


@dataclass(slots=True)
class _Counted:
    until: float
    noted: Noted
    count: int = 0


class Denials:
    """Decides which refusals are told now. Times are seconds of any clock that only rises."""

    def __init__(self) -> None:
        self._counted: OrderedDict[Key, _Counted] = OrderedDict()

    def told(self, noted: Noted, now: float) -> list[Noted]:
        """What to tell because of this refusal."""
        due = self.due(now)
        key = noted.tenant, noted.actor or noted.address, noted.event, noted.reason
        if key not in self._counted and len(self._counted) >= CALLERS:
            noted = replace(noted, actor="", address="", agent="", resource="", request_id="")
            key = noted.tenant, EVERYBODY, "", ""
        counted = self._counted.get(key)
        if counted is None:
            self._counted[key] = _Counted(now + WINDOW_S, noted)
            return [*due, noted]
        counted.count += 1
        counted.noted = noted
        return due

    def due(self, now: float) -> list[Noted]:
        """What was counted in minutes that are over."""
        told = []
        while self._counted:
            key, first = next(iter(self._counted.items()))
            if first.until > now:
                break
            del self._counted[key]
            if first.count:
                told.append(replace(first.noted, count=first.count))
        return told

    def rest(self) -> list[Noted]:
        """What was counted so far: for the end of the process."""
        return self.due(float("inf"))
