"""`weir apply`: the definition in a file becomes the current version of its workflow.

The workflow is the one the file names by `id`, else the one of the same name,
else a new one; where a project is named, the last two are meant in it. A
definition with problems changes nothing; what is there already is left alone,
so applying twice is applying once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from weir.cli.administering import PROJECT, Meant, find
from weir.cli.definitions import Source, read
from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.cli.place import Named, platform
from weir.cli.validating import by_line, line_of
from weir.cli.workflows import named, only
from weir.client import API, Client
from weir.contract.errors import DefinitionInvalidError


async def apply(
    where: Named, files: Sequence[Path], note: str, project: str, *, as_json: bool
) -> Code:
    """Apply the files in order; the first that is refused ends it."""
    sources = [read(file) for file in files]
    done: list[dict[str, Any]] = []
    try:
        async with platform(where) as client:
            within = await find(client, Meant(PROJECT, project)) if project else ""
            for source in sources:
                done.append(await apply_one(client, source, note, within))
                if not as_json:
                    _show(client.url, done[-1])
    except DefinitionInvalidError as error:
        if not as_json:
            for problem in error.details["errors"]:
                console().print(line_of(problem))
        raise
    if as_json:
        tell({"applied": done})
    return Code.OK


async def apply_one(
    client: Client, source: Source, note: str = "", project: str = ""
) -> dict[str, Any]:
    """Save and publish one definition; what publishing answered, with what was done.

    DefinitionInvalidError holds every problem with file and line.
    """
    verdict = await client.post("/workflows/validate", source.definition)
    if not verdict["valid"]:
        problems = by_line(source.located(problem) for problem in verdict["errors"])
        raise DefinitionInvalidError(
            f"{source.file} has {len(problems)} problem{'' if len(problems) == 1 else 's'}; "
            "nothing was changed.",
            details={"errors": problems},
        )
    workflow, done = await _save(client, source, {"project": project} if project else {})
    published = await client.ask(
        "POST",
        f"{API}/workflows/{workflow['id']}/versions",
        body={"note": note},
        headers={"If-Match": f'"{workflow["revision"]}"'},
    )
    told = published.body
    if done == "unchanged" and told["created"]:
        done = "updated"
    return {
        "file": str(source.file),
        "name": source.definition["name"],
        "done": done,
        **told,
        "warnings": [source.located(problem) for problem in told["warnings"]],
    }


async def _save(
    client: Client, source: Source, place: dict[str, str]
) -> tuple[dict[str, Any], str]:
    found = await _find(client, source, place)
    if found is None:
        return await client.post("/workflows", source.definition, place), "created"
    path = f"{API}/workflows/{found['id']}"
    there = (await client.ask("GET", path)).body
    if there["definition"] == source.definition:
        return there, "unchanged"
    etag = {"If-Match": f'"{there["revision"]}"'}
    saved = await client.ask("PUT", path, body=source.definition, headers=etag)
    return saved.body, "updated"


async def _find(client: Client, source: Source, place: dict[str, str]) -> dict[str, Any] | None:
    if source.id:
        found: dict[str, Any] = await client.get(f"/workflows/{source.id}")
        return found
    name = source.definition["name"]
    same = await named(client, name, place)
    return only(same, name) if same else None


def _show(url: str, told: dict[str, Any]) -> None:
    out = console()
    out.print(f"{told['name']} ({told['workflow_id']}) {told['done']}: version {told['number']}")
    for problem in told["warnings"]:
        out.print(line_of(problem, warning=True))
    for hook in told["webhooks"]:
        off = "" if hook["enabled"] else ", switched off"
        out.print(f"  webhook {hook['node']} ({hook['scheme']}{off}): {url}{hook['path']}")
        if hook.get("secret"):
            out.print(f"    its signing secret, shown this once: {hook['secret']}")
