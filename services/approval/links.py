"""Links that decide without signing in: bound to one person, approval and option; they expire.

The link is the proof of who decides: it went to that person's address. Nobody
can make one without the key, which lies sealed in the stream and is the same in
every process. That a link counts once is the approval's business.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import NamedTuple

import orjson

from services.approval.book import Book, Key
from services.approval.kept import Kept
from weir.contract import subjects
from weir.contract.messages import ApprovalLinksKeyed
from weir.ports.secrets import Place, Secrets

DAYS = 7
LASTING_MS = DAYS * 86_400_000
LONGEST = 600
_PLACE = Place(subjects.INSTALLATION, "approval", "links")


class Link(NamedTuple):
    """What a link proves."""

    key: Key
    user_id: str
    option: str
    expires_ms: int
    link_id: str


class Links:
    """Makes and reads them."""

    def __init__(self, book: Book, secrets: Secrets) -> None:
        self._book = book
        self._key = Kept(
            book,
            secrets,
            subjects.approval_links(),
            _PLACE,
            ApprovalLinksKeyed,
            lambda: random.token_bytes(32),
        )

    async def make(self, key: Key, user_id: str, option: str, until_ms: int = 0) -> str:
        """A token for one person and option; it lasts a week, or until then if that is sooner."""
        expires = self._book.clock.now_ms() + LASTING_MS
        expires = min(expires, until_ms) if until_ms else expires
        link_id = self._book.clock.new_id("lnk")
        told = [key.tenant, key.approval_id, user_id, option, expires, link_id]
        data = urlsafe_b64encode(orjson.dumps(told)).rstrip(b"=")
        return f"{data.decode()}.{await self._sign(data)}"

    async def read(self, token: str) -> Link | None:
        """What it proves; None if it is none of ours. Whether it expired is for who asks."""
        data, _, signature = token[:LONGEST].partition(".")
        right = await self._sign(data.encode(errors="replace"))
        if not hmac.compare_digest(right.encode(), signature.encode(errors="replace")):
            return None
        try:
            told = orjson.loads(urlsafe_b64decode(data + "=" * (-len(data) % 4)))
            tenant, approval_id, user_id, option, expires, link_id = told
        except (NotBase64, ValueError):
            return None
        return Link(Key(tenant, approval_id), user_id, option, expires, link_id)

    async def _sign(self, data: bytes) -> str:
        return hmac.new(await self._key.get(), data, hashlib.sha256).hexdigest()
