"""Credentials on a worker: found in the registry, opened here and nowhere else, kept briefly.

A definition names them as `{{ credentials.<name> }}` in the fields its node
type marks as secret; the owner of a run never reads those fields.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson

from weir.contract import subjects
from weir.contract.errors import SecretUnreadableError
from weir.contract.messages import CredentialSaved, RegistryRecord
from weir.ports.node_context import CREDENTIAL, Terminal
from weir.ports.secrets import Place, Sealed, Secrets
from weir.runtime.records import Records
from weir.runtime.worker_mask import Mask

OPENED = 500
OPENED_S = 60.0


class Credentials:
    """Resolves credentials of any tenant."""

    def __init__(self, records: Records[RegistryRecord], secrets: Secrets) -> None:
        self._records = records
        self._secrets = secrets
        self._opened: OrderedDict[tuple[str, int], tuple[float, Mapping[str, Any]]] = OrderedDict()

    async def get(self, tenant: str, name: str) -> Mapping[str, Any]:
        """The fields, at most a second old; Terminal if there are none or they cannot be opened."""
        entry = await self._records.get(subjects.credential(tenant, name))
        saved = entry.record.credential_saved if entry is not None else None
        if entry is None or saved is None:
            raise Terminal(
                f"there is no credential named {name!r}: make one under this name",
                code="CREDENTIAL_NOT_FOUND",
            )
        return await self._fields((tenant, entry.revision), saved)

    async def _fields(self, key: tuple[str, int], saved: CredentialSaved) -> Mapping[str, Any]:
        now = asyncio.get_running_loop().time()
        opened = self._opened.get(key)
        if opened is not None and now < opened[0]:
            return opened[1]
        place = Place(key[0], saved.credential_id, saved.name)
        try:
            data = await self._secrets.open(Sealed(saved.key_id, saved.sealed), place)
        except SecretUnreadableError as error:
            raise Terminal(
                f"the credential {saved.name!r} cannot be opened: save it again", code=error.code
            ) from error
        fields: dict[str, Any] = orjson.loads(data)
        self._opened.pop(key, None)
        self._opened[key] = (now + OPENED_S, fields)
        while len(self._opened) > OPENED or next(iter(self._opened.values()))[0] < now:
            self._opened.popitem(last=False)
        return fields

    async def resolve(
        self, tenant: str, config: Mapping[str, Any], secret_fields: frozenset[str], mask: Mask
    ) -> dict[str, Any]:
        """The config with its secret fields filled in; `mask` learns their values."""
        resolved = dict(config)
        for field in secret_fields & config.keys():
            written = config[field]
            if written is None:
                continue
            match = CREDENTIAL.fullmatch(written) if isinstance(written, str) else None
            if match is None:
                raise Terminal(
                    f"the field {field!r} holds a secret: write it as {{{{ credentials.<name> }}}}",
                    code="CONFIG_INVALID",
                )
            name, *path = match["path"].split(".")
            value: Any = await self.get(tenant, name)
            mask.learn(value)
            for part in path:
                if not isinstance(value, Mapping) or part not in value:
                    raise Terminal(
                        f"the credential {name!r} has no field {part!r}",
                        code="CREDENTIAL_NOT_FOUND",
                    )
                value = value[part]
            resolved[field] = value
        return resolved


def named_in(config: Mapping[str, Any], secret_fields: frozenset[str]) -> set[str]:
    """The credentials that secret fields name; what names none is for `resolve` to refuse."""
    written = (config[field] for field in secret_fields & config.keys())
    found = (CREDENTIAL.fullmatch(one) for one in written if isinstance(one, str))
    return {match["path"].partition(".")[0] for match in found if match is not None}
