"""Prints the pages of docs/reference that come from the code; `--check` compares instead."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs import contract
from services.embedded import audit_reference, roles_reference, routes
from weir import settings_shown
from weir.cli import reference as commands
from weir.core import definition
from weir.core.expressions import reference as expressions
from weir.nodes import reference as nodes
from weir.nodes.credentials import reference as credential_types
from weir.runtime import metrics

HERE = Path(__file__).resolve().parent

PAGES: Mapping[str, Callable[[], str]] = {
    "../proto/weir/v1/definition.schema.json": definition.schema_text,
    "reference/audit.md": audit_reference.reference,
    "reference/asyncapi.json": contract.asyncapi_text,
    "reference/cli.md": commands.reference,
    "reference/credential-types.md": credential_types.reference,
    "reference/events.md": contract.events_page,
    "reference/expressions.md": expressions.reference,
    "reference/settings.md": settings_shown.reference,
    "reference/metrics.md": metrics.reference,
    "reference/nodes.md": nodes.reference,
    "reference/roles.md": roles_reference.reference,
    "reference/routes.md": routes.reference,
}


def stale() -> list[str]:
    """The pages that are missing or say something else than the code."""
    return [
        page
        for page, text in PAGES.items()
        if not (HERE / page).exists() or (HERE / page).read_text() != text()
    ]


def main() -> None:
    """Write every page, or with --check fail on those that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        if pages := stale():
            sys.exit(f"out of date: {', '.join(pages)}: run `make docs` and commit the result")
        return
    for page, text in PAGES.items():
        (HERE / page).write_text(text())


if __name__ == "__main__":
    main()
