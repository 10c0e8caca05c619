"""A token that whoever has it may use."""

from __future__ import annotations

from weir.nodes.credentials.base import Credential, Secret
from weir.nodes.credentials.http import TestedOverHttp, get
from weir.ports.credential_types import Probe


class Fields(TestedOverHttp):
    """The token."""

    token: Secret


class Bearer(Credential[Fields]):
    """A token, sent as `Authorization: Bearer`."""

    type = "bearer"
    title = "Bearer token"
    icon = "key-round"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """Read the address with it."""
        return await get(
            probe, fields.test_url, headers={"Authorization": f"Bearer {fields.token}"}
        )
