"""What the routes of credentials read and answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.models import Asked, Slug

Fields = Annotated[
    dict[Slug, Annotated[str, StringConstraints(max_length=16_384)]],
    Field(min_length=1, max_length=50),
]
Projects = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^prj_[a-z2-7]{26}$")]], Field(max_length=100)
]


class CreateCredential(Asked):
    """A credential under the name that definitions use; its fields are sealed and never shown.

    `projects` are those whose workflows may use it; none: all of the tenant.
    """

    name: Slug
    type: Slug
    fields: Fields
    projects: Projects = Field(default_factory=list)


class ChangeCredential(Asked):
    """New fields, all of them, or other projects; what is left out stays.

    What an authorisation server has granted ends with the old fields.
    """

    type: Slug | None = None
    fields: Fields | None = None
    projects: Projects | None = None


class CredentialGrant(BaseModel):
    """How it stands with what an authorisation server has granted."""

    expires_at: str | None
    scope: str
    problem: str
    tried_at: str


class Credential(BaseModel):
    """A credential without what it holds."""

    id: str
    name: str
    type: str
    projects: list[str]
    grant: CredentialGrant | None
    created_at: str
    updated_at: str
    revision: str


class Credentials(BaseModel):
    """A page of credentials."""

    items: list[Credential]
    next_cursor: str | None


class CredentialType(BaseModel):
    """A type of credential, as a form shows it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    help: str
    icon: str
    fields: dict[str, Any]
    secret_fields: list[str]
    testable: bool


class CredentialTypes(BaseModel):
    """All types."""

    items: list[CredentialType]
    next_cursor: str | None


class CredentialUse(BaseModel):
    """A workflow that names a credential: in its draft, in its current version, or in both."""

    workflow_id: str
    name: str
    project: str
    in_draft: bool
    in_current: bool


class CredentialUsage(BaseModel):
    """A page of workflows that name a credential."""

    items: list[CredentialUse]
    next_cursor: str | None


class CredentialTested(BaseModel):
    """What a test gave; `message` is for people."""

    ok: bool
    code: str
    message: str
    took_ms: float


class BeginGrant(Asked):
    """Where the browser goes on afterwards: a path here; empty for a page that says how it went."""

    return_to: Annotated[
        str, StringConstraints(pattern=r"^(/([A-Za-z0-9_.~%?&=#+-][A-Za-z0-9_.~%?&=#+/-]*)?)?$")
    ] = ""


class GrantBegun(BaseModel):
    """Where to send the browser that asked."""

    url: str
    until: str


class RotateKeys(Asked):
    """What is to be new beside the wrapping of all keys.

    `fresh` makes a data key under which all is sealed anew; `everywhere` does it for all tenants
    of the installation.
    """

    fresh: bool = True
    everywhere: bool = False


class DataKeyShown(BaseModel):
    """A data key; the last one made seals."""

    id: str
    provider: str
    provider_key: str
    created_at: str
    wrapped_at: str


class KeyRotation(BaseModel):
    """How it stands with the keys of the tenant.

    `stale` counts what lies under an older key than the newest, `unreadable` what cannot be
    opened and so not be sealed anew. `overdue`: the newest key is older than ninety days.
    """

    provider: str
    provider_key: str
    keys: list[DataKeyShown]
    to_wrap: int
    secrets: int
    stale: int
    unreadable: int
    age_days: float | None
    overdue: bool
    rotated_at: str | None
