"""Definitions in files: read as the platform reads them, problems located by line.

A definition may carry an `id` (wf_…) beside what the schema knows: the workflow
that `weir apply` updates, whatever it is called. It is taken out before the
definition goes anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from weir.contract.errors import InvalidJsonError, InvalidRequestError
from weir.runtime import yaml as strict_yaml


@dataclass(frozen=True, slots=True)
class Source:
    """One file. `id` is the workflow it names, empty if it names none."""

    file: Path
    text: bytes
    definition: dict[str, Any]
    id: str

    def line(self, pointer: str) -> int:
        """The line of what a JSON pointer leads to, from 1; of what holds it if it is missing."""
        try:
            root = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            return 1  # JSON that is no YAML, with tabs for instance
        return 1 if root is None else _line(root, pointer)

    def located(self, problem: Mapping[str, Any]) -> dict[str, Any]:
        """A problem with the file and the line it lies in."""
        line = self.line(str(problem["path"]))
        return {"file": str(self.file), "line": line, **problem}


def read(file: Path) -> Source:
    """The definition in a file; InvalidJsonError and InvalidRequestError name the place."""
    text = file.read_bytes()
    value = _json(file, text) if file.suffix == ".json" else _yaml(file, text)
    if not isinstance(value, dict):
        raise InvalidRequestError(
            f"{file}:1: a definition is an object with name, nodes and edges."
        )
    named = value.pop("id", "")
    if not isinstance(named, str):
        raise InvalidRequestError(f"{file}: the id of a workflow is text like wf_….")
    return Source(file, text, value, named)


def _json(file: Path, text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidJsonError(
            f"{file}:{error.lineno}:{error.colno}: the file is no JSON: {error.msg}."
        ) from None


def _yaml(file: Path, text: bytes) -> Any:
    try:
        return strict_yaml.parse(text)
    except InvalidJsonError as error:
        place = error.details or {}
        at = f":{place['line']}:{place['column']}" if "line" in place else ""
        said = error.message.removeprefix("The body")
        raise InvalidJsonError(f"{file}{at}: the file{said}", details=error.details) from None


def _line(node: yaml.Node, pointer: str) -> int:
    line = node.start_mark.line + 1
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        below = _below(node, name)
        if below is None:
            return line
        line, node = below
    return line


def _below(node: yaml.Node, name: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and name.isdecimal() and int(name) < len(node.value):
        value = node.value[int(name)]
        return value.start_mark.line + 1, value
    return None
