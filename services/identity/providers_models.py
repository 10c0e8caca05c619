"""What the routes of sign-in providers read and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.identity.people_models import Asked, Name, Role

_SCOPE = r"^[\x21\x23-\x5b\x5d-\x7e]{1,100}$"  # RFC 6749, 3.3
_GROUPS = 500

Scope = Annotated[str, StringConstraints(pattern=_SCOPE)]
Group = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class CreateProvider(Asked):
    """Who is to sign people in from outside."""

    name: Name = Field(description="For people, on the button.")
    issuer: str = Field(max_length=1000, description="Exactly as its description names it.")
    client_id: str = Field(min_length=1, max_length=500)
    client_secret: str = Field(
        default="", max_length=2000, description="Never answered. Empty: PKCE alone."
    )
    groups_claim: str = Field(
        default="", max_length=200, description="The claim that holds groups; a path with dots."
    )
    roles: dict[Group, Role] = Field(
        default_factory=dict, max_length=_GROUPS, description="Role by group of the provider."
    )
    default_role: Role | Literal[""] = Field(
        default="", description="Of people none of whose groups has a role; empty: refused."
    )
    creates_users: bool = Field(
        default=False, description="Whether people who are no members get an account or become one."
    )
    links_users: bool = Field(
        default=False,
        description="Whether members of the tenant with the same verified address are the same.",
    )
    scopes: list[Scope] = Field(
        default_factory=lambda: ["openid", "email", "profile"],
        max_length=30,
        description="`openid` is always among them.",
    )


class ChangeProvider(CreateProvider):
    """The same; without a client secret the one that is stored stays."""

    client_secret: str | None = Field(  # type: ignore[assignment]
        default=None,
        max_length=2000,
        description="Must be given anew where issuer or client id changes.",
    )


class ProviderAnswer(BaseModel):
    """A sign-in provider."""

    id: str
    name: str
    issuer: str
    client_id: str
    has_secret: bool
    groups_claim: str
    roles: dict[str, Role]
    default_role: str
    creates_users: bool
    links_users: bool
    scopes: list[str]
    redirect_uri: str = Field(description="What the provider must be told to send people back to.")
    created_at: str
    updated_at: str
    revision: str


class ProviderList(BaseModel):
    """A page of them."""

    items: list[ProviderAnswer]
    next_cursor: str | None


class Tested(BaseModel):
    """What came of asking a provider for its description and keys."""

    ok: bool
    problem: str | None = None
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    keys: int = 0


class Button(BaseModel):
    """A provider as a sign-in page shows it."""

    id: str
    name: str
    begin: str


class Buttons(BaseModel):
    """The providers of a tenant."""

    items: list[Button]
