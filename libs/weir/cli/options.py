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
