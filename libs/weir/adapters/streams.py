"""The streams of the platform: what each keeps, for every broker adapter alike.

One republish mapping per stream is the broker's limit, so RUNS republishes the
whole log of its runs; a subscriber narrows it by its own filter.
"""

from __future__ import annotations

from dataclasses import dataclass

from weir.contract import subjects

DUPLICATE_WINDOW_S = 120
LOGS_DAYS = 30
DELIVERIES_DAYS = 30
DELIVERIES_NEWEST = 20_000  # of one webhook
RATES_DAYS = 2  # longer than the longest window, which is a day
RATES_NEWEST = 64


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A stream. `live` republishes what is stored on `run.…`; `max_age_s` 0 keeps for ever.

    Of one that is `kept` nothing can be removed, by nobody. `newest` is how many messages a subject
    has at most, the oldest go; 0 is without end.
    """

    name: str
    subjects: tuple[str, ...]
    live: bool = False
    max_age_s: int = 0
    kept: bool = False
    newest: int = 0


STREAMS = (
    StreamSpec(subjects.RUNS, ("run.>", "lease.>", "limit.>", "checkpoint.>"), live=True),
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
)
