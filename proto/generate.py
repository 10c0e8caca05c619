"""Writes what the project needs of proto/weir/v1; `--check` only compares.

libs/weir/contract/messages.py: one frozen pydantic model per message, in the
JSON mapping of proto3 with the field names as written. A oneof is always named
`kind` and becomes one optional field per member (that is its JSON form), plus
the attribute `kind` with the member that is set.

proto/descriptors.json: the files as buf understands them, with their comments,
so that tests and reference pages need no buf.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

PACKAGE = "weir.v1"
HERE = Path(__file__).resolve().parent
MESSAGES = HERE.parent / "libs" / "weir" / "contract" / "messages.py"
DESCRIPTORS = HERE / "descriptors.json"

SCALARS = {
    FieldDescriptorProto.TYPE_STRING: ("str", '""'),
    FieldDescriptorProto.TYPE_BOOL: ("Bool", "False"),
    FieldDescriptorProto.TYPE_INT32: ("Int32", "0"),
    FieldDescriptorProto.TYPE_UINT32: ("Uint32", "0"),
    FieldDescriptorProto.TYPE_DOUBLE: ("Double", "0.0"),
}

HEADER = '''"""The contract's messages. Generated from proto/weir/v1 by `make gen`: do not edit."""

# A message stands after those that it is made of, and its annotations are no strings, which
# pydantic would have to compile: a quarter of the time that each process takes to load them.

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Strict, for a lenient reader takes "yes" for true and -1 for a count: what is not the
# JSON form of the field's type is refused.
Bool = Annotated[bool, Field(strict=True)]
Int32 = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
Uint32 = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
Double = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Timestamp = Annotated[
    str,
    Field(
        pattern=r"^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])"
        r"T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?Z$"
    ),
]


class Message(BaseModel):
    """A frozen value; unknown fields of newer writers are skipped."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_set = object.__setattr__
_fields: dict[type[Message], str] = {}
_members: dict[type[Message], dict[str, type[Message]]] = {}
_others: dict[type[Message], dict[str, Any]] = {}
M = TypeVar("M", bound="Holder")


class Holder(Message):
    """A message that holds one of several kinds. An instance keeps the one that is set.

    The others are None by their class: an event has some fifty of them, and carrying them all
    costs three times as much to make, to read and to write.
    """

    @model_validator(mode="after")
    def _only_one(self) -> Self:
        was = self.__dict__
        if "kind" not in was:
            kind, members = type(self), _members[type(self)]
            given = [name for name in self.__pydantic_fields_set__ if was[name] is not None]
            named = [name for name in given if name in members]
            if len(named) > 1:
                also = " and ".join(sorted(named))
                raise ValueError(f"only one of 'kind' can be set, not {also}")
            held = was[named[0]] if named else None
            kept = {name: was[name] for name in (*_others[kind], *named)}
            _set(self, "__dict__", {**kept, "kind": held})
        return self

    @classmethod
    def kinds(cls) -> Mapping[str, type[Message]]:
        """What it can hold, by field."""
        return _members[cls]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """See pydantic; an update may set another kind."""
        made = super().model_copy(update=update, deep=deep)
        held = [made.__dict__.get(name) for name in update or () if name in _members[type(self)]]
        if held:
            made.__dict__["kind"] = held[0]
        return made


def holding(kind: type[M], held: Message, fields: dict[str, Any]) -> M:
    """A message of parts that are known to be right: nothing is checked a second time."""
    made = kind.__new__(kind)
    member = _fields[type(held)]
    _set(made, "__dict__", {**_others[kind], **fields, member: held, "kind": held})
    _set(made, "__pydantic_fields_set__", {member, *fields})
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


def _holds(message: type[Message], fields: dict[type[Message], str]) -> None:
    """Which kinds a message holds, each in which field."""
    _fields.update(fields)
    _members[message] = members = {name: kind for kind, name in fields.items()}
    _others[message] = {
        name: field.default for name, field in message.model_fields.items() if name not in members
    }
    for name in members:
        setattr(message, name, None)
'''


def descriptors() -> FileDescriptorSet:
    """The files as buf sees them; raises CalledProcessError with buf's own words."""
    buf = HERE / "node_modules" / ".bin" / "buf"
    raw = subprocess.run(
        [str(buf), "build", "-o", "-#format=binpb", "--as-file-descriptor-set"],
        cwd=HERE,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    return FileDescriptorSet.FromString(raw)


def ours(files: FileDescriptorSet) -> list[FileDescriptorProto]:
    """The files of the contract, without those they import."""
    return [file for file in files.file if file.package == PACKAGE]


def comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    """Leading comments by descriptor path."""
    return {
        tuple(loc.path): " ".join(loc.leading_comments.split())
        for loc in file.source_code_info.location
        if loc.leading_comments
    }


def python_type(field: FieldDescriptorProto, message: DescriptorProto) -> tuple[str, str]:
    """The annotation and the default of one field."""
    entries = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    if field.type == FieldDescriptorProto.TYPE_MESSAGE:
        name = field.type_name.rsplit(".", 1)[1]
        if name in entries:
            value, _ = python_type(entries[name].field[1], entries[name])
            return f"dict[str, {value}]", "Field(default_factory=dict)"
        if name == "Value":
            return "Any", "None"
        if name == "Timestamp":
            base, default = "Timestamp", '""'
        else:
            base, default = f"{name} | None", "None"
    elif field.type in SCALARS:
        base, default = SCALARS[field.type]
    else:
        sys.exit(f"{message.name}.{field.name}: this type is not part of the contract's subset")
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"tuple[{base.removesuffix(' | None')}, ...]", "()"
    if field.proto3_optional or field.HasField("oneof_index"):
        return f"{base.removesuffix(' | None')} | None", "None"
    return base, default


def render(message: DescriptorProto, comment: str) -> str:
    """One class."""
    lines = [f"class {message.name}({'Holder' if list(oneofs(message)) else 'Message'}):"]
    if comment:
        lines += [f'    """{comment}"""', ""]
    for field in message.field:
        annotation, default = python_type(field, message)
        lines.append(f"    {field.name}: {annotation} = {default}")
    if not message.field:
        lines.append("    pass" if not comment else "")
    for members in oneofs(message):
        lines += held(message.name, members)
    return "\n".join(lines).rstrip()


def held(message: str, members: list[FieldDescriptorProto]) -> list[str]:
    """The type of the member that is set, and a constructor that takes one."""
    union = " | ".join(m.type_name.rsplit(".", 1)[1] for m in members)
    return [
        "",
        "    if TYPE_CHECKING:",
        f"        kind: ClassVar[{union} | None]",
        "",
        "    @classmethod",
        f'    def of(cls, kind: "{union}", **fields: Any) -> "{message}":',
        f'        """A {message} holding this kind; its parts are taken unchecked."""',
        "        return holding(cls, kind, fields)",
    ]


def held_table(message: str, members: list[FieldDescriptorProto]) -> str:
    """Which class stands in which field; at the module's end, where all classes exist."""
    rows = "".join(f'        {m.type_name.rsplit(".", 1)[1]}: "{m.name}",\n' for m in members)
    return f"_holds(\n    {message},\n    {{\n{rows}    }},\n)"


def oneofs(message: DescriptorProto) -> Iterator[list[FieldDescriptorProto]]:
    """The real oneofs of a message (proto3 writes `optional` as a oneof too)."""
    for index in range(len(message.oneof_decl)):
        members = [
            field
            for field in message.field
            if field.HasField("oneof_index")
            and field.oneof_index == index
            and not field.proto3_optional
        ]
        if members:
            yield members


def ordered(found: Mapping[str, DescriptorProto]) -> Iterable[str]:
    """Their names, each after those that its fields hold; CycleError if one holds itself."""
    parts = {name: dict.fromkeys(_parts(message, found)) for name, message in found.items()}
    return TopologicalSorter(parts).static_order()


def _parts(message: DescriptorProto, found: Mapping[str, DescriptorProto]) -> Iterator[str]:
    for field in (*message.field, *(f for nested in message.nested_type for f in nested.field)):
        name = field.type_name.rpartition(".")[2]
        if name in found:
            yield name


def messages(files: FileDescriptorSet) -> str:
    """The text of messages.py."""
    notes: dict[str, str] = {}
    found: dict[str, DescriptorProto] = {}
    for file in ours(files):
        noted = comments(file)
        for index, message in enumerate(file.message_type):
            notes[message.name] = noted.get((4, index), "")
            found[message.name] = message
    classes = [render(found[name], notes[name]) for name in ordered(found)]
    tables = [held_table(m.name, held) for m in found.values() for held in oneofs(m)]
    text = "\n\n\n".join([HEADER, *classes, *tables]) + "\n"
    return subprocess.run(
        ["ruff", "format", "--stdin-filename", str(MESSAGES), "-"],
        input=text,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


def described(files: FileDescriptorSet) -> str:
    """The text of descriptors.json: no places in the source, so that only meaning changes it."""
    kept = FileDescriptorSet()
    kept.CopyFrom(files)
    for file in kept.file:
        noted = [place for place in file.source_code_info.location if place.leading_comments]
        file.ClearField("source_code_info")
        if file.package == PACKAGE:
            for place in noted:
                place.ClearField("span")
            file.source_code_info.location.extend(noted)
    return json_format.MessageToJson(kept, indent=1) + "\n"


def main() -> None:
    """Write, or with --check compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    files = descriptors()
    for target, text in ((MESSAGES, messages(files)), (DESCRIPTORS, described(files))):
        if not check:
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            sys.exit(f"{target} does not match proto/: run `make gen` and commit the result")


if __name__ == "__main__":
    main()
