"""The commands that steer one run, or all that filters take; what they do is in `life`."""

from __future__ import annotations

from typing import Annotated

import typer

from weir.cli.exits import leave
from weir.cli.options import (
    MANY,
    ApiKey,
    AsJson,
    Attributes,
    InWorkflow,
    Key,
    Labels,
    Many,
    Reason,
    Search,
    Since,
    StartedSo,
    Status,
    Url,
    Version,
)

steer = typer.Typer()

OneRun = Annotated[
    str, typer.Argument(metavar="[RUN]", help="The run's id; without it all that filters take.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="With filters: only tell which runs are meant.")
]


@steer.command()
def cancel(
    run_id: OneRun = "",
    reason: Reason = "",
    terminate: Annotated[
        bool, typer.Option("--terminate", help="At once, and nothing is undone.")
    ] = False,
    workflow: InWorkflow = "",
    status: Status = "",
    trigger: StartedSo = "",
    since: Since = "",
    label: Labels = None,
    attribute: Attributes = None,
    search: Search = "",
    limit: Many = MANY,
    dry_run: DryRun = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Record the wish that runs end, after undoing what can be undone; it shows in the run.

    Name one run, or filters: then all of those that have not ended. The exit code is 1 if one of
    them was refused.
    """
    from weir.cli.dealing import Meant
    from weir.cli.filters import Filters
    from weir.cli.life import steer
    from weir.cli.place import Named

    which = Filters(workflow, status, trigger, since, label or (), search, attribute or ())
    meant = Meant(run_id, which, limit, dry_run)
    body = {"reason": reason, "mode": "terminate" if terminate else "graceful"}
    leave(steer(Named(url, api_key), "cancel", meant, body, as_json=as_json), as_json=as_json)


@steer.command()
def pause(
    run_id: OneRun = "",
    reason: Reason = "",
    workflow: InWorkflow = "",
    status: Status = "",
    trigger: StartedSo = "",
    since: Since = "",
    label: Labels = None,
    attribute: Attributes = None,
    search: Search = "",
    limit: Many = MANY,
    dry_run: DryRun = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Record the wish that runs stand still: what runs ends, nothing new begins.

    Name one run, or filters: then all of those that go on. The exit code is 1 if one of them was
    refused.
    """
    from weir.cli.dealing import Meant
    from weir.cli.filters import Filters
    from weir.cli.life import steer
    from weir.cli.place import Named

    which = Filters(workflow, status, trigger, since, label or (), search, attribute or ())
    meant = Meant(run_id, which, limit, dry_run)
    body = {"reason": reason}
    leave(steer(Named(url, api_key), "pause", meant, body, as_json=as_json), as_json=as_json)


@steer.command()
def resume(
    run_id: OneRun = "",
    workflow: InWorkflow = "",
    status: Status = "",
    trigger: StartedSo = "",
    since: Since = "",
    label: Labels = None,
    attribute: Attributes = None,
    search: Search = "",
    limit: Many = MANY,
    dry_run: DryRun = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Record the wish that runs which stand still go on.

    Name one run, or filters: then all of those that are paused. The exit code is 1 if one of them
    was refused.
    """
    from weir.cli.dealing import Meant
    from weir.cli.filters import Filters
    from weir.cli.life import steer
    from weir.cli.place import Named

    which = Filters(workflow, status, trigger, since, label or (), search, attribute or ())
    meant = Meant(run_id, which, limit, dry_run)
    leave(steer(Named(url, api_key), "resume", meant, {}, as_json=as_json), as_json=as_json)


@steer.command()
def retry(
    run_id: OneRun = "",
    version: Version = "original",
    key: Key = "",
    workflow: InWorkflow = "",
    status: Status = "",
    trigger: StartedSo = "",
    since: Since = "",
    label: Labels = None,
    attribute: Attributes = None,
    search: Search = "",
    limit: Many = MANY,
    dry_run: DryRun = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Go on from what failed, in a new run; what ended well is not done again.

    Name one run, or filters: then all of those that failed or were cancelled. The exit code is 1
    if one of them was refused. --dry-run tells of one run what would be repeated.
    """
    from weir.cli.dealing import Meant
    from weir.cli.filters import Filters
    from weir.cli.life import retry
    from weir.cli.place import Named

    which = Filters(workflow, status, trigger, since, label or (), search, attribute or ())
    meant = Meant(run_id, which, limit, dry_run)
    leave(retry(Named(url, api_key), meant, version, key=key, as_json=as_json), as_json=as_json)
