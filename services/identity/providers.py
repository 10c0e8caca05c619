"""Sign-in providers of tenants: made, changed, listed, tried, removed by their administrators.

A client secret comes in and is never answered. It is bound to the issuer and
the client it was given for: to point the provider somewhere else one has to
know it.
"""

from __future__ import annotations

from collections import OrderedDict
from http import HTTPStatus
from typing import Any

from services.identity.granting import may_give
from services.identity.oidc_discovery import Discovery
from services.identity.providers_models import ChangeProvider, CreateProvider
from weir.contract import ids, subjects
from weir.contract.errors import ConflictError
from weir.contract.identity_errors import (
    ProviderFailedError,
    ProviderNotFoundError,
)
from weir.contract.messages import AccountRecord, ProviderDeleted, ProviderSaved
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.ports.secrets import Place, Sealed, Secrets
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.http.idempotency import conflict
from weir.runtime.http.listing import page
from weir.runtime.http.route import API
from weir.runtime.records import Entry, read

MOST = 100
_KNOWN = 10_000
_SECRET = "client_secret"  # noqa: S105 - the name of a field


class Store:
    """Reads providers, also by their id alone, as the front channel names them."""

    def __init__(self, writer: Writer[AccountRecord], log: Log, secrets: Secrets) -> None:
        self.writer = writer
        self._log = log
        self._secrets = secrets
        self._tenants: OrderedDict[str, str] = OrderedDict()

    async def find(self, provider_id: str) -> ProviderSaved:
        """The provider; ProviderNotFoundError if there is none of this id in any tenant."""
        if not ids.is_id(provider_id, "idp"):
            raise missing(provider_id)
        tenant = self._tenants.get(provider_id)
        if tenant is None:
            tenant = await self._tenant_of(provider_id)
        entry = await self.writer.records.fresh(subjects.provider(tenant, provider_id))
        return saved(entry, provider_id)

    async def of(self, tenant: str) -> list[Entry[AccountRecord]]:
        """All of a tenant's, in the order of their making."""
        found: dict[str, Entry[AccountRecord]] = {}
        async for batch in self._log.read(subjects.provider(tenant, "*")):
            for stored in batch:
                record = read(AccountRecord, stored)
                found[stored.subject] = Entry(stored.seq, record, len(stored.data))
        return [entry for entry in found.values() if entry.record.provider_saved]

    async def secret(self, provider: ProviderSaved) -> str:
        """Its client secret, open; empty if it has none."""
        if not provider.client_secret:
            return ""
        sealed = Sealed.parse(provider.client_secret)
        return (await self._secrets.open(sealed, _place(provider))).decode()

    async def seal(self, provider: ProviderSaved, secret: str) -> ProviderSaved:
        """The provider with this client secret."""
        text = ""
        if secret:
            text = (await self._secrets.seal(secret.encode(), _place(provider))).text
        return provider.model_copy(update={"client_secret": text})

    async def _tenant_of(self, provider_id: str) -> str:
        tenant = ""
        async for batch in self._log.read(subjects.provider("*", provider_id)):
            for stored in batch:
                tenant = stored.subject.split(".")[2]
        if not tenant:
            raise missing(provider_id)
        self._tenants[provider_id] = tenant  # an id belongs to one tenant for ever
        if len(self._tenants) > _KNOWN:
            self._tenants.popitem(last=False)
        return tenant


class Providers:
    """The handlers."""

    def __init__(self, store: Store, discovery: Discovery, clock: Clock, public_url: str) -> None:
        self._store = store
        self._writer = store.writer
        self._discovery = discovery
        self._clock = clock
        self._public_url = public_url

    async def create(self, call: Call) -> Reply:
        """POST /providers."""
        asked = await call.model(CreateProvider)
        self._check(call, asked)
        key = call.idempotency_key()
        made = ids.derived("idp", call.tenant, call.request.path, key) if key else None
        provider = ProviderSaved(
            provider_id=made or self._clock.new_id("idp"),
            tenant=call.tenant,
            created_at=self._writer.now(),
            **_said(asked),
        )
        subject = subjects.provider(call.tenant, provider.provider_id)
        before = await self._writer.records.fresh(subject)
        if before is not None:
            await self._same(before, provider, asked.client_secret)
            return self._reply(call, before, provider.provider_id, HTTPStatus.CREATED)
        if len(await self._store.of(call.tenant)) >= MOST:
            raise wrong("name", f"a tenant has {MOST} providers at most", "Delete one first.")
        sealed = await self._store.seal(provider, asked.client_secret)
        try:
            entry = await self._writer.create(subject, sealed, call.principal)
        except ConflictError:
            raise conflict() from None
        return self._reply(call, entry, provider.provider_id, HTTPStatus.CREATED)

    async def change(self, call: Call) -> Reply:
        """PUT /providers/{provider_id}."""
        provider_id = _id(call)
        asked = await call.model(ChangeProvider)
        self._check(call, asked)
        subject = subjects.provider(call.tenant, provider_id)
        before = saved(await self._writer.records.fresh(subject), provider_id)
        sealed = before
        if asked.client_secret is not None:
            sealed = await self._store.seal(before, asked.client_secret)

        def next_of(entry: Entry[AccountRecord] | None) -> ProviderSaved:
            there = saved(entry, provider_id)
            kept = asked.client_secret is None
            moved = (there.issuer, there.client_id) != (asked.issuer, asked.client_id)
            if kept and moved and there.client_secret:
                raise wrong(
                    "client_secret",
                    "the stored one belongs to the issuer and client it was given for",
                    "Send the client secret of the new ones; empty for none.",
                )
            secret = there.client_secret if kept else sealed.client_secret
            return there.model_copy(update=_said(asked) | {"client_secret": secret})

        entry = await self._writer.change(call, subject, next_of)
        return self._reply(call, entry, provider_id)

    async def delete(self, call: Call) -> Reply:
        """DELETE /providers/{provider_id}."""
        provider_id = _id(call)

        def next_of(entry: Entry[AccountRecord] | None) -> ProviderDeleted:
            return ProviderDeleted(provider_id=saved(entry, provider_id).provider_id)

        entry = await self._writer.change(
            call, subjects.provider(call.tenant, provider_id), next_of
        )
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=entry.revision)

    async def get(self, call: Call) -> Reply:
        """GET /providers/{provider_id}."""
        provider_id = _id(call)
        entry = await self._writer.records.fresh(subjects.provider(call.tenant, provider_id))
        return self._reply(call, entry, provider_id)

    async def listed(self, call: Call) -> Reply:
        """GET /providers."""

        def key(entry: Entry[AccountRecord]) -> tuple[str, str]:
            provider = saved(entry, "")
            return provider.name, provider.provider_id

        entries = await self._store.of(call.tenant)
        return Reply(page(call, entries, key, lambda entry: self._shown(call, entry, "")))

    async def test(self, call: Call) -> Reply:
        """POST /providers/{provider_id}/test."""
        provider_id = _id(call)
        subject = subjects.provider(call.tenant, provider_id)
        provider = saved(await self._writer.records.fresh(subject), provider_id)
        try:
            described, keys = await self._discovery.fresh(provider.issuer)
        except ProviderFailedError as error:
            return Reply({"ok": False, "problem": error.message})
        return Reply(
            {
                "ok": True,
                "authorization_endpoint": described.authorization,
                "token_endpoint": described.token,
                "keys": len(keys.keys),
            }
        )

    async def buttons(self, call: Call) -> Reply:
        """GET /auth/providers."""
        tenant = call.query("tenant")
        entries = await self._store.of(tenant) if ids.TENANT.fullmatch(tenant) else []
        found = [saved(entry, "") for entry in entries]
        return Reply({"items": [_button(one) for one in sorted(found, key=lambda one: one.name)]})

    def _check(self, call: Call, asked: CreateProvider) -> None:
        """Whoever gives a role through a provider must have it, and its address must be safe."""
        for role in {*asked.roles.values(), asked.default_role}:
            may_give(call.principal, role)
        if "?" in asked.issuer or not self._discovery.takes(asked.issuer):
            raise wrong(
                "issuer",
                "an issuer is an https address without query and fragment",
                "Copy it from the provider. Private addresses are allowed by the setting "
                "oidc_allow, and only there is http taken.",
            )

    async def _same(
        self, before: Entry[AccountRecord], provider: ProviderSaved, secret: str
    ) -> None:
        """That a keyed request came before, and was the same; else IdempotencyConflictError."""
        there = before.record.provider_saved
        if there is None or await self._store.secret(there) != secret:
            raise conflict()
        kept = {"client_secret": there.client_secret, "created_at": there.created_at}
        if there != provider.model_copy(update=kept):
            raise conflict()

    def _reply(
        self, call: Call, entry: Entry[AccountRecord] | None, provider_id: str, status: int = 200
    ) -> Reply:
        value = self._shown(call, entry, provider_id)
        revision = entry.revision if entry else None
        return Reply(value, status=status, revision=revision, sequence=revision)

    def _shown(
        self, call: Call, entry: Entry[AccountRecord] | None, provider_id: str
    ) -> dict[str, Any]:
        provider = saved(entry, provider_id)
        assert entry is not None  # noqa: S101 - or `saved` would have raised
        return {
            "id": provider.provider_id,
            "name": provider.name,
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "has_secret": bool(provider.client_secret),
            "groups_claim": provider.groups_claim,
            "roles": dict(provider.roles),
            "default_role": provider.default_role,
            "creates_users": provider.creates_users,
            "links_users": provider.links_users,
            "scopes": provider.scopes,
            "redirect_uri": redirect_uri(call, self._public_url, provider.provider_id),
            "created_at": provider.created_at,
            "updated_at": entry.record.at,
            "revision": str(entry.revision),
        }


def redirect_uri(call: Call, public_url: str, provider_id: str) -> str:
    """Where the provider sends people back to: one address per provider, so none is mistaken."""
    base = public_url.rstrip("/") or f"{call.request.scheme}://{call.request.host}"
    return f"{base}{API}/auth/oidc/{provider_id}/callback"


def saved(entry: Entry[AccountRecord] | None, provider_id: str) -> ProviderSaved:
    """The provider in a record; ProviderNotFoundError if it is none, or none any more."""
    found = entry.record.provider_saved if entry else None
    if found is None:
        raise missing(provider_id)
    return found


def missing(provider_id: str) -> ProviderNotFoundError:
    """The refusal of an id that is no provider's."""
    return ProviderNotFoundError(
        f"There is no sign-in provider {provider_id[:60]!r}: it may have been deleted.",
        details={"provider_id": provider_id[:60]},
    )


def _id(call: Call) -> str:
    return call.id("provider_id", "idp", ProviderNotFoundError, "provider")


def _button(provider: ProviderSaved) -> dict[str, str]:
    begin = f"{API}/auth/oidc/{provider.provider_id}/begin"
    return {"id": provider.provider_id, "name": provider.name, "begin": begin}


def _said(asked: CreateProvider) -> dict[str, Any]:
    return {
        "name": asked.name,
        "issuer": asked.issuer,
        "client_id": asked.client_id,
        "groups_claim": asked.groups_claim,
        "roles": dict(asked.roles),
        "default_role": asked.default_role,
        "creates_users": asked.creates_users,
        "links_users": asked.links_users,
        "scopes": tuple(dict.fromkeys(["openid", *asked.scopes])),
    }


def _place(provider: ProviderSaved) -> Place:
    return Place(provider.tenant, provider.provider_id, _SECRET)
