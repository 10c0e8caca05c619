"""The first API key of an installation, without which nobody could make another."""

from __future__ import annotations

from contextlib import suppress

from weir.contract import subjects, times
from weir.contract.errors import ConflictError
from weir.contract.messages import IdentityRecord, TenantSaved
from weir.runtime.authn import Authenticator
from weir.runtime.platform import Platform
from weir.runtime.records import Records

TENANT = "default"
ROLE = "admin"
BY = "installation"


async def first_key(platform: Platform) -> str | None:
    """Make an admin key for the tenant `default` unless there was ever a key; returns its token.

    It may manage the tenants of the installation too. The token is nowhere
    else: whoever calls this has to show it.
    """
    async for _ in platform.identity.read(subjects.api_key("*")):
        return None
    await _first_tenant(platform)
    _, token = await Authenticator(platform.identity, platform.clock).issue(
        tenant=TENANT, name="first", role=ROLE, by=BY, platform=True
    )
    return token


async def _first_tenant(platform: Platform) -> None:
    now = times.from_ms(platform.clock.now_ms())
    made = TenantSaved(tenant=TENANT, name="Default", status="active", created_at=now)
    record = IdentityRecord.of(made, id=platform.clock.new_id("idr"), at=now, by=BY)
    with suppress(ConflictError):  # it was made before, and no key came of it
        await Records(platform.identity, IdentityRecord).put(
            subjects.tenant(TENANT), record, expect=0
        )


def shown_once(token: str) -> str:
    """How the key is shown."""
    return f"API key of the tenant {TENANT}, role {ROLE}, shown this once:\n\n    {token}\n"
