"""API keys: made once, shown once, revoked for good.

A key acts for somebody, a person or a service account, and ends with them. Who
is signed in makes keys for themselves; keys are made with a key only where
that may manage users, so that who finds one cannot make others of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from services.identity.granting import known_project, may_give
from services.identity.index import Held, Index
from services.identity.keys_models import CreateKey
from services.identity.roster import Put, Roster
from services.identity.service_accounts import missing as no_account
from weir.contract import ids, subjects, times
from weir.contract.identity_errors import ApiKeyNotFoundError, LimitReachedError
from weir.contract.messages import ApiKeyCreated, ApiKeyRevoked
from weir.runtime.access import ROLES, Permission
from weir.runtime.authn import new_token
from weir.runtime.http.call import Call, Reply, forbidden, wrong
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API

KEYS = 100  # of one owner, and of keys without one
ANY = "any"


class Keys:
    """The handlers."""

    def __init__(self, roster: Roster, idempotency: Idempotency) -> None:
        self._roster = roster
        self._index = roster.index
        self._idempotency = idempotency

    async def listed(self, call: Call) -> Reply:
        """GET /keys: the caller's own; with `owner` those of somebody else, or of anybody."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        wanted = call.query("owner")
        if wanted and not call.principal.may(Permission.USERS_MANAGE):
            raise forbidden(call.principal, Permission.USERS_MANAGE)
        items = [
            held
            for held in self._index.roll(call.tenant).keys.values()
            if (wanted in {ANY, held.kind.owner} if wanted else self._is_own(call, held))
        ]
        return Reply(
            page(
                call,
                items,
                lambda held: (_made(held), held.kind.key_id),
                lambda held: _show(self._index, held),
                descending=True,
            )
        )

    async def get(self, call: Call) -> Reply:
        """GET /keys/{key_id}."""
        held = self._found(call)
        return Reply(_show(self._index, held), revision=held.revision, sequence=held.revision)

    async def create(self, call: Call) -> Reply:
        """POST /keys."""
        asked = await call.model(CreateKey)
        key_id, _ = await self._idempotency.id(call, "key")
        token, secret_hash = new_token(key_id)
        subject = subjects.api_key(key_id)
        now = self._roster.writer.now_ms()
        if asked.expires_at is not None and _moment(asked.expires_at) <= now:
            raise wrong("expires_at", "this is over already", "Name a moment to come.")
        made = False

        def puts() -> Sequence[Put]:
            nonlocal made
            made = not self._index.revision(subject)
            if not made:
                return ()  # the repetition of a request that was done
            roll = self._index.roll(call.tenant)
            owner = self._owner(call, asked)
            if asked.project is not None:
                known_project(asked.project, roll)
            scopes = _scopes(asked)
            may_give(call.principal, asked.role, asked.project or "", scopes)
            if asked.platform and not call.principal.may(Permission.PLATFORM_MANAGE):
                raise forbidden(call.principal, Permission.PLATFORM_MANAGE)
            if sum(one.kind.owner == owner for one in roll.keys.values()) >= KEYS:
                raise LimitReachedError(
                    f"One owner has at most {KEYS} keys: revoke those that are not used any more."
                )
            return (Put(subject, _created(call, asked, key_id, secret_hash, owner, now)),)

        await self._roster.change(call, puts)
        held = self._found(call, key_id)
        return Reply(
            _show(self._index, held) | {"token": token if made else None},
            HTTPStatus.CREATED,
            {"Location": f"{API}/keys/{key_id}"},
            sequence=held.revision,
            revision=held.revision,
        )

    async def revoke(self, call: Call) -> Reply:
        """DELETE /keys/{key_id}: for good."""
        key_id = self._found(call).kind.key_id

        def puts() -> Sequence[Put]:
            held = self._found(call)
            gone = ApiKeyRevoked(key_id=key_id, tenant=call.tenant)
            return (Put(subjects.api_key(key_id), gone, held.kind),)

        sequence = await self._roster.change(call, puts)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=sequence)

    def _owner(self, call: Call, asked: CreateKey) -> str:
        """Whom the new key acts for."""
        who = call.principal
        # In the name of a program acts only who manages users of the whole tenant.
        where = (asked.project or "") if asked.owner is None else ""
        for_itself = asked.owner is None and who.session
        if not for_itself and not who.may(Permission.USERS_MANAGE, where):
            raise forbidden(who, Permission.USERS_MANAGE, where)
        if asked.owner is None:
            return self._acts_for(call)
        account = self._index.roll(call.tenant).members.get(asked.owner)
        if account is None or asked.owner not in self._index.users:
            raise no_account(asked.owner)
        return asked.owner

    def _acts_for(self, call: Call) -> str:
        """Whom the caller is, or acts for; empty: nobody but itself, as the first key."""
        if not ids.is_id(call.principal.id, "key"):
            return call.principal.id
        held = self._index.roll(call.tenant).keys.get(call.principal.id)
        return held.kind.owner if held else ""

    def _is_own(self, call: Call, held: Held[ApiKeyCreated]) -> bool:
        if held.kind.key_id == call.principal.id:
            return True
        return bool(held.kind.owner) and held.kind.owner == self._acts_for(call)

    def _found(self, call: Call, key_id: str = "") -> Held[ApiKeyCreated]:
        key_id = key_id or call.id("key_id", "key", ApiKeyNotFoundError, "API key")
        held = self._index.roll(call.tenant).keys.get(key_id)
        if held is not None and (
            self._is_own(call, held) or call.principal.may(Permission.USERS_MANAGE)
        ):
            return held
        raise ApiKeyNotFoundError(
            f"There is no API key {key_id!r}: it was revoked, or is somebody else's.",
            details={"key_id": key_id},
        )


def _created(  # noqa: PLR0913, PLR0917 - what a key is made of
    call: Call, asked: CreateKey, key_id: str, secret_hash: str, owner: str, now_ms: int
) -> ApiKeyCreated:
    until = {"expires_at": asked.expires_at} if asked.expires_at else {}
    return ApiKeyCreated(
        key_id=key_id,
        tenant=call.tenant,
        name=asked.name,
        role=asked.role,
        secret_hash=secret_hash,
        scopes=tuple(sorted({each.value for each in asked.scopes})),
        project=asked.project or "",
        owner=owner,
        platform=asked.platform,
        created_at=times.from_ms(now_ms),
        **until,
    )


def _scopes(asked: CreateKey) -> frozenset[Permission] | None:
    """What the key is limited to; nothing its role does not hold, for that would be no limit."""
    held = ROLES[asked.role] | ({Permission.PLATFORM_MANAGE} if asked.platform else set())
    for scope in asked.scopes:
        if scope not in held:
            raise wrong(
                f"scopes.{scope.value}",
                f"the role {asked.role!r} does not hold it",
                "Leave it out, or take another role.",
            )
    return frozenset(asked.scopes) or None


def _moment(text: str) -> int:
    try:
        return times.to_ms(text)
    except (ValueError, OverflowError):
        raise wrong("expires_at", "there is no such day", "Use RFC 3339 in UTC.") from None


def _made(held: Held[ApiKeyCreated]) -> str:
    return held.kind.created_at or held.at


def _show(index: Index, held: Held[ApiKeyCreated]) -> dict[str, Any]:
    key = held.kind
    return {
        "id": key.key_id,
        "name": key.name,
        "role": key.role,
        "scopes": list(key.scopes),
        "project": key.project or None,
        "owner": key.owner or None,
        "platform": key.platform,
        "expires_at": key.expires_at,
        "created_at": _made(held),
        "used_at": index.used.get(key.key_id),
        "revision": str(held.revision),
    }
