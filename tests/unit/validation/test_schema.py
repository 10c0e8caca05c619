"""The published JSON Schema, and the size of what validation does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.unit.validation.catalogue import CATALOGUE, definition, node, wire
from weir.core.definition import SCHEMA, schema_text
from weir.core.validate import validate
from weir.core.validation.branches import explore
from weir.core.validation.conditions import ALWAYS, NEVER, Conditions
from weir.core.validation.draft import read
from weir.core.validation.problems import Findings
from weir.core.validation.wiring import check_wiring

ROOT = Path(__file__).resolve().parents[3]


def test_the_published_schema_is_the_one_that_is_used() -> None:
    """proto/ holds what the code checks by; it is a schema of draft 2020-12 without references."""
    published = ROOT / "proto" / "weir" / "v1" / "definition.schema.json"
    assert published.read_text() == schema_text()
    jsonschema_rs.meta.validate(SCHEMA)
    assert "$ref" not in schema_text()


def test_the_example_of_the_reference_is_right() -> None:
    """The definition on the page is valid, without a warning."""
    page = (ROOT / "docs" / "reference" / "definition.md").read_text()
    example = page.partition("```yaml\n")[2].partition("```")[0]
    found = validate(yaml.safe_load(example), CATALOGUE)
    assert (found.errors, found.warnings) == ((), ())


def diamonds(count: int) -> dict[str, Any]:
    """One decision after the other, each with two ways that come together again."""
    nodes, edges, last = [node("start", "manual")], [], "start"
    for i in range(count):
        check, yes, end = f"check_{i}", f"yes_{i}", f"end_{i}"
        nodes += [node(check, "if"), node(yes), node(end, "merge")]
        edges += wire(
            f"{last} > {check}", f"{check}.true > {yes} > {end}", f"{check}.false > {end}"
        )
        last = end
    return definition(*nodes, edges=edges)


def ladder(count: int) -> dict[str, Any]:
    """If, else if, else if: all ways end in one node."""
    nodes, edges, last = [node("start", "manual"), node("end", "merge")], [], "start"
    for i in range(count):
        nodes.append(node(f"check_{i}", "if"))
        edges += wire(f"{last} > check_{i}", f"check_{i}.true > end")
        last = f"check_{i}.false"
    return definition(*nodes, edges=edges)


@pytest.mark.parametrize(("make", "each"), [(diamonds, 3), (ladder, 1)])
def test_what_is_known_of_branches_grows_with_the_definition(make: Any, each: int) -> None:
    """Twice the nodes make twice the conditions, not four times."""
    sizes = []
    for count in (300, 600):
        draft = read(make(count), CATALOGUE)
        branches = explore(draft, check_wiring(draft, Findings()))
        assert len(branches.before) == len(draft.nodes) > each * count
        assert NEVER not in branches.entered.values()
        sizes.append(len(branches.conditions._nodes))
    assert sizes[1] <= 2 * sizes[0] + 10


def test_a_graph_that_is_too_intricate_is_not_judged() -> None:
    """Where the conditions outgrow their limit nothing is claimed, and validation still ends."""
    checks = [node(f"c{i}", "if") for i in range(60)]
    nodes = [node("start", "manual"), *checks]
    edges = wire(*(f"start > c{i}" for i in range(60)))
    for i in range(30):
        # Each waits for two choices that stand far apart in the order.
        nodes.append(node(f"m{i}", "merge", join=2))
        edges += wire(f"c{i}.true > m{i}", f"c{i + 30}.true > m{i}")
    nodes.append(node("all", "merge", config={"mode": "map"}))
    edges += wire(*(f"m{i} > all" for i in range(30)))
    raw = definition(*nodes, edges=edges, output="{{ steps.all }}")
    draft = read(raw, CATALOGUE)
    assert explore(draft, check_wiring(draft, Findings())).intricate
    assert validate(raw, CATALOGUE).errors == ()


def test_conditions_are_reduced_to_one_form() -> None:
    """Equal conditions are the same number, however they were made."""
    made = Conditions()
    a, not_a = made.choice(1, 2, 0), made.choice(1, 2, 1)
    b = made.choice(2, 3, 1)
    assert made.either([a, not_a]) == ALWAYS
    assert made.both(a, not_a) == NEVER
    assert made.either([made.both(a, b), made.both(not_a, b)]) == b
    assert made.at_least(2, [a, b, not_a]) == b
    assert made.implies(made.both(a, b), a)
    assert not made.implies(a, made.both(a, b))
    assert made.excludes(made.choice(2, 3, 0), b)


def test_a_definition_of_the_largest_size_is_validated() -> None:
    """Two thousand nodes with expressions that look far back are no matter."""
    raw = diamonds(666)
    for i, item in enumerate(raw["nodes"]):
        if item["type"] == "set":
            item["config"] = {"values": {"v": f"{{{{ steps.end_{max(i // 3 - 1, 0)} }}}}"}}
    raw["nodes"][2]["config"] = {"values": {}}
    found = validate(raw, CATALOGUE)
    assert [e.message for e in found.errors[:3]] == []
    assert json.dumps(found.frozen)


def test_containers_of_the_largest_size_are_validated() -> None:
    """Two thousand nodes in loops and tries, each reading what is around it, are no matter."""
    nodes, edges, last = [node("start", "manual")], [], "start"
    for i in range(333):
        loop, guard = f"loop_{i}", f"try_{i}"
        nodes += [
            node(loop, "for_each", config={"items": f"{{{{ get(steps.{last}, 'x', []) }}}}"}),
            node(f"a_{i}", parent=loop, config={"values": {"v": "{{ item }}"}}),
            node(guard, "try", parent=loop),
            node(f"b_{i}", parent=guard, config={"values": {"v": f"{{{{ steps.a_{i}.v }}}}"}}),
            node(f"c_{i}", parent=guard, section="catch", config={"values": {"v": "{{ error }}"}}),
            node(f"d_{i}", parent=guard, section="finally"),
        ]
        edges += wire(f"{last} > {loop}", f"a_{i} > {guard}")
        last = loop
    found = validate(definition(*nodes, edges=edges), CATALOGUE)
    assert (found.errors, found.warnings) == ((), ())


def test_ten_thousand_edges_into_one_node_are_no_matter() -> None:
    """The largest join, of any size, is judged in a moment."""
    count = 1_999
    nodes = [node(f"n{i}") for i in range(count)]
    for join in ("all", "any", 1_000):
        end = node("end", "merge", join=join)
        edges = wire(*(f"n{i} > end" for i in range(count)))
        found = validate(definition(*nodes, end, edges=edges), CATALOGUE)
        assert found.errors == ()
