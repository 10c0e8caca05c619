"""What a change changed, as the audit tells it: old and new by field.

Never a secret: of a field that holds one only that it changed. Long values are
told by their size and digest. What is personal is marked with whose it is, so
that it can be sealed under that person's key and so be forgotten.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from weir.contract import codec
from weir.contract.messages import Message

SHOWN = 256
LARGEST = 16 * 1024
HIDDEN = "********"

# Names of fields that hold secrets, sealed or not, or what proves that somebody knows one.
_SECRET = re.compile(
    r"(?i)(^|_)(password|passwd|secrets?|sealed|tokens?|hash|api_?key|private|recovery|totp|seed|"
    r"authorization|cookie|dsn|wrapped|sign_count|key_id)(_|$)"
)
_PERSONAL = frozenset({"email", "name"})  # of somebody, not of something
_PERSON = "user_id"
_UNTOLD = frozenset({"created_at", "created_by"})
_NAMED = frozenset({"name", "role", "status", "type"})  # what is worth knowing of what is gone


def changes(before: Message | None, after: Message) -> dict[str, Any]:
    """Old and new of each field that differs, one level into objects; empty if nothing does."""
    old, new = _fields(before) if before is not None else {}, _fields(after)
    gone = before is not None and type(before) is not type(after)
    names = sorted((old.keys() & _NAMED) | (new.keys() & _NAMED) if gone else old.keys() | new)
    told: dict[str, Any] = {}
    for name in names:
        if name in _UNTOLD or old.get(name) == new.get(name):
            continue
        person = _whose(before or after) if name in _PERSONAL else ""
        for path, was, became in _parts(name, old.get(name), new.get(name)):
            told[path] = _told(path, was, became, person)
    return bounded(told)


def bounded(told: dict[str, Any]) -> dict[str, Any]:
    """The same if it is of a size that a chain can carry, else its size and digest."""
    size = len(codec.canonical(told))
    return told if size <= LARGEST else {"too_large": {"new": short(told)}}


def short(value: Any) -> Any:
    """The value, or what stands for a long one."""
    data = codec.canonical(value)
    if len(data) <= SHOWN:
        return value
    return {"size": len(data), "digest": hashlib.blake2b(data, digest_size=16).hexdigest()}


def is_secret(name: str) -> bool:
    """Whether a field of this name holds what nobody may read."""
    return _SECRET.search(name) is not None


def _fields(message: Message) -> dict[str, Any]:
    return message.model_dump(mode="json", exclude_unset=True)


def _whose(message: Message) -> str:
    """Whose personal values stand in it; empty in what is about things."""
    found = getattr(message, _PERSON, "") if "email" in type(message).model_fields else ""
    return str(found)


def _parts(name: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """(path, old, new) of what differs; objects are told by their own fields."""
    if is_secret(name) or not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return [(name, old, new)]
    return [
        (f"{name}.{each}"[:200], old.get(each), new.get(each))
        for each in sorted(old.keys() | new.keys(), key=str)
        if old.get(each) != new.get(each)
    ]


def _told(path: str, old: Any, new: Any, person: str) -> dict[str, Any]:
    hidden = any(is_secret(part) for part in path.split("."))
    told: dict[str, Any] = {}
    for side, value in (("old", old), ("new", new)):
        if value is None:
            continue
        shown = HIDDEN if hidden else short(value)
        told[side] = {"personal": person, "value": shown} if person and not hidden else shown
    return told
