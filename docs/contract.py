"""Prints the reference of the contract: proto's own words, and the table of channels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from weir.adapters.jetstream import asyncapi
from weir.contract.channels import CHANNELS
from weir.runtime import telemetry

PROTO = Path(__file__).resolve().parent.parent / "proto"

_WORDS = {
    FieldDescriptorProto.TYPE_STRING: "string",
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_INT32: "int32",
    FieldDescriptorProto.TYPE_UINT32: "uint32",
    FieldDescriptorProto.TYPE_DOUBLE: "double",
}
_OWNERS_FROM = 30  # proto/weir/v1/envelope.proto numbers facts below it


class Field(NamedTuple):
    """A field as the page shows it."""

    name: str
    type: str
    meaning: str


class Described(NamedTuple):
    """A message as the page shows it. `kinds` are the members of its oneof, with their numbers."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    kinds: tuple[tuple[str, int], ...]


def messages() -> dict[str, Described]:
    """Every message of the contract by name, in the order of the files."""
    files = json_format.Parse((PROTO / "descriptors.json").read_text(), FileDescriptorSet())
    return {
        message.name: _described(file, index, message)
        for file in files.file
        if file.package == "weir.v1"
        for index, message in enumerate(file.message_type)
    }


def _described(file: FileDescriptorProto, index: int, message: DescriptorProto) -> Described:
    said = {
        tuple(place.path): " ".join(place.leading_comments.split())
        for place in file.source_code_info.location
    }
    path = (4, index)
    fields, kinds = [], []
    for number, field in enumerate(message.field):
        if field.HasField("oneof_index") and not field.proto3_optional:
            kinds.append((_short(field), field.number))
        else:
            meaning = said.get((*path, 2, number), "")
            fields.append(Field(field.name, _type(field, message), meaning))
    return Described(message.name, said.get(path, ""), tuple(fields), tuple(kinds))


def _short(field: FieldDescriptorProto) -> str:
    return field.type_name.rpartition(".")[2]


def _type(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    entries = {nested.name for nested in message.nested_type if nested.options.map_entry}
    if field.type != FieldDescriptorProto.TYPE_MESSAGE:
        word = _WORDS[field.type]
    elif _short(field) in entries:
        return "map of string"
    elif field.type_name.startswith(".weir."):
        word = _link(_short(field))
    else:
        word = {"Value": "any JSON", "Timestamp": "time"}[_short(field)]
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"list of {word}"
    return f"{word}, optional" if field.proto3_optional else word


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


# -- docs/reference/events.md --


def events_page() -> str:
    """The page."""
    every = messages()
    facts = [name for name, number in every["Event"].kinds if number < _OWNERS_FROM]
    schedules = ("ScheduleMessage", *_family(every, "ScheduleEvent"))
    owners = [name for name, number in every["Event"].kinds if number >= _OWNERS_FROM]
    return "\n".join([
        *_INTRODUCTION,
        *_section("The envelope", _ENVELOPE, ("Envelope", "Event"), every),
        *_section("Facts", _FACTS, facts, every),
        *_section("What the owner writes", _OWNERS, owners, every),
        *_section("Limits", _LIMITS, ("LimitMessage", *_family(every, "LimitEvent")), every),
        *_section("Schedules", _SCHEDULES, schedules, every),
        *_section("Records of the registry", _RECORDS, _family(every, "RegistryRecord"), every),
        *_section("Records of identity", _RECORDS, _family(every, "IdentityRecord"), every),
        *_section("Records of accounts", _RECORDS, _family(every, "AccountRecord"), every),
        *_section("Audit", _AUDIT, (*_family(every, "AuditRecord"), "AuditEntry"), every),
        *_section("Lines", _LINES, ("LogBatch", "LogLine"), every),
        *_section("Deliveries", _DELIVERIES, ("DeliveryRecord",), every),
        *_section("Subscriptions", _CURSORS, ("CursorRecord",), every),
        *_section("Drafts", _DRAFTS, (*_family(every, "DraftRecord"), "DraftTouch"), every),
        *_section("Approvals", _APPROVALS, _family(every, "ApprovalRecord"), every),
        *_section("Parts", _PARTS, _SHARED, every),
    ])  # fmt: skip


def _family(every: dict[str, Described], root: str) -> tuple[str, ...]:
    return (root, *(name for name, _ in every[root].kinds))


def _section(
    title: str, text: str, names: tuple[str, ...] | list[str], every: dict[str, Described]
) -> Iterator[str]:
    yield from (f"## {title}", "", text, "")
    for name in names:
        message = every[name]
        yield from (f"### {name}", "", message.meaning, "")
        placed = tuple(_places(message, every))
        if placed:
            yield from (*placed, "")
        if message.fields:
            yield from ("| field | type | meaning |", "|---|---|---|")
            for field in message.fields:
                yield f"| `{field.name}` | {field.type} | {_cell(field.meaning)} |"
            yield ""
        if message.kinds:
            yield f"And one of {', '.join(f'`{_snake(kind)}`' for kind, _ in message.kinds)}."
            yield ""
        examples = [_example(file) for file in examples_of(name)]
        yield from (f"For example {', '.join(examples)}.", "") if examples else ()


def _places(message: Described, every: dict[str, Described]) -> Iterator[str]:
    """Where it lies and who writes it there; nothing for what is only part of others."""
    kinds = {kind for each in every.values() for kind, _ in each.kinds}
    roots = {channel.message.__name__ for channel in CHANNELS if not channel.kinds}
    if message.name not in kinds and (message.name not in roots or message.kinds):
        return
    found = False
    for channel in CHANNELS:
        carried = {kind.__name__ for kind in channel.kinds} or {channel.message.__name__}
        if message.name in carried and channel.writers:
            found = True
            address = re.sub(r"{(\w+)}", r"<\1>", channel.address)
            who = ", ".join(channel.writers)
            yield f"- `{address}`, written by {who}; read by {', '.join(channel.readers)}."
    if not found:
        yield "- Reserved: readers understand it, and nothing of this version writes it."


def _cell(text: str) -> str:
    return re.sub(r"([|<])", r"\\\1", text)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def examples_of(name: str) -> list[Path]:
    """The golden examples of a message, the one of its own name first."""
    return sorted((PROTO / "examples" / "v1").glob(f"*/{_snake(name)}*.json"))


def _example(file: Path) -> str:
    return f"[{file.stem}](../../{file.relative_to(PROTO.parent).as_posix()})"


_INTRODUCTION = (
    "# Events",
    "",
    "Printed from proto/weir/v1 by `make docs`: do not edit. How to add one:",
    "[add an event](../howto/add-an-event.md). Where the subjects lie and who keeps them:",
    "[subjects](subjects.md). The same for tools: [asyncapi.json](asyncapi.json).",
    "",
    "The wire is the JSON form of proto3 with the names as they stand here. A field that is not",
    'set is left out and means the empty value of its type: `""`, `0`, `false`, an empty list. A',
    "time is RFC 3339 in UTC with `Z`; a sequence of the stream is a decimal string; a field that",
    "ends in `_ms` is milliseconds; a number of more than 53 bits is not exact everywhere. Readers",
    "skip fields and events that they do not know, and count the events in",
    "`weir_unknown_events_skipped_total`. A message in which a value is of another type than its",
    "field, or two members of a oneof are set, is refused as a whole.",
    "",
)
_ENVELOPE = "Every message of a run's log is one envelope."
_FACTS = (
    "Anybody may append them, each on a subject of its own that expects to be empty: the first\n"
    "writer wins. A fact is alone in its envelope."
)
_OWNERS = (
    "Written by the scheduler that owns the run's shard and by nobody else: every message expects\n"
    "the owner's lease. All events of a turn that belong together lie in one envelope."
)
_RECORDS = "Each carries the full state of its subject: the last message of a subject counts."
_AUDIT = (
    "What services note lies on `note.…` until the identity service has put it into the chain of "
    "its tenant on `audit.…`, of which nothing is ever removed."
)
_DELIVERIES = (
    "The history of webhooks. Deliveries that started a run are not in it but in the run's start; "
    "losing some of these loses no work."
)
_DRAFTS = (
    "The documents of drafts, on `draft.…`: [what is in them](draft-document.md). All changes of a "
    "document together are the document; one stands for all before it."
)
_APPROVALS = (
    "The messages of a subject are the life of one approval, in order; each expects the one before."
)
_LINES = "For people: losing some fails no step."
_LIMITS = (
    "The logs of limits that runs and calls share, on `limit.…` subjects. Facts expect 0 or count "
    "once; what the owner writes names the last fact it has seen."
)
_SCHEDULES = (
    "The logs of schedules, on `schedule.…` subjects. Facts expect 0; what the owner writes names "
    "the last fact it has seen."
)
_CURSORS = (
    "How far subscriptions to the bus have come, on `cursor.…`. The events themselves are the "
    "tenants' own, in JSON or as CloudEvents, and no messages of the contract."
)
_PARTS = "What several messages hold."
_SHARED = (
    *("Error", "BlobRef", "RunParent", "RunOrigin", "RunCallback"),
    *("BreakerPolicy", "PermitsGranted", "RateLimit", "SigningKey", "Passkey"),
    *("Tokens", "DataKey", "RunOrder", "ScheduledTime", "PushDevice"),
)


# -- docs/reference/asyncapi.json --


def asyncapi_text() -> str:
    """The document with the meanings that proto gives, as a file."""
    document = asyncapi.document(telemetry.release())
    for name, message in messages().items():
        schema: dict[str, Any] = document["components"]["schemas"][name]
        schema["description"] = message.meaning
        for field in message.fields:
            schema["properties"][field.name]["description"] = field.meaning
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
