"""What is answered of two definitions that are compared."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class TouchedBy(BaseModel):
    """Who touched something last in the document, and when."""

    id: str
    at: str


class FieldChange(BaseModel):
    """A value that differs; null where it was or is not there."""

    path: str = Field(description="A JSON pointer, within the node, edge or note.")
    before: Any = None
    after: Any = None


class EntryChange(BaseModel):
    """A node, an edge or a note."""

    kind: Literal["node", "edge", "note"]
    id: str
    fields: list[FieldChange] = Field(default_factory=list)
    by: TouchedBy | None = None


class SettingChange(FieldChange):
    """What is of the workflow itself: its name, input, variables, settings."""

    by: TouchedBy | None = None


class Difference(BaseModel):
    """All that leads from one definition to another; moved differs in its place alone."""

    added: list[EntryChange]
    removed: list[EntryChange]
    changed: list[EntryChange]
    moved: list[EntryChange]
    settings: list[SettingChange]


class Diff(Difference):
    """What was compared with what: `draft`, or the id of a version; empty where there is none."""

    from_: str = Field(alias="from")
    to: str
    dropped: list[Dropped] = Field(
        description="What of the document is in no definition, if the draft was compared."
    )


class Dropped(BaseModel):
    """What people who drew at the same time left without an end."""

    code: str
    id: str


Diff.model_rebuild()
