"""Subjects of identity, accounts and audit; part of the table in `channels`."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.channel import Channel
from weir.contract.messages import (
    AccountRecord,
    ApiKeyCreated,
    ApiKeyRevoked,
    AuditNoted,
    AuditReadTo,
    AuditRecord,
    AuditSealed,
    ChallengeSet,
    ChallengeSpent,
    EmailClaimed,
    EmailFreed,
    GroupDeleted,
    GroupSaved,
    GuessesCounted,
    IdentityRecord,
    KeyUsed,
    LoginErased,
    LoginSaved,
    MemberRemoved,
    MemberSaved,
    Message,
    PersonErased,
    PersonKeyed,
    PoliciesSaved,
    ProjectDeleted,
    ProjectSaved,
    ProviderDeleted,
    ProviderSaved,
    RefreshSaved,
    RosterChanged,
    SessionEnded,
    SessionStarted,
    SigningKeysSaved,
    SigningKeysSealed,
    SubjectLinked,
    TenantDeleted,
    TenantSaved,
    UserDeleted,
    UserSaved,
)

_EDGES = ("identity", "registry", "trigger", "query")
_NOTERS = (*_EDGES, "executor")


def _identity(
    name: str,
    address: str,
    kinds: tuple[type[Message], ...],
    what: str,
    readers: tuple[str, ...] = _EDGES,
) -> Channel:
    return Channel(
        f"identity.{name}",
        subjects.IDENTITY,
        address,
        IdentityRecord,
        kinds,
        ("identity",),
        readers,
        what,
    )


def _account(name: str, address: str, kinds: tuple[type[Message], ...], what: str) -> Channel:
    return Channel(
        f"accounts.{name}",
        subjects.ACCOUNTS,
        address,
        AccountRecord,
        kinds,
        ("identity",),
        ("identity",),
        what,
    )


IDENTITY_CHANNELS = (
    Channel(
        "identity.key",
        subjects.IDENTITY,
        subjects.api_key("{key}"),
        IdentityRecord,
        (ApiKeyCreated, ApiKeyRevoked),
        ("identity", "weir up", "weir issue-key"),
        _EDGES,
        "An API key, hashed.",
    ),
    _identity(
        "tenant",
        subjects.tenant("{tenant}"),
        (TenantSaved, TenantDeleted),
        "A tenant.",
        _NOTERS,
    ),
    _identity(
        "project",
        subjects.project("{tenant}", "{project}"),
        (ProjectSaved, ProjectDeleted),
        "A part of a tenant with roles of its own.",
    ),
    _identity("user", subjects.user("{user}"), (UserSaved, UserDeleted), "A person or a program."),
    _identity(
        "member",
        subjects.member("{tenant}", "{user}"),
        (MemberSaved, MemberRemoved),
        "What somebody may do in a tenant.",
    ),
    _identity(
        "group",
        subjects.group("{tenant}", "{group}"),
        (GroupSaved, GroupDeleted),
        "Members that get roles together.",
    ),
    _identity(
        "session",
        subjects.session("{user}", "{session}"),
        (SessionStarted, SessionEnded),
        "That somebody is signed in; gone when nobody can be by it any more.",
    ),
    _identity(
        "signing", subjects.signing(), (SigningKeysSaved,), "The public keys of access tokens."
    ),
    Channel(
        "identity.roster",
        subjects.IDENTITY,
        subjects.roster("{tenant}"),
        IdentityRecord,
        (RosterChanged,),
        ("identity",),
        ("identity",),
        "That something was changed which had to be held against all others of a tenant.",
    ),
    Channel(
        "identity.used",
        subjects.IDENTITY,
        subjects.key_used("{key}"),
        IdentityRecord,
        (KeyUsed,),
        ("identity",),
        ("identity",),
        "When a key was last used, or somebody signed in; the last message alone is kept.",
    ),
    Channel(
        "identity.policies",
        subjects.IDENTITY,
        subjects.policies("{tenant}"),
        IdentityRecord,
        (PoliciesSaved,),
        ("identity",),
        _NOTERS,
        "A tenant's policies.",
    ),
    _account("login", subjects.login("{user}"), (LoginSaved, LoginErased), "How one signs in."),
    _account("email", subjects.email("{hash}"), (EmailClaimed, EmailFreed), "Whose an address is."),
    _account("refresh", subjects.refresh("{session}"), (RefreshSaved,), "A session's tokens."),
    _account(
        "challenge",
        subjects.challenge("{hash}"),
        (ChallengeSet, ChallengeSpent),
        "Something that counts once; gone when it is too late for it.",
    ),
    _account("guesses", subjects.guesses("{hash}"), (GuessesCounted,), "Wrong guesses of late."),
    _account(
        "provider",
        subjects.provider("{tenant}", "{provider}"),
        (ProviderSaved, ProviderDeleted),
        "Who signs people in from outside.",
    ),
    _account(
        "subject",
        subjects.outside("{hash}"),
        (SubjectLinked,),
        "Who somebody at a provider is here.",
    ),
    _account(
        "signing",
        subjects.signing_sealed(),
        (SigningKeysSealed,),
        "The private keys of access tokens.",
    ),
    _account(
        "person",
        subjects.person("{person}"),
        (PersonKeyed, PersonErased),
        "The key of what the audit knows about a person.",
    ),
    Channel(
        "audit.position",
        subjects.NOTES,
        subjects.audit_position("{reader}"),
        AuditRecord,
        (AuditReadTo,),
        ("identity",),
        ("identity",),
        "How far a reader of audit has come.",
    ),
    Channel(
        "audit.note",
        subjects.NOTES,
        subjects.audit_note("{tenant}"),
        AuditRecord,
        (AuditNoted,),
        _NOTERS,
        ("identity",),
        "What services saw happen, until it is in the tenant's chain.",
    ),
    Channel(
        "audit.chain",
        subjects.AUDIT,
        subjects.audit_chain("{tenant}"),
        AuditRecord,
        (AuditSealed,),
        ("identity",),
        ("identity",),
        "A tenant's chain of audit; nothing of it is ever removed.",
    ),
)
