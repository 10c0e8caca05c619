"""Credentials: sealed on their way in, opened by executors alone, never answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog

from services.registry.belonging import Belonging
from services.registry.credential_models import ChangeCredential, CreateCredential
from services.registry.errands import Asking
from services.registry.index import CredentialItem, Index
from weir.contract import subjects
from weir.contract.credential_errors import CredentialInUseError, CredentialInvalidError
from weir.contract.errors import (
    ConflictError,
    CredentialExistsError,
    CredentialNotFoundError,
    WeirError,
)
from weir.contract.messages import (
    CredentialDeleted,
    CredentialSaved,
    RegistryRecord,
    Tokens,
)
from weir.ports.credential_types import CredentialType, Misfit
from weir.ports.secrets import Sealed, Secrets
from weir.runtime.access import Permission
from weir.runtime.changes import Writer, mismatch
from weir.runtime.http.asked import flag
from weir.runtime.http.call import Call, Reply, forbidden, wrong
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API
from weir.runtime.records import RegistryEntry
from weir.runtime.sealing import fields_place, seal

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
SHOWN_USERS = 20
REVOKE_S = 5.0
SECRET = Permission.CREDENTIALS_MANAGE
OAUTH2 = "oauth2"

_log = structlog.get_logger()


class Credentials:
    """The handlers."""

    def __init__(  # noqa: PLR0913, PLR0917 - what they stand on
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        secrets: Secrets,
        idempotency: Idempotency,
        types: Mapping[str, CredentialType],
        belonging: Belonging,
        asking: Asking,
    ) -> None:
        self._writer = writer
        self._index = index
        self._secrets = secrets
        self._idempotency = idempotency
        self._types = types
        self._belonging = belonging
        self._asking = asking

    async def create(self, call: Call) -> Reply:
        """POST /credentials."""
        asked = await call.model(CreateCredential)
        self._check(asked.type, asked.fields)
        await self._belonging.credential(call, asked.projects)
        credential_id, came_before = await self._idempotency.id(call, "cred")
        if not came_before:
            await self._index.room(call.tenant, "credentials")
        subject = subjects.credential(call.tenant, asked.name)
        now = self._writer.now()
        sealed = await self._seal(call.tenant, credential_id, asked.name, 1, asked.fields)
        made = CredentialSaved(
            credential_id=credential_id,
            name=asked.name,
            type=asked.type,
            sealed=sealed.data,
            key_id=sealed.key_id,
            created_at=now,
            projects=tuple(dict.fromkeys(asked.projects)),
            version=1,
            given_at=now,
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
        name = name_of(call)
        asked = await call.model(ChangeCredential)
        if asked.fields is None and (asked.projects is None or asked.type is not None):
            raise wrong("fields", "what is to change is missing", "Give fields, or projects.")
        subject = subjects.credential(call.tenant, name)
        there = saved_of(await self._writer.records.fresh(subject), name)
        hold(call, there)
        kind = asked.type or there.type
        update: dict[str, Any] = {}
        if asked.projects is not None:
            await self._belonging.credential(call, asked.projects)
            update["projects"] = tuple(dict.fromkeys(asked.projects))
        if asked.fields is not None:
            # What was saved before types were known keeps its own, with any fields.
            if asked.type is not None or kind in self._types:
                self._check(kind, asked.fields)
            version = there.version + 1
            sealed = await self._seal(call.tenant, there.credential_id, name, version, asked.fields)
            update |= {
                "type": kind,
                "sealed": sealed.data,
                "key_id": sealed.key_id,
                "version": version,
                "given_at": self._writer.now(),
                # With other fields they could go to another server.
                "tokens": None,
            }

        def next_of(entry: RegistryEntry | None) -> CredentialSaved:
            saved = saved_of(entry, name)
            hold(call, saved)
            if saved.credential_id != there.credential_id:
                raise missing(name)  # deleted and made anew meanwhile: sealed for another
            if "version" in update and saved.version >= update["version"]:
                raise ConflictError(f"The credential {name!r} was changed meanwhile: try again.")
            return saved.model_copy(update=update)

        return _reply(await self._writer.change(call, subject, next_of), name)

    async def delete(self, call: Call) -> Reply:
        """DELETE /credentials/{name}."""
        name = name_of(call)
        subject = subjects.credential(call.tenant, name)
        entry = await self._writer.records.fresh(subject)
        saved = saved_of(entry, name)
        hold(call, saved)
        expected = call.if_match()
        if entry is not None and expected not in {None, entry.revision}:
            raise mismatch(entry.revision)  # before anything is given back
        if not flag(call, "force"):
            await self._unused(call.tenant, name)
        if saved.tokens is not None and saved.tokens.sealed:
            await self._revoke(call, saved)

        def next_of(entry: RegistryEntry | None) -> CredentialDeleted:
            saved = saved_of(entry, name)
            hold(call, saved)
            return CredentialDeleted(credential_id=saved.credential_id, name=name)

        gone = await self._writer.change(call, subject, next_of)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=gone.revision)

    async def get(self, call: Call) -> Reply:
        """GET /credentials/{name}."""
        name = name_of(call)
        subject = subjects.credential(call.tenant, name)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        look(call, saved_of(entry, name))
        return _reply(entry, name)

    async def listed(self, call: Call) -> Reply:
        """GET /credentials."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))

        def show(item: CredentialItem) -> dict[str, Any]:
            return {
                "id": item.id,
                "name": item.name,
                "type": item.type,
                "projects": list(item.projects),
                "grant": _grant(item.type, item.tokens),
                "created_at": item.created_at,
                "updated_at": item.updated_at,
                "revision": str(item.revision),
            }

        reach = call.reach(SECRET)
        items = (
            item
            for item in self._index.credentials(call.tenant)
            if reach is None or not reach.isdisjoint(item.projects)
        )
        return Reply(page(call, items, lambda item: (item.name, item.id), show))

    async def types(self, _: Call) -> Reply:
        """GET /credential-types."""
        items = [kind.describe() for kind in self._types.values()]
        return Reply({"items": items, "next_cursor": None})

    async def usage(self, call: Call) -> Reply:
        """GET /credentials/{name}/usage."""
        name = name_of(call)
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        entry = await self._writer.records.get(subjects.credential(call.tenant, name))
        look(call, saved_of(entry, name))
        reach = call.reach(Permission.WORKFLOWS_READ)
        items = (
            one
            for one in self._index.users(call.tenant, name)
            if reach is None or one["project"] in reach
        )
        return Reply(page(call, items, lambda one: (one["name"], one["workflow_id"]), dict))

    async def test(self, call: Call) -> Reply:
        """POST /credentials/{name}/test."""
        name = name_of(call)
        subject = subjects.credential(call.tenant, name)
        saved = saved_of(await self._writer.records.fresh(subject), name)
        hold(call, saved)
        try:
            done = await self._asking.ask(call.principal, "test", saved)
        finally:
            self._writer.records.forget(subject)  # a test may have renewed its tokens
        return Reply(
            {"ok": done.ok, "code": done.code, "message": done.message, "took_ms": done.took_ms}
        )

    # -- parts --

    def _check(self, kind: str, fields: Mapping[str, str]) -> None:
        """CredentialInvalidError with each place that does not fit, and nothing it holds."""
        known = self._types.get(kind)
        if known is None:
            raise _misfits(kind, [Misfit("type", "TYPE_UNKNOWN", "there is no such type")])
        if found := known.misfits(fields):
            raise _misfits(kind, found)

    async def _unused(self, tenant: str, name: str) -> None:
        users = [*self._index.users(tenant, name)]
        if users:
            shown = sorted(users, key=lambda one: (one["name"], one["workflow_id"]))
            raise CredentialInUseError(
                f"{len(users)} workflow{'' if len(users) == 1 else 's'} name the credential "
                f"{name!r}: take it out of them, or delete it with force=true.",
                details={"count": len(users), "workflows": shown[:SHOWN_USERS]},
            )

    async def _revoke(self, call: Call, saved: CredentialSaved) -> None:
        """Give back what was granted; that it could not be keeps nothing from being deleted."""
        try:
            done = await self._asking.ask(call.principal, "revoke", saved, patience_s=REVOKE_S)
        except WeirError as error:
            _log.warning("tokens not given back", credential=saved.name, code=error.code)
        else:
            if not done.ok:
                _log.warning("tokens not given back", credential=saved.name, code=done.code)

    async def _seal(
        self, tenant: str, credential_id: str, name: str, version: int, fields: dict[str, str]
    ) -> Sealed:
        place = fields_place(tenant, credential_id, name, version)
        return await seal(self._secrets, fields, place)


def name_of(call: Call) -> str:
    """The name in the path."""
    name = call.segment("name")
    if not NAME.fullmatch(name):
        raise missing(name[:60])
    return name


def saved_of(entry: RegistryEntry | None, name: str) -> CredentialSaved:
    """The credential in a record; CredentialNotFoundError if there is none."""
    saved = entry.record.credential_saved if entry else None
    if saved is None:
        raise missing(name)
    return saved


def hold(call: Call, saved: CredentialSaved) -> None:
    """Go on if the caller may change it, or use it by hand: in all of its projects.

    ForbiddenError; CredentialNotFoundError for who has a role in none of them.
    """
    look(call, saved)
    for project in saved.projects:
        if not call.principal.may(SECRET, project):
            raise forbidden(call.principal, SECRET, project)


def look(call: Call, saved: CredentialSaved) -> None:
    """Go on if the caller may see it, which a role in one of its projects is enough for."""
    reach = call.reach(SECRET)
    if reach is not None and reach.isdisjoint(saved.projects):
        places = saved.projects or ("",)
        seen = next(filter(call.principal.sees, places), places[0])
        call.require(SECRET, seen, lambda: missing(saved.name))


def missing(name: str) -> CredentialNotFoundError:
    """The refusal of a name under which nothing is."""
    return CredentialNotFoundError(
        f"There is no credential {name!r}: list them at {API}/credentials.",
        details={"name": name},
    )


def _exists(name: str) -> CredentialExistsError:
    return CredentialExistsError(
        f"There is a credential {name!r} already: change it with PUT, or take another name.",
        details={"name": name},
    )


def _misfits(kind: str, found: Sequence[Misfit]) -> CredentialInvalidError:
    advice = f"Compare with the type {kind} at {API}/credential-types; `custom` takes any fields."
    problems = [{**one._asdict(), "node": None, "advice": advice} for one in found]
    return CredentialInvalidError(
        f"{found[0].path}: {found[0].message}.", details={"errors": problems}
    )


def _grant(kind: str, tokens: Tokens | None) -> dict[str, Any] | None:
    if kind != OAUTH2 or tokens is None:
        return None
    return {
        "expires_at": tokens.expires_at,
        "scope": tokens.scope,
        "problem": tokens.problem,
        "tried_at": tokens.tried_at,
    }


def _reply(entry: RegistryEntry | None, name: str, status: int = HTTPStatus.OK) -> Reply:
    saved = entry.record.credential_saved if entry else None
    if entry is None or saved is None:
        raise missing(name)
    return Reply(
        {
            "id": saved.credential_id,
            "name": saved.name,
            "type": saved.type,
            "projects": list(saved.projects),
            "grant": _grant(saved.type, saved.tokens),
            "created_at": saved.created_at,
            "updated_at": saved.given_at or entry.record.at,
            "revision": str(entry.revision),
        },
        status=status,
        revision=entry.revision,
        sequence=entry.revision,
    )
