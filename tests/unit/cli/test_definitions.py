"""Definitions in files: what is wrong is found where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from weir.cli.definitions import read
from weir.contract.errors import InvalidJsonError, InvalidRequestError

YAML = """\
id: wf_aaaaaaaaaaaaaaaaaaaaaaaaaa
name: Greeting
nodes:
  - id: start
    type: manual
  - id: greet
    type: set
    config:
      values:
        text: hello
        a/b: 1
edges: []
"""


def test_a_problem_is_located_at_its_key(tmp_path: Path) -> None:
    """A pointer leads to the line of the key, an item's to its own."""
    file = tmp_path / "greeting.yaml"
    file.write_text(YAML)
    source = read(file)
    assert source.line("/name") == 2
    assert source.line("/nodes/1") == 6
    assert source.line("/nodes/1/config/values/text") == 10
    assert source.line("/nodes/1/config/values/a~1b") == 11
    assert source.line("") == 1


def test_what_is_missing_is_located_at_what_should_hold_it(tmp_path: Path) -> None:
    """A pointer that leads nowhere ends at the last thing on its way."""
    file = tmp_path / "greeting.yaml"
    file.write_text(YAML)
    assert read(file).line("/nodes/1/config/url") == 8
    assert read(file).line("/nodes/7/id") == 3


def test_json_is_located_like_yaml(tmp_path: Path) -> None:
    """Also with the indentation that programs write."""
    file = tmp_path / "greeting.json"
    file.write_text('{\n  "name": "Greeting",\n  "nodes": [\n    {"id": "start"}\n  ]\n}\n')
    assert read(file).line("/nodes/0/id") == 4


def test_the_id_names_the_workflow_and_is_no_part_of_the_definition(tmp_path: Path) -> None:
    """The schema knows no id: it is taken out."""
    file = tmp_path / "greeting.yaml"
    file.write_text(YAML)
    source = read(file)
    assert source.id == "wf_aaaaaaaaaaaaaaaaaaaaaaaaaa"
    assert "id" not in source.definition


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yaml", "name: x\nname: y\n", "a.yaml:2:1: the file is no YAML: the key 'name'"),
        ("b.json", '{"name": "x",\n "nodes": [}\n', "b.json:2:12: the file is no JSON"),
        ("c.yaml", "a: &x 1\nb: *x\n", "c.yaml:2:4: the file is no YAML: aliases"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    """Name, line and column stand before the reason."""
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InvalidJsonError) as refused:
        read(file)
    assert told in refused.value.message


def test_a_list_is_no_definition(tmp_path: Path) -> None:
    """The message says what a definition is."""
    file = tmp_path / "list.yaml"
    file.write_text("- 1\n")
    with pytest.raises(InvalidRequestError, match="name, nodes and edges"):
        read(file)
