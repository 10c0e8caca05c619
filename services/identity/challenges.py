"""Things that count once: links sent by mail, challenges of ceremonies, a sign-in half done.

Whoever holds the token may spend it, once, before its time is over. The log
knows only the token's hash, and of what was spent or is too old nothing stays.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode
from typing import Any

from weir.contract import subjects, times
from weir.contract.errors import ConflictError
from weir.contract.messages import AccountRecord, ChallengeSet, ChallengeSpent
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.records import Entry

INVITE = "invite"  # by mail: become a user, or a member
RESET = "reset"  # by mail: set a new password
VERIFY = "verify"  # by mail: an address is one's own
SECOND_FACTOR = "second_factor"  # the password was right, a second factor is still to come

_TOKEN = re.compile(r"[a-z2-7]{52}")
_KEPT_S = 3_600  # a spent one outlives the one that it replaces
_NOBODY = Principal(id="installation", tenant="-", role="")


class Challenges:
    """Sets, looks at and spends them."""

    def __init__(self, accounts: Writer[AccountRecord]) -> None:
        self._accounts = accounts

    async def set(self, purpose: str, data: Any, user_id: str, ttl_s: int) -> str:
        """A new token for this purpose; `user_id` is empty where nobody is known yet."""
        token = b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
        made = ChallengeSet(
            purpose=purpose,
            user_id=user_id,
            expires_at=times.from_ms(self._accounts.now_ms() + ttl_s * 1000),
            data=data,
        )
        record = self._accounts.record(made, _by(user_id))
        await self._accounts.records.put(_subject(token), record, expect=0, ttl_s=ttl_s)
        return token

    async def look(self, purpose: str, token: str) -> ChallengeSet | None:
        """What the token stands for, without spending it; None if it counts for nothing."""
        found = await self._find(purpose, token)
        return found[1] if found else None

    async def spend(self, purpose: str, token: str) -> ChallengeSet | None:
        """The same, once: of any number that spend it at the same time one gets it."""
        found = await self._find(purpose, token)
        if found is None:
            return None
        entry, challenge = found
        left_s = (times.to_ms(challenge.expires_at) - self._accounts.now_ms()) // 1000
        spent = self._accounts.record(ChallengeSpent(purpose=purpose), _by(challenge.user_id))
        try:
            await self._accounts.records.put(
                _subject(token), spent, expect=entry.revision, ttl_s=max(0, left_s) + _KEPT_S
            )
        except ConflictError:
            return None
        return challenge

    async def _find(
        self, purpose: str, token: str
    ) -> tuple[Entry[AccountRecord], ChallengeSet] | None:
        if not _TOKEN.fullmatch(token):
            return None
        entry = await self._accounts.records.fresh(_subject(token))
        challenge = entry.record.challenge_set if entry else None
        if entry is None or challenge is None or challenge.purpose != purpose:
            return None
        if times.to_ms(challenge.expires_at) <= self._accounts.now_ms():
            return None
        return entry, challenge


def _subject(token: str) -> str:
    return subjects.challenge(hashlib.sha256(token.encode()).hexdigest())


def _by(user_id: str) -> Principal:
    return Principal(id=user_id, tenant="-", role="") if user_id else _NOBODY
