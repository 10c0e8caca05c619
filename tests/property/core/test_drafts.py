"""Documents and definitions: what one says, the other says too, whatever people did."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Map, Text

from tests.drafting import IDS, JSON, POINTS, TEXTS, copy, definitions, document, exchange
from weir.core.drafts.comparing import compare
from weir.core.drafts.merging import merge
from weir.core.drafts.normal import NOTHING, parts
from weir.core.drafts.reading import read
from weir.core.drafts.shape import ROOTS, root, same
from weir.core.drafts.texts import splice


@given(definitions())
def test_a_definition_comes_back_as_it_was(definition: dict[str, Any]) -> None:
    """A document made of a definition says it again, order and all."""
    told = read(document(definition))
    assert told.dropped == ()
    assert same(told.definition, definition)


@settings(max_examples=50)
@given(definitions(), definitions())
def test_a_document_is_made_equal_by_a_forward_edit(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """What changed between two definitions leads from one's document to the other's."""
    doc = document(before)
    with doc.transaction():
        merge(doc, parts(before), parts(after))
    assert same(read(doc).definition, after)


@settings(max_examples=50)
@given(definitions(), definitions())
def test_the_same_edit_twice_is_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Merging what is there already writes nothing."""
    doc = document(after)
    state = doc.get_state()
    with doc.transaction():
        merge(doc, parts(before), parts(after))
    assert same(read(doc).definition, after)
    with doc.transaction():
        merge(doc, parts(after), parts(after))
    if same(before, after):
        assert doc.get_state() == state


@settings(max_examples=50)
@given(definitions(), definitions())
def test_nothing_differs_where_nothing_was_done(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """A comparison is empty exactly where both have the same parts."""
    assert compare(before, before).is_empty
    equal = all(
        one == other if isinstance(one, tuple) else same(one, other)
        for one, other in zip(parts(before), parts(after), strict=True)
    )
    assert compare(before, after).is_empty is equal


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["move", "drop", "text", "edge", "parent", "row", "undo"]),
        IDS,
        IDS,
        TEXTS,
        POINTS,
    ),
    max_size=12,
)


def _do(doc: Any, operation: tuple[str, str, str, str, dict[str, Any]]) -> None:
    kind, one, other, text, point = operation
    nodes = root(doc, "nodes")
    node = nodes.get(one)
    with doc.transaction():
        if not isinstance(node, Map):
            nodes[one] = Map({"type": "set", "config": Map({}), "retry": Map({})})
        elif kind == "move":
            node["position"] = point
        elif kind == "drop":
            del nodes[one]
        elif kind == "parent":
            node["parent"] = other
        elif kind == "edge":
            edge = {"source": one, "source_port": "out", "target": other}
            root(doc, "edges")[f"{one}:out:{other}"] = edge
        elif kind == "row" and isinstance(node.get("config"), Map):
            rows = Map({"r1": Map({"order": 1.0, "key": other, "value": text})})
            node["config"]["a"] = Map({"form": "map", "rows": rows})
        else:
            node["name"] = text


@settings(max_examples=40)
@given(definitions(), OPERATIONS, OPERATIONS, definitions())
def test_all_who_edit_at_once_have_one_definition(
    seed: dict[str, Any], mine: list[Any], theirs: list[Any], put: dict[str, Any]
) -> None:
    """Two people and a whole definition from outside, apart, converge to one that can be read."""
    doc = document(seed)
    one, other = copy(doc, 2), copy(doc, 3)
    for operation in mine:
        _do(one, operation)
    for operation in theirs:
        _do(other, operation)
    with doc.transaction():
        merge(doc, parts(seed), parts(put))
    exchange(doc, one, other)
    exchange(doc, one, other)
    told = read(doc)
    assert read(one) == told == read(other)
    # And what it says can be said by a document of its own, with nothing left to drop.
    again = read(document(told.definition))
    assert again.dropped == ()
    assert same(again.definition, told.definition)


@given(TEXTS, TEXTS)
def test_a_text_is_made_equal(before: str, after: str) -> None:
    """One small edit makes a shared text equal to another, in any script."""
    doc = document({"name": "x", "nodes": [], "edges": [], "notes": [{"id": "n", "text": before}]})
    text = root(doc, "notes")["n"]["text"]
    with doc.transaction():
        splice(text, after)
    assert str(text) == after


@given(definitions(), st.randoms())
def test_edits_of_others_stay(seed: dict[str, Any], random: Any) -> None:
    """A definition put from outside changes what it changed, and nothing that others did since."""
    doc = document(seed)
    if not seed["nodes"]:
        return
    with doc.transaction():
        root(doc, "nodes")[random.choice(seed["nodes"])["id"]]["queue"] = "fast"
    target = {**seed, "description": "from outside"}
    with doc.transaction():
        merge(doc, parts(seed), parts(target))
    told = read(doc).definition
    assert told["description"] == "from outside"
    assert any(node.get("queue") == "fast" for node in told["nodes"])


def test_nothing_says_nothing() -> None:
    """An empty document has no nodes and no edges."""
    assert read(document({})).definition == {"nodes": [], "edges": []}
    assert parts({}) == NOTHING


PLACES = st.sampled_from(
    [
        *("n1", "n2", "type", "config", "retry", "parent", "compensate", "form", "rows", "key"),
        *("order", "value", "text", "id", "labels", "search", "name", "source", "target"),
    ]
)
LEAVES = st.one_of(JSON, st.floats(), TEXTS.map(Text))
SHARED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(PLACES, inner, max_size=5).map(Map), st.lists(inner, max_size=3).map(Array)
    ),
    max_leaves=12,
)


@settings(max_examples=50)
@given(st.data())
def test_whatever_a_document_holds_can_be_read(data: st.DataObject) -> None:
    """Shared types and values in any place give a definition, and the same one twice."""
    doc = document({"name": "x", "nodes": [], "edges": []})
    with doc.transaction():
        for _ in range(data.draw(st.integers(1, 6))):
            name, key = data.draw(st.sampled_from(ROOTS)), data.draw(PLACES)
            root(doc, name)[key] = data.draw(SHARED)
    told = read(doc)
    assert told == read(copy(doc, 9))
    assert same(
        read(document(told.definition)).definition, read(document(told.definition)).definition
    )
    compare(told.definition, {})
