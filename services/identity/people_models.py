"""What the routes of projects, members, groups and service accounts read and answer."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

PROJECTS_PER_ROLE = 100  # what one member or group has roles in
GROUPS_PER_MEMBER = 20  # each is looked up at every request

Role = Literal["admin", "editor", "operator", "viewer"]
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # unseen too, but words of some languages need them


def _readable(name: str) -> str:
    """Written in one way only, and without what people cannot see."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name or any(
        unicodedata.category(each) in _UNSEEN and each not in _JOINERS for each in name
    ):
        raise ValueError("a name is what people can see: no control characters")
    return name


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_readable)]
ProjectId = Annotated[str, StringConstraints(pattern=r"^prj_[a-z2-7]{26}$")]
GroupId = Annotated[str, StringConstraints(pattern=r"^grp_[a-z2-7]{26}$")]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=3, max_length=254)
]
ProjectRoles = Annotated[dict[ProjectId, Role], Field(max_length=PROJECTS_PER_ROLE)]
GroupIds = Annotated[list[GroupId], Field(max_length=GROUPS_PER_MEMBER)]


def same(name: str) -> str:
    """What two names have in common that people would take for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


class Asked(BaseModel):
    """Base of requests: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Project(BaseModel):
    """A part of a tenant with roles of its own."""

    id: str
    name: str
    created_at: str
    revision: str


class Projects(BaseModel):
    """A page of projects."""

    items: list[Project]
    next_cursor: str | None


class Named(Asked):
    """What it is called."""

    name: Name


class Member(BaseModel):
    """Somebody in the tenant. `role` empty: in projects only; of roles the highest counts."""

    id: str
    name: str
    email: str
    status: Literal["invited", "active", "disabled"]
    role: str
    projects: dict[str, str]
    groups: list[str]
    source: str
    created_at: str
    last_sign_in: str | None
    revision: str


class Members(BaseModel):
    """A page of members."""

    items: list[Member]
    next_cursor: str | None


class Invite(Asked):
    """Whom to invite, and what they may do then."""

    email: Email
    name: Name | None = None
    role: Role | None = None
    projects: ProjectRoles = Field(default_factory=dict)
    groups: GroupIds = Field(default_factory=list)


class ChangeMember(Asked):
    """What changes; what is left out stays. `role` null: in projects only."""

    role: Role | None = None
    projects: ProjectRoles | None = None
    groups: GroupIds | None = None


class ProjectRole(Asked):
    """A role in one project."""

    role: Role


class Group(BaseModel):
    """Members that get roles together."""

    id: str
    name: str
    role: str
    projects: dict[str, str]
    members: int
    created_at: str
    revision: str


class Groups(BaseModel):
    """A page of groups."""

    items: list[Group]
    next_cursor: str | None


class CreateGroup(Asked):
    """A group, and what its members may do."""

    name: Name
    role: Role | None = None
    projects: ProjectRoles = Field(default_factory=dict)


class ChangeGroup(Asked):
    """What changes; what is left out stays. `role` null: in projects only."""

    name: Name | None = None
    role: Role | None = None
    projects: ProjectRoles | None = None


class ServiceAccount(BaseModel):
    """A program that is somebody: keys act in its name, and end with it."""

    id: str
    name: str
    status: Literal["active", "disabled"]
    role: str
    projects: dict[str, str]
    groups: list[str]
    keys: int
    created_at: str
    revision: str


class ServiceAccounts(BaseModel):
    """A page of service accounts."""

    items: list[ServiceAccount]
    next_cursor: str | None


class CreateServiceAccount(Asked):
    """A service account, and what it may do."""

    name: Name
    role: Role | None = None
    projects: ProjectRoles = Field(default_factory=dict)
    groups: GroupIds = Field(default_factory=list)


class ChangeServiceAccount(ChangeMember):
    """What changes; what is left out stays. `role` null: in projects only."""

    name: Name | None = None
