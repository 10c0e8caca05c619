"""The commands of `weir approvals`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Url

approvals = typer.Typer(
    help="List, show and decide what people are asked in runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ApprovalId = Annotated[str, typer.Argument(metavar="APPROVAL", help="Its id, apr_….")]
Comment = Annotated[str, typer.Option(help="Why; it is shown with the approval.")]


@approvals.command("list")
def listed(
    status: Annotated[
        str, typer.Option(help="In these states: open,decided,expired,withdrawn, or over.")
    ] = "open",
    mine: Annotated[bool, typer.Option("--mine", help="Only what waits for you.")] = False,
    run: Annotated[str, typer.Option(metavar="RUN", help="Only of this run.")] = "",
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=10_000, help="How many at most.")
    ] = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List approvals, the newest first."""
    from weir.cli.approvals import Which, listed
    from weir.cli.place import Named

    which = Which(status, mine, run)
    leave(listed(Named(url, api_key), which, limit, as_json=as_json), as_json=as_json)


@approvals.command()
def show(
    approval: ApprovalId, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Show what is asked, how each voted and what happened."""
    from weir.cli.approvals import show
    from weir.cli.place import Named

    leave(show(Named(url, api_key), approval, as_json=as_json), as_json=as_json)


@approvals.command()
def decide(
    approval: ApprovalId,
    option: Annotated[str, typer.Argument(metavar="OPTION", help="approved, rejected, ….")],
    comment: Comment = "",
    values: Annotated[str, typer.Option(metavar="JSON", help="What the form asks for.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Decide, in the name of whose key it is; the first decision counts."""
    from weir.cli.approvals import change, given
    from weir.cli.place import Named

    body = {"option": option, "comment": comment, **given(values)}
    work = change(Named(url, api_key), approval, "decision", body, as_json=as_json)
    leave(work, as_json=as_json)


@approvals.command()
def comment(
    approval: ApprovalId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Say something."""
    from weir.cli.approvals import change
    from weir.cli.place import Named

    work = change(Named(url, api_key), approval, "comments", {"text": text}, as_json=as_json)
    leave(work, as_json=as_json)


@approvals.command()
def delegate(
    approval: ApprovalId,
    to: Annotated[str, typer.Argument(metavar="MEMBER", help="Address or id of a member.")],
    comment: Comment = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Hand your part to another member."""
    from weir.cli.approvals import change
    from weir.cli.place import Named

    body = {"to": to, "comment": comment}
    work = change(Named(url, api_key), approval, "delegation", body, as_json=as_json)
    leave(work, as_json=as_json)


@approvals.command()
def reassign(
    approval: ApprovalId,
    assignees: Annotated[
        list[str],
        typer.Argument(metavar="WHO...", help="user:…, group:…, role:…: all who are asked."),
    ],
    comment: Comment = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Ask others from now on; for whoever may steer the run."""
    from weir.cli.approvals import change
    from weir.cli.place import Named

    body = {"assignees": assignees, "comment": comment}
    work = change(Named(url, api_key), approval, "assignees", body, as_json=as_json)
    leave(work, as_json=as_json)


@approvals.command()
def withdraw(
    approval: ApprovalId,
    reason: Annotated[str, typer.Option(help="Why; the step fails with it.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Ask no more; for whoever may steer the run."""
    from weir.cli.approvals import change
    from weir.cli.place import Named

    work = change(Named(url, api_key), approval, "withdrawal", {"reason": reason}, as_json=as_json)
    leave(work, as_json=as_json)
