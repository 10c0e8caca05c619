"""What is different between two definitions: added, removed, changed, moved; and the rest.

An entry that stands elsewhere and is the same otherwise has moved. An edge is
what it connects, so it is never changed. Places in what changed are JSON
pointers within the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from weir.core.drafts.normal import Parts, parts
from weir.core.drafts.shape import same

_LAYOUT = frozenset({"position", "size", "color"})
_KINDS = (("node", "nodes"), ("edge", "edges"), ("note", "notes"))


class Field(NamedTuple):
    """A value that differs; `before` or `after` is None where it was or is not there."""

    path: str
    before: Any
    after: Any


class Change(NamedTuple):
    """A node, an edge or a note; `fields` of those that changed or moved."""

    kind: str
    id: str
    fields: tuple[Field, ...] = ()


class Difference(NamedTuple):
    """All that leads from one definition to another."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]
    moved: tuple[Change, ...]
    settings: tuple[Field, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not any(self)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """The difference between two definitions, as authors write them."""
    old, new = parts(before), parts(after)
    added: list[Change] = []
    removed: list[Change] = []
    changed: list[Change] = []
    moved: list[Change] = []
    for kind, name in _KINDS:
        were, are = getattr(old, name), getattr(new, name)
        added += [Change(kind, key) for key in are if key not in were]
        removed += [Change(kind, key) for key in were if key not in are]
        for key in are:
            if key not in were or same(were[key], are[key]):
                continue
            fields = tuple(_fields("", were[key], are[key]))
            layout = all(field.path.split("/")[1] in _LAYOUT for field in fields)
            (moved if layout else changed).append(Change(kind, key, fields))
    return Difference(
        tuple(added), tuple(removed), tuple(changed), tuple(moved), _settings(old, new)
    )


def _settings(old: Parts, new: Parts) -> tuple[Field, ...]:
    before = {**old.meta, "vars": old.vars, "settings": old.settings}
    after = {**new.meta, "vars": new.vars, "settings": new.settings}
    whole = ("input", "output")  # schemas and templates are read as one
    return tuple(_fields("", before, after, whole))


def _fields(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any], whole: tuple[str, ...] = ()
) -> Iterator[Field]:
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = before.get(key), after.get(key)
        if (key in before) is (key in after) and same(was, now):
            continue
        place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if (
            isinstance(was, dict)
            and isinstance(now, dict)
            and key not in whole
            and key not in _LAYOUT
        ):
            yield from _fields(place, was, now)
        else:
            yield Field(place, was, now)
