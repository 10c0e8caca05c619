"""`weir credentials`: what workflows sign in with, put in and never read back.

What a credential holds comes from a file or from standard input: arguments of
a process can be read by everybody on its machine, and shells keep them.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.client import API, ApiError, Client
from weir.contract.errors import InvalidJsonError, InvalidParameterError

STDIN = "-"
LOOK_S = 0.5


async def listed(where: Named, *, as_json: bool) -> Code:
    """List credentials by name, without what they hold."""
    async with platform(where) as client:
        items = [item async for item in client.items("/credentials")]
    if as_json:
        tell({"items": items})
    elif items:
        rows = [(item["name"], item["type"], item["updated_at"]) for item in items]
        console().print(table(("name", "type", "saved"), rows))
    else:
        console().print("no credentials")
    return Code.OK


@dataclass(frozen=True, slots=True)
class Given:
    """What a credential is to be. `source` is a file, - standard input; `field` its only field."""

    name: str
    kind: str
    source: str
    field: str


async def save(where: Named, given: Given, *, as_json: bool) -> Code:
    """Make the credential, or put new fields in the place of all it held."""
    fields = _fields(given.source, given.field)
    async with platform(where) as client:
        made, told = await _save(client, given.name, given.kind, fields)
    if as_json:
        tell({**told, "created": made})
    else:
        held = ", ".join(sorted(fields))
        done = "made" if made else "changed"
        console().print(f"{given.name} ({told['type']}) {done}: holds {held}")
    return Code.OK


async def delete(where: Named, name: str, *, force: bool, as_json: bool) -> Code:
    """Delete the credential; with `force` also one that workflows name."""
    path = _path(name) + ("?force=true" if force else "")
    async with platform(where) as client:
        await client.ask("DELETE", path, headers={"If-Match": "*"})
    if as_json:
        tell({"name": name, "deleted": True})
    else:
        console().print(f"{name} deleted")
    return Code.OK


async def try_it(where: Named, name: str, *, as_json: bool) -> Code:
    """Let a worker try the credential."""
    async with platform(where) as client:
        told = (await client.ask("POST", f"{_path(name)}/test")).body
    if as_json:
        tell(told)
    elif told["ok"]:
        console().print(f"{name}: {told['message']}", markup=False)
    else:
        console().print(f"{name}: {told['message']} ({told['code']})", markup=False)
    return Code.OK if told["ok"] else Code.FAILED


async def rotate(where: Named, *, fresh: bool, everywhere: bool, as_json: bool) -> Code:
    """Rotate the keys, and wait until every secret that can be opened lies under the newest."""
    path = f"{API}/credentials/rotation"
    async with platform(where) as client:
        body = {"fresh": fresh, "everywhere": everywhere}
        state = (await client.ask("POST", path, body=body)).body
        while state["stale"] > state["unreadable"] or state["to_wrap"]:
            await asyncio.sleep(LOOK_S)
            state = (await client.ask("GET", path)).body
    if as_json:
        tell(state)
    else:
        moved = state["secrets"] - state["stale"]
        console().print(
            f"{moved} secrets lie under the newest of {len(state['keys'])} data keys, all wrapped "
            f"by {state['provider']} ({state['provider_key']})",
            markup=False,
        )
        if state["unreadable"]:
            console().print(f"{state['unreadable']} secrets cannot be opened: save them again")
    return Code.FAILED if state["unreadable"] else Code.OK


async def _save(
    client: Client, name: str, kind: str, fields: dict[str, str]
) -> tuple[bool, dict[str, Any]]:
    """Whether it was made, and what the platform says of it."""
    body: dict[str, Any] = {"fields": fields, **({"type": kind} if kind else {})}
    try:
        changed = await client.ask("PUT", _path(name), body=body, headers={"If-Match": "*"})
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        if not kind:
            raise InvalidParameterError(
                f"There is no credential {name!r} yet: say with --type what it is for."
            ) from None
    else:
        return False, changed.body
    return True, await client.post("/credentials", {"name": name, **body})


def _path(name: str) -> str:
    return f"{API}/credentials/{quote(name, safe='')}"


def _fields(source: str, field: str) -> dict[str, str]:
    """What the credential is to hold: all fields as a JSON object, or the text of one."""
    data = _read(source, field)
    if field:
        try:
            return {field: data.decode().removesuffix("\n").removesuffix("\r")}
        except UnicodeDecodeError:
            raise InvalidParameterError(f"What {field} is to hold is no UTF-8 text.") from None
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        # Never what was read: it is a secret, or was meant to be one.
        raise InvalidJsonError(
            f"The fields are no JSON (line {error.lineno}, column {error.colno}): write "
            '{"token": "…"}, or name the one field with --field.'
        ) from None
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise InvalidParameterError('The fields are a JSON object of texts, like {"token": "…"}.')
    return value


def _read(source: str, field: str) -> bytes:
    if source != STDIN:
        try:
            return Path(source).read_bytes()
        except OSError as error:
            raise InvalidParameterError(f"{source} cannot be read: {error.strerror}.") from None
    if field and sys.stdin.isatty():
        return getpass.getpass(f"{field}: ").encode()
    return sys.stdin.buffer.read()
