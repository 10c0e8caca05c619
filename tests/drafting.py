"""Definitions and documents as the tests of drafts make them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pycrdt import Doc

from weir.core.drafts.merging import merge
from weir.core.drafts.normal import NOTHING, parts

IDS = st.sampled_from([f"n{at}" for at in range(6)])
TEXTS = st.one_of(
    st.sampled_from(["", "GET", "{{ input.a }}", "two words", "é😀 ü", "a\nb", "{{ steps.n1 }}!"]),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12),
)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32)
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
KEYS = st.sampled_from(["a", "b", "url", "x y", "ü", "constructs"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)
POINTS = st.fixed_dictionaries({"x": NUMBERS, "y": NUMBERS})
NODES = st.fixed_dictionaries(
    {"type": st.sampled_from(["set", "http_request", "manual"])},
    optional={
        "name": TEXTS,
        "config": st.dictionaries(KEYS, JSON, min_size=1, max_size=4),
        "position": POINTS,
        "retry": st.fixed_dictionaries({"max_attempts": st.integers(1, 9)}),
        "on_error": st.sampled_from(["fail", "route"]),
        "disabled": st.booleans(),
        "later": JSON.filter(lambda value: value is not None),
    },
)


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A definition that a document can say wholly."""
    nodes = draw(st.dictionaries(IDS, NODES, max_size=5))
    ends = st.sampled_from(sorted(nodes)) if nodes else st.nothing()
    edges = st.tuples(ends, st.sampled_from(["out", "error", "true"]), ends)
    notes = st.dictionaries(IDS, st.fixed_dictionaries({"text": TEXTS, "position": POINTS}))
    made: dict[str, Any] = {"name": draw(TEXTS.filter(bool)), "nodes": [], "edges": []}
    made["nodes"] = [{"id": key, **node} for key, node in nodes.items()]
    drawn = draw(st.lists(edges, unique=True, max_size=6)) if nodes else []
    made["edges"] = [
        {"source": one, **({} if port == "out" else {"source_port": port}), "target": other}
        for one, port, other in drawn
    ]
    written = [{"id": key, **note} for key, note in draw(notes).items()]
    values = draw(st.dictionaries(KEYS, JSON, max_size=3))
    labels = draw(st.dictionaries(KEYS, TEXTS, max_size=2))
    return made | {
        key: value
        for key, value in {
            "notes": written,
            "vars": values,
            "settings": {"labels": labels} if labels else {},
        }.items()
        if value
    }


def document(definition: dict[str, Any], client_id: int = 1) -> Doc[Any]:
    """A document that says a definition."""
    doc: Doc[Any] = Doc(client_id=client_id)
    with doc.transaction():
        merge(doc, NOTHING, parts(definition))
    return doc


def copy(doc: Doc[Any], client_id: int) -> Doc[Any]:
    """The document as another peer has it."""
    other: Doc[Any] = Doc(client_id=client_id)
    other.apply_update(doc.get_update())
    return other


def exchange(*docs: Doc[Any]) -> None:
    """Tell all what each has."""
    for one in docs:
        for other in docs:
            if one is not other:
                other.apply_update(one.get_update(other.get_state()))
