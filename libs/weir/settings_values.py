"""How settings are written, and what they are held as."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from weir.contract.times import duration_ms


def duration(value: Any) -> int:
    """Milliseconds of a duration as people write it; ValueError for anything else."""
    if not isinstance(value, str | int | float):
        raise ValueError("a duration is written like 500ms, 90s, 1h30m or 2d")  # noqa: TRY004
    return round(duration_ms(value))


def words(value: Any) -> Any:
    """Words with commas between them, apart."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


def number(value: Any) -> Any:
    """A number that is written as text."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Duration = Annotated[int, BeforeValidator(duration, json_schema_input_type=str)]
"""Written `90s`, `1h30m`, `2d`; held as milliseconds."""

Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(words)]
"""Written with commas in the environment, as a list in the file."""


def default(text: str) -> Any:
    """A default in the spelling a person would use; the validator makes the value."""
    return text
