"""What a provider's claims make of somebody here."""

from __future__ import annotations

from typing import Any

import pytest

from services.identity.oidc_claims import person, role

ROLES = {"ops": "operator", "makers": "editor", "bosses": "admin"}


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        ((), ""),
        (("strangers",), ""),
        (("ops",), "operator"),
        (("ops", "bosses", "makers"), "admin"),
        (("OPS",), ""),
    ],
)
def test_the_highest_role_of_the_groups_counts(groups: tuple[str, ...], found: str) -> None:
    """Groups without a role give none, and names are compared as they are."""
    assert role(groups, ROLES, "") == found


def test_the_default_is_for_who_has_no_group_here() -> None:
    """It does not raise anybody, and it lowers nobody."""
    assert role(("strangers",), ROLES, "viewer") == "viewer"
    assert role(("ops",), ROLES, "admin") == "operator"


@pytest.mark.parametrize(
    ("claims", "groups"),
    [
        ({"groups": ["a", "b"]}, ("a", "b")),
        ({"groups": "a"}, ("a",)),
        ({"groups": ["a", 5, None, {}]}, ("a",)),
        ({"groups": {"a": True}}, ()),
        ({}, ()),
    ],
)
def test_groups_are_texts(claims: dict[str, Any], groups: tuple[str, ...]) -> None:
    """Whatever else stands there is none."""
    assert person({"sub": "s", **claims}, "groups").groups == groups


def test_groups_may_lie_deeper() -> None:
    """A path with dots, unless a claim has that very name."""
    nested = {"sub": "s", "realm_access": {"roles": ["a"]}}
    assert person(nested, "realm_access.roles").groups == ("a",)
    named = {"sub": "s", "https://acme.example/groups": ["b"]}
    assert person(named, "https://acme.example/groups").groups == ("b",)
    assert person({"sub": "s", "a": "text"}, "a.b").groups == ()


@pytest.mark.parametrize("told", [False, None, "false", "yes", 1, [], {}, "True"])
def test_an_address_that_is_not_verified_is_none(told: Any) -> None:
    """Only the provider's own word for it makes it one."""
    claims = {"sub": "s", "email": "eve@acme.example", "email_verified": told}
    assert person(claims, "").email == ""


@pytest.mark.parametrize("told", [True, "true"])
def test_a_verified_address_is_one(told: Any) -> None:
    """In lower case, as everywhere."""
    claims = {"sub": "s", "email": " Eve@Acme.example ", "email_verified": told}
    assert person(claims, "").email == "eve@acme.example"


@pytest.mark.parametrize(
    "email", ["", "eve", "a b@c.example", "a@b@c", "@c", "eve@", 5, ["eve@acme.example"], "a@b\n"]
)
def test_what_is_no_address_is_none(email: Any) -> None:
    """However verified it is."""
    claims = {"sub": "s", "email": email, "email_verified": True}
    assert person(claims, "").email in {"", "a@b"}


def test_a_name_is_shown_as_text() -> None:
    """Without line ends and other things that are not seen, and not for ever."""
    assert person({"sub": "s", "name": " Eve\n\u202eAdams "}, "").name == "Eve Adams"
    assert person({"sub": "s", "name": 5, "nickname": "eve"}, "").name == "eve"
    assert len(person({"sub": "s", "name": "x" * 5000}, "").name) == 200
