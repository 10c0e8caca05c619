"""A user with a password, for HTTP."""

from __future__ import annotations

from base64 import b64encode

from pydantic import Field

from weir.nodes.credentials.base import Credential, Secret
from weir.nodes.credentials.http import TestedOverHttp, get
from weir.ports.credential_types import Probe


class Fields(TestedOverHttp):
    """Who signs in."""

    username: str = Field(min_length=1, pattern=r"^[^:]*$", description="Without a colon.")
    password: Secret


class Basic(Credential[Fields]):
    """A user name and a password, sent as HTTP Basic authentication."""

    type = "basic"
    title = "User and password"
    icon = "user"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """Read the address with it."""
        pair = b64encode(f"{fields.username}:{fields.password}".encode()).decode()
        return await get(probe, fields.test_url, headers={"Authorization": f"Basic {pair}"})
