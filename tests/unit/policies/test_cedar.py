"""Reading and deciding of policies, without anything around."""

from __future__ import annotations

from typing import Any

import pytest

from weir.contract.identity_errors import PoliciesInvalidError
from weir.runtime.cedar import DEPTH, TOKENS, Asked, Named, Policies, Thing, Verdict, problems

PROD = 'resource.hasTag("env") && resource.getTag("env") == "prod"'
TEXT = f"""
// Nobody but administrators starts production by hand.
@id("prod-by-hand")
@advice("Ask on #ops.")
forbid(principal, action == Action::"start", resource)
when {{ {PROD} && context.source != "webhook" }}
unless {{ principal in Role::"admin" }};

@id("no-shell")
forbid(principal, action == Action::"publish", resource)
when {{ resource.node_types.contains("shell") }};

forbid(principal in Group::"grp_guests", action, resource);

@id("billing")
forbid(principal, action == Action::"use_credential", resource == Credential::"billing_db")
unless {{ principal.name like "billing *" }};

@id("weekend")
forbid(principal, action == Action::"steer", resource)
when {{ context.what == "cancel" && context.time < datetime("2026-01-01T00:00:00Z") }};
"""
POLICIES = Policies(TEXT)
AT = "2026-06-01T00:00:00.000Z"


def who(role: str, *groups: str, kind: str = "User") -> Thing:
    """A principal."""
    return Thing(kind, "somebody", (("Role", role), *(("Group", one) for one in groups)))


def flow(env: str = "", types: tuple[str, ...] = (), name: str = "w") -> Thing:
    """A workflow."""
    attributes = (
        ("tenant", "acme"),
        ("project", ""),
        ("name", name),
        ("node_types", types),
        ("credentials_used", ()),
    )
    return Thing("Workflow", "wf_1", (), attributes, (("env", env),) if env else ())


def secret(name: str) -> Thing:
    """A credential."""
    attributes = (("tenant", "acme"), ("projects", ()), ("name", name), ("type", "basic"))
    return Thing("Credential", name, (), attributes)


HOOK = Thing("Trigger", "webhook")

TABLE = [
    (who("editor"), "start", flow("prod"), {"source": "api"}, ["prod-by-hand"]),
    (who("admin"), "start", flow("prod"), {"source": "api"}, []),
    (HOOK, "start", flow("prod"), {"source": "webhook"}, []),
    (who("editor"), "start", flow("test"), {"source": "api"}, []),
    (who("editor"), "start", flow(), {"source": "api"}, []),
    (who("editor", kind="ApiKey"), "start", flow("prod"), {"source": "fork"}, ["prod-by-hand"]),
    (who("admin"), "publish", flow(types=("set", "shell")), {"source": "api"}, ["no-shell"]),
    (who("admin"), "publish", flow(types=("set",)), {"source": "api"}, []),
    (who("admin", "grp_guests"), "publish", flow(), {"source": "api"}, ["policy 3"]),
    (
        who("viewer", "grp_guests"),
        "start",
        flow("prod"),
        {"source": "api"},
        ["policy 3", "prod-by-hand"],
    ),
    (flow(name="billing run"), "use_credential", secret("billing_db"), {"source": "run"}, []),
    (flow(name="other"), "use_credential", secret("billing_db"), {"source": "run"}, ["billing"]),
    (flow(name="other"), "use_credential", secret("mail"), {"source": "run"}, []),
    (who("editor"), "steer", flow(), {"source": "api", "what": "cancel"}, []),
    (
        who("editor"),
        "steer",
        flow(),
        {"source": "api", "what": "cancel", "at": "2025-06-01T00:00:00.000Z"},
        ["weekend"],
    ),
    (
        who("editor"),
        "steer",
        flow(),
        {"source": "api", "what": "pause", "at": "2025-06-01T00:00:00.000Z"},
        [],
    ),
]


@pytest.mark.parametrize(("principal", "action", "resource", "context", "by"), TABLE)
def test_a_decision(
    principal: Thing, action: str, resource: Thing, context: dict[str, Any], by: list[str]
) -> None:
    """Exactly the policies that forbid are named, and without any it is allowed."""
    said = POLICIES.decide(Asked(principal, action, resource, **{"at": AT, **context}))
    assert [one.id for one in said.by] == by
    assert said.allowed is (not by)
    assert said.errors == ()


def test_advice_is_told() -> None:
    """A refusal carries what the policy's writer advises."""
    said = POLICIES.decide(Asked(who("editor"), "start", flow("prod"), "api", at=AT))
    assert said.by == (Named("prod-by-hand", "Ask on #ops."),)


def test_what_fails_while_it_is_evaluated_forbids() -> None:
    """A policy whose condition overflows is not passed over."""
    text = (
        '@id("sum") forbid(principal, action, resource) when '
        "{ 9223372036854775807 + (if context.test then 0 else 1) > 0 && 1 == 2 };"
    )
    said = Policies(text).decide(Asked(who("admin"), "start", flow(), "api", at=AT))
    assert said[:2] == (False, (Named("sum", ""),))
    assert "overflow" in said.errors[0]


def test_nothing_forbids_nothing() -> None:
    """A text of comments leaves everything to the roles."""
    said = Policies("// later\n").decide(Asked(who("viewer"), "start", flow(), "api", at=AT))
    assert said == Verdict(allowed=True)


def test_only_texts_that_name_the_time_are_asked_each_time() -> None:
    """Whoever reads `context.time` is noticed, however it is written."""
    assert POLICIES.timed
    indexed = 'context["time"] < datetime("2026-01-01")'
    assert Policies(f"forbid(principal, action, resource) when {{ {indexed} }};").timed
    assert not Policies("forbid(principal, action, resource) when { context.test };").timed


FAULTS = [
    ("forbid(principal, action, resource", "POLICY_SYNTAX", 1, 27),
    ("\n// é\n  forbid(principal,\n  acton, resource);", "POLICY_SYNTAX", 4, 3),
    ('forbid(principal, action, resource) when { ";" == }', "POLICY_SYNTAX", 1, 51),
    ('"', "POLICY_SYNTAX", 1, 1),
    ("\x00", "POLICY_SYNTAX", 1, 1),
    ("permit(principal, action, resource);", "POLICY_PERMITS", 1, 1),
    ("forbid(principal == ?principal, action, resource);", "POLICY_TEMPLATE", 1, 1),
    ('forbid(principal, action == Action::"fly", resource);', "POLICY_SCHEMA", 1, 29),
    (
        'forbid(principal, action == Action::"start", resource)\nwhen { resource.owner == 1 };',
        "POLICY_SCHEMA",
        2,
        17,
    ),
    (
        'forbid(principal, action, resource is Workflow)\nwhen { resource.getTag("env") == "" };',
        "POLICY_SCHEMA",
        2,
        24,
    ),
    (
        f"forbid(principal, action, resource) when {{ {'(' * DEPTH}true{')' * DEPTH} }};",
        "POLICY_TOO_LARGE",
        1,
        1,
    ),
    (
        f"forbid(principal, action, resource) when {{ {'true && ' * TOKENS} true }};",
        "POLICY_TOO_LARGE",
        1,
        1,
    ),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), FAULTS)
def test_a_fault_has_its_place(text: str, code: str, line: int, column: int) -> None:
    """What cannot be stored is told with line and column, and refused."""
    found = problems(text)[0]
    assert (found["code"], found["line"], found["column"]) == (code, line, column)
    with pytest.raises(PoliciesInvalidError, match=f"line {line}, column {column}"):
        Policies(text)


def test_every_fault_is_told_up_to_a_number() -> None:
    """One mistake in each policy is one problem each, and never more than twenty."""
    text = "permit(principal, action, resource);\n" * 30
    assert [one["line"] for one in problems(text)] == list(range(1, 21))
