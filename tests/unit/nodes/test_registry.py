"""Finding node types, and refusing what is none."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from weir.nodes import registry
from weir.nodes.base import Node
from weir.nodes.registry import NodeTypeError, node_types


class Config(BaseModel):
    """Of the node below."""

    text: str


class Shout(Node[Config]):
    """Says it louder.

    For the tests of this module.
    """

    type = "shout"
    title = "Shout"
    category = "data"
    icon = "megaphone"

    async def run(self, config: Config, ctx: Any) -> str:
        """Upper case."""
        return config.text.upper()


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    node_types.cache_clear()
    yield
    node_types.cache_clear()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the entry points of the group give; tests put classes, modules or errors in."""
    loaded: list[Any] = []

    class Point(EntryPoint):
        def load(self) -> Any:
            found = loaded[int(self.name)]
            if isinstance(found, Exception):
                raise found
            return found

    def points(*, group: str) -> list[EntryPoint]:
        assert group == "weir.nodes"
        return [Point(str(number), "package:thing", group) for number in range(len(loaded))]

    monkeypatch.setattr(registry, "entry_points", points)
    return loaded


def test_the_builtin_types_are_found_without_a_list_of_them() -> None:
    """A file in builtin/ is enough."""
    assert {"http_request", "postgres_query", "task", "if", "webhook"} <= set(node_types())


def test_an_installed_class_is_a_type(installed: list[Any]) -> None:
    """A package brings types by entry points."""
    installed.append(Shout)
    assert node_types()["shout"] is Shout
    assert "shout" in registry.task_nodes()
    assert registry.catalogue()["shout"].kind == "task"


def test_an_installed_module_brings_all_its_types(installed: list[Any]) -> None:
    """And none that it only imported."""
    module = ModuleType("theirs")
    own = type("Own", (Shout,), {"__doc__": "Own.", "type": "own", "__orig_bases__": ()})
    own.__module__ = "theirs"
    own.__orig_bases__ = (Node[Config],)  # type: ignore[attr-defined]
    module.Own = own  # type: ignore[attr-defined]
    module.Shout = Shout  # type: ignore[attr-defined]
    installed.append(module)
    assert "own" in node_types()
    assert "shout" not in node_types()


def test_two_types_of_one_name_are_refused(installed: list[Any]) -> None:
    """Which of them ran would be chance."""
    same = {"__doc__": "The same.", "__orig_bases__": (Node[Config],)}
    installed += [Shout, type("Other", (Shout,), same)]
    with pytest.raises(NodeTypeError, match="both define the node type 'shout'"):
        node_types()


def test_a_package_that_cannot_be_loaded_stops_the_start(installed: list[Any]) -> None:
    """A workflow that silently lost a node would be worse."""
    installed.append(ImportError("no module named theirs"))
    with pytest.raises(NodeTypeError, match=r"no module named theirs.*mend or uninstall"):
        node_types()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": "Bad Type"}, "must match"),
        ({"__doc__": None}, "docstring"),
        ({"secret_fields": frozenset({"nothing"})}, "unknown fields"),
        ({"run": Node.run}, "no run method"),
    ],
)
def test_a_type_that_is_not_whole_is_refused(
    installed: list[Any], changes: dict[str, Any], why: str
) -> None:
    """The message says what is missing."""
    base = {"__doc__": "x", "__orig_bases__": (Node[Config],)}
    installed.append(type("Bad", (Shout,), base | changes))
    with pytest.raises(NodeTypeError, match=why):
        node_types()


def test_what_is_no_node_is_refused(installed: list[Any]) -> None:
    """An entry point to something else says so."""
    installed.append(dict)
    with pytest.raises(NodeTypeError, match="is no node type"):
        node_types()
