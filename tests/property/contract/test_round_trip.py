"""Any message of the contract survives the wire, and means the same to protobuf."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proto_json import descriptors, differences, model, parse, printed
from weir.contract import codec, times
from weir.contract.messages import Envelope, Message

# Beyond it JSON's numbers are not exact everywhere, and formats.md promises none.
_EXACT = 2**53
_TEXT = st.text(max_size=12)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-_EXACT, _EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda at: times.from_ms(int(at.replace(tzinfo=UTC).timestamp() * 1000))
)
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: _TEXT,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
}


def one_of(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """A value of a field's type."""
    kind = field.message_type
    if kind is None:
        return _SCALARS[field.type]
    if kind.full_name == "google.protobuf.Value":
        return _JSON
    if kind.full_name == "google.protobuf.Timestamp":
        return _TIMES
    return st.deferred(lambda: fields_of(kind))


def of(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """What may stand in a field."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        return st.dictionaries(_TEXT, one_of(value), max_size=3)
    return st.lists(one_of(field), max_size=3) if field.is_repeated else one_of(field)


@cache
def fields_of(kind: Descriptor) -> st.SearchStrategy[dict[str, Any]]:
    """Any fields of a message, and at most one member of its oneof."""
    # proto3 writes `optional` as a oneof of its own, with an underscore before its name.
    members = [f for f in kind.fields if f.containing_oneof and f.containing_oneof.name[0] != "_"]
    plain = st.fixed_dictionaries(
        {}, optional={f.name: of(f) for f in kind.fields if f not in members}
    )
    if not members:
        return plain
    member = st.sampled_from(members).flatmap(lambda f: st.tuples(st.just(f.name), of(f)))
    return st.tuples(plain, st.none() | member).map(
        lambda both: both[0] if both[1] is None else {**both[0], both[1][0]: both[1][1]}
    )


@pytest.mark.parametrize("name", sorted(descriptors()))
@settings(max_examples=50)
@given(data=st.data())
def test_every_message_means_the_same_on_both_sides_of_the_wire(
    name: str, data: st.DataObject
) -> None:
    """Ours to ours byte for byte, ours to protobuf value by value, and back."""
    made: Message = model(name)(**data.draw(fields_of(descriptors()[name])))
    wire = codec.encode(made)
    read = model(name).model_validate_json(wire)
    assert read == made
    assert codec.encode(read) == wire
    theirs = parse(name, wire)
    assert differences(read, theirs) == []
    back = model(name).model_validate_json(printed(theirs))
    assert differences(back, theirs) == []


@settings(max_examples=50)
@given(known=fields_of(descriptors()["Envelope"]), newer=st.dictionaries(_TEXT, _JSON, max_size=3))
def test_what_a_newer_writer_adds_changes_nothing_of_what_is_known(
    known: dict[str, Any], newer: dict[str, Any]
) -> None:
    """Fields that this reader does not know are skipped."""
    wire = codec.encode(Envelope(**known))
    added = {f"newer_{name}": value for name, value in newer.items()}
    mixed = orjson.dumps({**added, **orjson.loads(wire)})
    assert codec.decode(mixed) == codec.decode(wire)
