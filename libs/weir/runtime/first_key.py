"""The first API key of an installation, without which nobody could make another."""

from __future__ import annotations

from weir.contract import subjects
from weir.runtime.authn import Authenticator
from weir.runtime.platform import Platform

TENANT = "default"
ROLE = "admin"


async def first_key(platform: Platform) -> str | None:
    """Make an admin key for the tenant `default` unless there was ever a key; returns its token.

    The token is nowhere else: whoever calls this has to show it.
    """
    async for _ in platform.identity.read(subjects.api_key("*")):
        return None
    _, token = await Authenticator(platform.identity, platform.clock).issue(
        tenant=TENANT, name="first", role=ROLE, by="installation"
    )
    return token


def shown_once(token: str) -> str:
    """How the key is shown."""
    return f"API key of the tenant {TENANT}, role {ROLE}, shown this once:\n\n    {token}\n"
