"""Definitions written as YAML, read as JSON is: no aliases, no tags, no surprises.

Only what JSON knows comes out: `yes`, `on` and dates stay text, keys are text
as written, a key that comes twice is an error. Aliases are refused, since a
few lines of them unfold into gigabytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from typing import Any

import yaml

from weir.contract.errors import InvalidJsonError

DEPTH = 100


class _Loader(yaml.CSafeLoader):
    """YAML's core schema; mappings with text keys, each once."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - typed by the library

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - the library's
    ) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _refused("a key must be text", key_node.start_mark)
            key = key_node.value
            if key in found:
                raise _refused(f"the key {key!r} stands twice", key_node.start_mark)
            found[key] = self.construct_object(value_node, deep=deep)
        return found


_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INT = re.compile(r"^[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOL, list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def _int(loader: yaml.Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


def _float(loader: yaml.Loader, node: yaml.ScalarNode) -> float:
    value = float(loader.construct_scalar(node))
    if not math.isfinite(value):
        raise _refused("a number is too large", node.start_mark)
    return value


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def parse(data: bytes) -> Any:
    """The value; InvalidJsonError says at which line and column reading ended."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InvalidJsonError(f"The body is no UTF-8: byte {error.start} is wrong.") from None
    try:
        _look_through(text)
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        raise _refused(error.problem or "it cannot be read", error.problem_mark) from None
    except yaml.YAMLError as error:
        raise InvalidJsonError(f"The body is no YAML: {str(error)[:300]}") from None


def _look_through(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases are not taken: write the value out", event.start_mark)
        if getattr(event, "tag", None):
            raise _refused("tags are not taken", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                raise _refused(f"it is nested more than {DEPTH} levels deep", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refused(problem: str, mark: Any) -> InvalidJsonError:
    if mark is None:
        return InvalidJsonError(f"The body is no YAML: {problem}.")
    line, column = mark.line + 1, mark.column + 1
    return InvalidJsonError(
        f"The body is no YAML: {problem} at line {line}, column {column}.",
        details={"line": line, "column": column},
    )
