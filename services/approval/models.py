"""Bodies and answers of approvals, as OpenAPI shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from weir.core.approvals.rules import COMMENT


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decide(_Asked):
    """What somebody decides."""

    option: str = Field(min_length=1, max_length=100, description="Value of the option.")
    comment: str = Field("", max_length=COMMENT, description="Why.")
    values: dict[str, Any] | None = Field(None, description="What the form asks for.")


class Comment(_Asked):
    """Something to say."""

    text: str = Field(min_length=1, max_length=COMMENT)


class Delegate(_Asked):
    """To whom somebody hands their part."""

    to: str = Field(min_length=1, max_length=200, description="Id or address of a member.")
    comment: str = Field("", max_length=COMMENT)


class Reassign(_Asked):
    """Who is asked from now on."""

    assignees: list[str] = Field(
        min_length=1, max_length=100, description="user:…, group:… or role:…."
    )
    comment: str = Field("", max_length=COMMENT)


class Withdraw(_Asked):
    """Why it is asked no more."""

    reason: str = Field("", max_length=COMMENT)


class Option(BaseModel):
    """A way to decide."""

    value: str
    label: str
    style: str = Field(description="default, primary, success, warning or danger")
    required: int = Field(description="How many must choose it.")
    comment: bool = Field(description="Whether it asks for a comment.")
    form: bool = Field(description="Whether it asks for the form.")


class Decision(BaseModel):
    """How it ended."""

    option: str | None
    by: str = Field(description="usr_…, svc_…, or system where a time was over.")
    at: str
    how: str = Field(description="people, escalation, timeout; of what was withdrawn person or run")
    reason: str


class Summary(BaseModel):
    """An approval in a list."""

    id: str
    kind: str = Field(description="approval or user_input")
    status: str = Field(description="open, decided, expired or withdrawn")
    title: str
    run_id: str
    step: str
    workflow_id: str
    version: str
    project: str | None
    started_by: str | None
    assignees: list[str]
    options: list[Option]
    tally: dict[str, int] = Field(description="How many chose each option.")
    asked_at: str
    due_at: str | None
    decision: Decision | None


class Vote(BaseModel):
    """What somebody chose."""

    by: str
    option: str
    comment: str
    values: Any
    at: str
    via: str = Field(description="app, link or slack")


class You(BaseModel):
    """How it stands with who asks."""

    asked: bool
    may_decide: bool
    why_not: str | None = Field(description="NOT_ASSIGNED or SELF_APPROVAL")
    voted: str | None


class Whole(Summary):
    """An approval."""

    message: str = Field(description="Markdown.")
    context: Any
    form: Any = Field(description="JSON Schema.")
    self_approval: bool
    votes: list[Vote]
    history: list[dict[str, Any]] = Field(description="What happened, the oldest first.")
    names: dict[str, str] = Field(description="Of everybody in it, by id.")
    you: You


class Page(BaseModel):
    """A page of the inbox."""

    items: list[Summary]
    next_cursor: str | None


class Counts(BaseModel):
    """How many there are; of what is over the last 30 days count."""

    mine: int = Field(description="Open, and waiting for who asks.")
    open: int
    decided: int
    expired: int
    withdrawn: int
