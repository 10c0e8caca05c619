"""The parser of cel-python's grammar, and the tables made of it.

Making them takes a tenth of a second, reading them a twentieth of that; so they
are kept as Python keeps compiled code: beside it, as trusted as it is, for one
version of everything they are made by, and nowhere if nothing can be written.
"""

from __future__ import annotations

import pickle
import re
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

import lark
from lark import Lark

_OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "start": "expr",
    "keep_all_tokens": True,
    "maybe_placeholders": False,
    "priority": "invert",
    "g_regex_flags": re.MULTILINE,
}


def parser(**bound: Any) -> Lark:
    """A parser of expressions; `bound` are lark's `transformer` and `lexer_callbacks`."""
    text = _text()
    place = _place(text)
    with suppress(Exception):  # there are none, or they cannot be used: they are made again
        tables = pickle.loads(place.read_bytes())  # noqa: S301 - as trusted as compiled code
        return cast("Lark", Lark._load_from_dict(**tables, **bound))  # type: ignore[no-untyped-call]  # noqa: SLF001
    made = Lark(text, **_OPTIONS, **bound)
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            _keep(made, place, bound)
    return made


def _text() -> str:
    # Found, not imported: importing cel-python loads its evaluator, 0.2 s.
    package = find_spec("celpy")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package cel-python is not installed: its grammar is needed")
    return (Path(package.submodule_search_locations[0]) / "cel.lark").read_text("utf-8")


def _place(text: str) -> Path:
    made_by = sha256(f"{lark.__version__} {_OPTIONS} {text}".encode()).hexdigest()[:16]
    return Path(cache_from_source(__file__)).with_suffix(f".{made_by}.tables")


def _keep(made: Lark, place: Path, bound: dict[str, Any]) -> None:
    """Whole or not at all: processes start side by side."""
    with NamedTemporaryFile(dir=place.parent, delete=False) as file:
        made.save(file, exclude_options=bound)
    written = Path(file.name)
    written.chmod(0o644)  # whoever may read the code
    written.replace(place)
