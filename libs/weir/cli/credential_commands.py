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
        str, typer.Option("--type", help="Like bearer, postgres or custom; once it is made.")
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
def delete(
    name: Name,
    force: Annotated[
        bool, typer.Option("--force", help="Also one that workflows name; their steps fail then.")
    ] = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Delete a credential that no workflow names."""
    from weir.cli.credentials import delete
    from weir.cli.place import Named

    leave(delete(Named(url, api_key), name, force=force, as_json=as_json), as_json=as_json)


@credentials.command("test")
def try_it(name: Name, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Let a worker sign in with a credential, and say what came of it."""
    from weir.cli.credentials import try_it
    from weir.cli.place import Named

    leave(try_it(Named(url, api_key), name, as_json=as_json), as_json=as_json)


@credentials.command()
def rotate(
    fresh: Annotated[
        bool,
        typer.Option("--fresh/--wrap", help="Make a new data key, or only wrap the old ones anew."),
    ] = True,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="For all tenants of the installation.")
    ] = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Rotate the keys that secrets are sealed under, and wait until all lie under the newest.

    Runs and webhooks go on meanwhile. What is broken off goes on by itself.
    """
    from weir.cli.credentials import rotate
    from weir.cli.place import Named

    where = Named(url, api_key)
    leave(rotate(where, fresh=fresh, everywhere=everywhere, as_json=as_json), as_json=as_json)
