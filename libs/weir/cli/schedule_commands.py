"""The commands of `weir schedules`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, InWorkflow, Url

schedules = typer.Typer(
    help="List, show, make, pause and run schedules, and answer times again that lie behind.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ScheduleId = Annotated[str, typer.Argument(metavar="SCHEDULE", help="The schedule's id.")]
Note = Annotated[str, typer.Option(help="Why; it is shown with the schedule.")]
Most = Annotated[
    int, typer.Option("--limit", metavar="NUMBER", min=1, max=10_000, help="How many at most.")
]
Overlap = Annotated[
    str,
    typer.Option(
        help="How its runs meet others: skip, buffer_one, buffer_all, cancel_other, "
        "terminate_other, allow."
    ),
]


@schedules.command("list")
def listed(
    workflow: InWorkflow = "",
    limit: Most = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List schedules with their next times."""
    from weir.cli.place import Named
    from weir.cli.schedules import listed

    leave(listed(Named(url, api_key), workflow, limit, as_json=as_json), as_json=as_json)


@schedules.command()
def show(
    schedule: ScheduleId, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Show a schedule, its next ten times and what became of the last ten."""
    from weir.cli.place import Named
    from weir.cli.schedules import show

    leave(show(Named(url, api_key), schedule, as_json=as_json), as_json=as_json)


@schedules.command("next")
def upcoming(
    schedule: ScheduleId,
    count: Annotated[int, typer.Option(metavar="NUMBER", min=1, max=100, help="How many.")] = 10,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Print the next times, also of a schedule that is paused."""
    from weir.cli.place import Named
    from weir.cli.schedules import upcoming

    leave(upcoming(Named(url, api_key), schedule, count, as_json=as_json), as_json=as_json)


@schedules.command()
def fires(
    schedule: ScheduleId,
    outcome: Annotated[
        str, typer.Option(help="Only these: fired, skipped, queued or refused.")
    ] = "",
    limit: Most = 50,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List what became of the last times, and why no run began where none did."""
    from weir.cli.place import Named
    from weir.cli.schedules import fires

    where = Named(url, api_key)
    leave(fires(where, schedule, outcome, limit, as_json=as_json), as_json=as_json)


@schedules.command()
def create(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="Its id or name.")],
    name: Annotated[str, typer.Option(help="What to call the schedule.")],
    cron: Annotated[str, typer.Option(help="Five fields, or @daily and its like.")] = "",
    timezone: Annotated[str, typer.Option(help="For --cron: a name like Europe/Berlin.")] = "",
    every: Annotated[str, typer.Option(help="An interval like 15m.")] = "",
    at: Annotated[str, typer.Option(metavar="TIME", help="One time, in RFC 3339.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="No time after this one.")] = "",
    overlap: Overlap = "skip",
    catch_up: Annotated[
        str, typer.Option(help="How late a time may be made up for after an outage.")
    ] = "1h",
    jitter: Annotated[str, typer.Option(help="Runs begin up to so much later.")] = "0s",
    given: Annotated[str, typer.Option("--input", metavar="JSON", help="What runs get.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a schedule on a workflow, beside those of its trigger nodes."""
    from weir.cli.place import Named
    from weir.cli.schedules import create

    asked = {
        "name": name,
        "cron": cron,
        "timezone": timezone,
        "every": every,
        "at": at,
        "until": until,
        "overlap": overlap,
        "catch_up": catch_up,
        "jitter": jitter,
    }
    body = {field: text for field, text in asked.items() if text}
    leave(create(Named(url, api_key), workflow, body, given, as_json=as_json), as_json=as_json)


@schedules.command()
def delete(
    schedule: ScheduleId, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Delete a schedule that is no trigger node's."""
    from weir.cli.place import Named
    from weir.cli.schedules import delete

    leave(delete(Named(url, api_key), schedule, as_json=as_json), as_json=as_json)


@schedules.command()
def pause(
    schedule: ScheduleId,
    note: Note = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Pause a schedule: no time of its calendar is answered."""
    from weir.cli.place import Named
    from weir.cli.schedules import set_paused

    work = set_paused(Named(url, api_key), schedule, "pause", note, as_json=as_json)
    leave(work, as_json=as_json)


@schedules.command()
def resume(
    schedule: ScheduleId,
    note: Note = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Let a schedule go on; what lay in the pause is not made up for."""
    from weir.cli.place import Named
    from weir.cli.schedules import set_paused

    work = set_paused(Named(url, api_key), schedule, "resume", note, as_json=as_json)
    leave(work, as_json=as_json)


@schedules.command()
def trigger(
    schedule: ScheduleId,
    overlap: Overlap = "allow",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Begin a run now, be the schedule paused or not."""
    from weir.cli.place import Named
    from weir.cli.schedules import ask

    body = {"overlap": overlap}
    leave(ask(Named(url, api_key), schedule, "trigger", body, as_json=as_json), as_json=as_json)


@schedules.command()
def backfill(
    schedule: ScheduleId,
    after: Annotated[str, typer.Option(metavar="TIME", help="Times after this one …")],
    upto: Annotated[str, typer.Option(metavar="TIME", help="… up to and with this one.")],
    overlap: Overlap = "buffer_all",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Answer the times of a range again that lies behind."""
    from weir.cli.place import Named
    from weir.cli.schedules import ask

    body = {"after": after, "upto": upto, "overlap": overlap}
    leave(ask(Named(url, api_key), schedule, "backfill", body, as_json=as_json), as_json=as_json)
