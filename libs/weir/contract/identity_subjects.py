"""Subjects of identity, accounts and audit; part of `subjects`, where all of them are found."""

from __future__ import annotations

__all__ = [
    "EVERY_CHAIN",
    "EVERY_NOTE",
    "INSTALLATION",
    "api_key",
    "audit_chain",
    "audit_note",
    "audit_position",
    "challenge",
    "email",
    "group",
    "guesses",
    "key_use",
    "key_used",
    "login",
    "member",
    "outside",
    "person",
    "policies",
    "project",
    "provider",
    "refresh",
    "roster",
    "session",
    "signing",
    "signing_sealed",
    "tenant",
    "user",
]


def api_key(key_id: str) -> str:
    """An API key."""
    return f"identity.key.{key_id}"


def tenant(name: str) -> str:
    """A tenant."""
    return f"identity.tenant.{name}"


def project(tenant: str, project_id: str) -> str:
    """A part of a tenant with roles of its own."""
    return f"identity.project.{tenant}.{project_id}"


def user(user_id: str) -> str:
    """A person or a service account."""
    return f"identity.user.{user_id}"


def member(tenant: str, user_id: str) -> str:
    """What somebody may do in a tenant."""
    return f"identity.member.{tenant}.{user_id}"


def group(tenant: str, group_id: str) -> str:
    """Members that get roles together."""
    return f"identity.group.{tenant}.{group_id}"


def session(user_id: str, session_id: str) -> str:
    """That somebody is signed in."""
    return f"identity.session.{user_id}.{session_id}"


def signing() -> str:
    """The public keys of access tokens."""
    return "identity.signing"


def policies(tenant: str) -> str:
    """A tenant's policies."""
    return f"identity.policies.{tenant}"


def roster(tenant: str) -> str:
    """What keeps changes apart that must be held against all people, groups, projects or keys."""
    return f"identity.roster.{tenant}"


def key_used(key_id: str) -> str:
    """When an API key was last used."""
    return f"identity.used.{key_id}"


def key_use() -> str:
    """Core subject: tells identity that an API key was used; may be lost."""
    return "use.key"


def login(user_id: str) -> str:
    """How somebody signs in."""
    return f"accounts.login.{user_id}"


def email(address_hash: str) -> str:
    """Whose an address is."""
    return f"accounts.email.{address_hash}"


def refresh(session_id: str) -> str:
    """The refresh tokens of a session."""
    return f"accounts.refresh.{session_id}"


def challenge(token_hash: str) -> str:
    """Something that counts once."""
    return f"accounts.challenge.{token_hash}"


def guesses(whose_hash: str) -> str:
    """How often somebody guessed wrongly of late."""
    return f"accounts.guesses.{whose_hash}"


def provider(tenant: str, provider_id: str) -> str:
    """Who signs people in from outside."""
    return f"accounts.provider.{tenant}.{provider_id}"


def outside(subject_hash: str) -> str:
    """Who somebody at a provider is here."""
    return f"accounts.subject.{subject_hash}"


def signing_sealed() -> str:
    """The private keys of access tokens."""
    return "accounts.signing"


def person(person_id: str) -> str:
    """The key of what the audit knows about a person."""
    return f"accounts.person.{person_id}"


INSTALLATION = "_"  # no tenant can be called so
EVERY_NOTE = "note.*"
EVERY_CHAIN = "audit.*"


def audit_position(reader: str) -> str:
    """How far a reader has come."""
    return f"note.position.{reader}"


def audit_note(tenant: str) -> str:
    """What services saw happen in a tenant, until it is in the tenant's chain."""
    return f"note.{tenant}"


def audit_chain(tenant: str) -> str:
    """A tenant's chain of audit."""
    return f"audit.{tenant}"
