"""Rotation: data keys wrapped anew, a fresh one made, and all secrets moved under it meanwhile.

Nothing stands still: old keys open until nothing lies under them, and after
that too. What is left to do is what the index shows, so a rotation goes on
wherever it was broken off, in whichever registry runs; of two that move the
same secret the second finds that it is moved. Values of other services (second
factors, signing keys) are wrapped with the rest and stay under their data key.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import structlog

from services.registry.credential_models import RotateKeys
from services.registry.index import Index
from weir.contract import subjects, times
from weir.contract.errors import (
    ConflictError,
    ForbiddenError,
    SecretUnreadableError,
    WeirError,
)
from weir.contract.messages import CredentialSaved, RegistryRecord, WebhookSaved
from weir.ports.clock import Clock
from weir.ports.secrets import Sealed, Secrets
from weir.runtime import metrics
from weir.runtime.access import Permission
from weir.runtime.hooks import signing_place
from weir.runtime.http.call import Call, Reply
from weir.runtime.records import Records, RegistryEntry
from weir.runtime.sealing import fields_place, tokens_place

REMINDER_DAYS = 90
DAY_MS = 86_400_000
AT_ONCE = 16
LOOK_S = 1.0
FORGOTTEN = 10_000

_log = structlog.get_logger()


class _Stale(NamedTuple):
    """A record in which something lies under an older key."""

    tenant: str
    subject: str
    revision: int


class Rotation:
    """The handlers, and the work in the background."""

    def __init__(
        self, records: Records[RegistryRecord], index: Index, secrets: Secrets, clock: Clock
    ) -> None:
        self._records = records
        self._index = index
        self._secrets = secrets
        self._clock = clock
        self._unreadable: dict[tuple[str, int], str] = {}
        self._wake = asyncio.Event()

    # -- routes --

    async def rotate(self, call: Call) -> Reply:
        """POST /credentials/rotation."""
        asked = await call.model(RotateKeys, optional=True)
        tenants = [call.tenant]
        if asked.everywhere:
            if not call.principal.may(Permission.PLATFORM_MANAGE):
                raise ForbiddenError(
                    "Only who runs the installation rotates everywhere: leave `everywhere` out.",
                    details={"permission": Permission.PLATFORM_MANAGE.value},
                )
            tenants += sorted(self._index.keys().keys() - {call.tenant})
        for tenant in tenants:
            await self._secrets.rotate(tenant, fresh=asked.fresh)
        self._unreadable.clear()
        self._wake.set()
        return Reply(await self._state(call.tenant), status=202)

    async def state(self, call: Call) -> Reply:
        """GET /credentials/rotation."""
        return Reply(await self._state(call.tenant))

    async def _state(self, tenant: str) -> dict[str, Any]:
        saved = await self._secrets.keys(tenant)
        provider, provider_key = await self._secrets.wrapper()
        keys = [
            {
                "id": one.data_key_id,
                "provider": one.provider,
                "provider_key": one.provider_key,
                "created_at": one.created_at,
                "wrapped_at": one.wrapped_at,
            }
            for one in saved.keys
        ]
        newest = saved.keys[-1] if saved.keys else None
        under = [*self._under(tenant)]
        stale = [one for one, ids in under if newest is None or ids - {newest.data_key_id}]
        age_ms = self._clock.now_ms() - times.to_ms(newest.created_at) if newest else None
        return {
            "provider": provider,
            "provider_key": provider_key,
            "keys": keys,
            "to_wrap": sum(
                (one.provider, one.provider_key) != (provider, provider_key) for one in saved.keys
            ),
            "secrets": len(under),
            "stale": len(stale),
            "unreadable": sum((one.subject, one.revision) in self._unreadable for one in stale),
            "age_days": None if age_ms is None else round(age_ms / DAY_MS, 1),
            "overdue": age_ms is not None and age_ms > REMINDER_DAYS * DAY_MS,
            "rotated_at": saved.rotated_at,
        }

    def warnings(self) -> list[str]:
        """What whoever runs the installation should know."""
        old = self._old()
        if not old:
            return []
        whose = "one tenant" if len(old) == 1 else f"{len(old)} tenants"
        return [f"data keys of {whose} are over {REMINDER_DAYS} days old: weir credentials rotate"]

    # -- the work --

    async def run(self) -> None:
        """Move secrets under the newest key, wherever a rotation was asked for; for ever."""
        while True:
            stale = [*self._stale()]
            metrics.CREDENTIALS_STALE.set(len(stale))
            metrics.DATA_KEYS_OLD.set(len(self._old()))
            random.shuffle(stale)  # so that registries seldom move the same one
            room = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self._move(one, room) for one in stale))
            if not stale:
                self._wake.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
            # What was just written comes back through the index: give it a moment.
            await asyncio.sleep(LOOK_S / 10)

    def _stale(self) -> Iterator[_Stale]:
        for tenant, saved in self._index.keys().items():
            if saved.rotated_at is None:
                continue
            newest = saved.keys[-1].data_key_id
            for one, ids in self._under(tenant):
                if ids - {newest} and (one.subject, one.revision) not in self._unreadable:
                    yield one

    def _under(self, tenant: str) -> Iterator[tuple[_Stale, frozenset[str]]]:
        """Every record with secrets, and the keys that they lie under."""
        for item in self._index.credentials(tenant):
            subject = subjects.credential(tenant, item.name)
            yield _Stale(tenant, subject, item.revision), item.sealed_under
        for hook in self._index.webhooks(tenant):
            if hook.sealed_under:
                yield _Stale(tenant, subjects.webhook(hook.id), hook.revision), hook.sealed_under

    def _old(self) -> list[str]:
        before = self._clock.now_ms() - REMINDER_DAYS * DAY_MS
        return [
            tenant
            for tenant, saved in self._index.keys().items()
            if times.to_ms(saved.keys[-1].created_at) < before
        ]

    async def _move(self, stale: _Stale, room: asyncio.Semaphore) -> None:
        async with room:
            try:
                entry = await self._records.fresh(stale.subject)
                if entry is None or entry.revision != stale.revision:
                    return  # somebody was faster, or changed it: the index will show it again
                await self._renew(stale, entry)
            except ConflictError:
                return
            except SecretUnreadableError as error:
                if len(self._unreadable) >= FORGOTTEN:
                    self._unreadable.clear()
                self._unreadable[stale.subject, stale.revision] = error.code
                _log.warning("a secret cannot be sealed anew", subject=stale.subject)
            except WeirError as error:
                _log.info("a secret was not sealed anew", subject=stale.subject, reason=str(error))

    async def _renew(self, stale: _Stale, entry: RegistryEntry) -> None:
        record = entry.record
        made: CredentialSaved | WebhookSaved
        if record.credential_saved is not None:
            made = await self._credential(stale.tenant, record.credential_saved, record.at)
        elif record.webhook_saved is not None:
            made = await self._webhook(stale.tenant, record.webhook_saved)
        else:
            return
        renewed = RegistryRecord.of(
            made,
            id=self._clock.new_id("rec"),
            tenant=record.tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=record.by,
        )
        await self._records.put(stale.subject, renewed, expect=entry.revision)

    async def _credential(self, tenant: str, saved: CredentialSaved, at: str) -> CredentialSaved:
        version = saved.version or 1  # what was sealed before versions were counted gets one
        whose = (tenant, saved.credential_id, saved.name)
        sealed = await self._secrets.renew(
            Sealed(saved.key_id, saved.sealed),
            fields_place(*whose, saved.version),
            fields_place(*whose, version),
        )
        update: dict[str, Any] = {
            "sealed": sealed.data,
            "key_id": sealed.key_id,
            "version": version,
            "given_at": saved.given_at or at,
        }
        if saved.tokens is not None and saved.tokens.sealed:
            place = tokens_place(tenant, saved.credential_id, saved.tokens.version)
            moved = await self._secrets.renew(Sealed.parse(saved.tokens.sealed), place, place)
            update["tokens"] = saved.tokens.model_copy(update={"sealed": moved.text})
        return saved.model_copy(update=update)

    async def _webhook(self, tenant: str, saved: WebhookSaved) -> WebhookSaved:
        place = signing_place(tenant, saved.webhook_id)
        secrets = [
            (await self._secrets.renew(Sealed.parse(one), place, place)).text
            for one in saved.secrets
        ]
        return saved.model_copy(update={"secrets": tuple(secrets)})
