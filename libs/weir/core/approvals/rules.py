"""Who may decide, and what is due: asked of the life of an approval alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from weir.contract.messages import (
    ApprovalEscalated,
    ApprovalExpired,
    ApprovalReminded,
    Message,
)
from weir.core.approvals.asked import Asked
from weir.core.approvals.life import OPEN, Life
from weir.core.promise import masked

COMMENT = 4_000
_SHOWN = 20


class Due(NamedTuple):
    """What is to be recorded, and when."""

    at_ms: int
    kind: Message


class Who(NamedTuple):
    """Somebody, by all that assignees can name: `user:…`, `group:…`, `role:…`."""

    id: str  # "usr_…" or "svc_…"; of a key whoever owns it
    names: frozenset[str]


def is_asked(life: Life, who: Who) -> bool:
    """Whether somebody is among those who are asked; who has started the run too."""
    return bool(who.names & names_of(life.assignees, life.project)) and (
        who.id not in life.given_away
    )


def names_of(assignees: Collection[str], project: str) -> frozenset[str]:
    """All that somebody can be called to be among these; roles in the run's project count too."""
    inside = (f"{one}@{project}" for one in assignees if project and one.startswith("role:"))
    return frozenset((*assignees, *inside))


def barred(life: Life, who: Who) -> bool:
    """Whether somebody does not decide because they have started it."""
    return not life.asked.self_approval and who.id in life.started_by


def next_due(life: Life, now_ms: int) -> Due | None:
    """What happens next by itself; None if nothing does.

    Of reminders for which it is too late the last one stands for all.
    """
    if life.status != OPEN:
        return None
    found = [due for due in (_escalation(life), _expiry(life), _reminder(life, now_ms)) if due]
    return min(found, key=lambda due: due.at_ms, default=None)


def _escalation(life: Life) -> Due | None:
    if life.escalated >= len(life.asked.escalations):
        return None
    step, number = life.asked.escalations[life.escalated], life.escalated + 1
    kind = ApprovalEscalated(
        number=number, notify=step.notify, reassign=step.reassign, decide=step.decide
    )
    return Due(life.asked_ms + step.after_ms, kind)


def _expiry(life: Life) -> Due | None:
    return Due(life.due_ms, ApprovalExpired(decide=life.asked.on_timeout)) if life.due_ms else None


def _reminder(life: Life, now_ms: int) -> Due | None:
    every = life.asked.remind_ms
    if not every or life.reminded >= life.asked.reminders:
        return None
    late = (now_ms - life.asked_ms) // every
    number = min(max(life.reminded + 1, late), life.asked.reminders)
    return Due(life.asked_ms + number * every, ApprovalReminded(number=number))


def problems(asked: Asked, option: str, comment: str, values: Any) -> list[dict[str, str]]:
    """What is wrong with a decision, by place; values are not repeated."""
    chosen = asked.option(option)
    if chosen is None:
        names = ", ".join(one.value for one in asked.options)
        return [{"path": "option", "message": f"there is no such option: {names}"}]
    found = []
    if len(comment) > COMMENT:
        found.append({"path": "comment", "message": f"it is longer than {COMMENT} letters"})
    if chosen.comment and not comment.strip():
        found.append({"path": "comment", "message": f"say why you choose {chosen.label!r}"})
    if values is None and not chosen.form:
        return found
    return found + _misfits(asked, values)


def _misfits(asked: Asked, values: Any) -> list[dict[str, str]]:
    """Of a form: what does not fit."""
    if asked.form is None:
        return [] if values is None else [{"path": "values", "message": "there is no form"}]
    if values is None:
        values = {}
    found = []
    for error in masked(asked.form).iter_errors(values):
        place = ".".join(["values", *map(str, error.instance_path)])
        found.append({"path": place, "message": error.message[:300]})
        if len(found) == _SHOWN:
            break
    return found


def enough(life: Life, deciders: Collection[str]) -> bool:
    """Whether those who can decide are as many as the easiest option needs."""
    return len(deciders) >= min(one.required for one in life.asked.options)
