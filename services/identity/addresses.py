"""Mail addresses: which are the same, and which are none.

Case, composition and width of characters make no other address; another letter
that only looks the same does. What is stored is the normal form, and mail goes
there alone, never to an address as somebody typed it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 254
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f-\x9f]{1,64}")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


def normal(address: str) -> str | None:
    """The normal form: lower case, compatible characters as one, the domain in ASCII.

    None if it cannot be an address.
    """
    if len(address) > 4 * _LONGEST:
        return None
    text = _folded(address.strip())
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not _shown(local):
        return None
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    whole = f"{local}@{ascii_domain}"
    return whole if _DOMAIN.fullmatch(ascii_domain) and len(whole.encode()) <= _LONGEST else None


def hashed(address: str) -> str:
    """What the log knows of a normal address, where it needs not know the address."""
    return hashlib.sha256(f"address\n{address}".encode()).hexdigest()


def _folded(text: str) -> str:
    """Twice, since folding can make what composes anew."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFKC", text)


def _shown(text: str) -> bool:
    """Whether nothing in it is invisible, unassigned, or half a character."""
    return all(unicodedata.category(each)[0] not in "CZ" for each in text)
