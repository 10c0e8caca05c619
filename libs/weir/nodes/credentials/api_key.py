"""A key that an API wants in a header or in the address."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from weir.nodes.credentials.base import Credential, Secret
from weir.nodes.credentials.http import TestedOverHttp, get
from weir.ports.credential_types import Probe


class Fields(TestedOverHttp):
    """The key, and where it is sent."""

    name: str = Field(
        pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$",
        description="Of the header or the query parameter, like X-Api-Key.",
    )
    value: Secret
    place: Literal["header", "query"] = Field("header", description="Where it is sent.")


class ApiKey(Credential[Fields]):
    """A key that is sent in a header, or in the query of the address."""

    type = "api_key"
    title = "API key"
    icon = "key"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """Read the address with it."""
        if fields.place == "query":
            return await get(probe, fields.test_url, query=[(fields.name, fields.value)])
        return await get(probe, fields.test_url, headers={fields.name: fields.value})
