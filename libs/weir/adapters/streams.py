"""The streams of the platform: what each keeps, for every broker adapter alike.

One republish mapping per stream is the broker's limit, so RUNS republishes the
whole log of its runs; a subscriber narrows it by its own filter.
"""

from __future__ import annotations

from dataclasses import dataclass

from weir.contract import subjects

DUPLICATE_WINDOW_S = 120.0
# The least that the broker takes: publishers of one tenant must not shadow another's by their ids.
FOREIGN_WINDOW_S = 0.1
LOGS_DAYS = 30
DELIVERIES_DAYS = 30
DELIVERIES_NEWEST = 20_000  # of one webhook
RATES_DAYS = 2  # longer than the longest window, which is a day
RATES_NEWEST = 64
BUS_DAYS = 7
CURSORS_NEWEST = 4


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A stream. `live` republishes what is stored on `run.…`; `max_age_s` 0 keeps for ever.

    Of one that is `kept` nothing can be removed, by nobody. `newest` is how many messages a subject
    has at most, the oldest go; 0 is without end. One that is `foreign` is written by tenants: no
    header of theirs removes, schedules or holds anything.
    """

    name: str
    subjects: tuple[str, ...]
    live: bool = False
    max_age_s: int = 0
    kept: bool = False
    newest: int = 0
    foreign: bool = False

    @property
    def duplicates_s(self) -> float:
        """How long a message id is remembered."""
        return FOREIGN_WINDOW_S if self.foreign else DUPLICATE_WINDOW_S


STREAMS = (
    StreamSpec(
        subjects.RUNS,
        ("run.>", "lease.>", "limit.>", subjects.EVERY_SCHEDULE_LOG, "checkpoint.>"),
        live=True,
    ),
    StreamSpec(subjects.REGISTRY, ("registry.>",)),
    StreamSpec(subjects.IDENTITY, ("identity.>",)),
    StreamSpec(subjects.ACCOUNTS, ("accounts.>",)),
    StreamSpec(subjects.NOTES, ("note.>",)),
    StreamSpec(subjects.AUDIT, ("audit.>",), kept=True),
    StreamSpec(subjects.LOGS, ("logs.>",), max_age_s=LOGS_DAYS * 86_400),
    StreamSpec(subjects.RATES, ("rate.>",), max_age_s=RATES_DAYS * 86_400, newest=RATES_NEWEST),
    StreamSpec(
        subjects.DELIVERIES,
        ("delivery.>",),
        max_age_s=DELIVERIES_DAYS * 86_400,
        newest=DELIVERIES_NEWEST,
    ),
    StreamSpec(subjects.BUS, ("bus.>",), max_age_s=BUS_DAYS * 86_400, foreign=True),
    StreamSpec(subjects.CURSORS, (subjects.EVERY_CURSOR,), newest=CURSORS_NEWEST),
    StreamSpec(subjects.COLLAB, (subjects.EVERY_DRAFT,)),
    StreamSpec(subjects.APPROVALS, ("approval.>",)),
)
