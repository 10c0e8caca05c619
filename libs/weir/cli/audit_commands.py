"""The commands of `weir audit`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Url

audit = typer.Typer(
    help="Who did what: list, export, and check that nothing was changed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Actor = Annotated[str, typer.Option(metavar="ID", help="Only what this principal did.")]
Event = Annotated[str, typer.Option(help="Only events that begin so: workflow., user.signed_in.")]
Resource = Annotated[str, typer.Option(metavar="ID", help="Only what was done to this.")]
Outcome = Annotated[str, typer.Option(help="Only these: allowed, denied or failed.")]
From = Annotated[str, typer.Option("--from", metavar="TIME", help="At this time or later.")]
Before = Annotated[str, typer.Option("--to", metavar="TIME", help="Before this time.")]
Text = Annotated[str, typer.Option(help="Only with these words; inv* is a beginning.")]
Installation = Annotated[
    bool, typer.Option("--installation", help="What belongs to no tenant instead.")
]


@audit.command("list")
def listed(
    actor: Actor = "",
    event: Event = "",
    resource: Resource = "",
    outcome: Outcome = "",
    start: From = "",
    end: Before = "",
    text: Text = "",
    installation: Installation = False,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=10_000, help="How many at most.")
    ] = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List what happened, the newest first."""
    from weir.cli.auditing import listed, which
    from weir.cli.place import Named

    asked = which((actor, event, resource, outcome, start, end, text), installation=installation)
    leave(listed(Named(url, api_key), asked, limit, as_json=as_json), as_json=as_json)


@audit.command()
def export(
    actor: Actor = "",
    event: Event = "",
    resource: Resource = "",
    outcome: Outcome = "",
    start: From = "",
    end: Before = "",
    text: Text = "",
    installation: Installation = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Print what happened as JSON lines, the oldest first."""
    from weir.cli.auditing import export, which
    from weir.cli.place import Named

    asked = which((actor, event, resource, outcome, start, end, text), installation=installation)
    leave(export(Named(url, api_key), asked), as_json=as_json)


@audit.command()
def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER:DIGEST", help="As an earlier check printed it; may be repeated."
        ),
    ] = None,
    installation: Installation = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Check the whole chain; exits with 1 where it was changed or cut."""
    from weir.cli.auditing import verify
    from weir.cli.place import Named

    work = verify(Named(url, api_key), anchor or [], installation=installation, as_json=as_json)
    leave(work, as_json=as_json)
