"""Which node types there are: one per module of `builtin/`, and those of installed packages.

A package adds types through the entry-point group `weir.nodes`; an entry point
names a module or a class. A type that cannot be loaded stops the start with its
name: a workflow that silently lost a node would be worse.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import Any

from weir.contract.errors import WeirError
from weir.core.spec import NodeSpec
from weir.nodes import builtin
from weir.nodes.base import Node

GROUP = "weir.nodes"
_TYPE = re.compile(r"[a-z][a-z0-9_]{0,62}")


class NodeTypeError(WeirError):
    """A node type is not whole, or two have the same name."""

    code = "NODE_TYPE_INVALID"


@cache
def node_types() -> Mapping[str, type[Node[Any]]]:
    """Every type by its name, in alphabetical order."""
    found: dict[str, type[Node[Any]]] = {}
    for cls in (*_builtin(), *_installed()):
        _check(cls)
        other = found.setdefault(cls.type, cls)
        if other is not cls:
            raise NodeTypeError(
                f"{cls.__module__} and {other.__module__} both define the node type "
                f"{cls.type!r}: rename one of them"
            )
    return MappingProxyType(dict(sorted(found.items())))


def catalogue() -> dict[str, NodeSpec]:
    """What the core checks and freezes definitions by."""
    return {name: cls.spec() for name, cls in node_types().items()}


def describe() -> list[dict[str, Any]]:
    """What `GET /nodes` shows."""
    return [cls.describe() for cls in node_types().values()]


def task_nodes() -> dict[str, Node[Any]]:
    """A fresh instance of each type that a worker runs; close them when the worker stops."""
    return {name: cls() for name, cls in node_types().items() if cls.kind == "task"}


def _builtin() -> Iterable[type[Node[Any]]]:
    for module in pkgutil.iter_modules(builtin.__path__, f"{builtin.__name__}."):
        yield from _of(importlib.import_module(module.name))


def _installed() -> Iterable[type[Node[Any]]]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            loaded = point.load()
        except Exception as error:
            raise NodeTypeError(
                f"the entry point {point.name!r} = {point.value!r} of group {GROUP} cannot be "
                f"loaded ({type(error).__name__}: {error}): mend or uninstall its package"
            ) from error
        if isinstance(loaded, ModuleType):
            yield from _of(loaded)
        else:
            yield loaded


def _of(module: ModuleType) -> Iterable[type[Node[Any]]]:
    for _, cls in inspect.getmembers(module, inspect.isclass):
        if issubclass(cls, Node) and cls is not Node and cls.__module__ == module.__name__:
            yield cls


def _check(cls: Any) -> None:
    where = f"{getattr(cls, '__module__', '?')}.{getattr(cls, '__qualname__', cls)}"
    if not (isinstance(cls, type) and issubclass(cls, Node)):
        raise NodeTypeError(f"{where} is no node type: derive it from weir.nodes.base.Node")
    missing = [name for name in ("type", "title", "category", "icon") if not hasattr(cls, name)]
    if missing:
        raise NodeTypeError(f"{where} lacks {', '.join(missing)}")
    if not _TYPE.fullmatch(cls.type):
        raise NodeTypeError(f"{where}: the type {cls.type!r} must match {_TYPE.pattern}")
    if not cls.__doc__:
        raise NodeTypeError(f"{where} has no docstring: it is the help people read")
    fields = cls.config_model().model_fields
    if unknown := cls.secret_fields - set(fields):
        raise NodeTypeError(f"{where}: secret_fields names unknown fields {sorted(unknown)}")
    if cls.kind == "task" and cls.run is Node.run:
        raise NodeTypeError(f"{where} is of kind task and has no run method")
