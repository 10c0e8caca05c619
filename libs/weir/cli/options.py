"""Options that many commands have."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Url = Annotated[
    str,
    typer.Option(
        envvar="WEIR_URL", help="Address of the platform; empty finds the one that runs here."
    ),
]
ApiKey = Annotated[
    str,
    typer.Option(
        envvar="WEIR_API_KEY",
        help="API key; empty takes the one the platform here has left for this user.",
    ),
]

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
Reason = Annotated[str, typer.Option(help="Why; it is shown with the run.")]
Key = Annotated[
    str, typer.Option(help="Idempotency key: the same key is the same request, within a day.")
]
Version = Annotated[
    str, typer.Option(help="original: as the run has it; current; or a version's id.")
]
Labels = Annotated[
    list[str] | None, typer.Option("--label", metavar="NAME=VALUE", help="May be repeated.")
]
InWorkflow = Annotated[
    str, typer.Option("--workflow", help="Only of this workflow, by id or name.")
]
Status = Annotated[str, typer.Option(help="Only in these states, with commas: failed,cancelled.")]
StartedSo = Annotated[str, typer.Option("--trigger", help="Only started so: webhook, manual, api.")]
Since = Annotated[
    str, typer.Option(metavar="TIME", help="Only since: 2h, 7d, or a time in RFC 3339.")
]
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attribute", metavar="NAME=VALUE", help="A search attribute; may be repeated."),
]
Search = Annotated[str, typer.Option(help="Part of an id or of a workflow's name.")]

MANY = 1_000  # as many as one request deals with
Many = Annotated[
    int,
    typer.Option("--limit", metavar="NUMBER", min=1, max=MANY, help="How many at most, of those."),
]
