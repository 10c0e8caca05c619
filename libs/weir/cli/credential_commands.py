"""The commands of `weir credentials`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Url

credentials = typer.Typer(
    help="List, set and delete the credentials that workflows sign in with.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As definitions name it.")]


@credentials.command("list")
def listed(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """List credentials: names and types, never what they hold."""
    from weir.cli.credentials import listed
    from weir.cli.place import Named

    leave(listed(Named(url, api_key), as_json=as_json), as_json=as_json)


@credentials.command("set")
def save(
    name: Name,
    kind: Annotated[
        str, typer.Option("--type", help="What it is for, like http or postgres; once it is made.")
    ] = "",
    source: Annotated[
        str, typer.Option("--from", metavar="FILE", help="Where the fields are; - is the input.")
    ] = "-",
    field: Annotated[
        str, typer.Option(help="The one field that all that is read belongs to.")
    ] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a credential, or replace all that one holds.

    The fields are read from standard input or a file, never from the command line: a JSON object
    of texts, or with --field the text of a single one, without the newline at its end. On a
    terminal that is asked for without being shown.
    """
    from weir.cli.credentials import Given, save
    from weir.cli.place import Named

    given = Given(name, kind, source, field)
    leave(save(Named(url, api_key), given, as_json=as_json), as_json=as_json)


@credentials.command()
def delete(name: Name, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Delete a credential; steps that use it fail from now on."""
    from weir.cli.credentials import delete
    from weir.cli.place import Named

    leave(delete(Named(url, api_key), name, as_json=as_json), as_json=as_json)
