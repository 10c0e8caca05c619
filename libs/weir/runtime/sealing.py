"""Where what credentials hold is sealed for: one spelling for who seals and who opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from weir.contract.messages import CredentialSaved, GrantAsked
from weir.ports.secrets import Place, Sealed, Secrets


def fields_place(tenant: str, credential_id: str, name: str, version: int) -> Place:
    """Of what a credential holds."""
    return Place(tenant, credential_id, name, version)


def tokens_place(tenant: str, credential_id: str, version: int) -> Place:
    """Of what was granted to it. No credential can be called so."""
    return Place(tenant, credential_id, "/tokens", version)


def grant_place(tenant: str, credential_id: str) -> Place:
    """Of what is kept while somebody is asked to agree."""
    return Place(tenant, credential_id, "/grant")


def errand_place(tenant: str, errand_id: str) -> Place:
    """Of what an errand needs beside the credential."""
    return Place(tenant, errand_id, "/errand")


async def open_fields(secrets: Secrets, tenant: str, saved: CredentialSaved) -> dict[str, Any]:
    """What a credential holds."""
    place = fields_place(tenant, saved.credential_id, saved.name, saved.version)
    return _read(await secrets.open(Sealed(saved.key_id, saved.sealed), place))


async def open_tokens(secrets: Secrets, tenant: str, saved: CredentialSaved) -> dict[str, str]:
    """What was granted to it; empty if nothing was."""
    if saved.tokens is None or not saved.tokens.sealed:
        return {}
    place = tokens_place(tenant, saved.credential_id, saved.tokens.version)
    return _read(await secrets.open(Sealed.parse(saved.tokens.sealed), place))


async def open_grant(secrets: Secrets, tenant: str, asked: GrantAsked) -> dict[str, str]:
    """What was kept while somebody was asked to agree."""
    place = grant_place(tenant, asked.credential_id)
    return _read(await secrets.open(Sealed.parse(asked.sealed), place))


async def seal(secrets: Secrets, value: Mapping[str, Any], place: Place) -> Sealed:
    """The reverse of them all."""
    return await secrets.seal(orjson.dumps(dict(value)), place)


def _read(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(data)
    return value
