"""An approval as answers, lists and the inbox show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from weir.contract import times
from weir.core.approvals.asked import Asked
from weir.core.approvals.life import OPEN, Life, shown_vote
from weir.core.approvals.rules import Who, barred, is_asked, names_of
from weir.ports.inbox import InboxRow

Called = Callable[[str], str]


def row_of(life: Life) -> InboxRow:
    """Its row in the inbox."""
    excluded = set(life.given_away)
    if not life.asked.self_approval:
        excluded |= set(life.started_by)
    return InboxRow(
        tenant=life.tenant,
        approval_id=life.approval_id,
        revision=life.revision,
        status=life.status,
        kind=life.asked.kind,
        project=life.project,
        workflow_id=life.workflow_id,
        run_id=life.run_id,
        names=tuple(sorted(names_of(life.assignees, life.project))),
        excluded=tuple(sorted(excluded)),
        voted=tuple(sorted(life.votes)),
        asked_ms=life.asked_ms,
        due_ms=life.due_ms or None,
        ended_ms=times.to_ms(life.end.at) if life.end else None,
        title=title_of(life),
        shown=orjson.dumps(summary(life)).decode(),
    )


def title_of(life: Life) -> str:
    """Its title; without one the step's name."""
    return life.asked.title or life.step


def summary(life: Life) -> dict[str, Any]:
    """What a list shows."""
    end = life.end
    return {
        "id": life.approval_id,
        "kind": life.asked.kind,
        "status": life.status,
        "title": title_of(life),
        "run_id": life.run_id,
        "step": life.step,
        "workflow_id": life.workflow_id,
        "version": life.version,
        "project": life.project or None,
        "started_by": life.started_by[0] if life.started_by else None,
        "assignees": list(life.assignees),
        "options": options(life.asked),
        "tally": life.tally(),
        "asked_at": times.from_ms(life.asked_ms),
        "due_at": times.from_ms(life.due_ms) if life.due_ms else None,
        "decision": {
            "option": end.option or None,
            "by": end.by,
            "at": end.at,
            "how": end.how,
            "reason": end.reason,
        }
        if end
        else None,
    }


def options(asked: Asked) -> list[dict[str, Any]]:
    """The ways to decide."""
    return [
        {
            "value": one.value,
            "label": one.label,
            "style": one.style,
            "required": one.required,
            "comment": one.comment,
            "form": asked.form is not None and one.form,
        }
        for one in asked.options
    ]


def whole(life: Life, who: Who | None, called: Called) -> dict[str, Any]:
    """All of it, for somebody."""
    people = {vote.by for vote in life.votes.values()} | {line["by"] for line in life.history}
    people |= set(life.started_by) | ({life.end.by} if life.end else set())
    asked = who is not None and is_asked(life, who)
    excluded = who is not None and asked and barred(life, who)
    return {
        **summary(life),
        "message": life.asked.message,
        "context": life.asked.context,
        "form": life.asked.form,
        "self_approval": life.asked.self_approval,
        "votes": [shown_vote(one) for one in sorted(life.votes.values(), key=lambda v: v.at)],
        "history": [dict(line) for line in life.history],
        "names": {one: called(one) for one in sorted(people)},
        "you": {
            "asked": asked,
            "may_decide": life.status == OPEN and asked and not excluded,
            "why_not": "SELF_APPROVAL" if excluded else (None if asked else "NOT_ASSIGNED"),
            "voted": life.votes[who.id].option if who and who.id in life.votes else None,
        },
    }
