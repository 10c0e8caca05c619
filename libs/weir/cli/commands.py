"""The commands: their names, options and help. What each one does is in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weir.cli.access_commands import access, keys, tenants
from weir.cli.approval_commands import approvals
from weir.cli.audit_commands import audit
from weir.cli.credential_commands import credentials
from weir.cli.event_commands import events, subscriptions
from weir.cli.exits import leave
from weir.cli.letter_commands import dead_letters
from weir.cli.life_commands import life
from weir.cli.options import (
    ApiKey,
    AsJson,
    Attributes,
    InWorkflow,
    Labels,
    RunId,
    Search,
    Since,
    StartedSo,
    Status,
    Url,
)
from weir.cli.people_commands import administrators, groups, projects, service_accounts, users
from weir.cli.schedule_commands import schedules
from weir.cli.steer_commands import steer
from weir.cli.webhook_commands import webhooks

app = typer.Typer(
    name="weir",
    help="Durable workflows: check, publish, start and watch them. All but `up` have --json.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(approvals, name="approvals")
app.add_typer(audit, name="audit")
app.add_typer(credentials, name="credentials")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(events, name="events")
app.add_typer(subscriptions, name="subscriptions")
app.add_typer(groups, name="groups")
app.add_typer(keys, name="keys")
app.add_typer(projects, name="projects")
app.add_typer(schedules, name="schedules")
app.add_typer(administrators, name="administrators")
app.add_typer(service_accounts, name="service-accounts")
app.add_typer(tenants, name="tenants")
app.add_typer(users, name="users")
app.add_typer(webhooks, name="webhooks")
app.add_typer(access)
app.add_typer(life)
app.add_typer(steer)

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", exists=True, dir_okay=False, readable=True, help="YAML or JSON."
    ),
]


@app.command()
def up(
    memory: Annotated[bool, typer.Option("--memory", help="Keep nothing after the end.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where everything is kept (WEIR_DATA_DIR, .weir)."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on (WEIR_HTTP_HOST).")] = "",
    port: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Port to listen on, 0 for any (WEIR_HTTP_PORT, 8484)."),
    ] = None,
) -> None:
    """Start the whole platform in this process, with a NATS server and a Postgres of its own.

    Ctrl-C stops all of it. Every other setting is an environment variable or stands in weir.toml:
    `weir doctor` lists them.
    """
    from weir.cli.upping import start

    start(memory=memory, data_dir=data_dir, host=host, port=port)


@app.command()
def validate(files: Files, as_json: AsJson = False) -> None:
    """Check definitions, without a platform.

    Prints every problem with its file and line; the exit code is 1 if there is one.
    """
    from weir.cli.validating import validate

    leave(validate(files, as_json=as_json), as_json=as_json)


@app.command()
def apply(
    files: Files,
    note: Annotated[str, typer.Option(help="What to say about the new version.")] = "",
    project: Annotated[
        str, typer.Option(help="The project, by id or name, in which workflows are found and made.")
    ] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make the definitions in files the current versions of their workflows.

    A workflow is found by the `id` in its file, else by its name, else it is made. A definition
    with problems changes nothing. Addresses of webhooks are printed, a new signing secret once.
    """
    from weir.cli.applying import apply
    from weir.cli.place import Named

    leave(apply(Named(url, api_key), files, note, project, as_json=as_json), as_json=as_json)


@app.command()
def run(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="Its id or its exact name.")],
    given: Annotated[
        str, typer.Option("--input", help="The run's input: JSON, @FILE, or @- for standard input.")
    ] = "",
    wait: Annotated[
        str, typer.Option(metavar="TIME", help="Wait for the end at most so long, like 30s.")
    ] = "",
    key: Annotated[
        str, typer.Option(help="Idempotency key: the same key is the same run, within a day.")
    ] = "",
    trigger: Annotated[str, typer.Option(help="The trigger to fire, if there are several.")] = "",
    label: Labels = None,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Start a run.

    With --wait the exit code is 0 only if the run has succeeded in that time.
    """
    from weir.cli.place import Named
    from weir.cli.runs import Start, run

    start = Start(workflow, given, wait, key, trigger, label or ())
    leave(run(Named(url, api_key), start, as_json=as_json), as_json=as_json)


@app.command()
def watch(run_id: RunId, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Show a run as it goes on, step by step, until it ends.

    With --json each line is a frame of docs/reference/sockets.md. The exit code is 0 if the run
    has succeeded.
    """
    from weir.cli.place import Named
    from weir.cli.watching import watch

    leave(watch(Named(url, api_key), run_id, as_json=as_json), as_json=as_json)


@app.command()
def runs(
    workflow: InWorkflow = "",
    status: Status = "",
    trigger: StartedSo = "",
    since: Since = "",
    label: Labels = None,
    attribute: Attributes = None,
    search: Search = "",
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=10_000, help="How many at most.")
    ] = 20,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first."""
    from weir.cli.filters import Filters
    from weir.cli.place import Named
    from weir.cli.runs import runs

    filters = Filters(workflow, status, trigger, since, label or (), search, attribute or ())
    leave(runs(Named(url, api_key), filters, limit, as_json=as_json), as_json=as_json)


@app.command()
def logs(
    run_id: RunId,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")
    ] = False,
    step: Annotated[str, typer.Option(help="Only lines of this step.")] = "",
    level: Annotated[str, typer.Option(help="Only these levels, with commas: warning,error.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Print what the steps of a run wrote; with --json one line of it per line."""
    from weir.cli.lines import logs
    from weir.cli.place import Named

    filters = {"step": step, "level": level}
    work = logs(Named(url, api_key), run_id, filters, following=follow, as_json=as_json)
    leave(work, as_json=as_json)


@app.command("replay-state")
def replay_state(
    run_id: RunId,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare with what is shown, and prove the chain of the log."),
    ] = False,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a run's state again from log and archive, and print it as canonical JSON."""
    from weir.cli.place import Named
    from weir.cli.replaying import replay_state

    named = Named(url, api_key)
    leave(replay_state(named, run_id, check=check, as_json=as_json), as_json=as_json)


@app.command()
def routes(as_json: AsJson = False) -> None:
    """Print every HTTP route with the service that owns it and the permission it asks for."""
    from weir.cli.routing import routes

    raise typer.Exit(routes(as_json=as_json))


@app.command()
def doctor(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Print the effective settings, what can be reached, and what to do where it cannot."""
    from weir.cli.doctor import doctor
    from weir.cli.place import Named

    leave(doctor(Named(url, api_key), as_json=as_json), as_json=as_json)


@app.command()
def need(
    runs_per_day: Annotated[float, typer.Option(min=0, help="Runs on a usual day.")] = 1_000_000,
    runs_per_s: Annotated[
        float, typer.Option(min=0, help="Runs a second at the busiest; 0: by --peak.")
    ] = 0,
    peak: Annotated[
        float, typer.Option(min=1, help="How many times the mean the busiest minute is.")
    ] = 3,
    steps: Annotated[float, typer.Option(min=0, help="Inline steps of a run.")] = 3,
    tasks: Annotated[float, typer.Option(min=0, help="Steps of a run for executors.")] = 3,
    payload: Annotated[
        float, typer.Option(min=0, help="Bytes of input and outputs of a run together.")
    ] = 2_000,
    lasts: Annotated[str, typer.Option(help="How long a run goes on.")] = "10s",
    hot: Annotated[str, typer.Option(help="The setting hot_period.")] = "1h",
    remembered: Annotated[str, typer.Option(help="The setting idempotency_horizon.")] = "24h",
    keep: Annotated[float, typer.Option(min=0, help="Days that ended runs are kept.")] = 30,
    replicas: Annotated[int, typer.Option(min=1, max=5, help="NATS nodes.")] = 3,
    use: Annotated[
        float, typer.Option(min=0.05, max=1, help="How busy a core may be at the busiest.")
    ] = 0.6,
    as_json: AsJson = False,
) -> None:
    """Estimate processes, cores, memory and disk for a load, from what was measured."""
    from weir.cli.need import DAY_S, Load, show
    from weir.contract.times import duration_ms

    mean = runs_per_day / DAY_S
    try:
        lasts_s, hot_s, remembered_s = (
            duration_ms(each) / 1000 for each in (lasts, hot, remembered)
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    load = Load(
        runs_per_s=max(mean, runs_per_s or mean * peak),
        steps=steps,
        tasks=tasks,
        payload_bytes=payload,
        lasts_s=lasts_s,
        hot_s=hot_s,
        remembered_s=remembered_s,
        keep_days=keep,
        mean_per_s=mean,
        replicas=replicas,
        use=use,
    )
    raise typer.Exit(show(load, as_json=as_json))


@app.command("issue-key")
def issue_key(
    role: Annotated[str, typer.Option(help="admin, editor, operator or viewer.")] = "admin",
    name: Annotated[str, typer.Option(help="What lists call it.")] = "issued by hand",
    tenant: Annotated[str, typer.Option(help="Whose key it is.")] = "default",
    as_json: AsJson = False,
) -> None:
    """Make an API key and show it, once.

    For who runs the platform: it needs no key, but the platform's own way into NATS, which is read
    from the data directory or from WEIR_NATS_URL and WEIR_NATS_SEED_FILE.
    """
    from weir.cli.issuing import issue_key

    leave(issue_key(tenant, name, role, as_json=as_json), as_json=as_json)
