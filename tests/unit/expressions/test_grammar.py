"""Tables of the grammar are kept between processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from lark import Lark, Token, Tree

from weir.core.expressions import grammar

TEXT = 'a.b[0] ? {"k": [1u, -2.5, r"x"]} : c.exists(i, i in d) && !e'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled code is kept."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    directory = grammar._place(grammar._text()).parent
    directory.mkdir(parents=True)
    return directory


def made(monkeypatch: pytest.MonkeyPatch) -> tuple[int, Tree[Token]]:
    """How many grammars were read for a parser, and what it makes of a text."""
    read = []

    class Counted(Lark):
        def __init__(self, *given: object, **options: object) -> None:
            read.append(given)
            super().__init__(*given, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as here:
        here.setattr(grammar, "Lark", Counted)
        tree = grammar.parser().parse(TEXT)
        return len(read), tree


def test_tables_are_made_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the parser they are read into is the one they were made for."""
    first, tree = made(monkeypatch)
    assert len(list(place.iterdir())) == 1
    again, same = made(monkeypatch)
    assert (first, again) == (1, 0)
    assert same == tree


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:1000], lambda data: b"x"])
def test_broken_tables_are_made_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, damage: object
) -> None:
    """Whatever is wrong with them."""
    _, tree = made(monkeypatch)
    (kept,) = place.iterdir()
    kept.write_bytes(damage(kept.read_bytes()))  # type: ignore[operator]
    assert made(monkeypatch) == (1, tree)
    assert made(monkeypatch) == (0, tree)


def test_without_a_place_they_are_made_each_time(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where Python is told to write nothing."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _, tree = made(monkeypatch)
    assert not list(place.iterdir())
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    place.rmdir()
    assert made(monkeypatch) == (1, tree)
