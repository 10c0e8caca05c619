"""Webhooks: the addresses of trigger nodes, made at publish and the same over all versions.

A webhook's id is derived from workflow and node. Its signing secret is made
here, sealed, and shown once; a rotation lets the old one live on for a while.
"""

from __future__ import annotations

import re
import secrets as random
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from services.registry.belonging import Belonging
from services.registry.index import Index, WebhookItem
from services.registry.models import ChangeWebhook, Rotate
from weir.contract import ids, subjects, times
from weir.contract.errors import (
    DefinitionInvalidError,
    InvalidRequestError,
    WebhookNotFoundError,
)
from weir.contract.messages import RegistryRecord, WebhookSaved
from weir.ports.secrets import Secrets
from weir.runtime.changes import Writer
from weir.runtime.hooks import SCHEMES, Hook, hooks_of, signing_place, valid_secrets
from weir.runtime.http.asked import projects
from weir.runtime.http.call import Call, Reply, wrong
from weir.runtime.http.listing import page
from weir.runtime.records import RegistryEntry

KEPT_SECRETS = 3
MAX_OVERLAP_MS = 30 * 86_400_000


def webhook_id(tenant: str, workflow: str, node: str) -> str:
    """The id this trigger has in every version."""
    return ids.derived("hook", tenant, workflow, node)


def path_of(webhook: str) -> str:
    """Where it is called."""
    return f"/hooks/{webhook}"


class Webhooks:
    """The handlers, and what publishing needs of them."""

    def __init__(
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        belonging: Belonging,
        secrets: Secrets,
    ) -> None:
        self._writer = writer
        self._index = index
        self._belonging = belonging
        self._secrets = secrets

    async def ensure(
        self, call: Call, workflow: str, frozen: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Make what is missing, follow what changed; a new secret is in the answer."""
        return [await self._ensure(call, workflow, hook) for hook in hooks_of(frozen).values()]

    async def _ensure(self, call: Call, workflow: str, hook: Hook) -> dict[str, Any]:
        if hook.scheme not in SCHEMES:
            raise DefinitionInvalidError(
                f"The node {hook.node!r} has no such scheme: use one of {', '.join(SCHEMES)}."
            )
        webhook = webhook_id(call.tenant, workflow, hook.node)
        subject = subjects.webhook(webhook)
        entry = await self._writer.records.fresh(subject)
        saved = entry.record.webhook_saved if entry else None
        if entry is not None and saved is not None and _told(saved) == _meant(hook, saved):
            return shown(saved, entry.revision)
        if saved is None:
            await self._index.room(call.tenant, "webhooks")
        secret: str | None = None
        sealed: tuple[str, ...] = ()
        anew = saved is not None and _is_pair(saved.scheme) != _is_pair(hook.scheme)
        if hook.signed and (anew or not (saved and saved.secrets)):
            secret, sealed = await self._seal(call.tenant, webhook, _made_for(hook.scheme))

        def next_of(entry: RegistryEntry | None) -> WebhookSaved:
            before = entry.record.webhook_saved if entry else None
            if before is None:
                before = WebhookSaved(
                    webhook_id=webhook,
                    workflow_id=workflow,
                    node=hook.node,
                    enabled=True,
                    secrets=(),
                    created_at=self._writer.now(),
                )
            kept = sealed if anew else before.secrets or sealed
            return before.model_copy(update={"scheme": hook.scheme, "secrets": kept})

        entry = await self._writer.overwrite(call, subject, next_of)
        saved = _saved(entry, webhook, call.tenant)
        mine = secret if saved.secrets == sealed else None
        return shown(saved, entry.revision) | {"secret": mine}

    async def listed(self, call: Call) -> Reply:
        """GET /webhooks."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        workflow, within = call.query("workflow_id"), projects(call)

        def show(item: WebhookItem) -> dict[str, Any]:
            return {
                "id": item.id,
                "workflow_id": item.workflow_id,
                "node": item.node,
                "path": path_of(item.id),
                "enabled": item.enabled,
                "scheme": item.scheme,
                "created_at": item.created_at,
                "revision": str(item.revision),
            }

        items = (
            item
            for item in self._index.webhooks(call.tenant)
            if (not workflow or item.workflow_id == workflow)
            and (within is None or self._index.project(call.tenant, item.workflow_id) in within)
        )
        return Reply(page(call, items, lambda item: (item.created_at, item.id), show))

    async def get(self, call: Call) -> Reply:
        """GET /webhooks/{webhook_id}."""
        webhook = self._id(call)
        subject = subjects.webhook(webhook)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        there, saved = _held(entry, webhook, call.tenant)
        await self._admit(call, saved)
        return Reply(shown(saved, there.revision), revision=there.revision)

    async def change(self, call: Call) -> Reply:
        """PUT /webhooks/{webhook_id}."""
        webhook = self._id(call)
        asked = await call.model(ChangeWebhook)
        entry = await self._writer.records.fresh(subjects.webhook(webhook))
        await self._admit(call, _saved(entry, webhook, call.tenant))

        def next_of(entry: RegistryEntry | None) -> WebhookSaved:
            return _saved(entry, webhook, call.tenant).model_copy(update={"enabled": asked.enabled})

        entry = await self._writer.change(call, subjects.webhook(webhook), next_of)
        return self._reply(entry, webhook, call.tenant)

    async def rotate(self, call: Call) -> Reply:
        """POST /webhooks/{webhook_id}/rotate."""
        webhook = self._id(call)
        asked = await call.model(Rotate, optional=True)
        now_ms = self._writer.now_ms()
        overlap_ms = round(_overlap_ms(asked.overlap))
        subject = subjects.webhook(webhook)
        there = _saved(await self._writer.records.fresh(subject), webhook, call.tenant)
        await self._admit(call, there)
        given = asked.secret.get_secret_value() if asked.secret else _made_for(there.scheme)
        if _is_pair(there.scheme) and not _PAIR.fullmatch(given):
            raise InvalidRequestError("With the scheme basic a secret reads user:password.")
        secret, sealed = await self._seal(call.tenant, webhook, given)

        def next_of(entry: RegistryEntry | None) -> WebhookSaved:
            saved = _saved(entry, webhook, call.tenant)
            # What an earlier rotation has ended must not come back to life.
            living = valid_secrets(saved, now_ms) if overlap_ms else ()
            return saved.model_copy(
                update={
                    "secrets": (*sealed, *living)[:KEPT_SECRETS],
                    "previous_until": times.from_ms(now_ms + overlap_ms),
                }
            )

        entry = await self._writer.overwrite(call, subject, next_of)
        return self._reply(entry, webhook, call.tenant, secret=secret)

    async def _admit(self, call: Call, saved: WebhookSaved) -> None:
        """Go on if this may be done to what hangs on the webhook's workflow."""
        await self._belonging.workflow(
            call, call.route.permission, saved.workflow_id, lambda: _missing(saved.webhook_id)
        )

    def _id(self, call: Call) -> str:
        return call.id("webhook_id", "hook", WebhookNotFoundError, "webhook")

    def _reply(
        self, entry: RegistryEntry, webhook: str, tenant: str, *, secret: str | None = None
    ) -> Reply:
        saved = _saved(entry, webhook, tenant)
        return Reply(
            shown(saved, entry.revision) | ({"secret": secret} if secret else {}),
            status=HTTPStatus.OK,
            revision=entry.revision,
            sequence=entry.revision,
        )

    async def _seal(self, tenant: str, webhook: str, secret: str) -> tuple[str, tuple[str, ...]]:
        sealed = await self._secrets.seal(secret.encode(), signing_place(tenant, webhook))
        return secret, (sealed.text,)


_PAIR = re.compile(r"[^:\s]+:\S+")


def _is_pair(scheme: str) -> bool:
    return scheme == "basic"


def _made_for(scheme: str) -> str:
    if _is_pair(scheme):
        return f"weir:{random.token_urlsafe(32)}"
    return f"whsec_{b64encode(random.token_bytes(32)).decode()}"


def _saved(entry: RegistryEntry | None, webhook: str, tenant: str) -> WebhookSaved:
    return _held(entry, webhook, tenant)[1]


def _held(
    entry: RegistryEntry | None, webhook: str, tenant: str
) -> tuple[RegistryEntry, WebhookSaved]:
    saved = entry.record.webhook_saved if entry else None
    if entry is None or saved is None or entry.record.tenant != tenant:
        raise _missing(webhook)
    return entry, saved


def _missing(webhook: str) -> WebhookNotFoundError:
    return WebhookNotFoundError(
        f"There is no webhook {webhook}: they are made when a workflow with a webhook trigger "
        "is published.",
        details={"webhook_id": webhook},
    )


def shown(saved: WebhookSaved, revision: int) -> dict[str, Any]:
    """A webhook as answers hold it, without its secrets."""
    return {
        "id": saved.webhook_id,
        "workflow_id": saved.workflow_id,
        "node": saved.node,
        "path": path_of(saved.webhook_id),
        "enabled": saved.enabled,
        "scheme": saved.scheme,
        "created_at": saved.created_at,
        "previous_until": saved.previous_until or None,
        "revision": str(revision),
    }


def _told(saved: WebhookSaved) -> tuple[str, bool]:
    return saved.scheme, bool(saved.secrets)


def _meant(hook: Hook, saved: WebhookSaved) -> tuple[str, bool]:
    return hook.scheme, hook.signed or bool(saved.secrets)


def _overlap_ms(text: str) -> float:
    try:
        return min(times.duration_ms(text), MAX_OVERLAP_MS)
    except ValueError as error:
        raise wrong("overlap", str(error), "Write it like 24h or 30m.", "DURATION") from None
