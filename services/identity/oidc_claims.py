"""What a provider's claims make of somebody here: a role, an address, a name.

Roles come from the groups claim by the provider's table: of several the one
that may most counts. Only an address that the provider calls verified is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.identity.addresses import normal

# From the one that may least to the one that may most.
RANKS = ("viewer", "operator", "editor", "admin")
GROUPS = 1000
_NAME = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the provider tells of them; `email` is empty unless it is verified."""

    subject: str
    name: str
    email: str
    groups: tuple[str, ...]


def person(claims: Mapping[str, Any], groups_claim: str) -> Person:
    """Who the claims tell of. What has another form than it should is as if it were not there."""
    email = claims.get("email")
    told = claims.get("email_verified")
    sure = told is True or told == "true"  # some providers write it as a text
    address = normal(email) if sure and isinstance(email, str) else None
    return Person(
        str(claims["sub"]),
        _name(claims),
        address or "",
        _groups(claims, groups_claim),
    )


def role(groups: Sequence[str], roles: Mapping[str, str], default: str) -> str:
    """The highest role that one of the groups has, else the default; empty: they are refused."""
    held = {roles[group] for group in groups if group in roles}
    return next((rank for rank in reversed(RANKS) if rank in held), default)


def _name(claims: Mapping[str, Any]) -> str:
    for claim in ("name", "preferred_username", "nickname"):
        value = claims.get(claim)
        if isinstance(value, str) and (shown := " ".join(value.split())):
            return "".join(letter for letter in shown if letter.isprintable())[:_NAME]
    return ""


def _groups(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The groups; a claim's name with dots in it may also be a path, like `realm_access.roles`."""
    if not path:
        return ()
    value: Any = claims.get(path)
    if value is None and "." in path:
        value = claims
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    return tuple(one for one in value[:GROUPS] if isinstance(one, str))
