"""The life of an approval: what its messages come to.

Promises: `Life.after` is total, and first writer wins: what comes after the end
changes nothing but what was said and sent. Whoever reads the messages in their
order comes to the same decision, so that the first of two deciders decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from immutables import Map

from weir.contract import times
from weir.contract.messages import (
    ApprovalAsked,
    ApprovalCommented,
    ApprovalDelegated,
    ApprovalEscalated,
    ApprovalExpired,
    ApprovalNotified,
    ApprovalReassigned,
    ApprovalRecord,
    ApprovalReminded,
    ApprovalTold,
    ApprovalVoted,
    ApprovalWithdrawn,
    Message,
)
from weir.core.approvals.asked import Asked

OPEN, DECIDED, EXPIRED, WITHDRAWN = "open", "decided", "expired", "withdrawn"
STATUSES = (OPEN, DECIDED, EXPIRED, WITHDRAWN)
SYSTEM = "system"
HISTORY = 500  # things that are shown of one approval; those that decide are never too many

_ALWAYS = (ApprovalCommented, ApprovalNotified)  # are told of what is over, too


class Vote(NamedTuple):
    """What somebody chose; the last counts."""

    by: str
    option: str
    at: str
    comment: str = ""
    values: Any = None
    via: str = "app"
    link: str = ""


class End(NamedTuple):
    """How it ended. `how` is people, escalation or timeout; of what was withdrawn run or person."""

    option: str = ""
    by: str = SYSTEM
    at: str = ""
    how: str = "people"
    reason: str = ""


class Life(NamedTuple):
    """One approval, as it stands. Immutable."""

    tenant: str
    approval_id: str
    run_id: str
    step: str
    workflow_id: str
    version: str
    project: str
    started_by: tuple[str, ...]
    asked: Asked
    asked_ms: int
    assignees: tuple[str, ...]
    revision: int = 0
    status: str = OPEN
    end: End | None = None
    told: bool = False
    votes: Map[str, Vote] = Map()  # by person
    given_away: frozenset[str] = frozenset()  # who delegated their part
    links: frozenset[str] = frozenset()  # that were used
    reminded: int = 0
    escalated: int = 0
    notices: Map[str, tuple[str, int]] = Map()  # (status, when) by notice
    history: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def begun(cls, record: ApprovalRecord, seq: int) -> Life | None:
        """What a first message begins; None if it is none, or cannot be read."""
        asked = record.approval_asked
        if asked is None:
            return None
        try:
            question = Asked.of(asked.asked or {})
            asked_ms = times.to_ms(asked.asked_at)
        except ValueError:
            return None
        return cls(
            tenant=record.tenant,
            approval_id=asked.approval_id,
            run_id=asked.run_id,
            step=asked.step,
            workflow_id=asked.workflow_id,
            version=asked.version,
            project=asked.project,
            started_by=asked.started_by,
            asked=question,
            asked_ms=asked_ms,
            assignees=question.assignees,
            revision=seq,
        )

    @property
    def due_ms(self) -> int:
        """When its time is over, 0: never."""
        return self.asked_ms + self.asked.timeout_ms if self.asked.timeout_ms else 0

    def tally(self) -> dict[str, int]:
        """How many chose each option."""
        counted = dict.fromkeys((one.value for one in self.asked.options), 0)
        for vote in self.votes.values():
            counted[vote.option] = counted.get(vote.option, 0) + 1
        return counted

    def after(self, record: ApprovalRecord, seq: int) -> Life:
        """What it is with one message more."""
        kind = record.kind
        changed = self._after(kind, record)._replace(revision=max(seq, self.revision))
        begun = isinstance(kind, ApprovalNotified) and kind.status == "begun"
        late = self.status != OPEN and not isinstance(kind, _ALWAYS)
        if late or begun or kind is None or isinstance(kind, ApprovalAsked | ApprovalTold):
            return changed
        return changed._replace(history=(*self.history, _line(record))[-HISTORY:])

    def _after(self, kind: Message | None, record: ApprovalRecord) -> Life:
        match kind:
            case ApprovalTold():
                return self._replace(told=True)
            case ApprovalNotified():
                sent = kind.status, times.to_ms(record.at)
                return self._replace(notices=self.notices.set(kind.notice, sent))
            case _ if self.status != OPEN:
                return self
            case ApprovalVoted():
                return self._voted(kind, record)
            case ApprovalDelegated() | ApprovalReassigned():
                return self._handed_on(kind, record)
            case ApprovalReminded():
                return self._replace(reminded=max(self.reminded, kind.number))
            case ApprovalEscalated():
                return self._escalated(kind, record)
            case ApprovalExpired() | ApprovalWithdrawn():
                return self._over(kind, record)
            case _:
                return self

    def _handed_on(
        self, kind: ApprovalDelegated | ApprovalReassigned, record: ApprovalRecord
    ) -> Life:
        if isinstance(kind, ApprovalReassigned):
            return self._replace(assignees=kind.assignees, given_away=frozenset())
        to = tuple(dict.fromkeys((*self.assignees, f"user:{kind.to}")))
        return self._replace(assignees=to, given_away=(self.given_away | {record.by}) - {kind.to})

    def _over(self, kind: ApprovalExpired | ApprovalWithdrawn, record: ApprovalRecord) -> Life:
        if isinstance(kind, ApprovalExpired):
            end = End(kind.decide, SYSTEM, record.at, "timeout")
            return self._replace(status=DECIDED if kind.decide else EXPIRED, end=end)
        end = End("", record.by, record.at, kind.cause, kind.reason)
        # The step of a run that waits no longer need not be told.
        return self._replace(status=WITHDRAWN, end=end, told=kind.cause == "run")

    def _voted(self, kind: ApprovalVoted, record: ApprovalRecord) -> Life:
        vote = Vote(
            record.by,
            kind.option,
            record.at,
            kind.comment,
            kind.values,
            kind.via or "app",
            kind.link,
        )
        life = self._replace(votes=self.votes.set(record.by, vote))
        if kind.link:
            life = life._replace(links=life.links | {kind.link})
        option = self.asked.option(kind.option)
        if option is None or life.tally()[option.value] < option.required:
            return life
        end = End(option.value, record.by, record.at, "people", kind.comment)
        return life._replace(status=DECIDED, end=end)

    def _escalated(self, kind: ApprovalEscalated, record: ApprovalRecord) -> Life:
        assignees = tuple(dict.fromkeys((*self.assignees, *kind.reassign)))
        life = self._replace(escalated=max(self.escalated, kind.number), assignees=assignees)
        if not kind.decide:
            return life
        return life._replace(status=DECIDED, end=End(kind.decide, SYSTEM, record.at, "escalation"))

    def output(self) -> dict[str, Any]:
        """What the step's output shows once it is decided."""
        end = self.end or End()
        last = self.votes.get(end.by)
        votes = sorted(self.votes.values(), key=lambda vote: vote.at)
        return {
            "decision": end.option,
            "by": end.by,
            "how": end.how,
            "comment": last.comment if last else "",
            "values": last.values if last else None,
            "decided_at": end.at,
            "votes": [shown_vote(vote) for vote in votes],
            "approval_id": self.approval_id,
        }


def shown_vote(vote: Vote) -> dict[str, Any]:
    """A vote, as outputs and answers show it."""
    return {
        "by": vote.by,
        "option": vote.option,
        "comment": vote.comment,
        "values": vote.values,
        "at": vote.at,
        "via": vote.via,
    }


def _line(record: ApprovalRecord) -> dict[str, Any]:
    """A line of the history: what happened, who did it, when, and what there is to know of it."""
    kind = record.kind
    told = kind.model_dump(mode="json", exclude_defaults=True) if kind is not None else {}
    told.pop("link", None)
    what = type(kind).__name__.removeprefix("Approval").lower()
    return {"what": what, "by": record.by, "at": record.at, **told}
