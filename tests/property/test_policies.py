"""Policies only narrow, whatever is written and asked."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from weir.runtime.cedar import Asked, Policies, Thing

AT = "2026-06-01T00:00:00.000Z"
NAMES = ("a", "b", "c")
ROLES = ("admin", "editor", "operator", "viewer")

conditions = st.one_of(
    st.sampled_from(NAMES).map(lambda one: f'resource.name == "{one}"'),
    st.sampled_from(NAMES).map(
        lambda one: f'resource.hasTag("env") && resource.getTag("env") == "{one}"'
    ),
    st.sampled_from(NAMES).map(lambda one: f'resource.node_types.contains("{one}")'),
    st.sampled_from(ROLES).map(lambda one: f'principal in Role::"{one}"'),
    st.sampled_from(NAMES).map(lambda one: f'principal in Group::"grp_{one}"'),
    st.sampled_from(("api", "webhook")).map(lambda one: f'context.source == "{one}"'),
    st.sampled_from(("context.test", "9223372036854775807 + (if context.test then 1 else 0) > 0")),
)


@st.composite
def policies(draw: st.DrawFn) -> str:
    """One that forbids something."""
    action = draw(st.sampled_from(("publish", "start")))
    word = draw(st.sampled_from(("when", "unless")))
    condition = draw(conditions)
    return f'forbid(principal, action == Action::"{action}", resource) {word} {{ {condition} }};'


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Somebody wants to do something."""
    name = st.sampled_from(NAMES)
    parents = (("Role", draw(st.sampled_from(ROLES))), ("Group", f"grp_{draw(name)}"))
    attributes = (
        ("tenant", "t"),
        ("project", ""),
        ("name", draw(name)),
        ("node_types", tuple(draw(st.sets(name)))),
        ("credentials_used", ()),
    )
    tags = draw(st.one_of(st.just(()), name.map(lambda one: (("env", one),))))
    return Asked(
        Thing(draw(st.sampled_from(("User", "ApiKey"))), "x", parents),
        draw(st.sampled_from(("publish", "start"))),
        Thing("Workflow", "wf_1", (), attributes, tags),
        draw(st.sampled_from(("api", "webhook"))),
        draw(st.booleans()),
        at=AT,
    )


@settings(max_examples=150)
@given(st.lists(policies(), max_size=4), policies(), st.lists(questions(), min_size=1, max_size=5))
def test_another_policy_never_allows_more(
    texts: Sequence[str], more: str, asked: Sequence[Asked]
) -> None:
    """What was forbidden stays so, and what forbade it still says so."""
    before, after = Policies("\n".join(texts)), Policies("\n".join([*texts, more]))
    for one in asked:
        was, now = before.decide(one), after.decide(one)
        assert was.allowed or not now.allowed
        assert set(was.by) <= set(now.by)


@settings(max_examples=100)
@given(st.lists(policies(), max_size=4), questions())
def test_a_text_forbids_what_any_of_its_policies_forbids(texts: Sequence[str], one: Asked) -> None:
    """Policies do not disturb each other."""
    together = Policies("\n".join(texts)).decide(one)
    assert together.allowed is all(Policies(text).decide(one).allowed for text in texts)
