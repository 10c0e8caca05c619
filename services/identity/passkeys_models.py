"""What the routes of passkeys read and answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.identity.totp_models import PasskeyAnswer

_SHORT = 200
_NAME = 100


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MakePasskey(_Body):
    """The browser's answer to the options of registering."""

    name: str = Field(min_length=1, max_length=_NAME, description="As its owner calls it.")
    credential: dict[str, Any] = Field(description="`PublicKeyCredential.toJSON()`.")


class HalfwayMakePasskey(MakePasskey):
    """The same as a part of signing in."""

    challenge: str = Field(max_length=_SHORT)


class RenamePasskey(_Body):
    """Another name."""

    name: str = Field(min_length=1, max_length=_NAME)


class ProvePasskey(_Body):
    """The browser's answer to the options of signing in, without a password."""

    credential: dict[str, Any]
    tenant: str = Field(default="", max_length=40, description="Which tenant is meant, if several.")


class HalfwayPasskey(_Body):
    """The same after a right password."""

    challenge: str = Field(max_length=_SHORT)
    credential: dict[str, Any]


class MadePasskey(PasskeyAnswer):
    """A new passkey; the first second factor of an account comes with recovery codes."""

    recovery_codes: list[str] | None = None


class Options(BaseModel):
    """What `navigator.credentials.create` or `.get` takes, in JSON."""

    options: dict[str, Any]
    expires_in: int
