"""The settings as people read them: what `weir doctor` and docs/reference/settings.md show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import ByteSize, SecretStr
from pydantic.fields import FieldInfo

from weir.settings import (
    CONFIG,
    DEFAULT_FILE,
    MASK,
    PREFIX,
    Settings,
    file_keys,
    source_of,
)
from weir.settings_values import duration


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as doctor and the reference page show it; secrets are masked."""

    name: str
    variable: str
    type: str
    default: str
    value: str
    source: str
    description: str


def describe(settings: Settings, overrides: Mapping[str, Any] | None = None) -> list[Described]:
    """Every setting with its effective value and where that came from."""
    file = file_keys()
    return [
        Described(
            name=name,
            variable=PREFIX + name.upper(),
            type=_type(field),
            default=_show(field.default, field),
            value=_show(getattr(settings, name), field),
            source=source_of(name, overrides or {}, file),
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def reference() -> str:
    """The page docs/reference/settings.md."""
    rows = [
        f"| `{one.name}` | `{one.variable}` | {one.type} | "
        f"{f'`{one.default}`' if one.default else 'empty'} | {one.description} |"
        for one in describe(Settings.model_construct())
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Printed from the code by `make docs`: do not edit.",
            "",
            (
                f"A setting is read from the environment, else from one TOML file (`{CONFIG}`, "
                f"otherwise `{DEFAULT_FILE}` in the working directory), else it has its default. "
                "Every default works embedded. `weir doctor` prints the effective values and "
                "where each came from. Durations are written `500ms`, `90s`, `1h30m`, `2d`; sizes "
                "`64KiB`, `1MiB`; lists with commas in the environment and as arrays in the file."
            ),
            "",
            "| key | variable | type | default | meaning |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _show(value: Any, field: FieldInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, ByteSize):
        return value.human_readable()
    if isinstance(value, int) and _is_duration(field):
        return _duration_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _duration_text(ms: int) -> str:
    units = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000))
    return next((f"{ms // size}{unit}" for unit, size in units if ms and ms % size == 0), f"{ms}ms")


def _is_duration(field: FieldInfo) -> bool:
    return any(getattr(item, "func", None) is duration for item in field.metadata)


_TYPES = {
    str: "text",
    int: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "secret",
    ByteSize: "size",
}


def _type(field: FieldInfo) -> str:
    if _is_duration(field):
        return "duration"
    choices = get_args(field.annotation)
    if get_origin(field.annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in choices)
    known = next((one for one in (field.annotation, *choices) if one in _TYPES), None)
    return "list" if get_origin(field.annotation) is tuple or known is None else _TYPES[known]
