"""`weir validate`: definitions checked by this installation's catalogue, without a platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from weir.cli.definitions import Source, read
from weir.cli.exits import Code
from weir.cli.output import console, tell
from weir.contract.errors import InvalidJsonError, InvalidRequestError, WeirError
from weir.core.spec import Catalogue
from weir.core.validate import Problem
from weir.core.validate import validate as check
from weir.nodes.registry import catalogue

Located = dict[str, Any]


async def validate(files: Sequence[Path], *, as_json: bool) -> Code:
    """Check every file; FAILED if one of them could not be published."""
    known = catalogue()
    verdicts = [_verdict(file, known) for file in files]
    valid = all(verdict["valid"] for verdict in verdicts)
    if as_json:
        tell({"valid": valid, "files": verdicts})
    else:
        for verdict in verdicts:
            show(verdict)
    return Code.OK if valid else Code.FAILED


def _verdict(file: Path, known: Catalogue) -> dict[str, Any]:
    try:
        source = read(file)
    except (InvalidJsonError, InvalidRequestError) as error:
        return {"file": str(file), "valid": False, "errors": [_unread(file, error)], "warnings": []}
    found = check(source.definition, known)
    return {
        "file": str(file),
        "valid": not found.errors,
        "errors": by_line(_located(source, one) for one in found.errors),
        "warnings": by_line(_located(source, one) for one in found.warnings),
    }


def _located(source: Source, problem: Problem) -> Located:
    told = asdict(problem)
    # Where an expression goes over several lines, the problem tells which of them.
    inner = max(0, told.pop("line") - 1)
    del told["column"]
    located = source.located(told)
    located["line"] += inner
    return located


def _unread(file: Path, error: WeirError) -> Located:
    line = (error.details or {}).get("line", 1)
    said = error.message.split(": ", 1)[-1]
    return {
        "file": str(file),
        "line": line,
        "code": error.code,
        "path": "",
        "node": None,
        "message": said,
        "advice": "",
    }


def by_line(problems: Iterable[Located]) -> list[Located]:
    """In the order of the file."""
    return sorted(problems, key=lambda problem: int(problem["line"]))


def show(verdict: Mapping[str, Any]) -> None:
    """The problems of one file, the way compilers write them."""
    out = console()
    for kind in ("errors", "warnings"):
        for problem in verdict[kind]:
            out.print(line_of(problem, warning=kind == "warnings"))
    if verdict["valid"]:
        out.print(f"{verdict['file']}: valid")
    else:
        count = len(verdict["errors"])
        out.print(f"{verdict['file']}: {count} problem{'' if count == 1 else 's'}")


def line_of(problem: Mapping[str, Any], *, warning: bool = False) -> str:
    """One problem: `file:line: CODE at /path: message. advice`."""
    kind = "warning " if warning else ""
    at = f" at {problem['path']}" if problem["path"] else ""
    text = f"{problem['file']}:{problem['line']}: {kind}{problem['code']}{at}: {problem['message']}"
    text = text if text.endswith((".", "…")) else f"{text}."
    return f"{text} {problem['advice']}".rstrip()
