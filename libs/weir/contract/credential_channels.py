"""Subjects around credentials: keys, grants, errands; part of the table in `channels`."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.channel import Channel
from weir.contract.messages import (
    CredentialDeleted,
    CredentialSaved,
    DataKeysSaved,
    ErrandAsked,
    ErrandDone,
    ErrandTaken,
    GrantAsked,
    GrantSpent,
    Message,
    RegistryRecord,
)


def _registry(  # noqa: PLR0913, PLR0917 - the columns of the table
    name: str,
    address: str,
    kinds: tuple[type[Message], ...],
    writers: tuple[str, ...],
    readers: tuple[str, ...],
    what: str,
) -> Channel:
    return Channel(name, subjects.REGISTRY, address, RegistryRecord, kinds, writers, readers, what)


CREDENTIAL_CHANNELS: tuple[Channel, ...] = (
    _registry(
        "registry.credential",
        subjects.credential("{tenant}", "{name}"),
        (CredentialSaved, CredentialDeleted),
        ("registry", "executor"),
        ("registry", "executor"),
        "A credential, sealed. Executors renew the tokens in it.",
    ),
    _registry(
        "registry.datakeys",
        subjects.data_keys("{tenant}"),
        (DataKeysSaved,),
        ("registry", "executor", "identity"),
        ("registry", "trigger", "executor", "identity"),
        "The keys that a tenant's secrets are sealed under, wrapped by a key provider.",
    ),
    _registry(
        "registry.grant",
        subjects.grant("{hash}"),
        (GrantAsked, GrantSpent),
        ("registry",),
        ("registry",),
        "Somebody was sent to an authorisation server; gone after some minutes.",
    ),
    _registry(
        "registry.errand",
        subjects.errand("{tenant}", "{errand}"),
        (ErrandAsked, ErrandTaken, ErrandDone),
        ("registry", "executor"),
        ("registry", "executor"),
        "A test, an exchange or a revocation that a worker does; gone after some minutes.",
    ),
)
