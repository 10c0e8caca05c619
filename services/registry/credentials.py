"""Credentials: sealed on their way in, opened by executors alone, never answered."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import orjson

from services.registry.index import CredentialItem, Index
from services.registry.models import ChangeCredential, CreateCredential
from weir.contract import subjects
from weir.contract.errors import ConflictError, CredentialExistsError, CredentialNotFoundError
from weir.contract.messages import CredentialDeleted, CredentialSaved, RegistryRecord
from weir.ports.secrets import Place, Sealed, Secrets
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API
from weir.runtime.records import RegistryEntry

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Credentials:
    """The handlers."""

    def __init__(
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        secrets: Secrets,
        idempotency: Idempotency,
    ) -> None:
        self._writer = writer
        self._index = index
        self._secrets = secrets
        self._idempotency = idempotency

    async def create(self, call: Call) -> Reply:
        """POST /credentials."""
        asked = await call.model(CreateCredential)
        credential_id, _ = await self._idempotency.id(call, "cred")
        subject = subjects.credential(call.tenant, asked.name)
        sealed = await self._seal(call.tenant, credential_id, asked.name, asked.fields)
        made = CredentialSaved(
            credential_id=credential_id,
            name=asked.name,
            type=asked.type,
            sealed=sealed.data,
            key_id=sealed.key_id,
            created_at=self._writer.now(),
        )
        before = await self._writer.records.fresh(subject)
        there = before.record.credential_saved if before else None
        if before is not None and there is not None:
            if there.credential_id != credential_id:
                raise _exists(asked.name)
            entry = before  # the repetition of the request that made it
        else:
            try:
                entry = await self._writer.create(subject, made, call.principal, over=before)
            except ConflictError:
                raise _exists(asked.name) from None
        return _reply(entry, asked.name, HTTPStatus.CREATED)

    async def change(self, call: Call) -> Reply:
        """PUT /credentials/{name}."""
        name = _name(call)
        asked = await call.model(ChangeCredential)
        subject = subjects.credential(call.tenant, name)
        credential_id = _saved(await self._writer.records.fresh(subject), name).credential_id
        sealed = await self._seal(call.tenant, credential_id, name, asked.fields)

        def next_of(entry: RegistryEntry | None) -> CredentialSaved:
            saved = _saved(entry, name)
            if saved.credential_id != credential_id:
                raise _missing(name)  # deleted and made anew meanwhile: sealed for another
            return saved.model_copy(
                update={
                    "type": asked.type or saved.type,
                    "sealed": sealed.data,
                    "key_id": sealed.key_id,
                }
            )

        return _reply(await self._writer.change(call, subject, next_of), name)

    async def delete(self, call: Call) -> Reply:
        """DELETE /credentials/{name}."""
        name = _name(call)

        def next_of(entry: RegistryEntry | None) -> CredentialDeleted:
            return CredentialDeleted(credential_id=_saved(entry, name).credential_id, name=name)

        entry = await self._writer.change(call, subjects.credential(call.tenant, name), next_of)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=entry.revision)

    async def get(self, call: Call) -> Reply:
        """GET /credentials/{name}."""
        name = _name(call)
        subject = subjects.credential(call.tenant, name)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        return _reply(entry, name)

    async def listed(self, call: Call) -> Reply:
        """GET /credentials."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))

        def show(item: CredentialItem) -> dict[str, Any]:
            return {
                "id": item.id,
                "name": item.name,
                "type": item.type,
                "created_at": item.created_at,
                "updated_at": item.updated_at,
                "revision": str(item.revision),
            }

        items = self._index.credentials(call.tenant)
        return Reply(page(call, items, lambda item: (item.name, item.id), show))

    async def _seal(
        self, tenant: str, credential_id: str, name: str, fields: dict[str, str]
    ) -> Sealed:
        return await self._secrets.seal(orjson.dumps(fields), Place(tenant, credential_id, name))


def _name(call: Call) -> str:
    name = call.segment("name")
    if not _NAME.fullmatch(name):
        raise _missing(name[:60])
    return name


def _saved(entry: RegistryEntry | None, name: str) -> CredentialSaved:
    saved = entry.record.credential_saved if entry else None
    if saved is None:
        raise _missing(name)
    return saved


def _missing(name: str) -> CredentialNotFoundError:
    return CredentialNotFoundError(
        f"There is no credential {name!r}: list them at {API}/credentials.",
        details={"name": name},
    )


def _exists(name: str) -> CredentialExistsError:
    return CredentialExistsError(
        f"There is a credential {name!r} already: change it with PUT, or take another name.",
        details={"name": name},
    )


def _reply(entry: RegistryEntry | None, name: str, status: int = HTTPStatus.OK) -> Reply:
    saved = entry.record.credential_saved if entry else None
    if entry is None or saved is None:
        raise _missing(name)
    return Reply(
        {
            "id": saved.credential_id,
            "name": saved.name,
            "type": saved.type,
            "created_at": saved.created_at,
            "updated_at": entry.record.at,
            "revision": str(entry.revision),
        },
        status=status,
        revision=entry.revision,
        sequence=entry.revision,
    )
