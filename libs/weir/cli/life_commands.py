"""The commands that tell a run something, or go on from one; what they do is in `life`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Key, Reason, RunId, Url, Version

life = typer.Typer()

Step = Annotated[
    str, typer.Argument(metavar="STEP", help="A step's path, such as notify or each[3]/notify.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only tell what would be repeated; start nothing.")
]


@life.command()
def signal(
    run_id: RunId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the waiting step calls it.")],
    payload: Annotated[
        str, typer.Option(help="What the step gets: JSON, @FILE, or @- for standard input.")
    ] = "null",
    signal_id: Annotated[
        str, typer.Option("--id", help="The same id is the same signal, however often sent.")
    ] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Send a signal to a run; it is kept until a step waits for it."""
    from weir.cli.exits import refusing
    from weir.cli.life import json_of, told
    from weir.cli.place import Named

    with refusing(as_json=as_json):
        body = {"name": name, "payload": json_of("--payload", payload)}
    if signal_id:
        body["id"] = signal_id
    leave(
        told(Named(url, api_key), run_id, "signals", body, key="", as_json=as_json),
        as_json=as_json,
    )


@life.command()
def decide(
    run_id: RunId,
    step: Step,
    decision: Annotated[
        Literal["retry", "skip", "fail"],
        typer.Argument(metavar="DECISION", help="retry, skip or fail."),
    ],
    output: Annotated[
        str, typer.Option(help="For skip: what the step yields, as JSON, @FILE or @-.")
    ] = "null",
    reason: Reason = "",
    key: Key = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Decide about a failed step that waits for a person."""
    from weir.cli.exits import refusing
    from weir.cli.life import about_step, json_of
    from weir.cli.place import Named

    with refusing(as_json=as_json):
        value = json_of("--output", output)
    body = {"decision": decision, "output": value, "reason": reason}
    work = about_step(Named(url, api_key), run_id, step, "decision", body, key=key, as_json=as_json)
    leave(work, as_json=as_json)


@life.command()
def deadline(
    run_id: RunId,
    step: Step,
    due_at: Annotated[
        str, typer.Argument(metavar="TIME", help="RFC 3339; in the past it ends the wait now.")
    ],
    key: Key = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Give a waiting step another time."""
    from weir.cli.life import about_step
    from weir.cli.place import Named

    body = {"due_at": due_at}
    work = about_step(Named(url, api_key), run_id, step, "deadline", body, key=key, as_json=as_json)
    leave(work, as_json=as_json)


@life.command()
def fork(
    run_id: RunId,
    step: Step,
    given: Annotated[
        str,
        typer.Option("--input", help="Another input: JSON, @FILE, or @- for standard input."),
    ] = "",
    version: Version = "original",
    dry_run: DryRun = False,
    key: Key = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Go on from any step in a new run; the steps before it are not executed again."""
    from weir.cli.exits import refusing
    from weir.cli.life import again, json_of
    from weir.cli.place import Named

    body = {"step": step, "version": version, "dry_run": dry_run}
    if given:
        with refusing(as_json=as_json):
            body["input"] = json_of("--input", given)
    work = again(Named(url, api_key), run_id, "fork", body, key=key, as_json=as_json)
    leave(work, as_json=as_json)


@life.command()
def batch(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="Its id or its exact name.")],
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A JSON array, or JSON lines; - for standard input."),
    ],
    key: Key = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Start a run for each item of a file: an input, or what starts take (`input`, `labels`, …).

    The exit code is 1 if one of them was refused.
    """
    from weir.cli.life import batch
    from weir.cli.place import Named

    leave(batch(Named(url, api_key), workflow, file, key, as_json=as_json), as_json=as_json)
