"""The commands of `weir subscriptions` and `weir events`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Url

subscriptions = typer.Typer(
    help="List, show, pause, resume and replay subscriptions to the bus.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
events = typer.Typer(
    help="Publish events on the tenant's bus.", no_args_is_help=True, rich_markup_mode=None
)

Subscription = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Its id.")]
Why = Annotated[str, typer.Option(help="Why; it is shown with the subscription.")]


@subscriptions.command("list")
def listed(
    workflow: Annotated[str, typer.Option(help="Only of this workflow, by id or name.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List subscriptions, with how far they have come and what waits."""
    from weir.cli.events import listed
    from weir.cli.place import Named

    leave(listed(Named(url, api_key), workflow, as_json=as_json), as_json=as_json)


@subscriptions.command()
def show(
    subscription: Subscription, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Show a subscription."""
    from weir.cli.events import show
    from weir.cli.place import Named

    leave(show(Named(url, api_key), subscription), as_json=as_json)


@subscriptions.command()
def pause(
    subscription: Subscription,
    reason: Why = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Start nothing for now; events wait."""
    from weir.cli.events import steer
    from weir.cli.place import Named

    body = {"reason": reason}
    work = steer(Named(url, api_key), subscription, "pause", body, as_json=as_json)
    leave(work, as_json=as_json)


@subscriptions.command()
def resume(
    subscription: Subscription, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Go on where it was paused."""
    from weir.cli.events import steer
    from weir.cli.place import Named

    work = steer(Named(url, api_key), subscription, "resume", None, as_json=as_json)
    leave(work, as_json=as_json)


@subscriptions.command()
def replay(
    subscription: Subscription,
    sequence: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, help="Begin with this event of the bus.")
    ] = 0,
    time: Annotated[
        str, typer.Option(metavar="TIME", help="Begin with events from then on (RFC 3339).")
    ] = "",
    reason: Why = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Begin again: each event from there on starts a run anew."""
    from weir.cli.events import steer
    from weir.cli.place import Named

    body: dict[str, str | int] = {"reason": reason}
    if sequence:
        body["sequence"] = sequence
    if time:
        body["time"] = time
    work = steer(Named(url, api_key), subscription, "replay", body, as_json=as_json)
    leave(work, as_json=as_json)


@events.command()
def publish(
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="Where to, without bus.<tenant>.")
    ],
    data: Annotated[str, typer.Argument(metavar="JSON", help="What it holds; - reads it.")] = "{}",
    event_id: Annotated[
        str, typer.Option("--id", help="The same id is the same event; fresh without it.")
    ] = "",
    kind: Annotated[str, typer.Option("--type", help="Makes it a CloudEvent of this type.")] = "",
    source: Annotated[str, typer.Option(help="Where the CloudEvent comes from.")] = "/weir/cli",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Publish an event."""
    from weir.cli.events import Event, publish
    from weir.cli.place import Named

    event = Event(subject, data, event_id, kind, source)
    leave(publish(Named(url, api_key), event, as_json=as_json), as_json=as_json)
