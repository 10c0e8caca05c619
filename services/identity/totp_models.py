"""What the routes of second factors read and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_SHORT = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Proof(_Body):
    """One of both proves anew who asks."""

    password: str = Field(default="", max_length=1024)
    code: str = Field(default="", max_length=_SHORT, description="Time-based or recovery code.")


class Halfway(_Body):
    """A sign-in whose password was right."""

    challenge: str = Field(max_length=_SHORT, description="As the sign-in answered it.")


class HalfwayCode(Halfway):
    """The code that completes it."""

    code: str = Field(max_length=_SHORT)


class ConfirmTotp(_Body):
    """The first code of a new authenticator."""

    enrolment: str = Field(max_length=_SHORT, description="As enrolling answered it.")
    code: str = Field(max_length=_SHORT)


class HalfwayConfirm(ConfirmTotp):
    """The same as a part of signing in."""

    challenge: str = Field(max_length=_SHORT)


class Enrolment(BaseModel):
    """What an authenticator app is given; shown this once. It counts after a first right code."""

    enrolment: str
    secret: str
    uri: str
    expires_in: int


class RecoveryCodes(BaseModel):
    """Each signs in once in the place of a second factor; shown this once."""

    recovery_codes: list[str]


class PasskeyAnswer(BaseModel):
    """A passkey."""

    id: str
    name: str
    created_at: str
    used_at: str | None
    transports: list[str]


class FactorsAnswer(BaseModel):
    """How somebody proves beside a password who they are."""

    totp: bool
    recovery_codes_left: int
    passkeys: list[PasskeyAnswer]
    demanded: bool = Field(description="Whether a tenant of theirs demands a second factor.")


class SignedIn(BaseModel):
    """A session. Programs get the tokens, browsers cookies and `csrf`."""

    user: str
    session: str
    tenant: str
    expires_in: int
    session_expires_at: str
    access_token: str | None = None
    token_type: str | None = None
    refresh_token: str | None = None
    csrf: str | None = None
    recovery_codes: list[str] | None = None
