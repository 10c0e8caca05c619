"""What the routes of API keys read and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.identity.people_models import Asked, Name, ProjectId, Role
from weir.runtime.access import Permission

OwnerId = Annotated[str, StringConstraints(pattern=r"^svc_[a-z2-7]{26}$")]
Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
        r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$"
    ),
]


class CreateKey(Asked):
    """A key, and what it may do: never more than who makes it, nor than its owner.

    `owner` is a service account; left out it is the caller. `scopes` none: all of its role.
    """

    name: Name
    role: Role
    scopes: Annotated[list[Permission], Field(max_length=len(Permission))] = Field(
        default_factory=list
    )
    project: ProjectId | None = None
    owner: OwnerId | None = None
    expires_at: Moment | None = None
    platform: bool = False


class Key(BaseModel):
    """A key without what proves it. `used_at` is right to within minutes."""

    id: str
    name: str
    role: str
    scopes: list[str]
    project: str | None
    owner: str | None
    platform: bool
    expires_at: str | None
    created_at: str
    used_at: str | None
    revision: str


class NewKey(Key):
    """A key with its token, which is shown this once: null if the request came before."""

    token: str | None


class Keys(BaseModel):
    """A page of keys, the newest first."""

    items: list[Key]
    next_cursor: str | None
