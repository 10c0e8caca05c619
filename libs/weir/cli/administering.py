"""Tenants, people, groups, projects and keys on the command line: who is meant, lists, changes.

Whoever is meant is named by id, by name, or a person by their address. Changes
go on top of whatever is there: two people who type do not mean each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.client import API, Client
from weir.contract import ids
from weir.contract.errors import InvalidParameterError

NO_ROLE = "none"


class Kind(NamedTuple):
    """A kind of thing that has a name beside its id."""

    path: str
    prefix: str
    what: str


USER = Kind("/users", "usr", "member")
GROUP = Kind("/groups", "grp", "group")
PROJECT = Kind("/projects", "prj", "project")
ACCOUNT = Kind("/service-accounts", "svc", "service account")


class Meant(NamedTuple):
    """One of a kind, as somebody named it."""

    kind: Kind
    given: str


@dataclass(frozen=True, slots=True)
class Change:
    """A request. Its path has `{}` for whoever is meant, in this order."""

    method: str
    path: str
    done: str
    meant: Sequence[Meant] = ()
    body: Mapping[str, Any] | None = None
    roles: Sequence[str] = field(default_factory=tuple)  # NAME=ROLE of projects, into the body
    groups: Sequence[str] = field(default_factory=tuple)  # into the body


async def find(client: Client, meant: Meant) -> str:
    """The id; InvalidParameterError if the name is nobody's, or of several."""
    kind, given = meant
    if ids.is_id(given, kind.prefix):
        return given
    wanted = given.casefold()
    found = [
        str(item["id"])
        async for item in client.items(kind.path, {"name": given} if kind is USER else None)
        if wanted in {item["name"].casefold(), item.get("email")}
    ]
    if len(found) != 1:
        several = f"several of that name ({', '.join(found)}): say which by its id"
        raise InvalidParameterError(
            f"{given!r}: there {'is no such ' + kind.what if not found else 'are ' + several}."
        )
    return found[0]


async def roles(client: Client, given: Sequence[str]) -> dict[str, str]:
    """Roles by project from words like `orders=editor`."""
    found = {}
    for word in given:
        name, told, role = word.rpartition("=")
        if not told or not name or not role:
            raise InvalidParameterError(f"{word!r} is no role in a project: write orders=editor.")
        found[await find(client, Meant(PROJECT, name))] = role
    return found


def role_of(given: str) -> str | None:
    """A role as the API takes it; `none` takes it away."""
    return None if given == NO_ROLE else given


async def change(where: Named, asked: Change, *, as_json: bool) -> Code:
    """Do it, and say what came of it."""
    async with platform(where) as client:
        who = [await find(client, one) for one in asked.meant]
        body = dict(asked.body or {})
        if asked.roles:
            body["projects"] = await roles(client, asked.roles)
        if asked.groups:
            body["groups"] = [await find(client, Meant(GROUP, one)) for one in asked.groups]
        answer = await client.ask(
            asked.method,
            API + asked.path.format(*who),
            body=None if asked.body is None else body,
            headers={"If-Match": "*"},
        )
    told = answer.body if isinstance(answer.body, dict) else {"done": True}
    if not isinstance(answer.body, dict) and who:
        told["id"] = who[-1]
    if as_json:
        tell(told)
    else:
        console().print(asked.done.format(*(one.given for one in asked.meant), **told))
    return Code.OK


async def listed(  # noqa: PLR0913 - what a list is
    where: Named,
    path: str,
    columns: Sequence[str],
    *,
    meant: Sequence[Meant] = (),
    query: Mapping[str, str] | None = None,
    as_json: bool,
) -> Code:
    """All of a list, each as a line of these fields."""
    async with platform(where) as client:
        who = [await find(client, one) for one in meant]
        asked = {name: text for name, text in (query or {}).items() if text}
        items = [item async for item in client.items(path.format(*who), asked)]
    if as_json:
        tell({"items": items})
    elif items:
        rows = [[_text(item.get(name)) for name in columns] for item in items]
        titles = [name.replace("_", " ") for name in columns]
        console().print(table(titles, rows))
    else:
        console().print("none")
    return Code.OK


async def show(where: Named, path: str, *, meant: Sequence[Meant] = (), as_json: bool) -> Code:
    """One thing, field by field."""
    async with platform(where) as client:
        who = [await find(client, one) for one in meant]
        told = await client.get(path.format(*who))
    if as_json:
        tell(told)
    else:
        console().print(table(("", ""), [(name, _text(value)) for name, value in told.items()]))
    return Code.OK


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name}={_text(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    return str(value)
