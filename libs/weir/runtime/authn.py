"""From a token to a principal, through the IDENTITY log alone.

An API key is `weir_<key id>_<secret>`; the log holds only the secret's SHA-256.
An access token says who somebody is and in which session; whether both still
count, and what they may, is looked up at each request. An unknown, wrong,
expired or revoked token takes the same steps to the same answer, and so does
one whose record cannot be read. Whatever is taken from somebody is felt
everywhere within two seconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from base64 import b32encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from hmac import compare_digest
from typing import TYPE_CHECKING

from weir.contract import ids, subjects, times
from weir.contract.errors import RecordUnreadableError, TenantForbiddenError
from weir.contract.identity_errors import TenantSuspendedError
from weir.contract.messages import (
    ApiKeyCreated,
    ApiKeyRevoked,
    IdentityRecord,
    SessionStarted,
    UserSaved,
)
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime import access_tokens
from weir.runtime.access import ROLES, Principal
from weir.runtime.access_tokens import Claims, UnknownKeyError
from weir.runtime.key_use import KeyUse
from weir.runtime.records import FRESH_S, Entry, Records
from weir.runtime.standing import Standing

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

_KEY = re.compile(r"weir_(key_[a-z2-7]{26})_([a-z2-7]{52})")
_NOBODY = ApiKeyCreated(secret_hash="0" * 64)
KEYS = 10_000
VERIFIED = 10_000  # access tokens whose signatures are known to be right
NOWHERE = "-"  # the tenant of who is a member of none


class Authenticator:
    """Knows principals by their tokens; remembers at most `KEYS` records for at most a second.

    `use` is told which keys came. All of it raises UnavailableError when the log cannot be asked.
    """

    def __init__(self, identity: Log, clock: Clock, use: KeyUse | None = None) -> None:
        self._use = use
        self._records = Records(identity, IdentityRecord, entries=KEYS)
        self._clock = clock
        self.standing = Standing(self._records, clock)
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()
        self._signing: Entry[IdentityRecord] | None = None
        self._public: dict[str, OKPKey] = {}
        self._looked_at = 0.0

    async def identify(self, token: str, tenant: str = "") -> Principal | None:
        """Who holds this token, in this tenant or else their own; None if nobody does (any more).

        Raises TenantForbiddenError for a tenant that is not theirs, TenantSuspendedError.
        """
        parts = _KEY.fullmatch(token)
        if parts is not None:
            return await self._by_key(parts[1], parts[2], tenant)
        claims = await self._claims(token) if "." in token else None
        return await self._signed_in(claims.user_id, claims.session_id, tenant) if claims else None

    async def again(self, principal: Principal, token: str) -> Principal | None:
        """The same principal as it stands now: what lasts longer than a request asks.

        Whoever is signed in stays so until the session ends, though the token that came with
        the request is over.
        """
        try:
            if principal.session:
                tenant = "" if principal.tenant == NOWHERE else principal.tenant
                return await self._signed_in(principal.id, principal.session, tenant)
            return await self.identify(token)
        except (TenantForbiddenError, TenantSuspendedError):
            return None

    async def vouched(self, tenant: str, principal_id: str, session: str) -> Principal | None:
        """Somebody whom another service of ours has identified, as they stand here and now.

        None if they do not count any more. Raises TenantForbiddenError, TenantSuspendedError.
        """
        if session:
            return await self._signed_in(principal_id, session, "" if tenant == NOWHERE else tenant)
        created = await self.standing.created(principal_id)
        return await self._of_key(created, tenant) if created is not None else None

    async def _by_key(self, key_id: str, secret: str, tenant: str) -> Principal | None:
        created = await self.standing.created(key_id)
        key = created or _NOBODY
        if not compare_digest(_hash(secret), key.secret_hash) or created is None:
            return None
        return await self._of_key(key, tenant)

    async def _of_key(self, key: ApiKeyCreated, tenant: str) -> Principal | None:
        try:
            principal = await self.standing.key(key)
            state = await self.standing.tenant(key.tenant)
        except RecordUnreadableError:
            return None
        if principal is None or state.status == "deleted":
            return None
        if tenant not in {"", key.tenant}:
            raise TenantForbiddenError(
                "The API key does not belong to the tenant in X-Tenant-ID: "
                "leave the header out or use a key of that tenant."
            )
        if self._use is not None:
            await self._use.note(key.key_id)
        return principal if state.active else _outside(principal)

    async def _signed_in(self, user_id: str, session_id: str, tenant: str) -> Principal | None:
        try:
            begun, known = await self._records.get_all(
                (subjects.session(user_id, session_id), subjects.user(user_id))
            )
            session, user = _counting(begun, known, self._clock.now_ms())
            if session is None or user is None:
                return None
            return await self._member(user, session, tenant or session.tenant)
        except RecordUnreadableError:
            return None

    async def _member(
        self, user: UserSaved, session: SessionStarted, tenant: str
    ) -> Principal | None:
        own = tenant == session.tenant
        known = ids.TENANT.fullmatch(tenant) is not None
        if (session.tenant_only or not known) and not own:
            raise _not_theirs()
        base = Principal(
            id=user.user_id,
            tenant=tenant or NOWHERE,
            role="",
            # A tenant's own provider answers for nobody beyond that tenant.
            platform=user.platform and not session.tenant_only,
            session=session.session_id,
        )
        if not tenant:
            return base
        held = await self.standing.person(tenant, user.user_id)
        if held is None:
            return None
        state = await self.standing.tenant(tenant)
        gone = state.status == "deleted" or not held.member
        if gone and not own:
            raise _not_theirs()
        if gone:
            return base  # they may still sign out, or take up another invitation
        if not state.active:
            return _outside(base)
        if state.second_factor and not session.strong:
            return replace(base, platform=False, weak=True)
        return replace(base, role=held.role, projects=held.projects)

    async def _claims(self, token: str) -> Claims | None:
        """What an access token says; a signature is checked once and then remembered."""
        if len(token) > access_tokens.LONGEST:
            return None
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        now = self._clock.now_ms()
        entry = await self._records.get(subjects.signing())
        known = self._verified.get(digest)
        if known is not None and known.kid in self._keys(entry, now):
            return known if now < known.expires_ms else None
        try:
            claims = access_tokens.verify(token, self._keys(entry, now), now)
        except UnknownKeyError:
            claims = await self._by_new_key(token, now)
        if claims is not None:
            self._verified[digest] = claims
            if len(self._verified) > VERIFIED:
                self._verified.popitem(last=False)
        return claims

    async def _by_new_key(self, token: str, now: int) -> Claims | None:
        """For a key that was made in the last second; whoever invents keys costs no more reads."""
        at = asyncio.get_running_loop().time()
        if at - self._looked_at >= FRESH_S:
            self._looked_at = at
            entry = await self._records.fresh(subjects.signing())
        else:
            entry = await self._records.get(subjects.signing())
        try:
            return access_tokens.verify(token, self._keys(entry, now), now)
        except UnknownKeyError:
            return None

    def _keys(self, entry: Entry[IdentityRecord] | None, now: int) -> dict[str, OKPKey]:
        if entry is not self._signing:
            saved = entry.record.signing_keys_saved if entry else None
            self._public = access_tokens.public_keys(saved.keys if saved else (), now)
            self._signing = entry
        return self._public

    async def issue(  # noqa: PLR0913 - what a key is
        self,
        *,
        tenant: str,
        name: str,
        role: str,
        by: str,
        expires_at: str | None = None,
        scopes: Sequence[str] = (),
        project: str = "",
        owner: str = "",
        platform: bool = False,
    ) -> tuple[str, str]:
        """Make a key and return (key id, token); the token is kept nowhere else."""
        if role not in ROLES:
            raise ValueError(f"{role!r} is no role: use one of {', '.join(ROLES)}")
        key_id = self._clock.new_id("key")
        token, secret_hash = new_token(key_id)
        given = {
            "expires_at": expires_at,
            "scopes": tuple(scopes),
            "project": project,
            "owner": owner,
            "platform": platform,
        }
        created = ApiKeyCreated(
            key_id=key_id,
            tenant=tenant,
            name=name,
            role=role,
            secret_hash=secret_hash,
            created_at=times.from_ms(self._clock.now_ms()),
            **{field: value for field, value in given.items() if value},
        )
        await self._put(key_id, created, by, expect=0)
        return key_id, token

    async def revoke(self, *, tenant: str, key_id: str, by: str) -> None:
        """End a key for good; ending it twice is the same."""
        await self._put(key_id, ApiKeyRevoked(key_id=key_id, tenant=tenant), by, expect=None)

    async def _put(
        self, key_id: str, kind: ApiKeyCreated | ApiKeyRevoked, by: str, *, expect: int | None
    ) -> None:
        now = self._clock.now_ms()
        record = IdentityRecord.of(kind, id=self._clock.new_id("idr"), at=times.from_ms(now), by=by)
        await self._records.put(subjects.api_key(key_id), record, expect=expect)


def new_token(key_id: str) -> tuple[str, str]:
    """A token for a key, and what is stored of it; the token is kept nowhere else."""
    secret = b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
    return f"weir_{key_id}_{secret}", _hash(secret)


def _counting(
    session: Entry[IdentityRecord] | None, user: Entry[IdentityRecord] | None, now_ms: int
) -> tuple[SessionStarted | None, UserSaved | None]:
    """Both, if the account is active and the session not over."""
    started = session.record.session_started if session else None
    saved = user.record.user_saved if user else None
    if session is None or started is None or saved is None or saved.status != "active":
        return None, None
    after = times.to_ms(saved.sessions_after) if saved.sessions_after else 0
    if times.to_ms(started.expires_at) <= now_ms or times.to_ms(session.record.at) < after:
        return None, None
    return started, saved


def _outside(principal: Principal) -> Principal:
    """Who may do nothing in a suspended tenant; whoever manages tenants still does that."""
    if not principal.platform:
        raise TenantSuspendedError(
            "The tenant is suspended: ask whoever runs this Weir.",
            details={"tenant": principal.tenant},
        )
    return replace(principal, role="", projects={})


def _not_theirs() -> TenantForbiddenError:
    return TenantForbiddenError(
        "Whoever is signed in is no member of the tenant in X-Tenant-ID: leave the header out, "
        "or name one of their tenants."
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
