"""What the routes of accounts and sessions read and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.identity.people_models import Name

_LONGEST = 1_024
_TOKEN = 200

Password = Annotated[str, StringConstraints(max_length=_LONGEST)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST)]
Token = Annotated[str, StringConstraints(max_length=_TOKEN)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Login(_Body):
    """Address and password."""

    email: Address
    password: Password
    tenant: str = Field(
        default="",
        max_length=40,
        description="What the session means where a request names no tenant; empty: the first.",
    )


class Refresh(_Body):
    """The refresh token of a program; a browser has it in a cookie."""

    refresh_token: Token


class Register(_Body):
    """Who wants an account."""

    email: Address
    name: Name | None = None


class Accept(_Body):
    """The token of the link, and how to sign in from now on."""

    token: Token
    password: Password
    name: Name | None = None
    email: str = Field(
        default="", max_length=_LONGEST, description="Only of the installation's first person."
    )


class Forgotten(_Body):
    """Whose password is to be set anew."""

    email: Address


class Reset(_Body):
    """The token of the link, and the new password."""

    token: Token
    password: Password


class ChangePassword(_Body):
    """The password as it is, or a code, and as it is to be."""

    current: Password = ""
    code: str = Field(default="", max_length=_TOKEN, description="Of a second factor.")
    new: Password


class ChangeEmail(_Body):
    """The new address, and a proof of who asks."""

    email: Address
    password: Password = ""
    code: str = Field(default="", max_length=_TOKEN, description="Of a second factor.")


class Verify(_Body):
    """The token of the link."""

    token: Token


class Rotate(_Body):
    """Whether tokens of the keys before are refused at once: everybody refreshes then."""

    drop: bool = False


class SignedIn(BaseModel):
    """A session; or, where `challenge` is set, what is still to come before it.

    A browser's page gets cookies and `csrf`, a program the tokens.
    """

    user: str | None = None
    session: str | None = None
    tenant: str | None = None
    expires_in: int
    session_expires_at: str | None = None
    access_token: str | None = None
    token_type: str | None = None
    refresh_token: str | None = None
    csrf: str | None = None
    second_factor: list[str] | None = None
    enrol: bool | None = None
    challenge: str | None = None


class Session(BaseModel):
    """One session of the caller."""

    id: str
    current: bool
    tenant: str
    began_at: str
    renewed_at: str
    expires_at: str
    address: str
    agent: str
    methods: list[str]


class Sessions(BaseModel):
    """All that still count, newest first."""

    items: list[Session]


class ChooseTenant(_Body):
    """Which of one's tenants the session is to mean."""

    tenant: str = Field(min_length=1, max_length=100, description="Its id.")


class OwnTenant(BaseModel):
    """A tenant that somebody is a member of."""

    id: str
    name: str
    current: bool = Field(description="Whether the session means it where a request names none.")


class OwnTenants(BaseModel):
    """All of them that are not suspended, by name."""

    items: list[OwnTenant]


class Key(BaseModel):
    """A public key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class Keys(BaseModel):
    """The public keys of access tokens, the one that signs first."""

    keys: list[Key]


class Rotated(BaseModel):
    """The key that signs from now on."""

    kid: str
