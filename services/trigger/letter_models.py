"""What the routes that deal with dead letters read and answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services.trigger.models import Asked, Many, Reason


class RetryLetter(Asked):
    """Why it is done again, and with which version."""

    reason: Reason = ""
    version: str = Field(default="original", description="original, current, or a version's id.")


class DiscardLetter(Asked):
    """Why nothing more is to be done."""

    reason: str = Field(min_length=1, max_length=2_000)


class Dealt(BaseModel):
    """What was made of a letter. `revision` is taken by `min_revision` of the list."""

    id: str
    action: str
    new_run_id: str | None
    revision: str


class RetryLetters(Many, RetryLetter):
    """Do them again."""


class DiscardLetters(Many, DiscardLetter):
    """Give them up."""


class DealtOne(BaseModel):
    """What became of one letter, or the reason why not."""

    id: str
    action: str | None = None
    new_run_id: str | None = None
    revision: str | None = None
    error: dict[str, Any] | None = None


class DealtMany(BaseModel):
    """One answer per letter. `more`: there are others that the filters take."""

    dry_run: bool
    matched: int
    done: int
    refused: int
    more: bool
    items: list[DealtOne]
