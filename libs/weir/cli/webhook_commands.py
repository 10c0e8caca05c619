"""The commands of `weir webhooks`: names, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import MANY, ApiKey, AsJson, InWorkflow, Key, Many, Url

webhooks = typer.Typer(
    help="List webhooks, show what was delivered to them, deliver again, and try them out.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WebhookId = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook's id.")]
Verdict = Annotated[
    str,
    typer.Option(help="Only what became this, with commas: accepted,duplicate,filtered,refused."),
]
ErrorCode = Annotated[str, typer.Option("--code", help="Only refused with these, with commas.")]
Sender = Annotated[str, typer.Option("--delivery-id", help="Only with this id of the sender's.")]
Limit = Annotated[
    int, typer.Option("--limit", metavar="NUMBER", min=1, max=10_000, help="How many at most.")
]
Body = Annotated[str, typer.Option(help="The body as JSON text.")]
BodyFile = Annotated[
    Path | None,
    typer.Option("--file", exists=True, dir_okay=False, readable=True, help="The body, as it is."),
]
Headers = Annotated[
    list[str] | None, typer.Option("--header", metavar="NAME=VALUE", help="May be repeated.")
]
Method = Annotated[str, typer.Option(help="POST without it.")]


@webhooks.command("list")
def listed(
    workflow: InWorkflow = "",
    limit: Limit = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List webhooks with their addresses."""
    from weir.cli.place import Named
    from weir.cli.webhooks import listed

    leave(listed(Named(url, api_key), workflow, limit, as_json=as_json), as_json=as_json)


@webhooks.command()
def deliveries(
    webhook: WebhookId,
    verdict: Verdict = "",
    code: ErrorCode = "",
    delivery_id: Sender = "",
    limit: Limit = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List what was delivered, the newest first."""
    from weir.cli.place import Named
    from weir.cli.webhooks import Which, deliveries

    which = Which(verdict, code, delivery_id)
    leave(deliveries(Named(url, api_key), webhook, which, limit, as_json=as_json), as_json=as_json)


@webhooks.command()
def show(
    webhook: WebhookId,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")],
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show a delivery with headers, body and replays."""
    from weir.cli.place import Named
    from weir.cli.webhooks import show

    leave(show(Named(url, api_key), webhook, delivery, as_json=as_json), as_json=as_json)


@webhooks.command()
def replay(
    webhook: WebhookId,
    delivery: Annotated[
        str, typer.Argument(metavar="[DELIVERY]", help="Its id; without it all that fit.")
    ] = "",
    verdict: Verdict = "",
    code: ErrorCode = "",
    delivery_id: Sender = "",
    version: Annotated[str, typer.Option(help="original, current, or a version's id.")] = "",
    ignore_filter: Annotated[
        bool, typer.Option("--ignore-filter", help="Whatever the filter says.")
    ] = False,
    unverified: Annotated[
        bool,
        typer.Option("--unverified", help="Also what was never proved to be the sender's."),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; it is in the audit.")] = "",
    key: Key = "",
    limit: Many = MANY,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell which would be meant.")
    ] = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a delivery once more in a new run, or all that the filters take."""
    from weir.cli.dealing import Meant
    from weir.cli.place import Named
    from weir.cli.webhooks import Which, replay

    body = {
        "reason": reason,
        "ignore_filter": ignore_filter,
        "unverified": unverified,
        **({"version": version} if version else {}),
    }
    meant = Meant(delivery, Which(verdict, code, delivery_id), limit, dry_run)
    work = replay(Named(url, api_key), webhook, meant, body, key, as_json=as_json)
    leave(work, as_json=as_json)


@webhooks.command("test")
def send_test(
    webhook: WebhookId,
    body: Body = "",
    file: BodyFile = None,
    header: Headers = None,
    method: Method = "",
    delivery_id: Annotated[str, typer.Option(help="The sender's id; a fresh one without.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Send a sample the way of every delivery; its run says that it is a test."""
    from weir.cli.place import Named
    from weir.cli.webhooks import Sample, tried

    sample = Sample(body, file, header or [], method, delivery_id)
    leave(tried(Named(url, api_key), webhook, "test", sample, as_json=as_json), as_json=as_json)


@webhooks.command()
def simulate(
    webhook: WebhookId,
    body: Body = "",
    file: BodyFile = None,
    header: Headers = None,
    method: Method = "",
    delivery_id: Annotated[str, typer.Option(help="The sender's id; a fresh one without.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Judge a sample: verdict and filter, without a run."""
    from weir.cli.place import Named
    from weir.cli.webhooks import Sample, tried

    sample = Sample(body, file, header or [], method, delivery_id)
    work = tried(Named(url, api_key), webhook, "simulate", sample, as_json=as_json)
    leave(work, as_json=as_json)
