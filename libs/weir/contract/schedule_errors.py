"""Error codes of schedules; part of the list in `errors`."""

from __future__ import annotations

from weir.contract.errors import WeirError


class ScheduleNotFoundError(WeirError):
    """There is no such schedule, or not for who asks."""

    code = "SCHEDULE_NOT_FOUND"
    status = 404


class ScheduleInvalidError(WeirError):
    """What was written names no times, or what it asks for cannot be meant."""

    code = "SCHEDULE_INVALID"
    status = 422


class ScheduleOfNodeError(WeirError):
    """The schedule is a trigger node's: what it means is changed in the definition."""

    code = "SCHEDULE_OF_NODE"
    status = 409
