"""Values sealed under keys of a file, the newest last.

A line holds a key's id and its 32 bytes in base64; `#` begins a comment. To
rotate, add a line with `python -m weir.adapters.keyfile FILE`, and old values
open as long as their line stays. The file is read at first use, so a process
that needs no secret needs no file, and again when an unknown key appears.
"""

from __future__ import annotations

from pathlib import Path

from weir.adapters.keyfile.keys import read
from weir.adapters.sealing import Ring
from weir.ports.secrets import Place, Sealed


class KeyFileSecrets:
    """Sealing under one file. KeyFileInvalidError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, bytes] = {}
        self._ring: Ring | None = None

    async def seal(self, value: bytes, place: Place) -> Sealed:
        """Encrypt under the newest key."""
        return self._loaded().seal(value, place)

    async def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt, or SecretUnreadableError."""
        ring = self._loaded()
        if sealed.key_id not in self._keys:
            ring = self._load()
        return ring.open(sealed, place)

    def newest(self) -> str:
        """The id of the key that seals from now on; the file is read again."""
        self._load()
        return list(self._keys)[-1]

    def _loaded(self) -> Ring:
        return self._ring or self._load()

    def _load(self) -> Ring:
        self._keys = read(self._path)
        self._ring = Ring(self._keys, newest=list(self._keys)[-1])
        return self._ring
