"""The first API key of an installation, without which nobody could make another."""

from __future__ import annotations

from weir.contract import subjects
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime.authn import Authenticator

TENANT = "default"


async def first_key(identity: Log, clock: Clock) -> str | None:
    """Make an admin key for the tenant `default` unless there was ever a key; returns its token.

    The token is nowhere else: whoever calls this has to show it.
    """
    async for _ in identity.read(subjects.api_key("*")):
        return None
    _, token = await Authenticator(identity, clock).issue(
        tenant=TENANT, name="first", role="admin", by="installation"
    )
    return token
