"""The page docs/reference/cli.md, printed from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from weir.cli.commands import app
from weir.cli.exits import MEANINGS

HEAD = """# The command line

Printed from the code by `make docs`: do not edit.

`weir COMMAND --help` says the same as this page. A command finds the platform by `--url` and
`--api-key`, else by `WEIR_URL` and `WEIR_API_KEY`, else by what the embedded platform leaves in its
data directory (`WEIR_DATA_DIR`, `.weir` in the working directory) for the user that runs it: its
address in `platform.json` and the first API key in `admin.key`. That key is sent to that address
alone.

## Exit codes

| code | meaning |
|---|---|
"""
JSON = """
## JSON

With `--json` standard output holds one JSON document, also when the command fails:
`{"error": {"code", "message", "details"}}` with a code of [errors](../errors). `watch` and `logs`
print one document per line as things happen. Fields are added over time; none is renamed or removed
within a major version. Without it, what was asked for goes to standard output and the reason of a
failure to standard error.
"""


def reference() -> str:
    """The whole page."""
    group: Any = get_command(app)
    codes = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items())
    commands = "\n".join(_command(name, command) for name, command in _all(group))
    return f"{HEAD}{codes}\n{JSON}\n{commands}"


def _all(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _all(command, f"{before}{name} ")
        else:
            yield before + name, command


def _command(name: str, command: Any) -> str:
    lines = [f"## weir {name}", "", inspect.cleandoc(command.help), ""]
    lines += [f"    {_usage(name, command)}", ""]
    options = [one for one in command.params if one.param_type_name == "option"]
    rows = [f"| {_names(one)} | {one.help}{_variable(one)} |" for one in options if one.help]
    return "\n".join([*lines, "| option | meaning |", "|---|---|", *rows, ""])


def _usage(name: str, command: Any) -> str:
    arguments = " ".join(_metavars(command))
    return f"weir {name} [OPTIONS] {arguments}".rstrip()


def _metavars(command: Any) -> Iterator[str]:
    for param in command.params:
        if param.param_type_name == "argument":
            yield param.metavar


def _names(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        return names
    return f"{names} {option.metavar or 'TEXT'}"


def _variable(option: Any) -> str:
    return f" Or `{option.envvar}`." if option.envvar else ""
