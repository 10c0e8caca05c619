"""`weir keys`: made and shown once, revoked for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from weir.cli.administering import ACCOUNT, PROJECT, Meant, find
from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.cli.place import Named, platform
from weir.client import API


@dataclass(frozen=True, slots=True)
class Asked:
    """What a key is to be; empty is left to the platform."""

    name: str
    role: str
    scopes: tuple[str, ...]
    project: str
    owner: str
    expires: str


async def create(where: Named, asked: Asked, *, as_json: bool) -> Code:
    """Make it and show it."""
    async with platform(where) as client:
        body: dict[str, Any] = {"name": asked.name, "role": asked.role, "scopes": asked.scopes}
        if asked.project:
            body["project"] = await find(client, Meant(PROJECT, asked.project))
        if asked.owner:
            body["owner"] = await find(client, Meant(ACCOUNT, asked.owner))
        if asked.expires:
            body["expires_at"] = asked.expires
        told = await client.post("/keys", body)
    if as_json:
        tell(told)
    else:
        console().print(
            f"{told['id']}, role {told['role']}, shown this once:\n\n    {told['token']}\n"
        )
    return Code.OK


async def revoke(where: Named, key: str, *, as_json: bool) -> Code:
    """End it."""
    async with platform(where) as client:
        await client.ask("DELETE", f"{API}/keys/{quote(key, safe='')}")
    if as_json:
        tell({"id": key, "revoked": True})
    else:
        console().print(f"{key} revoked")
    return Code.OK
