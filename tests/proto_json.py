"""The contract as Google's protobuf reads it: an independent judge of what our models write.

It stands on proto/descriptors.json alone, so a test needs no buf; `make check`
keeps that file equal to proto/.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message as Proto

from weir.contract import codec, messages, times
from weir.contract.messages import Message

PROTO = Path(__file__).resolve().parents[1] / "proto"
PACKAGE = "weir.v1"
_TIMESTAMP = "google.protobuf.Timestamp"
_VALUE = "google.protobuf.Value"


@cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    text = (PROTO / "descriptors.json").read_text()
    # In their order each file follows those that it imports.
    waiting = list(json_format.Parse(text, FileDescriptorSet()).file)
    known: set[str] = set()
    while waiting:
        file = next(one for one in waiting if known.issuperset(one.dependency))
        waiting.remove(file)
        known.add(file.name)
        pool.Add(file)
    return pool


@cache
def descriptors() -> dict[str, Descriptor]:
    """Every message type of the contract, by its short name."""
    text = (PROTO / "descriptors.json").read_text()
    files = json_format.Parse(text, FileDescriptorSet()).file
    names = [m.name for file in files if file.package == PACKAGE for m in file.message_type]
    return {name: _pool().FindMessageTypeByName(f"{PACKAGE}.{name}") for name in names}


def model(name: str) -> type[Message]:
    """Our model of a message type."""
    found: type[Message] = getattr(messages, name)
    return found


def parse(name: str, data: bytes) -> Proto:
    """A message as protobuf reads it from JSON; json_format.ParseError for what is none.

    What it does not know is refused: the contract's own messages hold nothing else.
    """
    made = message_factory.GetMessageClass(descriptors()[name])()
    return json_format.Parse(data, made)


def printed(message: Proto) -> bytes:
    """The JSON that protobuf writes, with the names as they stand in proto."""
    return json_format.MessageToJson(message, preserving_proto_field_name=True).encode()


def differences(ours: Message, theirs: Proto, at: str = "") -> list[str]:
    """Where the two hold different values; empty if they are the same message."""
    found = []
    for field in theirs.DESCRIPTOR.fields:
        place = f"{at}.{field.name}" if at else field.name
        mine = getattr(ours, field.name)
        if field.is_repeated and not _is_map(field):
            values = list(getattr(theirs, field.name))
            if len(mine) != len(values):
                found.append(f"{place}: {len(mine)} items, not {len(values)}")
            for index, (one, other) in enumerate(zip(mine, values, strict=False)):
                found += _value(field, one, other, f"{place}[{index}]")
        elif _is_map(field):
            if mine != dict(getattr(theirs, field.name)):
                found.append(f"{place}: {mine!r}")
        elif field.has_presence and not theirs.HasField(field.name):
            if mine not in (None, ""):
                found.append(f"{place}: {mine!r} is not there")
        else:
            found += _value(field, mine, getattr(theirs, field.name), place)
    return found


def _value(field: FieldDescriptor, mine: Any, theirs: Any, place: str) -> list[str]:
    if field.message_type is None:
        same = mine == theirs and type(mine) is type(theirs)
    elif field.message_type.full_name == _TIMESTAMP:
        same = times.to_ms(mine) == theirs.ToMilliseconds()
    elif field.message_type.full_name == _VALUE:
        same = codec.canonical(mine) == codec.canonical(json_format.MessageToDict(theirs))
    elif mine is None:
        same = False
    else:
        return differences(mine, theirs, place)
    return [] if same else [f"{place}: {mine!r}, not {theirs!r}"]


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and kind.GetOptions().map_entry
