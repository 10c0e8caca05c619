"""The commands of `weir dead-letters`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import MANY, ApiKey, AsJson, Many, Url

dead_letters = typer.Typer(
    help="List, show, retry and discard work that nobody does any more.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

LetterId = Annotated[
    str, typer.Argument(metavar="[LETTER]", help="The letter's id; without it all that fit.")
]
Workflow = Annotated[str, typer.Option(help="Only of this workflow, by id or name.")]
Run = Annotated[str, typer.Option(metavar="RUN", help="Only of this run.")]
Why = Annotated[
    str, typer.Option("--kind", help="Only for these reasons, with commas: poison,parked.")
]
ErrorCode = Annotated[str, typer.Option("--code", help="Only with these codes, with commas.")]
Reason = Annotated[str, typer.Option(help="Why; it is shown with the letter.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell which would be meant.")]


@dead_letters.command("list")
def listed(
    status: Annotated[
        str, typer.Option(help="In these states: open,retried,discarded,settled.")
    ] = "open",
    workflow: Workflow = "",
    run: Run = "",
    kind: Why = "",
    code: ErrorCode = "",
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=10_000, help="How many at most.")
    ] = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List dead letters, the last failure first."""
    from weir.cli.letters import Which, listed
    from weir.cli.place import Named

    which = Which(workflow, run, kind, code, status)
    leave(listed(Named(url, api_key), which, limit, as_json=as_json), as_json=as_json)


@dead_letters.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="LETTER", help="The letter's id.")],
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show a dead letter with what was to be done."""
    from weir.cli.letters import show
    from weir.cli.place import Named

    leave(show(Named(url, api_key), letter, as_json=as_json), as_json=as_json)


@dead_letters.command()
def retry(
    letter: LetterId = "",
    reason: Reason = "",
    version: Annotated[str, typer.Option(help="original, current, or a version's id.")] = "",
    workflow: Workflow = "",
    run: Run = "",
    kind: Why = "",
    code: ErrorCode = "",
    limit: Many = MANY,
    dry_run: DryRun = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Do it again: one letter, or the open ones that filters take."""
    from weir.cli.dealing import Meant
    from weir.cli.letters import Which, deal
    from weir.cli.place import Named

    body = {"reason": reason, **({"version": version} if version else {})}
    meant = Meant(letter, Which(workflow, run, kind, code, "open"), limit, dry_run)
    leave(deal(Named(url, api_key), "retry", meant, body, as_json=as_json), as_json=as_json)


@dead_letters.command()
def discard(
    reason: Annotated[str, typer.Option(help="Why; it is shown with the letter.")],
    letter: LetterId = "",
    workflow: Workflow = "",
    run: Run = "",
    kind: Why = "",
    code: ErrorCode = "",
    limit: Many = MANY,
    dry_run: DryRun = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Give it up: one letter, or the open ones that filters take."""
    from weir.cli.dealing import Meant
    from weir.cli.letters import Which, deal
    from weir.cli.place import Named

    meant = Meant(letter, Which(workflow, run, kind, code, "open"), limit, dry_run)
    work = deal(Named(url, api_key), "discard", meant, {"reason": reason}, as_json=as_json)
    leave(work, as_json=as_json)
