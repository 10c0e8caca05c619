"""From an API key to a principal, through the IDENTITY log.

A token is `weir_<key id>_<secret>`; the log holds only the secret's SHA-256.
An unknown, wrong, expired or revoked key takes the same steps to the same
answer, and so does one whose record cannot be read. A revocation is felt
everywhere within a second.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from hmac import compare_digest

from weir.contract import subjects, times
from weir.contract.errors import RecordUnreadableError
from weir.contract.messages import ApiKeyCreated, ApiKeyRevoked, IdentityRecord
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime.access import ROLES, Principal
from weir.runtime.records import Records

_TOKEN = re.compile(r"weir_(key_[a-z2-7]{26})_([a-z2-7]{52})")
_NOBODY = ApiKeyCreated(secret_hash="0" * 64)
KEYS = 10_000


class Authenticator:
    """Knows principals by their tokens; remembers at most `KEYS` keys for at most a second."""

    def __init__(self, identity: Log, clock: Clock) -> None:
        self._records = Records(identity, IdentityRecord, entries=KEYS)
        self._clock = clock

    async def principal(self, token: str) -> Principal | None:
        """Who holds this token; None if nobody does (any more).

        Raises UnavailableError when the log cannot be asked.
        """
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        key_id, secret = parts.groups()
        created = await self._created(key_id)
        key = created or _NOBODY
        if not compare_digest(_hash(secret), key.secret_hash) or created is None:
            return None
        if key.expires_at and _expired(key.expires_at, self._clock.now_ms()):
            return None
        return Principal(id=key_id, tenant=key.tenant, role=key.role)

    async def _created(self, key_id: str) -> ApiKeyCreated | None:
        try:
            entry = await self._records.get(subjects.api_key(key_id))
        except RecordUnreadableError:
            return None
        return entry.record.api_key_created if entry else None

    async def issue(
        self, *, tenant: str, name: str, role: str, by: str, expires_at: str | None = None
    ) -> tuple[str, str]:
        """Make a key and return (key id, token); the token is kept nowhere else."""
        if role not in ROLES:
            raise ValueError(f"{role!r} is no role: use one of {', '.join(ROLES)}")
        key_id = self._clock.new_id("key")
        secret = b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
        created = ApiKeyCreated(
            key_id=key_id,
            tenant=tenant,
            name=name,
            role=role,
            secret_hash=_hash(secret),
            **({"expires_at": expires_at} if expires_at else {}),
        )
        await self._put(key_id, created, by, expect=0)
        return key_id, f"weir_{key_id}_{secret}"

    async def revoke(self, *, tenant: str, key_id: str, by: str) -> None:
        """End a key for good; ending it twice is the same."""
        await self._put(key_id, ApiKeyRevoked(key_id=key_id, tenant=tenant), by, expect=None)

    async def _put(
        self, key_id: str, kind: ApiKeyCreated | ApiKeyRevoked, by: str, *, expect: int | None
    ) -> None:
        now = self._clock.now_ms()
        record = IdentityRecord.of(kind, id=self._clock.new_id("idr"), at=times.from_ms(now), by=by)
        await self._records.put(subjects.api_key(key_id), record, expect=expect)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _expired(expires_at: str, now_ms: int) -> bool:
    try:
        return times.to_ms(expires_at) <= now_ms
    except (ValueError, OverflowError):  # a 31st of February: no time that is still to come
        return True
