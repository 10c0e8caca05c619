"""Credentials on a worker: found in the registry, opened here and nowhere else, kept briefly.

A definition names them as `{{ credentials.<name> }}` in the fields its node
type marks as secret; the owner of a run never reads those fields.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from weir.contract import subjects
from weir.contract.credential_errors import KeyProviderRefusedError
from weir.contract.errors import SecretUnreadableError
from weir.contract.messages import CredentialSaved, RegistryRecord
from weir.ports.node_context import CREDENTIAL, Retryable, Terminal
from weir.ports.secrets import Secrets
from weir.runtime import oauth
from weir.runtime.records import Records
from weir.runtime.sealing import open_fields
from weir.runtime.worker_mask import Mask
from weir.runtime.worker_reading import Readers
from weir.runtime.worker_tokens import TokenKeeper, Whose

OPENED = 500
OPENED_S = 60.0


class Credentials:
    """Resolves credentials of any tenant.

    Without `readers` every run may read every credential of its tenant, and nobody is told;
    without `tokens` nothing that a server must grant can be read.
    """

    def __init__(
        self,
        records: Records[RegistryRecord],
        secrets: Secrets,
        readers: Readers | None = None,
        tokens: TokenKeeper | None = None,
    ) -> None:
        self._records = records
        self._secrets = secrets
        self._readers = readers
        self._tokens = tokens
        self._opened: OrderedDict[str, tuple[float, Mapping[str, Any]]] = OrderedDict()

    async def get(self, tenant: str, name: str, run_id: str = "") -> Mapping[str, Any]:
        """What a step of this run gets of it, at most a second old.

        Terminal if there is none, if it is of other projects, or cannot be opened.
        """
        entry = await self._records.get(subjects.credential(tenant, name))
        saved = entry.record.credential_saved if entry is not None else None
        if entry is None or saved is None:
            raise Terminal(
                f"there is no credential named {name!r}: make one under this name",
                code="CREDENTIAL_NOT_FOUND",
            )
        if self._readers is None:
            return await self._given(tenant, saved)
        await self._readers.admit(tenant, run_id, saved)
        told = asyncio.create_task(self._readers.tell(tenant, run_id, saved))
        try:
            return await self._given(tenant, saved)
        finally:
            await told

    async def _given(self, tenant: str, saved: CredentialSaved) -> Mapping[str, Any]:
        try:
            if saved.type == oauth.TYPE and self._tokens is not None:
                return await self._tokens.access(Whose(tenant, saved.name), saved)
            return await self._fields(tenant, saved)
        except SecretUnreadableError as error:
            raise Terminal(
                f"the credential {saved.name!r} cannot be opened: save it again", code=error.code
            ) from error
        except KeyProviderRefusedError as error:
            # Whoever mends it should find the run going on.
            raise Retryable(error.message, code=error.code) from error

    async def _fields(self, tenant: str, saved: CredentialSaved) -> Mapping[str, Any]:
        now = asyncio.get_running_loop().time()
        # What was sealed names itself: another value, tenant or place has other bytes.
        opened = self._opened.get(saved.sealed)
        if opened is not None and now < opened[0]:
            return opened[1]
        fields: Mapping[str, Any] = await open_fields(self._secrets, tenant, saved)
        self._opened.pop(saved.sealed, None)
        self._opened[saved.sealed] = (now + OPENED_S, fields)
        while len(self._opened) > OPENED or next(iter(self._opened.values()))[0] < now:
            self._opened.popitem(last=False)
        return fields

    async def resolve(
        self,
        tenant: str,
        config: Mapping[str, Any],
        secret_fields: frozenset[str],
        mask: Mask,
        run_id: str = "",
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
            value: Any = await self.get(tenant, name, run_id)
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
