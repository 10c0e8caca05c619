"""Telling a run something, and going on from one: signal, pause, decide, retry, fork and others."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from weir.cli.dealing import Meant, deal_with_all
from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.cli.place import Named, platform
from weir.cli.workflows import workflow_id
from weir.client import API
from weir.contract.errors import InvalidJsonError, InvalidParameterError

FILTERS = "--workflow, --status or another filter of `weir runs`"
AT_ONCE = 1_000  # runs that one request starts


async def told(  # noqa: PLR0913 - the parts of a wish
    where: Named, run_id: str, what: str, body: Mapping[str, Any], *, key: str, as_json: bool
) -> Code:
    """Record a wish; `what` is the end of its path."""
    async with platform(where) as client:
        answer = await client.ask(
            "POST",
            f"{API}/runs/{quote(run_id)}/{what}",
            body=dict(body),
            headers={"Idempotency-Key": key} if key else {},
        )
    if as_json:
        tell(answer.body)
    else:
        out = console()
        out.print(f"recorded; what comes of it shows in the run: weir watch {run_id}")
    return Code.OK


async def steer(
    where: Named, what: str, meant: Meant, body: Mapping[str, Any], *, as_json: bool
) -> Code:
    """Record the same wish about one run, or about all that filters take."""
    if meant.is_one("run", FILTERS):
        return await told(where, meant.one, what, body, key="", as_json=as_json)
    path = f"/runs:{what}"
    return await deal_with_all(where, path, meant, body, _recorded, as_json=as_json)


async def retry(where: Named, meant: Meant, version: str, *, key: str, as_json: bool) -> Code:
    """Retry one run, or all that filters take."""
    body = {"version": version}
    if meant.is_one("run", FILTERS, tries=True):
        body_of_one = {**body, "dry_run": meant.dry_run}
        return await again(where, meant.one, "retry", body_of_one, key=key, as_json=as_json)
    path = "/runs:retry"
    return await deal_with_all(where, path, meant, body, _goes_on, key=key, as_json=as_json)


async def about_step(  # noqa: PLR0913 - the parts of a wish
    where: Named,
    run_id: str,
    step: str,
    what: str,
    body: Mapping[str, Any],
    *,
    key: str,
    as_json: bool,
) -> Code:
    """The same about one of its steps."""
    path = f"steps/{quote(step, safe='')}/{what}"
    return await told(where, run_id, path, body, key=key, as_json=as_json)


async def again(  # noqa: PLR0913 - the parts of a wish
    where: Named, run_id: str, how: str, body: Mapping[str, Any], *, key: str, as_json: bool
) -> Code:
    """Retry or fork a run; says what will be repeated."""
    async with platform(where) as client:
        answer = await client.ask(
            "POST",
            f"{API}/runs/{quote(run_id)}/{how}",
            body=dict(body),
            headers={"Idempotency-Key": key} if key else {},
        )
    found = answer.body
    if as_json:
        tell(found)
        return Code.OK
    out = console()
    if found["run_id"] is None:
        out.print(f"would go on from {found['origin']['step']} with {found['version']}")
    else:
        out.print(f"{found['run_id']} goes on from {found['origin']['step']}")
    out.print(f"{found['carried']} steps are taken over and not executed again")
    for one in found["repeats"]:
        out.print(f"repeats {one['step']}  {one['node_type']}")
    if found["run_id"] is not None:
        out.print(f"weir watch {found['run_id']}")
    return Code.OK


def _recorded(item: Mapping[str, Any]) -> str:
    return str(item["run_id"])


def _goes_on(item: Mapping[str, Any]) -> str:
    new = item.get("new_run_id")
    return f"{item['run_id']} goes on as {new}" if new else str(item["run_id"])


async def batch(where: Named, workflow: str, file: str, key: str, *, as_json: bool) -> Code:
    """Start a run for each item of a file; FAILED if one was refused."""
    items = _items(file)
    answers: list[dict[str, Any]] = []
    async with platform(where) as client:
        named = await workflow_id(client, workflow)
        for first in range(0, len(items), AT_ONCE):
            answer = await client.ask(
                "POST",
                f"{API}/workflows/{named}/runs:batch",
                body={"items": items[first : first + AT_ONCE]},
                headers={"Idempotency-Key": f"{key}.{first}"} if key else {},
                timeout_s=120,
            )
            answers += answer.body["items"]
    refused = [one for one in answers if "error" in one]
    if as_json:
        tell({"items": answers})
    else:
        rows = [
            (
                str(place),
                one.get("run_id", ""),
                one.get("status", "refused"),
                "" if "error" not in one else f"{one['error']['code']}: {one['error']['message']}",
            )
            for place, one in enumerate(answers)
        ]
        console().print(table(("item", "run", "status", "why"), rows))
    return Code.FAILED if refused else Code.OK


def json_of(option: str, given: str) -> Any:
    """The JSON of an option: itself, @FILE, or @- for standard input."""
    if given == "@-":
        name, text = "standard input", sys.stdin.buffer.read()
    elif given.startswith("@"):
        name = given[1:]
        try:
            text = Path(name).read_bytes()
        except OSError as error:
            raise InvalidParameterError(f"{option}: {name} cannot be read: {error}.") from None
    else:
        name, text = option, given.encode()
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidJsonError(f"{name} is no JSON: {error}.") from None


def _items(file: str) -> list[dict[str, Any]]:
    """A JSON array, or one JSON value per line; a value without `input` is the input itself."""
    text = sys.stdin.read() if file == "-" else _read(file)
    if text.lstrip().startswith("["):
        values = json_of(file, text)
    else:
        values = [json_of(f"line {n}", line) for n, line in _lines(text)]
    known = {"input", "version", "trigger", "labels", "idempotency_key"}
    return [
        value
        if isinstance(value, dict) and "input" in value and value.keys() <= known
        else {"input": value}
        for value in values
    ]


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidParameterError(f"{file} cannot be read: {error}.") from None


def _lines(text: str) -> list[tuple[int, str]]:
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
