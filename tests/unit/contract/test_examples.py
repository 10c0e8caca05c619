"""The golden examples: what lies in logs today, which every later version must go on reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from google.protobuf.message import Message as Proto

from tests.proto_json import PROTO, descriptors, differences, model, parse
from weir.contract import codec
from weir.contract.messages import Message
from weir.core.runlog import RunLog

EXAMPLES = PROTO / "examples" / "v1"
FILES = sorted(EXAMPLES.glob("*/*.json"))

# The log of one run, in its order; the first message lies at this sequence.
FIRST = 4121
STORY = (
    "run_started",
    "task_scheduled",
    "task_failed",
    "timer_set_for_retry",
    "timer_fired",
    "task_scheduled_again",
    "task_succeeded",
    "timer_set",
    "timer_fired_for_delay",
    "run_succeeded",
)


def name_of(file: Path) -> str:
    """The message type of an example: its folder's name."""
    return "".join(word.capitalize() for word in file.parent.name.split("_"))


def wire(file: Path) -> bytes:
    """The example as it lies in the log: without the spaces that are for readers."""
    return orjson.dumps(orjson.loads(file.read_bytes()))


def carried(message: Message) -> set[str]:
    """The members of oneofs that are set anywhere in it."""
    found = set()
    for name in message.model_fields_set:
        value = getattr(message, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Message):
                found |= {name, *carried(part)}
    return found


def types_in(message: Proto) -> Iterator[str]:
    """The contract's message types in it, its own among them."""
    yield message.DESCRIPTOR.name
    for field, value in message.ListFields():
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else (value,):
                yield from types_in(part)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_goes_through_the_codec_unchanged(file: Path) -> None:
    """Read and written again it is the same, byte for byte."""
    read = model(name_of(file)).model_validate_json(wire(file))
    assert codec.encode(read) == wire(file)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_means_the_same_to_protobuf(file: Path) -> None:
    """It is proto3 JSON without a field that proto does not have."""
    read = model(name_of(file)).model_validate_json(wire(file))
    assert differences(read, parse(name_of(file), wire(file))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_shows_what_its_name_says(file: Path) -> None:
    """The event that it is named after is in it."""
    read = model(name_of(file)).model_validate_json(wire(file))
    names = {file.parent.name, *carried(read)}
    assert any(re.fullmatch(rf"{name}(_\w+)?", file.stem) for name in names)


def test_every_message_type_has_an_example() -> None:
    """Nothing in proto without one."""
    shown = {found for file in FILES for found in types_in(parse(name_of(file), wire(file)))}
    assert shown & descriptors().keys() == descriptors().keys()


def test_every_event_and_record_has_a_file_of_its_own() -> None:
    """The kind stands in the file's name."""
    kinds = {
        field.name
        for kind in descriptors().values()
        for oneof in kind.oneofs
        if not oneof.name.startswith("_")
        for field in oneof.fields
    }
    assert kinds - {file.stem for file in FILES} == set()


def test_the_examples_of_one_run_are_its_log() -> None:
    """Folded in their order they give the run's end, and its hash chain holds."""
    log = RunLog()
    for seq, name in enumerate(STORY, FIRST):
        data = wire(EXAMPLES / "envelope" / f"{name}.json")
        log.feed(seq, data, codec.decode(data))
    assert log.broken == ""
    assert log.state is not None
    assert (log.state.status, log.state.output) == ("succeeded", {"announced": "msg-90417"})
    assert log.state.steps["notify"].attempt == 2
