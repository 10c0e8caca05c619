"""Deliveries to webhooks, as a history shows them.

One that started a run is that run's row: nothing more was written for it. The
others, and what people sent themselves, are rows of their own, and go when
their retention is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

Verdict = Literal["accepted", "duplicate", "filtered", "refused"]
VERDICTS: tuple[Verdict, ...] = ("accepted", "duplicate", "filtered", "refused")
COUNTED = 10_000  # a count goes no further
_OF_RUN, _OF_RECORD = "run_", "dlv_"


class DeliveryRow(NamedTuple):
    """A delivery that is written down by itself. Times are ms since 1970."""

    tenant: str
    record_id: str  # "dlv_…"
    webhook_id: str
    at_ms: int
    verdict: str
    code: str  # of a refusal
    reason: str
    run_id: str
    version: str
    delivery_id: str  # the sender's
    method: str
    status: int  # that was answered
    size: int  # of the body
    kind: str  # test, replay; empty: from outside
    replay_of: str
    by: str  # who sent a test, or replayed
    untold: int  # how many before it were not written down
    record: str | None  # all of it as JSON (`DeliveryRecord`); None in lists, and for a run's
    seq: int


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Which deliveries of a webhook, the newest first. Everything that is set must hold.

    `run_id` is the run that a delivery of the wanted id would have started, where one is wanted.
    """

    webhook_id: str
    since_ms: int  # where the retention begins
    verdicts: Sequence[str] = ()
    codes: Sequence[str] = ()
    kinds: Sequence[str] = ()  # of test, replay, delivery
    delivery_id: str = ""
    run_id: str = ""
    replay_of: str = ""
    from_ms: int | None = None
    before_ms: int | None = None
    after: tuple[int, str] | None = None  # (at_ms, record_id) of the last one of the page before
    limit: int = 50

    @property
    def earliest_ms(self) -> int:
        """The first moment that counts."""
        return max(self.since_ms, self.from_ms or 0)

    @property
    def of_runs(self) -> bool:
        """Whether deliveries that started runs can be among them."""
        return (
            (not self.verdicts or "accepted" in self.verdicts)
            and not self.codes
            and (not self.kinds or "delivery" in self.kinds)
            and not self.replay_of
        )


def record_of(run_id: str) -> str:
    """The delivery that started a run."""
    return _OF_RECORD + run_id.removeprefix(_OF_RUN)


def run_of(record_id: str) -> str:
    """The run that a delivery started, if it has no row of its own."""
    return _OF_RUN + record_id.removeprefix(_OF_RECORD)


def started(  # noqa: PLR0913, PLR0917 - what a run's row tells of it
    tenant: str,
    run_id: str,
    webhook_id: str,
    at_ms: int,
    version: str,
    trigger: str | None,
    size: int | None,
    seq: int,
) -> DeliveryRow:
    """The delivery that started a run, from the run's row."""
    told: Mapping[str, Any] = orjson.loads(trigger) if trigger else {}
    return DeliveryRow(
        tenant=tenant,
        record_id=record_of(run_id),
        webhook_id=webhook_id,
        at_ms=at_ms,
        verdict="accepted",
        code="",
        reason="",
        run_id=run_id,
        version=version,
        delivery_id=str(told.get("delivery_id") or ""),
        method=str(told.get("method") or ""),
        status=202,
        size=size or 0,
        kind="",
        replay_of="",
        by="",
        untold=0,
        record=None,
        seq=seq,
    )
