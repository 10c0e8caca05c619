"""The key file itself: reading it, making it, adding a key."""

from __future__ import annotations

import os
import re
import stat
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from pathlib import Path

from weir.adapters.sealing import KEY_BYTES
from weir.contract.errors import KeyFileInvalidError

_ID = re.compile(r"[a-z0-9-]{1,40}")
_HEAD = """\
# Keys that seal credentials, one per line: id and key. The last one seals, all open.
# Whoever has this file and the log can read every credential. Without it none can be
# read again, so keep a copy in a safe place.
"""


def read(path: Path) -> dict[str, bytes]:
    """Keys by id, the newest last. KeyFileInvalidError says what is wrong and where."""
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileInvalidError(
            f"The key file {path} cannot be read ({error}): every process that seals or opens "
            "secrets needs it. Set WEIR_KEY_FILE to the file made at the first start."
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO) & ~stat.S_IRGRP:
        raise KeyFileInvalidError(
            f"The key file {path} is open to others (mode {stat.S_IMODE(mode):o}): chmod 600 it."
        )
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            key_id, key = _parse(words, path, number)
            keys[key_id] = key
    if not keys:
        raise KeyFileInvalidError(f"The key file {path} holds no key: put a copy of it back.")
    return keys


def make(path: Path) -> bool:
    """Make the file with one fresh key unless it is there; whether it was made."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    _write(part, _HEAD + _line())
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    finally:
        part.unlink()
    return True


def add(path: Path) -> str:
    """Append a fresh key, which seals from now on, and return its id."""
    read(path)
    before = path.read_text()
    line = _line()
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    _write(part, before.rstrip("\n") + "\n" + line)
    part.replace(path)
    return line.split()[0]


def _parse(words: list[str], path: Path, number: int) -> tuple[str, bytes]:
    try:
        key_id, text = words
        key = b64decode(text, validate=True)
    except (ValueError, NotBase64):
        key_id, key = "", b""
    if not _ID.fullmatch(key_id) or len(key) != KEY_BYTES:
        raise KeyFileInvalidError(
            f"Line {number} of the key file {path} is no key: it reads <id> <32 bytes in base64>."
        )
    return key_id, key


def _line() -> str:
    return f"k-{os.urandom(6).hex()} {b64encode(os.urandom(KEY_BYTES)).decode()}\n"


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
