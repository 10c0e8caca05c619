"""Dead letters: work that nobody does any more unless somebody acts.

What the run log says of one is a row of the projection of runs; what somebody
made of it is a record of the registry and a row of its own. Both can be made
again. A letter is open until somebody dealt with its last failure, or until the
run went on by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Reason = Literal["exhausted", "failed", "poison", "parked", "quarantined", "unreadable", "event"]
Status = Literal["open", "retried", "discarded", "settled"]


class DeadRow(NamedTuple):
    """A letter as the log has it. Times are ms since 1970."""

    tenant: str
    letter_id: str  # "dead_…"
    run: int  # its run's `first_seq`
    run_id: str  # empty for an event that started none: its sequences are the registry's
    workflow_id: str  # empty if what cannot be read would have told
    path: str  # of the step, empty for the run itself
    reason: str
    error: str | None  # JSON
    attempts: int
    first_ms: int
    last_ms: int
    failed_seq: int  # of the message that made it a letter, the last time
    payload_seq: int  # of the message that says what was to be done
    settled_ms: int | None  # when the run went on by itself
    seq: int
    project: str = ""  # the run's, as far as that could be read


class HandledRow(NamedTuple):
    """What somebody made of a letter; it counts for failures up to `through`."""

    tenant: str
    letter_id: str
    action: str  # retried, discarded
    note: str
    handled_by: str
    handled_ms: int
    through: int
    new_run_id: str
    seq: int


class Letter(NamedTuple):
    """A letter as it is shown: with what was made of its last failure, if anything was."""

    dead: DeadRow
    workflow_name: str
    handled: HandledRow | None

    @property
    def status(self) -> str:
        """See `Status`."""
        if self.handled is not None:
            return self.handled.action
        return "open" if self.dead.settled_ms is None else "settled"


@dataclass(frozen=True, slots=True)
class LetterQuery:
    """Which letters, the last failure first. Everything that is set must hold."""

    statuses: Sequence[str] = ("open",)
    reasons: Sequence[str] = ()
    projects: Collection[str] | None = None  # only of runs in these; None: of all
    workflow_id: str | None = None
    run_id: str | None = None
    codes: Sequence[str] = ()
    from_ms: int | None = None
    before_ms: int | None = None
    after: tuple[int, str] | None = None  # (last_ms, letter_id) of the last one of the page before
    limit: int = 50
